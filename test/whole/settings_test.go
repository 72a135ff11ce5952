package whole

import (
	"fmt"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

func newProfile(name string, settings v1alpha1.MeetingSettings, targets ...v1alpha1.SettingsTarget) *v1alpha1.GoToSettingsProfile {
	return &v1alpha1.GoToSettingsProfile{ObjectMeta: named(name), Spec: v1alpha1.GoToSettingsProfileSpec{
		AccountRef: ref.AccountRef, Product: v1alpha1.ProductMeeting, Settings: &settings, Targets: targets,
	}}
}

var allUsers = v1alpha1.SettingsTarget{Selector: everybody.Selector}

// setting is a setting of G2M of the user of a name, as GoTo has it.
func (w *World) setting(name, setting string) any {
	w.Helper()
	u, there := w.Sim.UserByEmail(acct, name+"@example.test")
	if !there {
		w.Fatalf("no user %s", name)
	}
	return w.Sim.UserSettings(acct, u.Key, "G2M")[setting]
}

// settings are those of the users of some names, how many have which.
func (w *World) settings(names []string, setting string) map[string]int {
	w.Helper()
	out := map[string]int{}
	for _, name := range names {
		out[fmt.Sprint(w.setting(name, setting))]++
	}
	return out
}

// A profile over a thousand users costs a request for each batch of them, and nothing from then on. What somebody changes by hand comes
// back, if the profile states it.
func TestCostOfAProfile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n, batch = 1000, 100
		w := New(t)
		w.Sim.SetSwitches(fullSettings)
		for _, name := range many(n) {
			w.Sim.AddUser(acct, simulator.User{Email: name + "@example.test", FirstName: "Fay", LastName: "Field", LicenseKeys: []string{simulator.DefaultMeetingLicenseKey}})
			w.create(newUser(name))
		}
		w.create(newAccount())
		w.Start()
		w.settled()
		w.anew()
		p := newProfile("quiet", v1alpha1.MeetingSettings{ChatEnabled: new(false)}, allUsers)
		w.create(p)
		w.settled()
		calls := w.Sim.Calls()
		t.Logf("calls %v, %d writes, %d reconciles", calls, w.gate.changed(), w.reconciles.Load())
		if got := w.settings(many(n), "chatEnabled"); got["false"] != n {
			t.Fatalf("chatEnabled: %v\n%s", got, w.standing()[:3000])
		}
		if got := calls[simulator.OpUpdateUserSettings]; got != n/batch {
			t.Errorf("%d writes of settings, want %d", got, n/batch)
		}
		if got := w.ready(p); got != "True/Synced" || *p.Status.Applied != n || *p.Status.Selected != n {
			t.Errorf("the profile: %s, %+v", got, p.Status)
		}
		w.readings(2, 0)

		w.anew()
		u, _ := w.Sim.UserByEmail(acct, many(1)[0]+"@example.test")
		w.Sim.EditSettings(acct, u.Key, "G2M", "chatEnabled", true)
		w.Sim.EditSettings(acct, u.Key, "G2M", "webcamEnabled", false)
		w.Wait(resyncs)
		if got := w.setting(many(1)[0], "chatEnabled"); got != false {
			t.Errorf("what the profile states was not put back: %v", got)
		}
		if got := w.setting(many(1)[0], "webcamEnabled"); got != false {
			t.Errorf("what the profile does not state was changed: %v", got)
		}
		if got := w.Sim.Calls()[simulator.OpUpdateUserSettings]; got != 1 {
			t.Errorf("%d writes of settings, want 1", got)
		}
		w.restart()
		w.Stop()
	})
}

