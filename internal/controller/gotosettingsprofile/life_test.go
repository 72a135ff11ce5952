package gotosettingsprofile

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/settings"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

type world = kindtest.World[*v1alpha1.GoToSettingsProfile, wants, seen]

func newWorld(t *testing.T) *world {
	t.Helper()
	w := kindtest.New(t,
		func(i client.FieldIndexer) error { return engine.AddIndexes(i, Kind{}) },
		func(c client.Client, r *account.Registry) engine.Kind[*v1alpha1.GoToSettingsProfile, wants, seen] {
			return Kind{settings.NewPlanner(c, r), time.Now}
		})
	w.Sim.SetSwitches(func(s *simulator.Switches) { s.UserSettings = "full" })
	w.Waits = true
	return w
}

// apply writes a profile for new users and the account that puts back what it found.
func apply(t *testing.T, w *world, change func(*v1alpha1.GoToSettingsProfileSpec)) *v1alpha1.GoToSettingsProfile {
	t.Helper()
	return kindtest.Apply(t, w.Kube, object(), func(p *v1alpha1.GoToSettingsProfile) {
		p.Spec.AccountRef.Name, p.Spec.ManagementPolicy = kindtest.Account, v1alpha1.Manage
		p.Spec.Product, p.Spec.NewUsers, p.Spec.DeletionPolicy = v1alpha1.ProductMeeting, true, v1alpha1.SettingsRestore
		p.Spec.Settings = &v1alpha1.MeetingSettings{ChatEnabled: new(false)}
		change(&p.Spec)
	})
}

func object() *v1alpha1.GoToSettingsProfile {
	return &v1alpha1.GoToSettingsProfile{ObjectMeta: metav1.ObjectMeta{Name: "base"}}
}

// chat is whether chat is on for new users and for the account.
func chat(w *world) [2]any {
	return [2]any{
		w.Sim.NewUserSettings(simulator.DefaultAccountKey, "G2M")["chatEnabled"], w.Sim.AccountSettings(simulator.DefaultAccountKey, "G2M")["chatEnabled"],
	}
}

// dialOut are the countries to which new users may have calls made, in whatever order.
func dialOut(w *world) settings.Value { return dial(w, v1alpha1.LevelNewUsers) }

// until does what the queue does, with its waiting.
func until(t *testing.T, w *world, done func(*v1alpha1.GoToSettingsProfile, bool) bool) {
	t.Helper()
	w.Until(t, object(), done)
}

// TestWalk lets something go wrong at every request and every write of a life: what was there before is put back, whatever was lost.
func TestWalk(t *testing.T) {
	t.Parallel()
	for script, play := range map[string]func(*testing.T, *world){
		"written and put back": func(t *testing.T, w *world) {
			t.Helper()
			apply(t, w, func(s *v1alpha1.GoToSettingsProfileSpec) { s.Account = true })
			until(t, w, kindtest.Ready)
			if got := chat(w); got != [2]any{false, false} {
				t.Errorf("new users and account: %v", got)
			}
			p := apply(t, w, func(s *v1alpha1.GoToSettingsProfileSpec) { s.Account, s.Settings.WebcamEnabled = true, new(false) })
			until(t, w, kindtest.Ready)
			if got := w.Sim.NewUserSettings(simulator.DefaultAccountKey, "G2M")["webcamEnabled"]; got != false {
				t.Errorf("webcamEnabled: %v", got)
			}
			if err := w.Kube.Delete(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			until(t, w, kindtest.Gone)
		},
		"restored without status": func(t *testing.T, w *world) {
			t.Helper()
			p := apply(t, w, func(*v1alpha1.GoToSettingsProfileSpec) {})
			until(t, w, kindtest.Ready)
			saved := kindtest.Vanish(t, w.Kube, p)
			saved.Status = v1alpha1.GoToSettingsProfileStatus{}
			if err := w.Kube.Create(t.Context(), saved); err != nil {
				t.Fatal(err)
			}
			until(t, w, kindtest.Ready)
			if err := w.Kube.Delete(t.Context(), saved); err != nil {
				t.Fatal(err)
			}
			until(t, w, kindtest.Gone)
		},
	} {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			kindtest.Walk(t, newWorld, func(t *testing.T, w *world) {
				t.Helper()
				play(t, w)
				if got := chat(w); got != [2]any{true, true} {
					t.Errorf("after the profile: new users and account %v, want what was there", got)
				}
				if got := w.Sim.NewUserSettings(simulator.DefaultAccountKey, "G2M")["webcamEnabled"]; got != true {
					t.Errorf("after the profile: webcamEnabled %v", got)
				}
			})
		})
	}
}

