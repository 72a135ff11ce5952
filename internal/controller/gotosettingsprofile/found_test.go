package gotosettingsprofile

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/settings"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

// A profile that has written nothing puts nothing back, and goes: not what was there when it was about to, which somebody has changed since.
func TestFoundOfWhatWasNeverSent(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		level v1alpha1.SettingsLevel
		deny  bool
	}{
		"new users, not allowed":          {v1alpha1.LevelNewUsers, true},
		"the account, not allowed":        {v1alpha1.LevelAccount, true},
		"the account, while it announces": {v1alpha1.LevelAccount, false},
	} {
		for _, end := range []string{"deleted", "deleted once it is allowed", "written after all"} {
			t.Run(name+", "+end, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t)
					deny(t, w, row.deny)
					p := step(t, w, func(s *v1alpha1.GoToSettingsProfileSpec) { about(s, row.level) }, time.Second)
					_ = w.Reconcile(t, p.Name)
					edit(w, row.level, "FR")
					if kindtest.Object(t, w.Kube, p); len(p.Status.Found) > 0 {
						t.Errorf("found %+v of what was never sent", p.Status.Found)
					}
					writes := 2 // there and back
					switch end {
					case "written after all":
						deny(t, w, false)
						until(t, w, kindtest.Ready)
						if got := dial(w, row.level); got != `["US"]` {
							t.Errorf("written: %v", got)
						}
					case "deleted once it is allowed":
						deny(t, w, false)
						writes = 0
					case "deleted":
						writes = 0
					}
					if err := w.Kube.Delete(t.Context(), p); err != nil {
						t.Fatal(err)
					}
					until(t, w, kindtest.Gone)
					if got := dial(w, row.level); got != `["FR"]` || len(w.Changes()) != writes {
						t.Errorf("%v is left after %d writes, want what somebody has chosen, and %d", got, len(w.Changes()), writes)
					}
				})
			})
		}
	}
}

// What was there before a write that GoTo refuses is not remembered: the profile has changed nothing, and another may have since. What the
// other level has taken is.
func TestFoundOfWhatGoToRefused(t *testing.T) {
	t.Parallel()
	refusals := map[v1alpha1.SettingsLevel]string{
		v1alpha1.LevelNewUsers: simulator.OpUpdateNewUserSettings, v1alpha1.LevelAccount: simulator.OpUpdateAccountSettings,
	}
	for level, operation := range refusals {
		for _, alone := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, alone %t", level, alone), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t)
					w.Sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Operation: operation, Status: 400})
					apply(t, w, func(s *v1alpha1.GoToSettingsProfileSpec) {
						about(s, level)
						s.NewUsers, s.Account = s.NewUsers || !alone, s.Account || !alone
					})
					until(t, w, func(p *v1alpha1.GoToSettingsProfile, there bool) bool {
						ready := meta.FindStatusCondition(p.Status.Conditions, v1alpha1.ConditionReady)
						return there && ready != nil && ready.Reason == v1alpha1.ReasonRefused && (alone || len(w.Changes()) > 0)
					})
					p := object()
					kindtest.Object(t, w.Kube, p)
					for _, f := range p.Status.Found {
						if f.Level == level {
							t.Errorf("found %+v, which was never overwritten", f)
						}
					}
					if !alone && len(p.Status.Found) != 1 {
						t.Errorf("found %+v, want what was overwritten at the other level", p.Status.Found)
					}
				})
			})
		}
	}
}

// about has a profile say something of a level, and of nothing else.
func about(s *v1alpha1.GoToSettingsProfileSpec, level v1alpha1.SettingsLevel) {
	s.NewUsers, s.Account = level == v1alpha1.LevelNewUsers, level == v1alpha1.LevelAccount
	s.Settings = &v1alpha1.MeetingSettings{DialOutCountries: []v1alpha1.CountryCode{"US"}}
}

// edit is what a person does in GoTo, which the next reading shows.
func edit(w *world, level v1alpha1.SettingsLevel, country string) {
	change := w.Sim.EditNewUserSettings
	if level == v1alpha1.LevelAccount {
		change = w.Sim.EditAccountSettings
	}
	change(simulator.DefaultAccountKey, "G2M", "dialOutCountries", []any{country})
}

// dial are the countries that calls may go to at a level, in whatever order.
func dial(w *world, level v1alpha1.SettingsLevel) settings.Value {
	of := w.Sim.NewUserSettings
	if level == v1alpha1.LevelAccount {
		of = w.Sim.AccountSettings
	}
	return settings.ValueOf(of(simulator.DefaultAccountKey, "G2M")["dialOutCountries"])
}

// What GoTo did not show before the profile cannot be put back: the profile goes, and says so; what it showed is put back beside it. So it is
// where the leave to be about the whole account is gone.
func TestWhatCannotBePutBack(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		withdrawn bool
		words     []string
		left      [2]any // of chat and of webcams
	}{
		"not shown":        {false, []string{"newUsers.chatEnabled"}, [2]any{false, true}},
		"not allowed then": {true, []string{"newUsers.chatEnabled", "newUsers.webcamEnabled"}, [2]any{false, false}},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.Sim.SetSwitches(func(s *simulator.Switches) { s.UserSettings = "sparse" })
			w.Sim.EditNewUserSettings(simulator.DefaultAccountKey, "G2M", "webcamEnabled", true)
			allow(t, w, all, all)
			w.Restart(t)
			is := elsewhere(t, w)
			p := is("True Synced")
			p.Spec.Settings.WebcamEnabled, p.Generation = new(false), 2
			if err := w.Kube.Update(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			p = is("True Synced")
			if row.withdrawn {
				allow(t, w, all, same)
			}
			w.Events = nil
			if err := w.Kube.Delete(t.Context(), p); err != nil {
				t.Fatal(err)
			}
			for range 3 {
				_ = w.Reconcile(t, "other/base")
			}
			if err := w.Kube.Get(t.Context(), client.ObjectKeyFromObject(p), p); !apierrors.IsNotFound(err) {
				t.Errorf("%s: it stays: %v", name, err)
			}
			now := w.Sim.NewUserSettings(simulator.DefaultAccountKey, "G2M")
			if got := [2]any{now["chatEnabled"], now["webcamEnabled"]}; got != row.left {
				t.Errorf("%s: %v is left", name, got)
			}
			said := strings.Join(w.Events, "\n")
			for _, word := range append(row.words, "Warning", v1alpha1.EventOrphaned) {
				if !strings.Contains(said, word) {
					t.Errorf("%s: %q does not say %s", name, said, word)
				}
			}
			if both := strings.Contains(said, "webcamEnabled"); both != row.withdrawn || len(w.Events) != 1 {
				t.Errorf("%s: %q", name, said)
			}
		})
	}
}