// Users who have differently what no profile speaks of keep it, with the fewest requests. The list is read once when a profile comes, to keep
// what it states. While nobody knows what a write does to what it does not name it is read once more, before two probes, and four users are
// read back: after each probe, and the first of one form and of a request for many. Once it is known it is a write for each hundred users
// where the rest stays; where it begins anew it is the list, and one for each hundred of whom all is the same.
func TestCostOfAProfileForUsersWhoDiffer(t *testing.T) {
	t.Parallel()
	const n = 150
	type cost = map[string]int
	for position, want := range map[string][]cost{
		"merges": {
			{simulator.OpListUsers: 2, simulator.OpGetUser: 4, simulator.OpUpdateUserSettings: 2 + 2}, {simulator.OpUpdateUserSettings: 2},
		},
		"replaces": {
			{simulator.OpListUsers: 2, simulator.OpGetUser: 4, simulator.OpUpdateUserSettings: 2 + 3},
			{simulator.OpListUsers: 1, simulator.OpUpdateUserSettings: 3},
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := New(t)
			w.Sim.SetSwitches(fullSettings)
			w.Sim.SetSwitches(func(s *simulator.Switches) { s.SettingsWrite = position })
			w.licensed(many(n)...)
			before := w.mixed(many(n), "", "webcamEnabled", "recordingEnabled")
			w.create(newAccount())
			p := newProfile("quiet", v1alpha1.MeetingSettings{ChatEnabled: new(false)}, allUsers)
			w.Start()
			w.settled()
			for i, change := range []func(){func() { w.create(p) }, func() {
				edit(w, p, func(p *v1alpha1.GoToSettingsProfile) { p.Spec.Settings.ChatEnabled = new(true) })
			}} {
				w.anew()
				change()
				w.settled()
				if diff := cmp.Diff(want[i], w.Sim.Calls()); diff != "" {
					t.Errorf("%s, change %d: %s", position, i, diff)
				}
				if got := w.settings(many(n), "chatEnabled"); got[fmt.Sprint(i == 1)] != n {
					t.Errorf("%s: chatEnabled %v", position, got)
				}
				if diff := cmp.Diff(before, w.mixes(many(n))); diff != "" {
					t.Errorf("%s: what nobody speaks of is different: %s", position, diff)
				}
			}
			w.Stop()
		})
	}
}

// mixed gives users settings of which one is off, each another one in turn ("" for none), and returns their mixes.
func (w *World) mixed(names []string, off ...string) []map[string]any {
	w.Helper()
	for i, name := range names {
		u, _ := w.Sim.UserByEmail(acct, name+"@example.test")
		if setting := off[i%len(off)]; setting != "" {
			w.Sim.EditSettings(acct, u.Key, "G2M", setting, false)
		}
	}
	return w.mixes(names)
}

// mixes are the settings of users but chatEnabled.
func (w *World) mixes(names []string) []map[string]any {
	w.Helper()
	var out []map[string]any
	for _, name := range names {
		u, _ := w.Sim.UserByEmail(acct, name+"@example.test")
		mix := w.Sim.UserSettings(acct, u.Key, "G2M")
		delete(mix, "chatEnabled")
		out = append(out, mix)
	}
	return out
}

func fullSettings(s *simulator.Switches) { s.UserSettings = "full" }

// licensed are a few users with a licence, whom a person and GoTo have.
func (w *World) licensed(names ...string) {
	w.Helper()
	for _, name := range names {
		w.Sim.AddUser(acct, simulator.User{Email: name + "@example.test", FirstName: "Fay", LastName: "Field", LicenseKeys: []string{simulator.DefaultMeetingLicenseKey}})
		w.create(newUser(name))
	}
}

// Of two profiles that say different things the higher decides, and the other's status says so; when it is deleted, the other's values
// take over, and at last what there is stays.
func TestTwoProfilesInConflict(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, users := New(t), []string{"ann", "ben", "cem"}
		w.Sim.SetSwitches(fullSettings)
		w.licensed(users...)
		w.create(newAccount())
		strict := newProfile("strict", v1alpha1.MeetingSettings{ChatEnabled: new(false), RecordingEnabled: new(false)}, allUsers)
		strict.Spec.Priority = new(int32(10))
		loose := newProfile("loose", v1alpha1.MeetingSettings{ChatEnabled: new(true), WebcamEnabled: new(false)}, allUsers)
		w.create(strict)
		w.create(loose)
		w.Start()
		w.settled()
		for setting, want := range map[string]string{"chatEnabled": "false", "recordingEnabled": "false", "webcamEnabled": "false"} {
			if got := w.settings(users, setting); got[want] != len(users) {
				t.Errorf("%s: %v", setting, got)
			}
		}
		if got := w.ready(loose); got != "True/Synced" || len(loose.Status.Conflicts) != 1 || *loose.Status.Overridden != 3 {
			t.Errorf("%s, %+v", got, loose.Status)
		} else if c := loose.Status.Conflicts[0]; c.Name != "chatEnabled" || c.By != "team/strict" || *c.Users != 3 {
			t.Errorf("the conflict: %+v", c)
		}
		w.remove(strict)
		w.settled()
		if got := w.settings(users, "chatEnabled"); got["true"] != len(users) {
			t.Errorf("chatEnabled, when the other is gone: %v", got)
		}
		if got := w.settings(users, "recordingEnabled"); got["false"] != len(users) {
			t.Errorf("recordingEnabled, of which nobody says anything any more: %v", got)
		}
		if w.there(loose); len(loose.Status.Conflicts) > 0 || *loose.Status.Overridden > 0 {
			t.Errorf("%+v", loose.Status)
		}
		w.remove(loose)
		w.Wait(resyncs) // the next reading shows nobody's settings
		w.readings(1, 0)
		w.Stop()
	})
}

