package simulator_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/internal/simulator/console"
)

// consolePages are all pages that there are at the start.
func consolePages() []string {
	pages := []string{console.Root, console.Root + "requests", console.Root + "requests?still=yes", console.Root + "faults", console.Root + "switches"}
	for _, s := range []string{"users", "groups", "licenses", "meetings"} {
		pages = append(pages, ownConsole+s, ownConsole+s+"/new")
	}
	return append(pages, ownConsole+"users/"+simulator.DefaultAdminKey, ownConsole+"licenses/"+simulator.DefaultWebinarLicenseKey)
}

func TestEveryPageOfTheConsoleCanBeReadByAll(t *testing.T) {
	e := start(t)
	for _, path := range consolePages() {
		for _, complaint := range unreadable(elements(t, e.page(path))) {
			t.Errorf("%s: %s", path, complaint)
		}
	}
	if calls := e.sim.Calls(); len(calls) != 0 {
		t.Errorf("the console counts as %v, want no request", calls)
	}
}

func TestTheConsoleChangesAUser(t *testing.T) {
	e := start(t)
	group := e.sim.AddGroup(acct, simulator.Group{Name: "Blue"})
	list := e.submit(ownConsole+"users/new", url.Values{"email": {"fay@example.test"}, "firstName": {"Fay"}, "lastName": {"<Field>"}})
	contains(t, list, "Added.", "fay@example.test", "&lt;Field&gt;", "SUSPENDED")

	added, _ := e.sim.UserByEmail(acct, "fay@example.test")
	path := ownConsole + "users/" + added.Key
	form := typedIn(t, e.page(path), url.Values{
		"firstName": {"Faye"}, "groupKey": {group}, "licenseKeys": {simulator.DefaultMeetingLicenseKey}, "passwordCreated": {"on"},
	})
	contains(t, e.submit(path, form), "Saved.", "Faye", "ACTIVE", "Blue", "GoToMeeting Business")
	want := added
	want.FirstName, want.GroupKey, want.LicenseKeys, want.PasswordCreated = "Faye", group, []string{simulator.DefaultMeetingLicenseKey}, true
	want.Status, want.Products = simulator.StatusActive, []string{"G2M"}
	if diff := cmp.Diff(want, e.user(added.Key)); diff != "" {
		t.Error(diff)
	}

	e.submit(path, typedIn(t, e.page(path), nil))
	if diff := cmp.Diff(want, e.user(added.Key)); diff != "" {
		t.Errorf("saving what is there changes it: %s", diff)
	}
	contains(t, e.submit(path+"/delete", nil), "Deleted.")
	if _, found := e.sim.User(acct, added.Key); found {
		t.Error("the user is there after the deletion")
	}
}

// A role that the console does not know, and settings that it does not show, are kept.
func TestTheConsoleKeepsWhatItDoesNotShow(t *testing.T) {
	e := start(t)
	key := e.sim.AddUser(acct, simulator.User{Email: "fay@example.test", AdminRoles: []string{"A_NEW_ROLE"}, Settings: []byte(`{"a":1}`), InvitedDate: 7})
	before := e.user(key)
	path := ownConsole + "users/" + key
	e.submit(path, typedIn(t, e.page(path), nil))
	if diff := cmp.Diff(before, e.user(key)); diff != "" {
		t.Error(diff)
	}
}

func TestTheConsoleFindsUsers(t *testing.T) {
	e := start(t)
	for i := range 250 {
		e.sim.AddUser(acct, simulator.User{Email: fmt.Sprintf("u%03d@example.test", i)})
	}
	if page := e.page(ownConsole + "users"); !strings.Contains(page, "200 of 251 users, 251 found") {
		t.Errorf("got %d bytes that do not say how many users are left out", len(page))
	}
	page := e.page(ownConsole + "users?q=U24")
	contains(t, page, "10 of 251 users, 10 found", `value="U24"`, "u249@example.test")
}

func TestTheConsoleChangesGroups(t *testing.T) {
	e := start(t)
	contains(t, e.submit(ownConsole+"groups/new", url.Values{"name": {"Blue"}}), "Added.", "Blue")
	blue := e.sim.State().Accounts[0].Groups[0].Key
	contains(t, e.submit(ownConsole+"groups/new", url.Values{"name": {"Azure"}, "parentKey": {blue}}), "Azure")
	contains(t, e.submit(ownConsole+"groups/"+blue, url.Values{"name": {"Yellow"}}), "Saved.", "Yellow")
	got := e.sim.State().Accounts[0].Groups
	if len(got) != 2 || got[0].Name != "Azure" || got[0].ParentKey != blue || got[1].Name != "Yellow" {
		t.Errorf("got %+v", got)
	}
	contains(t, e.submit(ownConsole+"groups/"+blue+"/delete", nil), "Deleted.", "No group.")
}

