package account_test

import (
	"errors"
	"fmt"
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

// odd gives every user another combination of settings that nobody manages, and returns them.
func (w *world) odd(t *testing.T, n int) []map[string]any {
	t.Helper()
	for i := range n {
		for bit, name := range []string{"webcamEnabled", "recordingEnabled", "npaEnabled"} {
			w.sim.EditSettings(key, w.user(t, i).Key.String(), meeting, name, i>>bit&1 == 0)
		}
	}
	return w.others(t, n)
}

// others are all settings of users but the one that the tests manage.
func (w *world) others(t *testing.T, n int) []map[string]any {
	t.Helper()
	out := make([]map[string]any, n)
	for i := range n {
		out[i] = w.sim.UserSettings(key, w.user(t, i).Key.String(), meeting)
		delete(out[i], "chatEnabled")
	}
	return out
}

// Whatever a write does to settings that it does not name: those that nobody manages stay as they are, of every user, and what GoTo does is
// found out once.
func TestSettingsOfOthersStay(t *testing.T) {
	const n = 40
	for position, want := range map[string][]int{"merges": {3, 1, 3}, "replaces": {10, 8, 8}} { // requests: at first, when it is known, after an hour
		t.Run(position, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, fullSettings, func(s *simulator.Switches) { s.SettingsWrite = position })
				w.crowd(t, n, "chatEnabled")
				before := w.odd(t, n)
				var got []int
				for i := range 3 {
					if i == 2 {
						time.Sleep(61 * time.Minute)
					}
					got = append(got, w.setAll(t, n, gotoclient.Settings{"chatEnabled": i%2 == 1})[simulator.OpUpdateUserSettings])
				}
				if diff := cmp.Diff(before, w.others(t, n)); diff != "" {
					t.Error(diff)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("requests: %s", diff)
				}
			})
		})
	}
}

// In every position of every switch of settings the users get what is wanted and keep the rest, or are told that there is no such path.
func TestSettingsInEveryPosition(t *testing.T) {
	const n = 12
	for name, positions := range simulator.SwitchPositions() {
		if name != "userSettings" && !strings.Contains(strings.ToLower(name), "settings") && !strings.HasPrefix(name, "nonNumeric") {
			continue
		}
		for _, position := range positions {
			t.Run(name+"="+position, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, fullSettings, func(s *simulator.Switches) {
						if name == "nonNumericKeyStatus" {
							s.MultiKeySettings = "refused"
						}
						_ = s.Set(name, position)
					})
					w.crowd(t, n, "chatEnabled")
					if name == "settingsPath" && position != "settings" || name == "settingsVerb" && position != "put" {
						w.noSuchPath(t, n)
						return
					}
					before := w.odd(t, n)
					for i := range 3 {
						w.setAll(t, n, gotoclient.Settings{"chatEnabled": i%2 == 1})
					}
					if diff := cmp.Diff(before, w.others(t, n)); diff != "" {
						t.Error(diff)
					}
				})
			})
		}
	}
}

// noSuchPath tells all users that there is no such path, after two requests at most.
func (w *world) noSuchPath(t *testing.T, n int) {
	t.Helper()
	for i, err := range each(n, func(i int) error {
		return w.acct.Users().UpdateSettings(t.Context(), w.user(t, i).Key, meeting, gotoclient.Settings{"chatEnabled": false})
	}) {
		if !gotoclient.IsNoSuchPath(err) {
			t.Errorf("user %d: %v", i, err)
		}
	}
	writes := 0
	for _, r := range w.sim.Requests() {
		if r.Method != http.MethodGet {
			writes++
		}
	}
	if writes > 2 || len(w.sim.Users(key)) != n+1 {
		t.Errorf("%d writes, %d users", writes, len(w.sim.Users(key)))
	}
}

