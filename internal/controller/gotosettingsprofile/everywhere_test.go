package gotosettingsprofile

import (
	"strings"
	"testing"
	"testing/synctest"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/settings"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

// wholeLife writes the settings of new users and of the account, a list of countries among them, and puts back what was there.
func wholeLife(t *testing.T, w *world) {
	t.Helper()
	before := countriesOf(w, "tollCountries")
	p := apply(t, w, func(s *v1alpha1.GoToSettingsProfileSpec) {
		s.Account, s.Settings.TollCountries = true, []v1alpha1.CountryCode{"GB"}
	})
	until(t, w, kindtest.Ready)
	if got := chat(w); got != [2]any{false, false} || countriesOf(w, "tollCountries") != `["GB"]` {
		t.Errorf("new users and account: %v, %v", got, countriesOf(w, "tollCountries"))
	}
	if err := w.Kube.Delete(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	until(t, w, kindtest.Gone)
	if got := chat(w); got != [2]any{true, true} || countriesOf(w, "tollCountries") != before {
		t.Errorf("after the profile: %v, %v, want what was there: %v", got, countriesOf(w, "tollCountries"), before)
	}
}

// countriesOf are those that a setting of new users has, in whatever order.
func countriesOf(w *world, name string) settings.Value {
	return settings.ValueOf(w.Sim.NewUserSettings(simulator.DefaultAccountKey, "G2M")[name])
}

// TestWalkOfTheLevels lets something go wrong at every request of the life of a profile, the readings of the levels and of the lists of
// countries among them, and at every write.
func TestWalkOfTheLevels(t *testing.T) {
	t.Parallel()
	kindtest.Walk(t, newWorld, wholeLife)
}

// Every position of every switch of settings: the life is the same, or it is said that there is no such path, and nothing is changed.
func TestEveryPositionOfTheSwitchesOfSettings(t *testing.T) {
	t.Parallel()
	nowhere := map[string]bool{"settingsPath=products": true, "settingsVerb=patch": true, "settingsVerb=post": true}
	for _, name := range simulator.SwitchNames() {
		if !strings.HasPrefix(name, "settings") && name != "multiKeySettings" && name != "accountSettings" && name != "countryLists" {
			continue
		}
		for _, position := range simulator.SwitchPositions()[name] {
			t.Run(name+"="+position, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t)
					w.Sim.SetSwitches(func(s *simulator.Switches) {
						if err := s.Set(name, position); err != nil {
							t.Fatal(err)
						}
					})
					w.Quietly(func() { w.Restart(t) })
					if !nowhere[name+"="+position] {
						wholeLife(t, w)
						return
					}
					apply(t, w, func(s *v1alpha1.GoToSettingsProfileSpec) { s.Account = true })
					until(t, w, func(p *v1alpha1.GoToSettingsProfile, _ bool) bool {
						return kindtest.Reason(p) == "False "+v1alpha1.ReasonEndpointUnverified
					})
					if got := chat(w); got != [2]any{true, true} {
						t.Errorf("new users and account: %v", got)
					}
				})
			})
		}
	}
}

// TestWalkOfTwoProfiles lets something go wrong at every request and every write of two profiles that put back what they found: at last
// there is what was there before both.
func TestWalkOfTwoProfiles(t *testing.T) {
	t.Parallel()
	for _, order := range [][]string{{"low", "high"}, {"high", "low"}} {
		t.Run(order[0]+" goes first", func(t *testing.T) {
			t.Parallel()
			kindtest.Walk(t, newWorld, func(t *testing.T, w *world) { t.Helper(); twoProfiles(t, w, order) })
		})
	}
}

func twoProfiles(t *testing.T, w *world, order []string) {
	t.Helper()
	before := countriesOf(w, "dialOutCountries")
	for priority, name := range []string{"low", "high"} {
		kindtest.Apply(t, w.Kube, named(name), func(p *v1alpha1.GoToSettingsProfile) {
			p.Spec.AccountRef.Name, p.Spec.ManagementPolicy = kindtest.Account, v1alpha1.Manage
			p.Spec.Product, p.Spec.NewUsers, p.Spec.DeletionPolicy = v1alpha1.ProductMeeting, true, v1alpha1.SettingsRestore
			p.Spec.Settings = &v1alpha1.MeetingSettings{DialOutCountries: []v1alpha1.CountryCode{[]v1alpha1.CountryCode{"US", "CA"}[priority]}}
			p.Spec.Priority = new(int32(priority))
		})
		calm(t, w)
	}
	if got := countriesOf(w, "dialOutCountries"); got != `["CA"]` {
		t.Fatalf("both: %v", got)
	}
	for _, name := range order {
		p, _ := kindtest.Object(t, w.Kube, named(name))
		if err := w.Kube.Delete(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		calm(t, w)
		if _, there := kindtest.Object(t, w.Kube, named(name)); there {
			t.Fatalf("%s does not go: %+v", name, p.Status.Conditions)
		}
	}
	if got := countriesOf(w, "dialOutCountries"); got != before {
		t.Errorf("%v is left, want %v", got, before)
	}
}

func named(name string) *v1alpha1.GoToSettingsProfile {
	return &v1alpha1.GoToSettingsProfile{ObjectMeta: metav1.ObjectMeta{Name: name}}
}

// calm reconciles the two profiles, each time with a plan that is made anew, until both have what they want and a round changes nothing.
func calm(t *testing.T, w *world) {
	t.Helper()
	for range 6 {
		w.Quietly(func() { w.Restart(t) })
		settled := true
		for _, name := range []string{"low", "high"} {
			err := w.Reconcile(t, name)
			p, there := kindtest.Object(t, w.Kube, named(name))
			settled = settled && err == nil && (!there || p.DeletionTimestamp.IsZero() && kindtest.Ready(p, there))
		}
		if settled && len(w.Changes()) == 0 {
			return
		}
	}
	t.Fatal("the two profiles do not come to rest")
}
