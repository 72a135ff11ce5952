package simulator_test

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/goto-operator/goto-operator/internal/simulator"
)

// post creates users with the given shared fields beside them.
func (e *env) post(query string, shared object, people ...object) answer {
	e.t.Helper()
	body := object{"users": people}
	for name, value := range shared {
		body[name] = value
	}
	return e.send(http.MethodPost, usersPath+query, body)
}

func TestCreateAnswersWithTheKeysInOrder(t *testing.T) {
	e := start(t)
	a := e.post("", nil, person("b@example.test"), person("A@example.test"))
	e.wantStatus(a, http.StatusOK)
	b, _ := e.sim.UserByEmail(acct, "B@example.test")
	up, _ := e.sim.UserByEmail(acct, "a@example.test")
	want := fmt.Sprintf(`[{"key":%q,"email":"b@example.test"},{"key":%q,"email":"A@example.test"}]`, b.Key, up.Key)
	if a.body != want {
		t.Errorf("got %s, want %s", a.body, want)
	}
}

func TestCreateTakesKeysAsNumbersToo(t *testing.T) {
	e := start(t)
	group := e.sim.AddGroup(acct, simulator.Group{Name: "Blue"})
	body := `{"users":[{"email":"fay@example.test","firstName":"F","lastName":"F"}],"licenseKeys":[` +
		simulator.DefaultMeetingLicenseKey + `],"groupKey":` + group + `,"managedGroupKeys":["` + group + `"]}`
	e.wantStatus(e.send(http.MethodPost, usersPath, body), http.StatusOK)
	u, _ := e.sim.UserByEmail(acct, "fay@example.test")
	if !reflect.DeepEqual(u.LicenseKeys, []string{simulator.DefaultMeetingLicenseKey}) || u.GroupKey != group ||
		!reflect.DeepEqual(u.ManagedGroupKeys, []string{group}) {
		t.Errorf("got %+v", u)
	}
}

func TestConflicts(t *testing.T) {
	t.Run("all", func(t *testing.T) {
		e := start(t)
		e.create("fay@example.test")
		a := e.post("", nil, person("new@example.test"), person("FAY@example.test"))
		e.wantRefusal(a, http.StatusConflict, "user.name.conflict")
		if _, ok := e.sim.UserByEmail(acct, "new@example.test"); ok {
			t.Error("a part of the refused request was done")
		}
	})
	t.Run("nothing", func(t *testing.T) {
		for position, key := range map[string]func(string) any{
			"withoutKey": func(string) any { return nil },
			"withKey":    func(key string) any { return key },
		} {
			e := start(t, with("conflictEntry", position))
			fay := e.create("fay@example.test")[0]
			a := e.post("?allOrNothing=FALSE", nil, person("FAY@example.test"), person("new@example.test"))
			e.wantStatus(a, http.StatusOK)
			got := decode[[]object](t, a)
			if len(got) != 2 || got[0]["email"] != "FAY@example.test" || got[0]["key"] != key(fay) || got[1]["key"] == nil {
				t.Errorf("%s: got %s", position, a.body)
			}
			if n := len(e.sim.Users(acct)); n != 3 {
				t.Errorf("%s: there are %d users, want 3", position, n)
			}
		}
	})
	t.Run("within the request", func(t *testing.T) {
		e := start(t)
		e.wantStatus(e.post("", nil, person("fay@example.test"), person("Fay@example.test")), http.StatusConflict)
		e.wantStatus(e.post("?allOrNothing=false", nil, person("fay@example.test"), person("Fay@example.test")), http.StatusOK)
		if n := len(e.sim.Users(acct)); n != 2 {
			t.Errorf("there are %d users, want 2", n)
		}
	})
}

