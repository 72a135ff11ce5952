package simulator_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goto-operator/goto-operator/internal/simulator"
)

func TestStateSurvivesBeingWrittenAndRead(t *testing.T) {
	e := start(t)
	group := e.sim.AddGroup(acct, simulator.Group{Name: "Blue"})
	keys := e.create("fay@example.test", "gone@example.test")
	e.wantStatus(e.put("", object{"groupKey": group, "licenseKeys": []string{simulator.DefaultMeetingLicenseKey}}, keys[0]), http.StatusOK)
	e.wantStatus(e.send(http.MethodDelete, usersPath+"/"+keys[1], nil), http.StatusNoContent)

	file := filepath.Join(t.TempDir(), "state.json")
	if err := e.sim.SaveFile(file); err != nil {
		t.Fatal(err)
	}
	second := start(t)
	if err := second.sim.LoadFile(file); err != nil {
		t.Fatal(err)
	}
	if got, want := asJSON(t, second.sim.State()), asJSON(t, e.sim.State()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	second.token = e.token
	if got := second.create("gone@example.test", "new@example.test"); got[0] != keys[1] || got[1] == keys[0] || got[1] == keys[1] {
		t.Errorf("after a restart the keys are %v; the first has to be %s, the second unused", got, keys[1])
	}
}

func TestStateIsACopy(t *testing.T) {
	e := start(t)
	state := e.sim.State()
	state.Accounts[0].Users[0].AdminRoles[0] = "x"
	state.Accounts[0].Licenses[0].Products[0] = "x"
	state.OAuth.Clients[0].Secret = "x"
	users := e.sim.Users(acct)
	users[0].AdminRoles[0] = "x"
	if text := asJSON(t, e.sim.State()); strings.Contains(text, `"x"`) {
		t.Errorf("a change of the copy changes the simulator: %s", text)
	}
}

func TestContradictoryStateIsRefused(t *testing.T) {
	tests := map[string]func(*simulator.State){
		"account twice":  func(s *simulator.State) { s.Accounts[1].Key = s.Accounts[0].Key },
		"account key":    func(s *simulator.State) { s.Accounts[0].Key = "x" },
		"user key":       func(s *simulator.State) { s.Accounts[0].Users[0].Key = "x" },
		"user key twice": func(s *simulator.State) { double(s, func(u *simulator.User) { u.Email = "x@example.test" }) },
		"user e-mail twice": func(s *simulator.State) {
			double(s, func(u *simulator.User) { u.Key = "7"; u.Email = "OPS@example.test" })
		},
		"unknown licence": func(s *simulator.State) { s.Accounts[0].Users[0].LicenseKeys = []string{"1"} },
		"unknown group":   func(s *simulator.State) { s.Accounts[0].Users[0].GroupKey = "1" },
		"licence key":     func(s *simulator.State) { s.Accounts[0].Licenses[0].Key = "x" },
		"deleted user":    func(s *simulator.State) { s.Accounts[0].Deleted = []simulator.User{{Key: "1"}} },
	}
	for name, spoil := range tests {
		t.Run(name, func(t *testing.T) {
			e := start(t)
			before := asJSON(t, e.sim.State())
			state := e.sim.State()
			spoil(&state)
			if err := e.sim.Load(state); err == nil {
				t.Error("it is accepted")
			}
			if got := asJSON(t, e.sim.State()); got != before {
				t.Error("the refused state was loaded in part")
			}
		})
	}
}

func double(s *simulator.State, change func(*simulator.User)) {
	u := s.Accounts[0].Users[0]
	change(&u)
	s.Accounts[0].Users = append(s.Accounts[0].Users, u)
}

func TestStateFileFollowsEveryChange(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	e := start(t, func(o *simulator.Options) { o.StateFile = file })
	check := func(what string) {
		t.Helper()
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var onDisk, inMemory any
		if err := json.Unmarshal(data, &onDisk); err != nil {
			t.Fatal(err)
		}
		_ = json.Unmarshal([]byte(asJSON(t, e.sim.State())), &inMemory)
		if asJSON(t, onDisk) != asJSON(t, inMemory) {
			t.Errorf("after %s the file differs from the state", what)
		}
	}
	check("a token was issued")
	keys := e.create("fay@example.test")
	check("POST")
	e.put("", object{"locale": "de_DE"}, keys...)
	check("PUT")
	e.send(http.MethodPut, acctRoot, object{"name": "Sample Corp"})
	check("PUT of the account")
	e.send(http.MethodDelete, usersPath+"/"+keys[0], nil)
	check("DELETE")
	e.sim.AddUser(acct, simulator.User{Email: "x@example.test"})
	check("AddUser")
	e.sim.ExpireAccessTokens()
	check("ExpireAccessTokens")

	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	e.token = e.swapPAT(simulator.DefaultPersonalAccessToken)
	before, _ := os.Stat(file)
	e.send(http.MethodGet, usersPath, nil)
	e.post("", nil, person(simulator.DefaultAdminEmail))
	if after, _ := os.Stat(file); !os.SameFile(before, after) || os.SameFile(info, after) {
		t.Error("reads and refused writes write the file, or a change does not replace it")
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(file), ".*")); len(left) != 0 {
		t.Errorf("temporary files are left: %v", left)
	}
}

