package simulator_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goto-operator/goto-operator/internal/simulator"
)

// control calls the control port and checks the status.
func (e *env) control(status int, method, path, body string) string {
	e.t.Helper()
	w := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(e.t.Context(), method, path, strings.NewReader(body))
	r.Host = "127.0.0.1:8481" // a name is refused
	e.sim.AdminHandler().ServeHTTP(w, r)
	data, _ := io.ReadAll(w.Body)
	if w.Code != status || w.Header().Get("Content-Type") != "application/json" {
		e.t.Fatalf("%s %s: got %d %s, want %d and JSON", method, path, w.Code, data, status)
	}
	return strings.TrimSpace(string(data))
}

func TestControlOfUsers(t *testing.T) {
	e := start(t)
	users := "/accounts/" + acct + "/users"
	const key = "7100000000000000010"
	if got := e.control(200, "POST", users, `{"key":"`+key+`","email":"fay@example.test"}`); got != `{"key":"`+key+`"}` {
		t.Errorf("added: %s", got)
	}
	e.control(400, "POST", users, `{"email":"fay@example.test"}`)
	e.control(400, "POST", users, `{"e-mail":"x@example.test"}`)
	if got := e.control(200, "PATCH", users+"/"+key, `{"passwordCreated":true,"adminRoles":["RUN_REPORTS"]}`); !strings.Contains(got, `"status":"ACTIVE"`) {
		t.Errorf("changed: %s", got)
	}
	if got := e.control(200, "GET", users+"?email=FAY@example.test", ""); !strings.Contains(got, key) || strings.Contains(got, "ops@") {
		t.Errorf("found: %s", got)
	}
	if got := e.control(200, "GET", users, ""); strings.Count(got, `"key"`) != 2 {
		t.Errorf("listed: %s", got)
	}
	if got := e.control(200, "DELETE", users+"/"+key, ""); got != "{}" {
		t.Errorf("deleted: %s", got)
	}
	for _, method := range []string{"GET", "PATCH", "DELETE"} {
		e.control(404, method, users+"/"+key, "{}")
	}
	e.control(404, "GET", "/accounts/1/users", "")
	if got := e.create("fay@example.test"); got[0] != key {
		t.Errorf("revived as %s", got[0])
	}
}

func TestControlOfGroupsAndLicenses(t *testing.T) {
	e := start(t)
	root := "/accounts/" + acct
	e.control(200, "POST", root+"/groups", `{"key":"7400000000000000009","name":"Blue"}`)
	e.control(400, "POST", root+"/groups", `{"name":"Navy","parentKey":"1"}`)
	e.control(200, "POST", root+"/licenses", `{"description":"GoToTraining","seats":1,"products":["G2T","G2M"]}`)
	e.control(200, "PATCH", root+"/licenses/"+simulator.DefaultWebinarLicenseKey, `{"seats":77}`)
	e.control(404, "PATCH", root+"/licenses/1", `{"seats":77}`)
	a := e.sim.State().Accounts[0]
	if len(a.Groups) != 1 || len(a.Licenses) != 3 || a.Licenses[1].Seats != 77 || len(a.Licenses[1].Products) != 2 {
		t.Errorf("got %+v", a)
	}
}

func TestControlOfTheState(t *testing.T) {
	e := start(t)
	state := e.control(200, "GET", "/state", "")
	e.create("fay@example.test")
	if got := e.control(200, "GET", "/outbox", ""); !strings.Contains(got, "fay@example.test") {
		t.Errorf("outbox: %s", got)
	}
	e.control(200, "PUT", "/state", state)
	if len(e.sim.Users(acct)) != 1 || e.control(200, "GET", "/outbox", "") != "[]" {
		t.Error("the state was not replaced")
	}
	e.control(400, "PUT", "/state", `{"accounts":[{"key":"x"}]}`)
}

func TestControlKeepsTheStateFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	e := start(t, func(o *simulator.Options) { o.StateFile = file })
	e.control(200, "POST", "/accounts/"+acct+"/users", `{"email":"fay@example.test"}`)
	if data, err := os.ReadFile(file); err != nil || !strings.Contains(string(data), "fay@example.test") {
		t.Errorf("the file holds %s, %v", data, err)
	}
}