func TestRevivalKeepsTheKey(t *testing.T) {
	e := start(t)
	licence := object{"licenseKeys": []string{simulator.DefaultMeetingLicenseKey}, "adminRoles": []string{"RUN_REPORTS"}}
	e.wantStatus(e.post("", licence, person("fay@example.test")), http.StatusOK)
	before, _ := e.sim.UserByEmail(acct, "fay@example.test")
	e.wantStatus(e.send(http.MethodDelete, usersPath+"/"+before.Key, nil), http.StatusNoContent)
	e.wantStatus(e.send(http.MethodGet, usersPath+"/"+before.Key, nil), http.StatusNotFound)
	dead := e.sim.State().Accounts[0].Deleted
	if len(dead) != 1 || dead[0].Key != before.Key || len(dead[0].LicenseKeys)+len(dead[0].AdminRoles) != 0 {
		t.Errorf("remembered as deleted: %+v", dead)
	}

	got := e.create("other@example.test", "FAY@example.test")
	if got[0] == before.Key || got[1] != before.Key {
		t.Errorf("got the keys %v, want %s for the second alone", got, before.Key)
	}
	after := e.user(before.Key)
	if len(after.LicenseKeys) != 0 || len(after.AdminRoles) != 0 || after.Status != "SUSPENDED" || after.Email != "FAY@example.test" {
		t.Errorf("revived as %+v", after)
	}
	if dead := e.sim.State().Accounts[0].Deleted; len(dead) != 0 {
		t.Errorf("still remembered as deleted: %+v", dead)
	}
	e.wantStatus(e.send(http.MethodDelete, usersPath+"/"+before.Key, nil), http.StatusNoContent)
	if again := e.create("fay@example.test"); again[0] != before.Key {
		t.Errorf("the second revival has the key %s, want %s", again[0], before.Key)
	}
}

func TestWelcomeMail(t *testing.T) {
	e := start(t)
	e.wantStatus(e.post("", nil, person("plain@example.test")), http.StatusOK)
	e.wantStatus(e.post("", object{"suppressEmail": true}, person("quiet@example.test")), http.StatusOK)
	e.wantStatus(e.post("", object{"emailContent": object{"subject": "Welcome", "text": "Hello"}},
		person("one@example.test"), person("two@example.test")), http.StatusOK)
	now := e.clock.Now()
	want := []simulator.Mail{
		{Time: now, AccountKey: acct, To: "plain@example.test"},
		{Time: now, AccountKey: acct, To: "one@example.test", Subject: "Welcome", Text: "Hello"},
		{Time: now, AccountKey: acct, To: "two@example.test", Subject: "Welcome", Text: "Hello"},
	}
	if got := e.sim.Outbox(); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	quiet, _ := e.sim.UserByEmail(acct, "quiet@example.test")
	if quiet.InviteCount != 0 || quiet.InvitedDate != 0 {
		t.Errorf("the user without mail counts as invited: %+v", quiet)
	}
}

func TestInvalidUsers(t *testing.T) {
	long := strings.Repeat("é", 32)
	edit := func(field, value string) object {
		p := person("fay@example.test")
		p[field] = value
		return p
	}
	tests := []struct {
		name string
		user object
		code string
	}{
		{"no e-mail", edit("email", ""), "user.email.invalid"},
		{"no address", edit("email", "fay"), "user.email.invalid"},
		{"a name beside the address", edit("email", "Fay <fay@example.test>"), "user.email.invalid"},
		{"129 characters of e-mail", edit("email", strings.Repeat("a", 116)+"@example.test"), "user.email.invalid"},
		{"no first name", edit("firstName", ""), "user.name.invalid"},
		{"33 characters of first name", edit("firstName", long+"x"), "user.name.invalid"},
		{"33 characters of last name", edit("lastName", long+"x"), "user.name.invalid"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := start(t)
			for _, query := range []string{"", "?allOrNothing=false"} {
				a := e.post(query, nil, person("good@example.test"), test.user)
				e.wantRefusal(a, http.StatusBadRequest, test.code)
			}
			if n := len(e.sim.Users(acct)); n != 1 {
				t.Errorf("there are %d users, want the admin alone", n)
			}
		})
	}
	t.Run("longest allowed", func(t *testing.T) {
		e := start(t)
		p := edit("email", strings.Repeat("a", 115)+"@example.test")
		p["firstName"], p["lastName"] = long, long
		e.wantStatus(e.post("", nil, p), http.StatusOK)
	})
	t.Run("entry without key", func(t *testing.T) {
		e := start(t, with("invalidEntry", "withoutKey"))
		a := e.post("?allOrNothing=false", nil, edit("lastName", ""), person("good@example.test"))
		e.wantStatus(a, http.StatusOK)
		if got := decode[[]object](t, a); got[0]["key"] != nil || got[1]["key"] == nil {
			t.Errorf("got %s", a.body)
		}
	})
}

