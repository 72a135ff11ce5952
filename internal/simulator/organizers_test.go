package simulator_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/goto-operator/goto-operator/internal/simulator"
)

func TestOrganizerLife(t *testing.T) {
	e := start(t)
	group := e.sim.AddGroup(acct, simulator.Group{Name: "Blue"})
	a := e.send(http.MethodPost, g2m+"/groups/"+group+"/organizers", e.organizerBody("fay@example.test", "G2W"))
	e.wantStatus(a, http.StatusCreated)
	created := only(t, a)
	u, _ := e.sim.UserByEmail(acct, "fay@example.test")
	if want := (object{"key": json.Number(u.Key), "email": "fay@example.test"}); !reflect.DeepEqual(created, want) {
		t.Errorf("created %v, want %v", created, want)
	}
	if u.Status != simulator.StatusInvited || u.GroupKey != group || len(e.sim.Outbox()) != 1 || e.sim.Outbox()[0].To != u.Email {
		t.Errorf("the user is %+v, the mail %v", u, e.sim.Outbox())
	}
	path := organizersPath + "/" + u.Key
	want := object{
		"organizerKey": json.Number(u.Key), "email": u.Email, "firstName": "Fay", "lastName": "Field", "groupId": json.Number(group),
		"groupName": "Blue", "status": "active", "products": []any{"G2W", "G2M"}, "maxNumAttendeesAllowed": json.Number("150"),
	}
	for _, list := range []string{path, organizersPath + "?email=FAY@example.test", g2m + "/groups/" + group + "/organizers"} {
		if got := only(t, e.send(http.MethodGet, list, nil)); !reflect.DeepEqual(got, want) {
			t.Errorf("%s shows %v, want %v", list, got, want)
		}
	}
	e.wantCode(e.send(http.MethodPost, organizersPath, e.organizerBody("Fay@example.test", "G2M")), http.StatusConflict, "OrganizerExists")

	e.wantStatus(e.send(http.MethodPut, path, object{"status": "suspended", "productType": "G2M"}), http.StatusNoContent)
	if got := e.user(u.Key); len(got.LicenseKeys) != 0 || got.Status != simulator.StatusSuspended {
		t.Errorf("suspended: %+v", got)
	}
	if got := only(t, e.send(http.MethodGet, path, nil)); got["status"] != "suspended" || len(got["products"].([]any)) != 0 {
		t.Errorf("suspended: %v", got)
	}
	for range 2 { // the second time there is nothing to add
		e.wantStatus(e.send(http.MethodPut, path, object{"productType": "G2M"}), http.StatusNoContent)
	}
	if got := e.user(u.Key).LicenseKeys; fmt.Sprint(got) != "["+simulator.DefaultMeetingLicenseKey+"]" {
		t.Errorf("the licences are %v", got)
	}
	e.wantStatus(e.send(http.MethodDelete, path, nil), http.StatusNoContent)
	e.wantCode(e.send(http.MethodDelete, path, nil), http.StatusNotFound, "NoSuchOrganizer")
	// The e-mail brings the key back, as it does in the Admin API.
	if got := only(t, e.send(http.MethodPost, organizersPath, e.organizerBody("fay@example.test", "G2M"))); got["key"] != json.Number(u.Key) {
		t.Errorf("revived as %v", got)
	}
	e.wantStatus(e.send(http.MethodDelete, organizersPath+"?email=FAY@example.test", nil), http.StatusNoContent)
	if _, found := e.sim.UserByEmail(acct, "fay@example.test"); found {
		t.Error("the organizer is still there")
	}
}

