package account_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// indebted is a world in which a look at GoTo's manners has taken a setting from somebody, who cannot get it back yet, and what all had before.
func indebted(t *testing.T) (*world, []map[string]any) {
	t.Helper()
	w := newWorld(t, fullSettings, func(s *simulator.Switches) { s.SettingsWrite = "replaces" })
	w.crowd(t, 8, "chatEnabled")
	before := w.odd(t, 8)
	w.sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Operation: simulator.OpUpdateUserSettings, Status: 500, Skip: 2, Count: 60})
	for i, err := range each(8, func(i int) error {
		return w.acct.Users().UpdateSettings(t.Context(), w.user(t, i).Key, meeting, gotoclient.Settings{"chatEnabled": false})
	}) {
		if err == nil {
			t.Errorf("user %d: no error", i)
		}
	}
	if cmp.Equal(before, w.others(t, 8)) {
		t.Error("nothing was lost to begin with")
	}
	return w, before
}

// What a look at GoTo's manners has taken from a user is given back, even if nobody asks for anything any more.
func TestWhatIsOwedIsPaid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, before := indebted(t)
		time.Sleep(30 * time.Minute)
		if diff := cmp.Diff(before, w.others(t, 8)); diff != "" {
			t.Error(diff)
		}
	})
}

// Nothing is owed to users who are no more.
func TestWhatIsOwedToNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, _ := indebted(t)
		for i := range 8 {
			w.sim.RemoveUser(key, w.user(t, i).Key.String())
		}
		time.Sleep(5 * time.Minute)
		w.sim.ResetLog()
		time.Sleep(10 * time.Minute)
		if calls := w.sim.Calls(); calls[simulator.OpGetUser] > 0 || calls[simulator.OpUpdateUserSettings] > 0 {
			t.Errorf("calls %v", calls)
		}
	})
}