func TestTheConsoleChangesLicences(t *testing.T) {
	e := start(t)
	path := ownConsole + "licenses/" + simulator.DefaultWebinarLicenseKey
	page := e.submit(path, typedIn(t, e.page(path), url.Values{"seats": {"3"}}))
	contains(t, page, "Saved.", "GoToWebinar", "<td>G2W, G2M</td><td>3</td><td>0</td><td>3</td><td>enabled</td>")
	contains(t, e.submit(ownConsole+"licenses/new", url.Values{"description": {"GoToTraining"}, "seats": {"2"}, "products": {"G2T G2M"}}), "GoToTraining")
	if got := e.sim.State().Accounts[0].Licenses; len(got) != 3 || got[1].Seats != 3 || !cmp.Equal(got[2].Products, []string{"G2T", "G2M"}) {
		t.Errorf("got %+v", got)
	}
}

func TestTheConsoleChangesMeetings(t *testing.T) {
	e := start(t)
	form := url.Values{"subject": {"Demo"}, "start": {"2030-01-07T10:00"}, "end": {"2030-01-07T11:00"}, "type": {"scheduled"},
		"organizer": {simulator.DefaultAdminEmail}}
	contains(t, e.submit(ownConsole+"meetings/new", form), "Added.", "Demo", "2030-01-07 10:00:00", simulator.DefaultAdminEmail)
	id := e.sim.State().Accounts[0].Meetings[0].ID
	path := ownConsole + "meetings/" + id
	contains(t, e.submit(path, typedIn(t, e.page(path), url.Values{"end": {"2030-01-07T12:30:15"}})), "Saved.", "2030-01-07 12:30:15")
	if got := e.sim.State().Accounts[0].Meetings[0]; got.End.Sub(got.Start) != 2*time.Hour+30*time.Minute+15*time.Second || got.ID != id {
		t.Errorf("got %+v", got)
	}
	contains(t, e.submit(path+"/start", nil), "The meeting has begun.", "<td>yes</td>")
	contains(t, e.submit(path+"/end", nil), "The meeting has ended.", "<td>no</td>")
	e.shown(e.browse(http.MethodPost, path+"/end", nil), http.StatusNotFound)
	contains(t, e.submit(path+"/delete", nil), "Deleted.", "No meeting.")
}

func TestTheConsoleShowsTheLog(t *testing.T) {
	e := start(t)
	e.sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Operation: simulator.OpCreateUsers, Status: 503, Count: 1})
	e.post("", nil, object{"email": "fay@example.test", "firstName": "<b>Fay", "lastName": strings.Repeat("ä", 400)})
	e.send(http.MethodGet, usersPath+"?filter=%3Cb%3E", nil)
	e.send(http.MethodPost, usersPath, "<b>no JSON")
	page := e.page(console.Root + "requests")
	contains(t, page, `http-equiv="refresh" content="2"`, "createUsers", "POST "+usersPath, "&#34;email&#34;:&#34;fay@", "ä …", "<td>503</td>", "error-before", "&lt;b&gt;no JSON")
	if strings.Contains(page, "<b>") || strings.Contains(page, e.token) || strings.Contains(page, "\uFFFD") {
		t.Errorf("the log is not escaped, shows a token or half a letter:\n%s", page)
	}
	if still := e.page(console.Root + "requests?still=yes"); strings.Contains(still, "http-equiv") {
		t.Error("the log does not stand still")
	}
	contains(t, e.page(console.Root), "<th scope=\"row\">createUsers</th><td>2</td><td>0</td>")
	contains(t, e.submit(console.Root+"requests/clear", nil), "The log is empty.", "No request yet.")
}

func TestTheConsoleSwitchesFaults(t *testing.T) {
	e := start(t)
	faults := console.Root + "faults"
	form := typedIn(t, e.page(faults), url.Values{"kind": {"latency"}, "operation": {"listUsers"}, "delay": {"1.5s"}, "count": {"2"}})
	contains(t, e.submit(faults, form), "The fault is on.", "latency", "listUsers", "count 2 delay 1.5s")
	id := e.sim.Faults()[0].Fault.ID
	contains(t, e.submit(faults+"/"+id+"/release", nil), "The fault is off.", "No fault is on.")
	e.shown(e.browse(http.MethodPost, faults+"/"+id+"/release", nil), http.StatusNotFound)
	e.sim.Inject(simulator.Fault{ID: "a/b", Kind: simulator.FaultHTML})
	contains(t, e.page(faults), "faults/a%2Fb/release")
	e.submit(faults+"/a%2Fb/release", nil)
	e.sim.Inject(simulator.Fault{Kind: simulator.FaultHTML})
	contains(t, e.submit(faults+"/clear", nil), "No fault is on.")
}