// TestFaults takes a profile through its life, with the same fault at each write.
func TestFaults(t *testing.T) {
	t.Parallel()
	for row, faults := range kindtest.Faults(gotoclient.OpListUsers) {
		t.Run(row, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				p := apply(t, w, func(*v1alpha1.GoToSettingsProfileSpec) {})
				w.Inject(faults, gotoclient.OpUpdateNewUserSettings)
				until(t, w, kindtest.Ready)
				w.Met(t, gotoclient.OpUpdateNewUserSettings)
				if got := chat(w)[0]; got != false {
					t.Errorf("written: %v", got)
				}
				if err := w.Kube.Delete(t.Context(), p); err != nil {
					t.Fatal(err)
				}
				w.Inject(faults, gotoclient.OpUpdateNewUserSettings)
				until(t, w, kindtest.Gone)
				w.Met(t, gotoclient.OpUpdateNewUserSettings)
				if got := chat(w)[0]; got != true {
					t.Errorf("put back: %v", got)
				}
			})
		})
	}
}

// A profile that only observes, or is suspended, writes nothing, and what it would change is listed.
func TestObserved(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		apply(t, w, func(s *v1alpha1.GoToSettingsProfileSpec) { s.ManagementPolicy, s.Account = v1alpha1.Observe, true })
		until(t, w, kindtest.Ready)
		p, _ := kindtest.Object(t, w.Kube, object())
		fields := []string{}
		for _, d := range p.Status.Drift {
			fields = append(fields, d.Field)
		}
		if !slices.Equal(fields, []string{"newUsers.chatEnabled", "account.chatEnabled"}) || len(w.Changes()) > 0 || p.Status.Announced != nil {
			t.Errorf("drift %v, %d writes, announced %v", fields, len(w.Changes()), p.Status.Announced)
		}
	})
}

// What is no setting, and a country of which the account has no numbers, is said, and written nowhere.
func TestWhatCannotBeSet(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		change func(*v1alpha1.GoToSettingsProfileSpec)
		want   string
	}{
		"no setting": {func(s *v1alpha1.GoToSettingsProfileSpec) {
			s.Additional = map[string]v1alpha1.SettingValue{"voipAccessible": v1alpha1.NewSettingValue("true")}
		}, v1alpha1.ReasonInvalidSetting},
		"a country": {func(s *v1alpha1.GoToSettingsProfileSpec) {
			s.Settings = &v1alpha1.MeetingSettings{TollCountries: []v1alpha1.CountryCode{"US", "ZZ"}}
		}, v1alpha1.ReasonCountryNotAllowed},
		"a country among what has no name": {func(s *v1alpha1.GoToSettingsProfileSpec) {
			s.Settings, s.Additional = nil, map[string]v1alpha1.SettingValue{"tollCountries": v1alpha1.NewSettingValue(`["US","ZZ"]`)}
		}, v1alpha1.ReasonCountryNotAllowed},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.Sim.EditNewUserSettings(simulator.DefaultAccountKey, "G2M", "allowedTollCountries", []any{"US", "ZZ"}) // its lists are another matter
			apply(t, w, row.change)
			until(t, w, func(p *v1alpha1.GoToSettingsProfile, _ bool) bool { return kindtest.Reason(p) == "False "+row.want })
			for range 3 {
				_ = w.Reconcile(t, "base")
			}
			if n := len(w.Changes()); n > 0 {
				t.Errorf("%s: %d writes", name, n)
			}
		})
	}
}