// A profile of which a target can no longer be told leaves everything as it is: nobody whom it may have selected goes to the next profile.
func TestTargetsThatCannotBeTold(t *testing.T) {
	t.Parallel()
	for reason, row := range map[string]struct {
		target v1alpha1.SettingsTarget
		spoil  func(*World)
	}{
		v1alpha1.ReasonLicenseAmbiguous: {v1alpha1.SettingsTarget{License: v1alpha1.LicenseSelector{Product: "G2M"}}, func(w *World) {
			w.Sim.AddLicense(acct, simulator.License{Products: []string{"G2M"}, Seats: 5})
		}},
		v1alpha1.ReasonGroupNotFound: {v1alpha1.SettingsTarget{GroupRef: v1alpha1.GroupReference{Name: "sales"}}, func(w *World) {
			w.remove(newGroup("sales"))
		}},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := New(t)
			w.Sim.SetSwitches(fullSettings)
			w.create(newAccount())
			sales := w.Sim.AddGroup(acct, simulator.Group{Name: "sales"})
			w.Sim.AddUser(acct, simulator.User{
				Email: "ann@example.test", FirstName: "Fay", LastName: "Field", LicenseKeys: []string{simulator.DefaultMeetingLicenseKey}, GroupKey: sales,
			})
			group := newGroup("sales")
			group.Spec.DeletionPolicy = v1alpha1.DeletionPolicyOrphan
			w.create(group)
			w.create(newUser("ann"))
			strict := newProfile("strict", v1alpha1.MeetingSettings{ChatEnabled: new(false)}, row.target)
			loose := newProfile("loose", v1alpha1.MeetingSettings{ChatEnabled: new(true)}, allUsers)
			strict.Spec.Priority = new(int32(10))
			w.create(strict)
			w.create(loose)
			w.Start()
			w.settled()
			if got := w.setting("ann", "chatEnabled"); got != false || w.ready(strict) != "True/Synced" {
				t.Fatalf("%s: chatEnabled %v, %s\n%s", reason, got, w.ready(strict), w.standing())
			}
			row.spoil(w)
			w.Wait(resyncs)
			if got := w.setting("ann", "chatEnabled"); got != false || w.ready(strict) != "False/"+reason {
				t.Errorf("%s: chatEnabled %v, %s", reason, got, w.ready(strict))
			}
			if got := w.ready(loose); got != "True/Synced" || len(loose.Status.Conflicts) != 1 {
				t.Errorf("%s: the other is %s, conflicts %+v", reason, got, loose.Status.Conflicts)
			}
			w.Stop()
		})
	}
}

