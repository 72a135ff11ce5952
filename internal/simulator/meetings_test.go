package simulator_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/goto-operator/goto-operator/internal/simulator"
)

func TestMeetingLife(t *testing.T) {
	e := start(t)
	a := e.send(http.MethodPost, meetingsPath, e.aMeeting("subject", "1 &lt; 2", "coorganizerKeys", []string{simulator.DefaultAdminKey}))
	e.wantStatus(a, http.StatusCreated)
	created := only(t, a)
	id := fmt.Sprint(created["meetingid"])
	want := object{
		"joinURL": "https://meet.goto.com/" + id, "meetingid": json.Number(id), "maxParticipants": json.Number("150"),
		"uniqueMeetingId": json.Number(id), "conferenceCallInfo": "Hybrid",
	}
	if len(id) != 9 || !reflect.DeepEqual(created, want) {
		t.Errorf("created %v, want %v", created, want)
	}
	read := only(t, e.send(http.MethodGet, meetingsPath+"/"+id, nil))
	want = object{
		"createTime": "", "passwordRequired": false, "status": "INACTIVE", "subject": "1 &lt; 2",
		"startTime": "2030-01-07T10:00:00Z", "endTime": "2030-01-07T10:30:00Z", "conferenceCallInfo": "Hybrid",
		"duration": json.Number("30"), "maxParticipants": json.Number("150"), "meetingId": json.Number(id),
		"meetingKey": json.Number(id), "meetingType": "scheduled", "uniqueMeetingId": json.Number(id),
		"coorganizerKeys": []any{simulator.DefaultAdminKey},
	}
	if !reflect.DeepEqual(read, want) {
		t.Errorf("read %v, want %v", read, want)
	}
	if m := e.sim.Meetings(acct)[0]; m.Subject != "1 < 2" || m.OrganizerKey != simulator.DefaultAdminKey {
		t.Errorf("held as %+v", m)
	}
	// A PUT replaces everything, the co-organizers that it does not name included. Times need no padding.
	body := e.aMeeting("subject", "Moved", "starttime", "2030-1-8T9:0:0Z", "endtime", "2030-1-8T9:5:0Z", "passwordrequired", true,
		"meetingtype", "recurring", "conferencecallinfo", "call me", "coorganizerKeys", nil)
	if a := e.send(http.MethodPut, meetingsPath+"/"+id, body); a.status != http.StatusNoContent || a.body != "" {
		t.Errorf("PUT: %d %q", a.status, a.body)
	}
	m := e.sim.Meetings(acct)[0]
	if m.Subject != "Moved" || m.Start != time.Date(2030, 1, 8, 9, 0, 0, 0, time.UTC) || m.End.Sub(m.Start) != 5*time.Minute ||
		!m.PasswordRequired || m.Type != "recurring" || m.ConferenceCallInfo != "call me" || len(m.CoorganizerKeys) != 0 || m.ID != id {
		t.Errorf("after the PUT: %+v", m)
	}
	e.wantStatus(e.send(http.MethodDelete, meetingsPath+"/"+id, nil), http.StatusNoContent)
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete} {
		e.wantCode(e.send(method, meetingsPath+"/"+id, body), http.StatusNotFound, "NoSuchMeeting")
	}
	e.wantStatus(e.send(http.MethodGet, meetingsPath+"/"+id+"/start", nil), http.StatusNotFound)
	e.wantStatus(e.send(http.MethodGet, meetingsPath+"/abc", nil), http.StatusBadRequest)
}

