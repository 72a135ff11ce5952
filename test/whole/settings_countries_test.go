package whole

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// mayDial is a licensed user to whose settings GoTo allows toll numbers of countries.
func (w *World) mayDial(name string, countries ...any) {
	w.Helper()
	w.licensed(name)
	u, _ := w.Sim.UserByEmail(acct, name+"@example.test")
	w.Sim.EditSettings(acct, u.Key, "G2M", "allowedTollCountries", countries)
}

// A list with a country of which the account has no numbers is written for nobody, be it that the users' own settings would allow it; the
// rest of the profile is, and the list comes once it has no such country.
func TestCountriesThatTheAccountDoesNotHave(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := New(t)
		w.Sim.SetSwitches(fullSettings)
		w.mayDial("ann", "US", "ZZ")
		before := fmt.Sprint(w.setting("ann", "tollCountries"))
		w.create(newAccount())
		p := newProfile("base", v1alpha1.MeetingSettings{ChatEnabled: new(false), TollCountries: []v1alpha1.CountryCode{"US", "ZZ"}}, allUsers)
		w.create(p)
		w.Start()
		w.settled()
		if got := fmt.Sprint(w.setting("ann", "tollCountries")); got != before || w.setting("ann", "chatEnabled") != false {
			t.Errorf("tollCountries %s, chatEnabled %v", got, w.setting("ann", "chatEnabled"))
		}
		if got := w.ready(p); got != "False/"+v1alpha1.ReasonCountryNotAllowed {
			t.Errorf("the profile: %s", got)
		}
		edit(w, p, func(p *v1alpha1.GoToSettingsProfile) { p.Spec.Settings.TollCountries = []v1alpha1.CountryCode{"US"} })
		w.settled()
		if got := fmt.Sprint(w.setting("ann", "tollCountries")); got != "[US]" || w.ready(p) != "True/Synced" {
			t.Errorf("tollCountries %s, the profile: %s", got, w.ready(p))
		}
		w.Stop()
	})
}

// A country that the account comes by later is written then, without anybody's asking. Until it does the list of countries is read once
// per resync, and nothing is written; after it, nothing more is read.
func TestACountryThatTheAccountComesBy(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := New(t)
		w.Sim.SetSwitches(fullSettings)
		w.mayDial("ann", "US", "ZZ")
		w.Sim.EditNewUserSettings(acct, "G2M", "allowedTollCountries", []any{"US", "ZZ"})
		w.create(newAccount())
		p := newProfile("base", v1alpha1.MeetingSettings{TollCountries: []v1alpha1.CountryCode{"US", "ZZ"}}, allUsers)
		p.Spec.NewUsers = true
		w.create(p)
		w.Start()
		w.settled()
		if got := w.ready(p); got != "False/"+v1alpha1.ReasonCountryNotAllowed {
			t.Fatalf("the profile: %s", got)
		}
		w.anew()
		w.Wait(resyncs)
		if n := w.Sim.Calls()[simulator.OpListTollCountries]; n < 2 || n > 4 || w.gate.changed() > 0 {
			t.Errorf("while it waits: %d readings of the countries in %s, %d writes", n, resyncs, w.gate.changed())
		}
		w.answers(func(resp *http.Response) {
			if strings.Contains(resp.Request.URL.Path, "/tollCountries/") {
				resp.Body, resp.ContentLength = io.NopCloser(strings.NewReader(`["US","ZZ"]`)), -1
			}
		})
		w.Wait(resyncs)
		if got := fmt.Sprint(w.setting("ann", "tollCountries")); got != "[US ZZ]" || w.ready(p) != "True/Synced" {
			t.Errorf("tollCountries %s, the profile: %s", got, w.ready(p))
		}
		if got := fmt.Sprint(w.Sim.NewUserSettings(acct, "G2M")["tollCountries"]); got != "[US ZZ]" {
			t.Errorf("new users: %s", got)
		}
		w.anew()
		w.Wait(resyncs)
		if n := w.Sim.Calls()[simulator.OpListTollCountries]; n > 0 || w.reconciles.Load() > 0 || w.gate.changed() > 0 {
			t.Errorf("at rest: %d readings of the countries, %d reconciles, %d writes", n, w.reconciles.Load(), w.gate.changed())
		}
		w.Stop()
	})
}