func TestInvalidSharedFields(t *testing.T) {
	e := start(t)
	for name, shared := range map[string]object{
		"license.not.found": {"licenseKeys": []string{"7399999999999999999"}},
		"group.not.found":   {"groupKey": "7499999999999999999"},
		"user.role.invalid": {"adminRoles": []string{"KING"}},
		"request.invalid":   {"licenseKeys": "no list"},
	} {
		e.wantRefusal(e.post("", shared, person("fay@example.test")), http.StatusBadRequest, name)
	}
	e.wantRefusal(e.post("", nil), http.StatusBadRequest, "request.invalid")
	e.wantRefusal(e.send(http.MethodPost, usersPath, "nonsense"), http.StatusBadRequest, "request.invalid")

	state := e.sim.State()
	state.Accounts[0].NoAdminAccess = true
	if err := e.sim.Load(state); err != nil {
		t.Fatal(err)
	}
	roles := object{"adminRoles": []string{"RUN_REPORTS"}}
	e.wantRefusal(e.post("", roles, person("fay@example.test")), http.StatusForbidden, "user.role.not.allowed")
}

func TestSeats(t *testing.T) {
	e := start(t)
	e.sim.UpdateLicense(acct, simulator.DefaultWebinarLicenseKey, func(l *simulator.License) { l.Seats = 2 })
	webinar := object{"licenseKeys": []string{simulator.DefaultWebinarLicenseKey}}
	three := []object{person("a@example.test"), person("b@example.test"), person("c@example.test")}
	e.wantRefusal(e.post("", webinar, three...), http.StatusConflict, "license.seats.exceeded")
	e.wantStatus(e.post("", webinar, three[:2]...), http.StatusOK)
	e.wantStatus(e.post("", webinar, three[2]), http.StatusConflict)

	// A seat is free again when its holder loses the licence, or goes.
	a, _ := e.sim.UserByEmail(acct, "a@example.test")
	e.wantStatus(e.send(http.MethodPut, usersPath+"/"+a.Key, object{"licenseKeys": []string{}}), http.StatusOK)
	e.wantStatus(e.post("", webinar, three[2]), http.StatusOK)
	b, _ := e.sim.UserByEmail(acct, "b@example.test")
	e.wantStatus(e.send(http.MethodDelete, usersPath+"/"+b.Key, nil), http.StatusNoContent)
	e.wantStatus(e.send(http.MethodPut, usersPath+"/"+a.Key, webinar), http.StatusOK)
	e.wantStatus(e.send(http.MethodPut, usersPath+"/"+a.Key, webinar), http.StatusOK) // no second seat for the same user
	e.wantStatus(e.post("", webinar, person("d@example.test")), http.StatusConflict)
}

func TestMaxBatch(t *testing.T) {
	e := start(t, with("maxBatch", "2"))
	e.wantRefusal(e.post("", nil, person("a@example.test"), person("b@example.test"), person("c@example.test")),
		http.StatusBadRequest, "request.too.many")
	keys := e.create("a@example.test", "b@example.test")
	keys = append(keys, e.create("c@example.test")...)
	all := usersPath + "/" + strings.Join(keys, ",")
	e.wantStatus(e.send(http.MethodPut, all, object{"locale": "de_DE"}), http.StatusBadRequest)
	e.wantStatus(e.send(http.MethodDelete, all, nil), http.StatusBadRequest)
	e.wantStatus(e.send(http.MethodDelete, usersPath+"/"+strings.Join(keys[:2], ","), nil), http.StatusNoContent)
}