// Those whom GoTo refuses are found out, and the others have what they are to have.
func TestRefusedSettingsAreIsolated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		const n = 100
		w.crowd(t, n, "voipEnabled")
		for _, i := range []int{17, 63} {
			w.sim.EditSettings(key, w.user(t, i).Key.String(), meeting, "voipAccessible", false)
			w.sim.EditSettings(key, w.user(t, i).Key.String(), meeting, "voipEnabled", false)
		}
		set := gotoclient.Settings{"voipEnabled": true}
		for i, err := range each(n, func(i int) error { return w.acct.Users().UpdateSettings(t.Context(), w.user(t, i).Key, meeting, set) }) {
			got := gotoclient.Settings(w.sim.UserSettings(key, w.user(t, i).Key.String(), meeting)).Has(set)
			if refused := i == 17 || i == 63; refused != gotoclient.IsRefused(err) || refused == got {
				t.Errorf("user %d: %v, has it: %t", i, err, got)
			}
		}
		if writes := w.sim.Calls()[simulator.OpUpdateUserSettings]; writes > 40 {
			t.Errorf("%d requests", writes)
		}
	})
}

// Of two changes of one user the later is what remains, in GoTo and in the records.
func TestLaterSettingsSupersede(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.crowd(t, 3, "chatEnabled", "webcamEnabled")
		for i := range 3 {
			for step, set := range []gotoclient.Settings{{"chatEnabled": false, "webcamEnabled": false}, {"chatEnabled": true}} {
				go func() {
					time.Sleep(time.Duration(step) * time.Millisecond)
					if err := w.acct.Users().UpdateSettings(t.Context(), w.user(t, i).Key, meeting, set); err != nil {
						t.Error(err)
					}
				}()
			}
		}
		time.Sleep(time.Minute)
		want := gotoclient.Settings{"chatEnabled": true, "webcamEnabled": false}
		for range 2 {
			for i := range 3 {
				u := w.user(t, i)
				if !gotoclient.Settings(w.sim.UserSettings(key, u.Key.String(), meeting)).Has(want) || !u.SettingsOf(meeting).Has(want) {
					t.Errorf("user %d: %s", i, u.Settings)
				}
			}
			w.refresh(t)
		}
	})
}

// Where nobody asks for settings the records have none, whatever is read or written: the memory of an account is what it was.
func TestNoSettingsAreKeptUnasked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fullSettings)
		w.crowd(t, 5)
		if !w.acct.Users().KeepSettings(nil) || len(w.sim.Requests()) != 0 {
			t.Error("keeping nothing takes a reading")
		}
		w.clean(t, each(5, func(i int) error {
			u := w.user(t, i)
			if err := w.acct.Users().UpdateSettings(t.Context(), u.Key, meeting, gotoclient.Settings{"chatEnabled": false}); err != nil {
				return err
			}
			read, _, err := w.acct.Users().Read(t.Context(), u.Key)
			if read.Settings != nil {
				t.Errorf("a read shows %s", read.Settings)
			}
			return err
		}))
		w.sim.AddUser(key, simulator.User{Email: "late@example.test"})
		w.refresh(t)
		late, _ := w.acct.Users().ByEmail("late@example.test")
		for _, u := range []gotoclient.User{w.user(t, 0), w.user(t, 4), late} {
			if u.Key == "" || u.Settings != nil {
				t.Errorf("%s has %s", u.Key, u.Settings)
			}
		}
	})
}

