package account_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// counted runs f and returns the requests that it made.
func (w *world) counted(f func()) map[string]int {
	w.sim.ResetLog()
	f()
	return w.sim.Calls()
}

// Settings for new users, and what else is one for an account, are read once per resync and only when somebody asks.
func TestSinglesAreReadOncePerResync(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fullSettings)
		s := w.acct.Settings()
		ask := func() {
			w.clean(t, each(10, func(int) error {
				_, err := s.NewUsers(t.Context(), meeting)
				return err
			}))
			list, err := s.TollCountries(t.Context(), meeting)
			free, err2 := s.TollFreeCountries(t.Context(), meeting)
			all, err3 := s.Account(t.Context(), meeting)
			if err != nil || err2 != nil || err3 != nil || len(list) != 34 || len(free) != 58 || all["chatEnabled"] != true {
				t.Errorf("%v %v %v", err, err2, err3)
			}
		}
		once := map[string]int{
			simulator.OpGetNewUserSettings: 1, simulator.OpGetAccountSettings: 1, simulator.OpListTollCountries: 1, simulator.OpListTollFreeCountries: 1,
		}
		for _, want := range []map[string]int{once, {}} {
			if diff := cmp.Diff(want, w.counted(ask)); diff != "" {
				t.Error(diff)
			}
		}
		time.Sleep(time.Minute)
		lists := map[string]int{simulator.OpListUsers: 1, simulator.OpListGroups: 1, simulator.OpListLicenses: 1}
		if diff := cmp.Diff(lists, w.counted(func() { w.refresh(t) })); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff(once, w.counted(ask)); diff != "" {
			t.Error(diff)
		}
	})
}

// What is written stays beside what is not named, in whatever form and manner GoTo takes it; and somebody else's change is told of at the
// resync, once, if somebody uses the settings.
func TestSettingsForNewUsers(t *testing.T) {
	for name, positions := range simulator.SwitchPositions() {
		if !strings.Contains(strings.ToLower(name), "settings") {
			continue
		}
		for _, position := range positions {
			t.Run(name+"="+position, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, fullSettings, func(s *simulator.Switches) { _ = s.Set(name, position) })
					s := w.acct.Settings()
					noPath := name == "settingsPath" && position != "settings" || name == "settingsVerb" && position != "put"
					w.sim.EditNewUserSettings(key, meeting, "webcamEnabled", false)
					for i := range 3 {
						err := s.UpdateNewUsers(t.Context(), meeting, gotoclient.Settings{"chatEnabled": i%2 == 1})
						if noPath {
							if !gotoclient.IsNoSuchPath(err) {
								t.Errorf("%v", err)
							}
							continue
						}
						want := gotoclient.Settings{"chatEnabled": i%2 == 1, "webcamEnabled": false}
						known, err2 := s.NewUsers(t.Context(), meeting)
						if err != nil || err2 != nil || !known.Has(want) || !gotoclient.Settings(w.sim.NewUserSettings(key, meeting)).Has(want) {
							t.Errorf("%v, %v, %v", err, err2, known)
						}
					}
				})
			})
		}
	}
}

func TestSomebodyElsesChangeOfALevelIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		s, ref := w.acct.Settings(), account.SettingsRef{Level: account.SettingsOfAccount, Product: meeting}
		inUse := []account.SettingsRef{ref}
		s.Use(func(context.Context) []account.SettingsRef { return inUse })
		told := func() (refs []account.SettingsRef) {
			time.Sleep(time.Minute)
			w.refresh(t)
			w.mu.Lock()
			defer w.mu.Unlock()
			for _, c := range w.changes {
				refs = append(refs, c.Settings...)
			}
			w.changes = nil
			return refs
		}
		expect := func(what string, want ...account.SettingsRef) {
			t.Helper()
			if diff := cmp.Diff(want, told()); diff != "" {
				t.Errorf("%s: %s", what, diff)
			}
		}
		expect("the first reading")
		if err := s.UpdateAccount(t.Context(), meeting, gotoclient.Settings{"chatEnabled": false}); err != nil {
			t.Fatal(err)
		}
		expect("after our own write")
		w.sim.EditAccountSettings(key, meeting, "chatEnabled", true)
		expect("somebody else's", ref)
		expect("the same again")
		w.sim.EditAccountSettings(key, meeting, "chatEnabled", false)
		if _, err := s.Account(t.Context(), meeting); err != nil {
			t.Fatal(err)
		}
		inUse = nil
		if n := w.counted(func() { expect("out of use") })[simulator.OpGetAccountSettings]; n != 0 {
			t.Errorf("%d requests for what nobody uses", n)
		}
	})
}

// A refusal is not asked for again before the next resync, by however many; what passes is.
func TestARefusedSingleIsRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(s *simulator.Switches) { s.SettingsPath = "products" })
		ask := func() error { _, err := w.acct.Settings().NewUsers(t.Context(), meeting); return err }
		for range 3 {
			if err := ask(); !gotoclient.IsNoSuchPath(err) {
				t.Errorf("%v", err)
			}
		}
		if err := w.acct.Settings().UpdateNewUsers(t.Context(), meeting, gotoclient.Settings{"chatEnabled": false}); !gotoclient.IsNoSuchPath(err) {
			t.Errorf("%v", err)
		}
		for _, r := range w.sim.Requests() {
			if r.Method != http.MethodGet {
				t.Errorf("written to a level that cannot be read: %s", r.Path)
			}
		}
		w.sim.SetSwitches(func(s *simulator.Switches) { s.SettingsPath = "settings" })
		time.Sleep(time.Minute)
		w.refresh(t)
		if err := ask(); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Minute)
		w.refresh(t)
		w.sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Operation: simulator.OpGetNewUserSettings, Status: 500, Count: 4})
		if err := ask(); err == nil {
			t.Error("a failure is hidden")
		}
		if err := ask(); err != nil {
			t.Errorf("a failure that passed: %v", err)
		}
	})
}

// Two who write at once do not undo each other.
func TestTwoWritersOfALevel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, func(s *simulator.Switches) { s.SettingsWrite = "replaces" })
		sets := []gotoclient.Settings{{"chatEnabled": false}, {"webcamEnabled": false}, {"recordingEnabled": false}}
		w.clean(t, each(3, func(i int) error { return w.acct.Settings().UpdateNewUsers(t.Context(), meeting, sets[i]) }))
		for _, set := range sets {
			if got := w.sim.NewUserSettings(key, meeting); !gotoclient.Settings(got).Has(set) {
				t.Errorf("%v is not in %v", set, got)
			}
		}
	})
}
