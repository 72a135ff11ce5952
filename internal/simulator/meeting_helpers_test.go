package simulator_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/goto-operator/goto-operator/internal/simulator"
)

const (
	g2m           = "/G2M/rest"
	meetingsPath  = g2m + "/meetings"
	organizerPath = g2m + "/organizers/" + simulator.DefaultAdminKey
)

// wire is a time as requests have it.
func wire(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// aMeeting is the body of a request, an hour from now, with what the pairs of names and values change. A nil value takes a member
// out.
func (e *env) aMeeting(pairs ...any) object {
	start := e.sim.Now().Add(time.Hour)
	body := object{
		"subject": "Weekly sync", "starttime": wire(start), "endtime": wire(start.Add(30 * time.Minute)), "passwordrequired": false,
		"conferencecallinfo": "Hybrid", "timezonekey": "", "meetingtype": "scheduled", "coorganizerKeys": []string{},
	}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] == nil {
			delete(body, pairs[i].(string))
			continue
		}
		body[pairs[i].(string)] = pairs[i+1]
	}
	return body
}

// plan creates a meeting of the default administrator and returns its id.
func (e *env) plan(pairs ...any) string {
	e.t.Helper()
	a := e.send(http.MethodPost, meetingsPath, e.aMeeting(pairs...))
	e.wantStatus(a, http.StatusCreated)
	return only(e.t, a)["meetingid"].(json.Number).String()
}

// objects reads an array of objects, with numbers as they are written.
func objects(t *testing.T, a answer) []object {
	t.Helper()
	var raw []map[string]json.RawMessage
	if err := json.Unmarshal([]byte(a.body), &raw); err != nil {
		t.Fatalf("%v in %.300q", err, a.body)
	}
	out := make([]object, 0, len(raw))
	for _, members := range raw {
		o := object{}
		for name, value := range members {
			var v any
			if err := json.Unmarshal(value, &v); err != nil {
				t.Fatal(err)
			}
			if _, number := v.(float64); number {
				v = json.Number(value)
			}
			o[name] = v
		}
		out = append(out, o)
	}
	return out
}

// only reads an array of one object.
func only(t *testing.T, a answer) object {
	t.Helper()
	list := objects(t, a)
	if len(list) != 1 {
		t.Fatalf("%d objects in %.300q, want one", len(list), a.body)
	}
	return list[0]
}

func (e *env) array(path string) []object {
	e.t.Helper()
	a := e.send(http.MethodGet, path, nil)
	e.wantStatus(a, http.StatusOK)
	return objects(e.t, a)
}

// colleague adds a user without a role, who may hold meetings, and returns the key and what authorizes their requests.
func (e *env) colleague(email string, change ...func(*simulator.User)) (key, authorization string) {
	e.t.Helper()
	u := simulator.User{
		Email: email, FirstName: "Cole", LastName: "League", PasswordCreated: true,
		LicenseKeys: []string{simulator.DefaultMeetingLicenseKey},
	}
	for _, f := range change {
		f(&u)
	}
	key = e.sim.AddUser(acct, u)
	pat := "pat-of-" + key
	e.sim.AddPersonalAccessToken(simulator.PersonalAccessToken{
		Token: pat, UserKey: key, Scope: simulator.ScopeAdmin + " " + simulator.ScopeCollab,
	})
	return key, "Bearer " + e.swapPAT(pat)
}

// play holds a meeting of half an hour, which two people attend, and returns the id of its session.
func (e *env) play(id string) string {
	e.t.Helper()
	session := e.sim.StartMeeting(acct, id)
	e.sim.JoinMeeting(acct, id, simulator.Attendee{Name: "Ann", Email: "ann@guest.test"})
	e.sim.Advance(10 * time.Minute)
	e.sim.JoinMeeting(acct, id, simulator.Attendee{Name: "Bob", Email: "bob@guest.test"})
	e.sim.LeaveMeeting(acct, id, "ANN@guest.test")
	e.sim.Advance(20 * time.Minute)
	e.sim.EndMeeting(acct, id)
	e.sim.AttachRecording(acct, session, simulator.Recording{Name: "Take one", ShareURL: "https://example.test/r", Size: 1 << 40})
	return session
}

// today is the query of a day's history.
func (e *env) today() string { return e.lastDays(1) }

func (e *env) lastDays(n int) string {
	now := e.sim.Now()
	return url.Values{"startDate": {wire(now.AddDate(0, 0, -n))}, "endDate": {wire(now)}}.Encode()
}

func (e *env) organizerBody(email, product string) object {
	return object{"organizerEmail": email, "firstName": "Fay", "lastName": "Field", "productType": product}
}

// ids are the meetings of a list, in order, whatever the list calls them.
func ids(list []object) []string {
	var out []string
	for _, o := range list {
		for _, name := range []string{"meetingId", "meetingid"} {
			if id, found := o[name]; found {
				out = append(out, fmt.Sprint(id))
			}
		}
	}
	return out
}

// later lets time pass, and renews the token, which lives an hour.
func (e *env) later(d time.Duration) {
	e.t.Helper()
	e.sim.Advance(d)
	e.token = e.swapPAT(simulator.DefaultPersonalAccessToken)
}

// wantCode checks status and code of a refusal of the GoToMeeting API.
func (e *env) wantCode(a answer, status int, code string) {
	e.t.Helper()
	e.wantStatus(a, status)
	got := decode[struct {
		Code string `json:"int_err_code"`
		Msg  string `json:"msg"`
	}](e.t, a)
	if got.Code != code || got.Msg == "" {
		e.t.Fatalf("got %s; want the code %q", a.body, code)
	}
}