// What is kept is what somebody asked for, with what says whether it may be chosen; users who have the same share it. Asking for more
// reads the list, and tells of those who look different; asking for less, or again, does not.
func TestKeptSettings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fullSettings)
		w.crowd(t, 4)
		users := w.acct.Users()
		w.sim.EditSettings(key, w.user(t, 0).Key.String(), meeting, "tollCountries", []string{"US", "CA"})
		asks := func(want bool, lists int, names ...string) {
			t.Helper()
			w.sim.ResetLog()
			if got := users.KeepSettings(map[string][]string{meeting: names, gotoclient.ProductWebinar: nil}); got != want {
				t.Errorf("%v: covered %t", names, got)
			}
			time.Sleep(time.Minute)
			if got := w.sim.Calls()[simulator.OpListUsers]; got != lists {
				t.Errorf("%v: %d lists", names, got)
			}
		}
		w.told()
		asks(false, 1, "voipEnabled")
		asks(true, 0, "voipEnabled")
		asks(false, 1, "voipEnabled", "tollCountries")
		if got := w.told(); len(got) != 2*5 { // each of the two readings tells of all, the administrator included
			t.Errorf("told of %v", got)
		}
		one, two := w.user(t, 1), w.user(t, 2)
		if &one.Settings[0] != &two.Settings[0] {
			t.Error("two who have the same do not share it")
		}
		zero := w.user(t, 0)
		if got := zero.SettingsOf(meeting); len(got) != 4 || !got.Has(gotoclient.Settings{"voipEnabled": true, "voipAccessible": true, "tollCountries": []string{"CA", "US"}}) {
			t.Errorf("kept %v", got)
		}
		w.sim.EditSettings(key, zero.Key.String(), meeting, "tollCountries", []string{"CA", "US"})
		w.sim.EditSettings(key, zero.Key.String(), meeting, "chatEnabled", false)
		if got := w.toldBy(t); len(got) != 0 {
			t.Errorf("told of %v, though another order and another setting are no difference", got)
		}
		w.sim.EditSettings(key, zero.Key.String(), meeting, "voipEnabled", false)
		if got := w.toldBy(t); len(got) != 1 || got[0].Key != zero.Key {
			t.Errorf("told of %v", got)
		}
		asks(true, 0, "tollCountries")
		w.refresh(t)
		if got := w.user(t, 0); len(got.SettingsOf(meeting)) != 2 {
			t.Errorf("kept %s", got.Settings)
		}
		asks(false, 1, "voipEnabled")
		asks(true, 0)
		w.refresh(t)
		if got := w.user(t, 0); got.Settings != nil {
			t.Errorf("kept %s", got.Settings)
		}
	})
}

// told are the users whom the account has told of, and forgets.
func (w *world) told() []account.UserRef {
	w.mu.Lock()
	defer w.mu.Unlock()
	var refs []account.UserRef
	for _, c := range w.changes {
		refs = append(refs, c.Users...)
	}
	w.changes = nil
	return refs
}

func (w *world) toldBy(t *testing.T) []account.UserRef {
	t.Helper()
	w.told()
	w.refresh(t)
	return w.told()
}

// A setting that was written stays in the records while the list lags behind, and somebody else's change is seen.
func TestTheListLagsBehindSettings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fullSettings)
		w.crowd(t, 1, "chatEnabled")
		u := w.user(t, 0)
		if err := w.acct.Users().UpdateSettings(t.Context(), u.Key, meeting, gotoclient.Settings{"chatEnabled": false}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		w.sim.EditSettings(key, u.Key.String(), meeting, "chatEnabled", true) // as it was before: no list tells the two apart
		got := w.toldBy(t)
		if u = w.user(t, 0); len(got) != 0 || !u.SettingsOf(meeting).Has(gotoclient.Settings{"chatEnabled": false}) {
			t.Errorf("a list that may be from before is believed; told of %v", got)
		}
		time.Sleep(3 * time.Minute)
		got = w.toldBy(t)
		if u = w.user(t, 0); len(got) != 1 || !u.SettingsOf(meeting).Has(gotoclient.Settings{"chatEnabled": true}) {
			t.Errorf("told of %v", got)
		}
	})
}

// A user who is gone is found out, and a path that nobody has verified is neither written to nor read for.
func TestSettingsOfNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.crowd(t, 1, "chatEnabled")
		u := w.user(t, 0)
		w.sim.RemoveUser(key, u.Key.String())
		set := gotoclient.Settings{"chatEnabled": false}
		if err := w.acct.Users().UpdateSettings(t.Context(), u.Key, meeting, set); !errors.Is(err, account.ErrGone) {
			t.Errorf("%v", err)
		}
		w.sim.ResetLog()
		if err := w.acct.Users().UpdateSettings(t.Context(), simulator.DefaultAdminKey, meeting, nil); err != nil || len(w.sim.Requests()) != 0 {
			t.Errorf("%v, %d requests", err, len(w.sim.Requests()))
		}
		denying := w.denying(t)
		err := denying.Users().UpdateSettings(t.Context(), simulator.DefaultAdminKey, meeting, set)
		if !errors.As(err, new(*gotoclient.UnverifiedError)) || len(w.sim.Requests()) != 0 {
			t.Errorf("%v, %d requests", err, len(w.sim.Requests()))
		}
		if err := denying.Settings().UpdateNewUsers(t.Context(), meeting, set); !errors.As(err, new(*gotoclient.UnverifiedError)) {
			t.Errorf("%v", err)
		}
	})
}

