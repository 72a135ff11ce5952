package account_test

import (
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

const meeting = gotoclient.ProductMeeting

// crowd puts n users into the account, and reads them with the settings that are kept.
func (w *world) crowd(t *testing.T, n int, names ...string) {
	t.Helper()
	for i := range n {
		w.sim.AddUser(key, simulator.User{
			Email: email(i), FirstName: "Fay", LastName: "Field", LicenseKeys: []string{simulator.DefaultMeetingLicenseKey},
		})
	}
	w.acct.Users().KeepSettings(map[string][]string{meeting: names})
	w.refresh(t)
	w.sim.ResetLog()
}

// setAll writes the same settings of the first n users at once, and returns the requests by operation.
func (w *world) setAll(t *testing.T, n int, set gotoclient.Settings) map[string]int {
	t.Helper()
	w.sim.ResetLog()
	w.clean(t, each(n, func(i int) error {
		return w.acct.Users().UpdateSettings(t.Context(), w.user(t, i).Key, meeting, set)
	}))
	for i := range n {
		u, _ := w.sim.UserByEmail(key, email(i))
		if !gotoclient.Settings(w.sim.UserSettings(key, u.Key, meeting)).Has(set) {
			t.Fatalf("user %d has %v", i, w.sim.UserSettings(key, u.Key, meeting))
		}
		if got := w.user(t, i); !got.SettingsOf(meeting).Has(set) {
			t.Fatalf("of user %d the records keep %s", i, got.Settings)
		}
	}
	return w.sim.Calls()
}

func fullSettings(s *simulator.Switches) { s.UserSettings = "full" }

// Equal settings of a thousand users are one request per hundred, with a list read before and a user or two after while nobody knows how
// GoTo takes them; once that is known, with nothing else.
func TestSettingsOfAThousandUsers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fullSettings)
		w.crowd(t, 1000, "chatEnabled")
		w.sim.EditSettings(key, w.user(t, 500).Key.String(), meeting, "webcamEnabled", false)
		want := map[string]int{simulator.OpUpdateUserSettings: 12, simulator.OpListUsers: 2, simulator.OpGetUser: 4}
		if diff := cmp.Diff(want, w.setAll(t, 1000, gotoclient.Settings{"chatEnabled": false})); diff != "" {
			t.Error(diff)
		}
		want = map[string]int{simulator.OpUpdateUserSettings: 10}
		if diff := cmp.Diff(want, w.setAll(t, 1000, gotoclient.Settings{"chatEnabled": true})); diff != "" {
			t.Error(diff)
		}
		w.sim.ResetLog()
		w.refresh(t)
		if diff := cmp.Diff(map[string]int{simulator.OpListUsers: 2, simulator.OpListGroups: 1, simulator.OpListLicenses: 1}, w.sim.Calls()); diff != "" {
			t.Error(diff)
		}
	})
}