func TestTheConsoleSetsSwitches(t *testing.T) {
	e := start(t)
	path := console.Root + "switches"
	before := e.sim.Switches()
	e.submit(path, typedIn(t, e.page(path), nil))
	if diff := cmp.Diff(before, e.sim.Switches()); diff != "" {
		t.Errorf("saving what is there changes it: %s", diff)
	}
	page := e.submit(path, typedIn(t, e.page(path), url.Values{"toIndex": {"inclusive"}, "visibilityLag": {"7s"}}))
	contains(t, page, "Saved.", "changed; the default is exclusive")
	if s := e.sim.Switches(); s.ToIndex != "inclusive" || s.VisibilityLag != 7*time.Second {
		t.Errorf("got %+v", s)
	}
	e.submit(path+"/defaults", nil)
	if diff := cmp.Diff(before, e.sim.Switches()); diff != "" {
		t.Errorf("the defaults: %s", diff)
	}
}

func TestTheConsoleRefusesWhatMakesNoSense(t *testing.T) {
	e := start(t)
	e.sim.UpdateLicense(acct, simulator.DefaultWebinarLicenseKey, func(l *simulator.License) { l.Seats = 0 })
	e.sim.AddGroup(acct, simulator.Group{Name: "Blue"})
	meeting := e.sim.AddMeeting(acct, simulator.Meeting{OrganizerKey: simulator.DefaultAdminKey, Subject: "Demo", Start: e.sim.Now(), End: e.sim.Now()})
	user := ownConsole + "users/" + simulator.DefaultAdminKey
	before := e.sim.State()
	for _, test := range []struct {
		path string
		form url.Values
		want string
	}{
		{ownConsole + "users/new", url.Values{"email": {"<i>"}}, `"<i>" is no e-mail address`},
		{ownConsole + "users/new", url.Values{"email": {simulator.DefaultAdminEmail}}, "is empty or taken"},
		{user, url.Values{"email": {"a@b.test"}, "groupKey": {"1"}}, "is in the group"},
		{user, url.Values{"email": {"a@b.test"}, "licenseKeys": {"1"}}, "has the licence"},
		{user, url.Values{"email": {"a@b.test"}, "licenseKeys": {simulator.DefaultWebinarLicenseKey}}, "no seat of GoToWebinar is free: 0 of 0"},
		{ownConsole + "groups/new", url.Values{"name": {" "}}, "a group has a name"},
		{ownConsole + "groups/new", url.Values{"name": {"Blue"}}, `there is a group called "Blue"`},
		{ownConsole + "groups/new", url.Values{"name": {"Red"}, "parentKey": {"1"}}, "does not exist"},
		{ownConsole + "licenses/new", url.Values{"seats": {"1"}}, "a licence has a description"},
		{ownConsole + "licenses/" + simulator.DefaultWebinarLicenseKey, url.Values{"seats": {"-1"}}, "seats is a whole number from 0"},
		{ownConsole + "meetings/new", url.Values{"organizer": {"x@y.test"}}, `nobody has the e-mail address "x@y.test"`},
		{ownConsole + "meetings/" + meeting, url.Values{"subject": {"x"}, "start": {"soon"}}, "start is a time such as"},
		{ownConsole + "meetings/" + meeting, url.Values{"subject": {""}}, "a meeting has a subject"},
		{ownConsole + "meetings/" + meeting, url.Values{"subject": {"x"}, "start": {"2030-01-07T10:00"}, "end": {"2030-01-07T09:00"},
			"type": {"scheduled"}}, "ends before it"},
		{console.Root + "faults", url.Values{"kind": {"nonsense"}}, `no kind of fault is called "nonsense"`},
		{console.Root + "faults", url.Values{"kind": {"latency"}, "delay": {"long"}}, "delay is a duration such as 1.5s"},
		{console.Root + "faults", url.Values{"kind": {"html"}, "skip": {"x"}}, "skip is a whole number"},
		{console.Root + "switches", url.Values{"toIndex": {"x"}}, "toIndex is one of exclusive, inclusive"},
		{console.Root + "switches", url.Values{"nonsense": {"x"}}, `no switch is called "nonsense"`},
	} {
		why, page := e.refused(test.path, test.form)
		if !strings.Contains(why, test.want) {
			t.Errorf("%s %v: says %q, want %q", test.path, test.form, why, test.want)
		}
		if strings.Contains(page, "<i>") {
			t.Errorf("%s shows what was typed unescaped", test.path)
		}
	}
	if diff := cmp.Diff(before, e.sim.State()); diff != "" {
		t.Errorf("a refused form changes something: %s", diff)
	}
	if got := e.sim.Faults(); len(got) != 0 {
		t.Errorf("a refused fault is on: %v", got)
	}
}