// What was found is put back though the profile holds when it is deleted: a target is gone, the spec is not valid, or does not say any
// more what was written.
func TestRestoreOfAProfileThatHolds(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*v1alpha1.GoToSettingsProfileSpec){
		"a group is gone": func(s *v1alpha1.GoToSettingsProfileSpec) {
			s.Targets = []v1alpha1.SettingsTarget{{GroupRef: v1alpha1.GroupReference{Name: "gone"}}}
		},
		"not valid": func(s *v1alpha1.GoToSettingsProfileSpec) {
			s.Additional = map[string]v1alpha1.SettingValue{"voipAccessible": v1alpha1.NewSettingValue("true")}
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			apply(t, w, func(*v1alpha1.GoToSettingsProfileSpec) {})
			until(t, w, kindtest.Ready)
			p := apply(t, w, spoil)
			_ = w.Reconcile(t, p.Name)
			if got := chat(w)[0]; got != false {
				t.Fatalf("%s: %v", name, got)
			}
			if err := w.Kube.Delete(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			until(t, w, kindtest.Gone)
			if got := chat(w)[0]; got != true {
				t.Errorf("%s: chatEnabled %v is left", name, got)
			}
		})
	}
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		apply(t, w, func(*v1alpha1.GoToSettingsProfileSpec) {})
		until(t, w, kindtest.Ready)
		p := apply(t, w, func(s *v1alpha1.GoToSettingsProfileSpec) {
			s.NewUsers, s.Account, s.Settings = false, true, &v1alpha1.MeetingSettings{WebcamEnabled: new(false)}
		})
		if err := w.Kube.Delete(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		until(t, w, kindtest.Gone)
		if got := chat(w); got != [2]any{true, true} {
			t.Errorf("changed and deleted at once: %v", got)
		}
	})
}

// Of two profiles that put back what they found, whichever goes first, at last there is what was there before both.
func TestRestoreOfTwoProfiles(t *testing.T) {
	t.Parallel()
	for _, order := range [][]string{{"low", "high"}, {"high", "low"}} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			before := dialOut(w)
			lowAndHigh(t, w)
			if got := dialOut(w); got != `["CA"]` {
				t.Fatalf("both: %v", got)
			}
			writes := 0
			for _, name := range order {
				p, _ := kindtest.Object(t, w.Kube, &v1alpha1.GoToSettingsProfile{ObjectMeta: metav1.ObjectMeta{Name: name}})
				if err := w.Kube.Delete(t.Context(), p); err != nil {
					t.Fatal(err)
				}
				writes += both(t, w)
			}
			want := map[string]int{"low": 1, "high": 2}[order[0]] // the high one leaves it to the low one, which puts back
			if writes != want || dialOut(w) != before {
				t.Errorf("%v: %d writes, want %d; %v is left, want %v", order, writes, want, dialOut(w), before)
			}
		})
	}
}

// lowAndHigh are two profiles that write the same setting, one after the other.
func lowAndHigh(t *testing.T, w *world) {
	t.Helper()
	for priority, name := range []string{"low", "high"} {
		kindtest.Apply(t, w.Kube, &v1alpha1.GoToSettingsProfile{ObjectMeta: metav1.ObjectMeta{Name: name}}, func(p *v1alpha1.GoToSettingsProfile) {
			p.Spec.AccountRef.Name, p.Spec.ManagementPolicy = kindtest.Account, v1alpha1.Manage
			p.Spec.Product, p.Spec.NewUsers, p.Spec.DeletionPolicy = v1alpha1.ProductMeeting, true, v1alpha1.SettingsRestore
			p.Spec.Settings = &v1alpha1.MeetingSettings{DialOutCountries: []v1alpha1.CountryCode{[]v1alpha1.CountryCode{"US", "CA"}[priority]}}
			p.Spec.Priority = new(int32(priority))
		})
		both(t, w)
	}
}

// What is left to another profile is what that one writes again: one that holds does not, and what was there is put back.
func TestRestoreBesideOneThatHolds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		before := dialOut(w)
		lowAndHigh(t, w)
		kindtest.Apply(t, w.Kube, &v1alpha1.GoToSettingsProfile{ObjectMeta: metav1.ObjectMeta{Name: "low"}}, func(p *v1alpha1.GoToSettingsProfile) {
			p.Spec.Targets = []v1alpha1.SettingsTarget{{GroupRef: v1alpha1.GroupReference{Name: "gone"}}}
		})
		both(t, w)
		high, _ := kindtest.Object(t, w.Kube, &v1alpha1.GoToSettingsProfile{ObjectMeta: metav1.ObjectMeta{Name: "high"}})
		if err := w.Kube.Delete(t.Context(), high); err != nil {
			t.Fatal(err)
		}
		if both(t, w); dialOut(w) != before {
			t.Errorf("%v is left, want %v", dialOut(w), before)
		}
	})
}

// both reconciles the two profiles until nothing is left to do for them, each time with a plan that is made anew, and returns what that
// took.
func both(t *testing.T, w *world) (writes int) {
	t.Helper()
	for range 3 {
		w.Restart(t)
		for _, name := range []string{"low", "high"} {
			_ = w.Reconcile(t, name)
		}
		writes += len(w.Changes())
	}
	return writes
}