// New users and the account have what a profile says, drift is corrected, and what was there is put back, or left.
func TestSettingsOfNewUsersAndAccount(t *testing.T) {
	t.Parallel()
	for policy, after := range map[v1alpha1.SettingsDeletionPolicy]bool{v1alpha1.SettingsRestore: true, v1alpha1.SettingsOrphan: false} {
		synctest.Test(t, func(t *testing.T) {
			w := New(t)
			w.Sim.SetSwitches(fullSettings)
			w.create(newAccount())
			p := newProfile("base", v1alpha1.MeetingSettings{ChatEnabled: new(false)})
			p.Spec.NewUsers, p.Spec.Account, p.Spec.DeletionPolicy = true, true, policy
			w.create(p)
			w.Start()
			w.Wait(30 * time.Second)
			if got := w.Sim.NewUserSettings(acct, "G2M")["chatEnabled"]; got != false {
				t.Errorf("new users: %v\n%s", got, w.standing())
			}
			if got := w.Sim.AccountSettings(acct, "G2M")["chatEnabled"]; got != true || w.ready(p) != "False/Announced" || w.conditionOf(p, v1alpha1.ConditionAccountWriteAnnounced) != "True" {
				t.Errorf("the account, before it was announced for long enough: %v, %s", got, w.ready(p))
			}
			w.settled()
			if got := w.Sim.AccountSettings(acct, "G2M")["chatEnabled"]; got != false || w.ready(p) != "True/Synced" || p.Status.Announced != nil {
				t.Errorf("the account: %v, %s", got, w.ready(p))
			}
			w.Sim.EditNewUserSettings(acct, "G2M", "chatEnabled", true)
			w.Sim.EditNewUserSettings(acct, "G2M", "webcamEnabled", false)
			w.Wait(resyncs)
			if now := w.Sim.NewUserSettings(acct, "G2M"); now["chatEnabled"] != false || now["webcamEnabled"] != false {
				t.Errorf("new users, after a drift: %v, %v", now["chatEnabled"], now["webcamEnabled"])
			}
			w.Sim.EditAccountSettings(acct, "G2M", "chatEnabled", true)
			w.Wait(resyncs)
			if got := w.Sim.AccountSettings(acct, "G2M")["chatEnabled"]; got != false {
				t.Errorf("the account, after a drift: %v", got)
			}
			w.anew()
			w.Wait(resyncs)
			if n, m := w.gate.changed(), w.reconciles.Load(); n > 0 || m > 0 {
				t.Errorf("%d writes and %d reconciles while nothing changes:\n%s", n, m, w.gate.latest())
			}
			w.remove(p)
			w.Until("the profile is gone", func() bool { return !w.there(p) })
			if a, b := w.Sim.NewUserSettings(acct, "G2M")["chatEnabled"], w.Sim.AccountSettings(acct, "G2M")["chatEnabled"]; a != after || b != after {
				t.Errorf("%s leaves %v and %v, want %t", policy, a, b, after)
			}
			w.Stop()
		})
	}
}

// Where nobody has verified how settings are written nothing is, and the rest of a user is not held up; who says where the operation is
// releases it, and that alone.
func TestSettingsThatNobodyHasVerified(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := New(t)
		w.Sim.SetSwitches(fullSettings)
		w.licensed("ann")
		ga := newAccount()
		ga.Spec.Endpoints.Unverified = v1alpha1.DenyUnverified
		w.create(ga)
		p := newProfile("quiet", v1alpha1.MeetingSettings{ChatEnabled: new(false)}, allUsers)
		p.Spec.NewUsers, p.Spec.Account = true, true
		w.create(p)
		w.Start()
		w.settled()
		edit(w, newUser("ann"), func(u *v1alpha1.GoToUser) { u.Spec.FirstName = "Ada" })
		w.settled()
		u := newUser("ann")
		if got := w.ready(u); got != "False/"+v1alpha1.ReasonEndpointUnverified {
			t.Errorf("the user: %s", got)
		}
		if seen, _ := w.Sim.UserByEmail(acct, "ann@example.test"); seen.FirstName != "Ada" {
			t.Errorf("the rest of the user was held up: %s", seen.FirstName)
		}
		if got := w.ready(p); got != "False/"+v1alpha1.ReasonEndpointUnverified {
			t.Errorf("the profile: %s", got)
		}
		w.guesses()
		released := []string{simulator.OpUpdateNewUserSettings, simulator.OpUpdateAccountSettings, simulator.OpUpdateUserSettings}
		for level, op := range released {
			edit(w, newAccount(), func(ga *v1alpha1.GoToAccount) {
				ga.Spec.Endpoints.Operations = append(ga.Spec.Endpoints.Operations, v1alpha1.OperationEndpoint{Operation: op, Method: "PUT"})
			})
			w.settled()
			w.guesses(released[:level+1]...)
			got := []any{w.Sim.NewUserSettings(acct, "G2M")["chatEnabled"], w.Sim.AccountSettings(acct, "G2M")["chatEnabled"], w.setting("ann", "chatEnabled")}
			if want := []any{false, level < 1, level < 2}; !slices.Equal(got, want) {
				t.Errorf("%s: of new users, the account and ann chat is %v, want %v", op, got, want)
			}
		}
		if w.ready(u) != "True/Synced" || w.ready(p) != "True/Synced" {
			t.Errorf("user %s, profile %s\n%s", w.ready(u), w.ready(p), w.standing())
		}
		w.Stop()
	})
}