func TestControlOfSwitchesAndRate(t *testing.T) {
	e := start(t)
	if got := e.control(200, "PATCH", "/switches", `{"toIndex":"inclusive","maxBatch":"7"}`); !strings.Contains(got, `"toIndex":"inclusive"`) {
		t.Errorf("got %s", got)
	}
	if s := e.sim.Switches(); s.ToIndex != "inclusive" || s.MaxBatch != 7 {
		t.Errorf("got %+v", s)
	}
	if got := e.control(400, "PATCH", "/switches", `{"toIndex":"x"}`); !strings.Contains(got, "exclusive") {
		t.Errorf("the error does not name the positions: %s", got)
	}
	if got := e.control(200, "GET", "/switches/positions", ""); !strings.Contains(got, `"toIndex":["exclusive","inclusive"]`) {
		t.Errorf("got %s", got)
	}
	e.control(200, "PUT", "/rate", `{"perSecond":1}`)
	if got := burst(e, 3); got != 1 {
		t.Errorf("%d requests got through, want 1", got)
	}
	if got := e.control(200, "GET", "/calls", ""); got != `{"calls":{"getMe":1},"throttled":{"getMe":2}}` {
		t.Errorf("calls: %s", got)
	}
	if got := e.control(200, "GET", "/requests", ""); strings.Count(got, `"operation":"getMe"`) != 3 {
		t.Errorf("requests: %s", got)
	}
	e.control(200, "DELETE", "/log", "")
	if got := e.control(200, "GET", "/requests", ""); got != "[]" {
		t.Errorf("requests: %s", got)
	}
}

func TestControlOfFaults(t *testing.T) {
	e := start(t)
	e.control(200, "POST", "/faults", `{"id":"stop","kind":"block","operation":"createUsers","count":1}`)
	e.control(400, "POST", "/faults", `{"id":"stop","kind":"block"}`)
	e.control(400, "POST", "/faults", `{"kind":"nonsense"}`)
	e.control(504, "GET", "/faults/stop/held?timeout=1ms", "")
	answers := make(chan answer, 1)
	go func() { answers <- e.post("", nil, person("fay@example.test")) }()
	e.control(200, "GET", "/faults/stop/held", "")
	if got := e.control(200, "GET", "/faults", ""); !strings.Contains(got, `"applied":1,"held":1`) || !strings.Contains(got, `"kind":"block"`) {
		t.Errorf("got %s", got)
	}
	e.control(200, "POST", "/faults/stop/release", "")
	e.wantStatus(<-answers, 200)
	e.control(404, "POST", "/faults/stop/release", "")
	e.control(200, "POST", "/faults", `{"kind":"hang"}`)
	e.control(200, "DELETE", "/faults", "")
	if got := e.control(200, "GET", "/faults", ""); got != "[]" {
		t.Errorf("got %s", got)
	}
}

func TestControlOfClockAndTokens(t *testing.T) {
	e := start(t)
	before := e.sim.Now()
	e.control(200, "POST", "/clock/advance", `{"by":"30m"}`)
	if got := e.sim.Now().Sub(before); got != 30*time.Minute {
		t.Errorf("the clock moved by %v", got)
	}
	e.control(400, "POST", "/clock/advance", `{"by":"x"}`)
	if got := e.control(200, "GET", "/clock", ""); !strings.Contains(got, "2030-01-07T09:30:00Z") {
		t.Errorf("got %s", got)
	}
	e.control(200, "POST", "/access-tokens/expire", "")
	e.wantStatus(e.send(http.MethodGet, adminRoot+"/me", nil), 401)
	e.control(200, "POST", "/refresh-tokens/revoke", "")
	e.wantStatus(e.grant(refresh(simulator.DefaultRefreshToken)), 400)
	e.control(200, "GET", "/healthz", "")
	if got := e.control(200, "GET", "/", ""); !strings.Contains(got, "POST /faults") {
		t.Errorf("the index is %s", got)
	}
}

func TestOperationsAreThoseOfTheDocuments(t *testing.T) {
	want := documentedOperations(t)
	got := simulator.Operations()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("simulator %v\ndocuments %v", got, want)
	}
}