// Whatever becomes of a request for several users, who asks again gets what is wanted, and nobody loses anything.
func TestNoFaultLosesSettings(t *testing.T) {
	for _, fault := range []simulator.Fault{
		{Kind: simulator.FaultThrottle}, {Kind: simulator.FaultErrorBefore}, {Kind: simulator.FaultErrorAfter}, {Kind: simulator.FaultCutBefore},
		{Kind: simulator.FaultCutAfter}, {Kind: simulator.FaultHTML}, {Kind: simulator.FaultExpireToken}, {Kind: simulator.FaultErrorBefore, Status: 400},
	} {
		for skip := range 4 {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, fullSettings, func(s *simulator.Switches) { s.SettingsWrite = "replaces" })
				w.crowd(t, 12, "chatEnabled")
				before := w.odd(t, 12)
				fault.Operation, fault.Count, fault.Skip = simulator.OpUpdateUserSettings, 5, skip
				w.sim.Inject(fault)
				set := gotoclient.Settings{"chatEnabled": false}
				w.clean(t, each(12, func(i int) (err error) {
					for range 5 {
						if err = w.acct.Users().UpdateSettings(t.Context(), w.user(t, i).Key, meeting, set); err == nil {
							break
						}
						time.Sleep(10 * time.Second)
					}
					return err
				}))
				for i := range 12 {
					if !gotoclient.Settings(w.sim.UserSettings(key, w.user(t, i).Key.String(), meeting)).Has(set) {
						t.Errorf("%s after %d: user %d lacks it", fault.Kind, skip, i)
					}
				}
				if diff := cmp.Diff(before, w.others(t, 12)); diff != "" {
					t.Errorf("%s after %d: %s", fault.Kind, skip, diff)
				}
			})
		}
	}
}

// A read that does not show yet what we have written a moment ago does not undo it, where all that a user has is written.
func TestAReadThatLagsUndoesNoSettings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, fullSettings, func(s *simulator.Switches) { s.SettingsWrite = "replaces" })
		w.crowd(t, 1, "chatEnabled", "webcamEnabled")
		_ = w.setAll(t, 1, gotoclient.Settings{"chatEnabled": true, "webcamEnabled": true})
		time.Sleep(5 * time.Minute)
		w.refresh(t)
		u := w.user(t, 0)
		_ = w.setAll(t, 1, gotoclient.Settings{"chatEnabled": false})
		w.answer = map[string]string{"GET /admin/rest/v1/accounts/" + key + "/users/" + u.Key.String(): fmt.Sprintf(
			`{"key":%q,"email":%q,"settings":{"G2M":{"chatEnabled":true,"webcamEnabled":true}}}`, u.Key, u.Email)}
		if err := w.acct.Users().UpdateSettings(t.Context(), u.Key, meeting, gotoclient.Settings{"webcamEnabled": false}); err != nil {
			t.Fatal(err)
		}
		if got := w.sim.UserSettings(key, u.Key.String(), meeting); got["chatEnabled"] != false || got["webcamEnabled"] != false {
			t.Errorf("chat %v, webcam %v", got["chatEnabled"], got["webcamEnabled"])
		}
	})
}

// Who has no licence keeps what was chosen, although it cannot be chosen now.
func TestSettingsOfUsersWithoutLicence(t *testing.T) {
	for _, position := range []string{"merges", "replaces"} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, fullSettings, func(s *simulator.Switches) { s.SettingsWrite = position })
			w.crowd(t, 1, "chatEnabled")
			w.sim.UpdateUser(key, w.user(t, 0).Key.String(), func(u *simulator.User) { u.LicenseKeys = nil })
			w.refresh(t)
			before := w.others(t, 1)
			_ = w.setAll(t, 1, gotoclient.Settings{"chatEnabled": false})
			if diff := cmp.Diff(before, w.others(t, 1)); diff != "" {
				t.Errorf("%s: %s", position, diff)
			}
		})
	}
}