// What was typed is there again, so that nobody types it twice.
func TestTheConsoleGivesARefusedFormBack(t *testing.T) {
	e := start(t)
	_, page := e.refused(ownConsole+"users/new", url.Values{"email": {"nonsense"}, "firstName": {`Fa"y`}, "adminRoles": {"RUN_REPORTS"}})
	contains(t, page, `value="nonsense"`, `value="Fa&#34;y"`, `value="RUN_REPORTS" checked`)
}

func TestTheConsoleDoesNotShowWhatIsNotThere(t *testing.T) {
	e := start(t)
	for _, path := range []string{
		console.Root + "nonsense", console.Root + "accounts/1/users", ownConsole + "users/1", ownConsole + "groups/1",
		ownConsole + "licenses/1", ownConsole + "meetings/1",
	} {
		e.shown(e.browse(http.MethodGet, path, nil), http.StatusNotFound)
	}
	for _, path := range []string{
		console.Root + "accounts/1/users/new", ownConsole + "users/1", ownConsole + "users/1/delete", ownConsole + "users/1/nonsense",
		ownConsole + "groups/1/delete", ownConsole + "meetings/1/delete", ownConsole + "meetings/1/start", ownConsole + "licenses/1/delete",
	} {
		e.shown(e.browse(http.MethodPost, path, url.Values{"email": {"a@b.test"}}), http.StatusNotFound)
	}
}

func TestTheControlPortLeadsBrowsersToTheConsole(t *testing.T) {
	e := start(t)
	w := e.browse(http.MethodGet, "/", nil)
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != console.Root {
		t.Errorf("got %d to %q", w.Code, w.Header().Get("Location"))
	}
	for header, want := range map[string]string{
		"Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
	} {
		if got := e.browse(http.MethodGet, console.Root, nil).Header().Get(header); !strings.Contains(got, want) {
			t.Errorf("%s is %q", header, got)
		}
	}
}

func TestTheControlPortIsGuardedFromOtherPages(t *testing.T) {
	e := start(t)
	for _, test := range []struct {
		method, host, origin, site string
		want                       int
	}{
		{"GET", consoleHost, "", "", 200},
		{"GET", "localhost:8481", "", "", 200},
		{"GET", "console.localhost", "", "", 200},
		{"GET", "[::1]:8481", "", "", 200},
		{"GET", "192.0.2.7", "", "", 200},
		{"GET", "evil.test:8481", "", "", 403},
		{"GET", "127.0.0.1.evil.test", "", "", 403},
		{"GET", "", "", "", 403},
		{"POST", consoleHost, "http://" + consoleHost, "same-origin", 303},
		{"POST", consoleHost, "http://" + consoleHost, "", 303},
		{"POST", consoleHost, "", "", 303}, // no browser
		{"POST", consoleHost, "http://127.0.0.1:9999", "", 403},
		{"POST", consoleHost, "https://evil.test", "cross-site", 403},
		{"POST", consoleHost, "null", "", 403},
		{"POST", "evil.test", "http://evil.test", "same-origin", 403},
	} {
		for _, path := range []string{console.Root + "switches", "/switches"} {
			if path == "/switches" && test.want == 303 {
				continue // programs change it by PATCH
			}
			r := httptest.NewRequestWithContext(t.Context(), test.method, path, strings.NewReader(""))
			r.Host = test.host
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			for name, value := range map[string]string{"Origin": test.origin, "Sec-Fetch-Site": test.site} {
				if value != "" {
					r.Header.Set(name, value)
				}
			}
			w := httptest.NewRecorder()
			e.sim.AdminHandler().ServeHTTP(w, r)
			if w.Code != test.want {
				t.Errorf("%+v at %s: got %d", test, path, w.Code)
			}
		}
	}
}