// guesses fails for what was sent that may change something and that nobody has verified, but for what the account has released.
func (w *World) guesses(released ...string) {
	w.Helper()
	may := slices.Clone(released)
	for _, o := range gotoclient.Operations() {
		if o.Grade != gotoclient.GradeUnverified {
			may = append(may, o.ID)
		}
	}
	for _, r := range w.Sim.Requests() {
		if r.Method != http.MethodGet && !slices.Contains(may, r.Operation) {
			w.Errorf("%s %s was sent, which is %q", r.Method, r.Path, r.Operation)
		}
	}
}

// Who comes gets the settings with no more than a reading of its own, and who may not have one is told which and why, and not asked for
// again.
func TestSettingsOfOneWhoComesAndOfOneWhoMayNot(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := New(t)
		w.Sim.SetSwitches(fullSettings)
		w.create(newAccount())
		w.create(newBinding("all", simulator.DefaultMeetingLicenseKey, everybody))
		p := newProfile("base", v1alpha1.MeetingSettings{
			ChatEnabled: new(false), OnlineRecordingTranscriptsEnabled: new(true), DialOutCountries: []v1alpha1.CountryCode{"US", "ZZ"},
		}, allUsers)
		w.create(p)
		w.Start()
		w.settled()
		w.create(newUser("ann"))
		w.settled()
		if got := w.setting("ann", "chatEnabled"); got != false {
			t.Errorf("chatEnabled: %v\n%s", got, w.standing())
		}
		u := newUser("ann")
		if got := w.ready(u); got != "True/Synced" || w.conditionOf(u, v1alpha1.ConditionSettingsApplied) != "False" {
			t.Errorf("the user: %s %+v", got, u.Status.Conditions)
		}
		if got := w.ready(p); got != "True/Synced" || *p.Status.NotEntitled != 1 || *p.Status.Applied != 0 {
			t.Errorf("the profile: %s %+v", got, p.Status)
		}
		w.readings(1, 0)
		w.Stop()
	})
}

// What a write to the account overwrites of users is put back, without anybody's asking.
func TestAccountThatOverwritesUsers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, users := New(t), []string{"ann", "ben"}
		w.Sim.SetSwitches(fullSettings)
		w.Sim.SetSwitches(func(s *simulator.Switches) { s.AccountSettings = "allUsers" })
		w.licensed(users...)
		w.create(newAccount())
		w.create(newProfile("quiet", v1alpha1.MeetingSettings{ChatEnabled: new(false)}, allUsers))
		p := newProfile("base", v1alpha1.MeetingSettings{ChatEnabled: new(false)})
		p.Spec.Account = true
		w.create(p)
		w.Start()
		w.settled()
		edit(w, p, func(p *v1alpha1.GoToSettingsProfile) { p.Spec.Settings.ChatEnabled = new(true) })
		w.anew()
		w.Wait(3 * time.Minute)
		calls := w.Sim.Calls()
		if got := w.Sim.AccountSettings(acct, "G2M")["chatEnabled"]; got != true || calls[simulator.OpUpdateAccountSettings] != 1 {
			t.Errorf("the account: %v, %v", got, calls)
		}
		if got := w.settings(users, "chatEnabled"); got["false"] != len(users) || calls[simulator.OpUpdateUserSettings] != 1 {
			t.Errorf("the users: %v, %v", got, calls)
		}
		w.anew()
		w.Wait(resyncs)
		if calls := w.Sim.Calls(); calls[simulator.OpUpdateAccountSettings]+calls[simulator.OpUpdateUserSettings] > 0 || w.gate.changed() > 0 {
			t.Errorf("they do not come to rest: %v, %d writes", calls, w.gate.changed())
		}
		w.Stop()
	})
}
