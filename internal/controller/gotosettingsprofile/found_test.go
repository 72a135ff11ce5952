package gotosettingsprofile

import (
	"testing"
	"testing/synctest"
	"time"

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