func TestRefusedMeetings(t *testing.T) {
	e := start(t)
	id := e.plan()
	before := asJSON(t, e.sim.Meetings(acct))
	past := wire(e.sim.Now().Add(-time.Hour))
	for name, change := range map[string][]any{
		"no subject":             {"subject", nil},
		"empty subject":          {"subject", ""},
		"long subject":           {"subject", strings.Repeat("ü", 101)},
		"raw angle brackets":     {"subject", "1 < 2"},
		"no start":               {"starttime", nil},
		"start without Z":        {"starttime", "2030-01-07T10:00:00"},
		"start with an offset":   {"starttime", "2030-01-07T10:00:00+01:00"},
		"no such day":            {"starttime", "2030-02-31T10:00:00Z"},
		"camel case":             {"starttime", nil, "startTime", "2030-01-07T10:00:00Z"},
		"end before start":       {"endtime", past},
		"no password flag":       {"passwordrequired", nil},
		"password flag as text":  {"passwordrequired", "false"},
		"no audio":               {"conferencecallinfo", nil},
		"long audio":             {"conferencecallinfo", strings.Repeat("1", 256)},
		"no type":                {"meetingtype", nil},
		"unknown type":           {"meetingtype", "weekly"},
		"unknown co-organizer":   {"coorganizerKeys", []string{"7199999999999999999"}},
		"co-organizer not a key": {"coorganizerKeys", []string{"x"}},
	} {
		for method, path := range map[string]string{http.MethodPost: meetingsPath, http.MethodPut: meetingsPath + "/" + id} {
			if a := e.send(method, path, e.aMeeting(change...)); a.status != http.StatusBadRequest {
				t.Errorf("%s, %s: got %d %s", name, method, a.status, a.body)
			}
		}
	}
	e.wantStatus(e.send(http.MethodPost, meetingsPath, "[]"), http.StatusBadRequest)
	if after := asJSON(t, e.sim.Meetings(acct)); after != before {
		t.Errorf("a refused request changes %s into %s", before, after)
	}
	e.wantStatus(e.send(http.MethodPost, meetingsPath, e.aMeeting("subject", strings.Repeat("&lt;", 100))), http.StatusCreated)
	e.sim.SetSwitches(func(s *simulator.Switches) { s.PastStart = "refused" })
	e.plan("meetingtype", "immediate", "starttime", past) // an immediate meeting has no other start than now
	e.wantStatus(e.send(http.MethodPut, meetingsPath+"/"+id, e.aMeeting("starttime", past)), http.StatusBadRequest)
}

func TestMeetingsBelongToTheCaller(t *testing.T) {
	e := start(t)
	_, colleague := e.colleague("cole@example.test")
	mine := e.plan()
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete} {
		e.wantStatus(e.sendAs(colleague, method, meetingsPath+"/"+mine, e.aMeeting()), http.StatusNotFound)
	}
	theirs := e.sendAs(colleague, http.MethodPost, meetingsPath, e.aMeeting())
	e.wantStatus(theirs, http.StatusCreated)
	if got := ids(e.array(g2m + "/upcomingMeetings")); len(got) != 1 || got[0] != mine {
		t.Errorf("my meetings are %v, want %s", got, mine)
	}
	// An administrator of another account has nothing to do with either.
	other := "Bearer " + e.swapPAT(simulator.OtherAccountPersonalAccessToken)
	e.wantStatus(e.sendAs(other, http.MethodGet, meetingsPath+"/"+mine, nil), http.StatusNotFound)
	e.wantStatus(e.sendAs(other, http.MethodGet, organizerPath, nil), http.StatusNotFound)
}