func TestBadSeedFile(t *testing.T) {
	for name, text := range map[string]string{"no JSON": "x", "unknown field": `{"acounts":[]}`, "bad key": `{"accounts":[{"key":"x"}]}`} {
		file := filepath.Join(t.TempDir(), "seed.json")
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		err := simulator.New(simulator.Options{}).LoadFile(file)
		if err == nil || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: got %v, want an error that names the file", name, err)
		}
	}
}

func TestEditing(t *testing.T) {
	e := start(t)
	key := e.sim.AddUser(acct, simulator.User{Email: "fay@example.test"})
	if u := e.user(key); u.Locale == "" || u.TimeZone == "" {
		t.Errorf("no defaults: %+v", u)
	}
	if !e.sim.UpdateUser(acct, key, func(u *simulator.User) { u.Key, u.FirstName = "1", "May" }) || e.user(key).FirstName != "May" {
		t.Error("the user was not changed, or moved to another key")
	}
	if !e.sim.RemoveUser(acct, key) || e.sim.RemoveUser(acct, key) || e.sim.UpdateUser(acct, key, func(*simulator.User) {}) {
		t.Error("a removed user is still there")
	}
	if got := e.create("fay@example.test"); got[0] != key {
		t.Error("a removed user cannot be revived")
	}
	if len(e.sim.Outbox()) != 1 {
		t.Errorf("mails: %v, want that of the revival alone", e.sim.Outbox())
	}
	for name, mistake := range map[string]func(){
		"account": func() { e.sim.AddUser("1", simulator.User{Email: "x@example.test"}) },
		"e-mail":  func() { e.sim.AddUser(acct, simulator.User{Email: "FAY@example.test"}) },
		"licence": func() { e.sim.AddUser(acct, simulator.User{Email: "x@example.test", LicenseKeys: []string{"1"}}) },
		"parent":  func() { e.sim.AddGroup(acct, simulator.Group{Name: "x", ParentKey: "1"}) },
		"rename": func() {
			e.sim.UpdateUser(acct, key, func(u *simulator.User) { u.Email = simulator.DefaultAdminEmail })
		},
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			mistake()
		}()
	}
	e.wantStatus(e.send(http.MethodGet, usersPath, nil), http.StatusOK) // a panic leaves no lock behind
}

func TestConcurrentUse(t *testing.T) {
	e := start(t)
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for j := range 10 {
				a := e.post("", nil, person(fmt.Sprintf("u%d-%d@example.test", i, j)))
				if a.status != http.StatusOK {
					t.Errorf("got %d %v", a.status, a.err)
				}
				e.sim.SetSwitches(func(s *simulator.Switches) { s.MaxBatch = i + 1 })
				e.sim.Advance(time.Millisecond)
				e.sim.Users(acct)
				id := e.sim.Inject(simulator.Fault{Kind: simulator.FaultLatency, Count: 1})
				e.send(http.MethodGet, usersPath, nil)
				e.sim.Release(id)
			}
		})
	}
	group.Wait()
	keys := map[string]bool{}
	for _, u := range e.sim.Users(acct) {
		keys[u.Key] = true
	}
	if len(keys) != 81 || e.sim.Calls()[simulator.OpCreateUsers] != 80 {
		t.Errorf("%d different users, %v", len(keys), e.sim.Calls())
	}
}