func TestRefusedOrganizers(t *testing.T) {
	e := start(t)
	for name, change := range map[string]object{
		"no e-mail":       {"organizerEmail": ""},
		"bad e-mail":      {"organizerEmail": "nobody"},
		"no name":         {"firstName": ""},
		"long name":       {"lastName": strings.Repeat("x", 26)},
		"unknown product": {"productType": "G2X"},
		"no such licence": {"productType": "G2ARS"},
	} {
		body := e.organizerBody("fay@example.test", "G2M")
		for k, v := range change {
			body[k] = v
		}
		if a := e.send(http.MethodPost, organizersPath, body); a.status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	e.wantStatus(e.send(http.MethodPost, organizersPath, "x"), http.StatusBadRequest)
	for _, body := range []any{object{}, object{"status": "active"}, object{"status": "asleep"}, object{"productType": "G2X"}, "x"} {
		e.wantStatus(e.send(http.MethodPut, organizerPath, body), http.StatusBadRequest)
	}
	e.wantStatus(e.send(http.MethodDelete, organizersPath, nil), http.StatusBadRequest)
	e.wantStatus(e.send(http.MethodGet, organizersPath+"/x", nil), http.StatusBadRequest)
	e.sim.SetSwitches(func(s *simulator.Switches) { s.SelfDelete = "refused" })
	e.wantStatus(e.send(http.MethodDelete, organizerPath, nil), http.StatusForbidden)
	e.wantStatus(e.send(http.MethodDelete, organizersPath+"?email="+simulator.DefaultAdminEmail, nil), http.StatusForbidden)
}

// A product comes from the first enabled licence that has it and a free seat.
func TestProductsTakeSeats(t *testing.T) {
	e := start(t)
	e.sim.UpdateLicense(acct, simulator.DefaultWebinarLicenseKey, func(l *simulator.License) { l.Seats = 0 })
	path := organizersPath + "/" + e.create("fay@example.test")[0]
	e.wantCode(e.send(http.MethodPut, path, object{"productType": "G2W"}), http.StatusConflict, "license.seats.exceeded")
	e.wantStatus(e.send(http.MethodPost, organizersPath, e.organizerBody("gil@example.test", "G2W")), http.StatusConflict)
	if _, found := e.sim.UserByEmail(acct, "gil@example.test"); found {
		t.Error("the organizer was made all the same")
	}
	e.sim.AddLicense(acct, simulator.License{Products: []string{"G2W"}, Seats: 5, Disabled: true})
	second := e.sim.AddLicense(acct, simulator.License{Products: []string{"G2W", "G2M"}, Seats: 1})
	e.wantStatus(e.send(http.MethodPut, path, object{"productType": "G2W"}), http.StatusNoContent)
	if u, _ := e.sim.UserByEmail(acct, "fay@example.test"); fmt.Sprint(u.LicenseKeys) != "["+second+"]" {
		t.Errorf("the licences are %v, want %s", u.LicenseKeys, second)
	}
	e.sim.SetSwitches(func(s *simulator.Switches) { s.SeatsExhausted = "422" })
	e.wantStatus(e.send(http.MethodPost, organizersPath, e.organizerBody("gil@example.test", "G2W")), http.StatusUnprocessableEntity)
}

func TestOrganizerWithoutAKey(t *testing.T) {
	e := start(t, with("invitedOrganizer", "legacyNoKey"))
	a := e.send(http.MethodPost, organizersPath, e.organizerBody("fay@example.test", "G2M"))
	if a.status != http.StatusCreated || a.body != "" {
		t.Errorf("got %d %q", a.status, a.body)
	}
	u, _ := e.sim.UserByEmail(acct, "fay@example.test")
	find := func() object { return only(t, e.send(http.MethodGet, organizersPath+"?email=fay@example.test", nil)) }
	if _, found := find()["organizerKey"]; found {
		t.Error("there is a key before the invitation is accepted")
	}
	e.wantStatus(e.send(http.MethodGet, organizersPath+"/"+u.Key, nil), http.StatusNotFound)
	if !e.sim.AcceptInvitation(acct, u.Key) || e.sim.AcceptInvitation(acct, "1") {
		t.Error("the invitation cannot be accepted, or somebody else's can")
	}
	if find()["organizerKey"] != json.Number(u.Key) || e.user(u.Key).Status != simulator.StatusActive {
		t.Error("there is no key after it was accepted")
	}
	e.wantStatus(e.send(http.MethodGet, organizersPath+"/"+u.Key, nil), http.StatusOK)
}

func TestMeetingGroups(t *testing.T) {
	e := start(t)
	parent := e.sim.AddGroup(acct, simulator.Group{Name: "Blue"})
	child := e.sim.AddGroup(acct, simulator.Group{Name: "Navy", ParentKey: parent})
	e.sim.AddUser(acct, simulator.User{Email: "fay@example.test", GroupKey: child})
	want := []object{
		{"groupkey": json.Number(parent), "groupName": "Blue", "parentKey": json.Number(parent), "status": "active", "numOrganizers": json.Number("0")},
		{"groupkey": json.Number(child), "groupName": "Navy", "parentKey": json.Number(parent), "status": "active", "numOrganizers": json.Number("1")},
	}
	if got := e.array(g2m + "/groups"); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	for _, list := range []string{"organizers", "meetings?scheduled=true", "upcomingMeetings", "attendees", "historicalMeetings?" + e.today()} {
		e.wantCode(e.send(http.MethodGet, g2m+"/groups/1/"+list, nil), http.StatusBadRequest, "NoSuchGroup")
	}
	e.wantStatus(e.send(http.MethodPost, g2m+"/groups/1/organizers", e.organizerBody("x@example.test", "G2M")), http.StatusBadRequest)
	if got := e.array(g2m + "/groups/" + child + "/organizers"); len(got) != 1 || got[0]["status"] != "suspended" {
		t.Errorf("organizers %v", got)
	}
}

func TestControlOfMeetings(t *testing.T) {
	e := start(t)
	root := "/accounts/" + acct
	id := strings.Trim(strings.TrimPrefix(e.control(200, "POST", root+"/meetings", `{"organizerKey":"`+simulator.DefaultAdminKey+
		`","subject":"X","start":"2030-01-07T09:00:00Z","end":"2030-01-07T10:00:00Z"}`), `{"id":`), `"}`)
	e.control(400, "POST", root+"/meetings", `{"organizerKey":"1"}`)
	meeting := root + "/meetings/" + id
	session := strings.Trim(strings.TrimPrefix(e.control(200, "POST", meeting+"/start", ""), `{"sessionId":`), `"}`)
	e.control(404, "POST", meeting+"/start", "")
	e.control(200, "POST", meeting+"/join", `{"name":"Ann","email":"ann@guest.test"}`)
	e.control(400, "POST", meeting+"/join", `{"nom":"Ann"}`)
	e.control(200, "POST", meeting+"/leave", `{"email":"ann@guest.test"}`)
	e.control(404, "POST", meeting+"/leave", `{"email":"ann@guest.test"}`)
	e.control(200, "POST", meeting+"/end", "")
	e.control(404, "POST", meeting+"/end", "")
	e.control(200, "POST", root+"/sessions/"+session+"/recording", `{"name":"Take one"}`)
	e.control(404, "POST", root+"/sessions/1/recording", `{}`)
	if got := e.control(200, "GET", root+"/sessions", ""); !strings.Contains(got, `"name":"Take one"`) || !strings.Contains(got, "ann@guest.test") {
		t.Errorf("sessions %s", got)
	}
	if got := e.control(200, "GET", root+"/meetings", ""); !strings.Contains(got, `"id":"`+id+`"`) {
		t.Errorf("meetings %s", got)
	}
	if got := e.control(200, "GET", "/accounts/"+simulator.OtherAccountKey+"/meetings", ""); got != "[]" {
		t.Errorf("meetings %s", got)
	}
	if got := e.control(200, "PATCH", root, `{"free":true}`); !strings.Contains(got, `"free":true`) || !e.sim.State().Accounts[0].Free {
		t.Errorf("account %s", got)
	}
	key := e.create("fay@example.test")[0]
	if got := e.control(200, "POST", root+"/users/"+key+"/accept", ""); !strings.Contains(got, `"passwordCreated":true`) {
		t.Errorf("accepted: %s", got)
	}
	e.control(200, "POST", "/personal-access-tokens", `{"token":"t","userKey":"`+key+`","scope":"collab:"}`)
	e.control(400, "POST", "/personal-access-tokens", `{"token":"t","userKey":"`+key+`","scope":"collab:"}`)
	e.swapPAT("t")
	e.control(200, "POST", "/clock/set", `{"to":"2030-01-08T00:00:00Z"}`)
	e.control(400, "POST", "/clock/set", `{"to":"2030-01-07T00:00:00Z"}`)
	e.control(400, "POST", "/clock/set", `{"to":"x"}`)
	if got := e.control(200, "GET", "/clock", ""); !strings.Contains(got, "2030-01-08T00:00:00Z") {
		t.Errorf("clock %s", got)
	}
}