// What each scope and role opens. The colleague has both scopes and no role.
func TestWhoMayCallWhat(t *testing.T) {
	e := start(t)
	key, colleague := e.colleague("cole@example.test")
	noAdminScope := "Bearer " + e.swapPAT(simulator.NoAdminScopePersonalAccessToken)
	noMeetingScope := "Bearer " + e.swapPAT(simulator.NoMeetingScopePersonalAccessToken)
	own, theirs := organizersPath+"/"+key, organizerPath
	day := "?" + e.today()
	for _, test := range []struct {
		path string
		want [4]int // the administrator, the colleague, the administrator without "identity:", and without "collab:"
	}{
		{"/upcomingMeetings", [4]int{200, 200, 200, 403}},
		{"/historicalMeetings" + day, [4]int{200, 200, 200, 403}},
		{"/organizers", [4]int{200, 403, 403, 403}},
		{"/groups", [4]int{200, 403, 403, 403}},
		{own[len(g2m):], [4]int{200, 200, 403, 403}},
		{own[len(g2m):] + "/historicalMeetings" + day, [4]int{200, 200, 403, 403}},
		{own[len(g2m):] + "/upcomingMeetings", [4]int{200, 403, 403, 403}},
		{own[len(g2m):] + "/attendees" + day, [4]int{200, 403, 403, 403}},
		{theirs[len(g2m):], [4]int{200, 403, 200, 403}},
		{theirs[len(g2m):] + "/upcomingMeetings", [4]int{200, 403, 403, 403}},
	} {
		for i, who := range []string{"Bearer " + e.token, colleague, noAdminScope, noMeetingScope} {
			if a := e.sendAs(who, http.MethodGet, g2m+test.path, nil); a.status != test.want[i] {
				t.Errorf("%s as number %d: got %d, want %d", test.path, i, a.status, test.want[i])
			}
		}
	}
	for _, path := range []string{own, theirs} {
		e.wantStatus(e.sendAs(colleague, http.MethodDelete, path, nil), http.StatusForbidden)
		e.wantStatus(e.sendAs(colleague, http.MethodPut, path, object{"status": "suspended"}), http.StatusForbidden)
	}
	// No role of the Admin API changes that the token does not reach it.
	e.wantRefusal(e.sendAs(noAdminScope, http.MethodGet, adminRoot+"/me", nil), http.StatusUnauthorized, "not.authenticated")
}

func TestRefusedToken(t *testing.T) {
	e := start(t)
	e.sim.ExpireAccessTokens()
	a := e.send(http.MethodGet, g2m+"/upcomingMeetings", nil)
	e.wantCode(a, http.StatusForbidden, "InvalidToken")
	if a.header.Get("X-Amzn-Errortype") != "UnauthorizedException" {
		t.Errorf("headers %v", a.header)
	}
	e.wantCode(e.sendAs("", http.MethodGet, g2m+"/groups", nil), http.StatusForbidden, "InvalidToken")
}

func TestFreeAccount(t *testing.T) {
	e := start(t)
	e.sim.SetFree(acct, true)
	for _, path := range []string{"/upcomingMeetings", "/organizers", "/groups", "/meetings/1"} {
		e.wantStatus(e.send(http.MethodGet, g2m+path, nil), http.StatusPreconditionFailed)
	}
	e.wantStatus(e.send(http.MethodGet, usersPath, nil), http.StatusOK)
	if !e.sim.State().Accounts[0].Free {
		t.Error("the state does not say so")
	}
	e.sim.SetFree(acct, false)
	e.wantStatus(e.send(http.MethodGet, g2m+"/upcomingMeetings", nil), http.StatusOK)
}

func TestStartURLIsASecretOfTheRequest(t *testing.T) {
	e := start(t)
	id := e.plan()
	a := e.send(http.MethodGet, meetingsPath+"/"+id+"/start", nil)
	e.wantStatus(a, http.StatusOK)
	got := decode[map[string]string](t, a)["hostURL"]
	if !strings.Contains(got, id) || !strings.Contains(got, simulator.HostToken) {
		t.Errorf("got %s", a.body)
	}
	if strings.Contains(asJSON(t, e.sim.Requests()), simulator.HostToken) {
		t.Error("it is in the log")
	}
}

func TestFaultsOfBareLists(t *testing.T) {
	e := start(t)
	first, _ := e.plan(), e.plan()
	for kind, want := range map[simulator.FaultKind]string{
		simulator.FaultEmptyList: "[]", simulator.FaultShortList: "[" + first + "]", simulator.FaultPartialList: "[" + first + "]",
	} {
		e.sim.Inject(simulator.Fault{Kind: kind, Operation: simulator.OpListUpcomingMeetings, Count: 1})
		if got := fmt.Sprint(ids(e.array(g2m + "/upcomingMeetings"))); got != want {
			t.Errorf("%s: %s, want %s", kind, got, want)
		}
	}
	e.sim.Inject(simulator.Fault{Kind: simulator.FaultExpireToken, Operation: simulator.OpCreateMeeting, Count: 1})
	e.wantCode(e.send(http.MethodPost, meetingsPath, e.aMeeting()), http.StatusForbidden, "InvalidToken")
}
