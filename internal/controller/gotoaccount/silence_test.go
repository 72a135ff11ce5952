package gotoaccount

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/inprocess"
)

// Accounts of one OAuth client are read in turns. Together they take longer than a service that does not answer is waited for, and all of
// them are connected by their first attempt.
func TestAccountsThatShareAClientAreAllConnected(t *testing.T) {
	const accounts, users, pages = 12, 1000, 41
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.sim.SetSwitches(func(s *simulator.Switches) { s.MaxPageSize = 25 })
		for i := range users {
			w.sim.AddUser(simulator.DefaultAccountKey, simulator.User{Email: fmt.Sprintf("u%d@example.test", i)})
		}
		w.restart()
		began := time.Now()
		for i := range accounts {
			w.account(fmt.Sprint("a", i), byPAT, func(ga *v1alpha1.GoToAccount) { ga.Spec.RequestBudget.RequestsPerSecond = 1 })
		}
		for i := range accounts {
			_ = w.once(fmt.Sprint("a", i))
		}
		for i := range accounts {
			name := fmt.Sprint("a", i)
			if _, _ = w.reconcile(name); w.live(name) == nil {
				t.Errorf("%s is not connected: %v", name, states(w.get(name)))
			}
		}
		if took := time.Since(began); took < readSilence {
			t.Errorf("all of them took %s: this tests nothing", took)
		}
		if n := w.sim.Calls()[simulator.OpListUsers]; n != accounts*pages {
			t.Errorf("%d pages of users, want %d", n, accounts*pages)
		}
		w.stop()
		synctest.Wait()
	})
}

// mute answers some requests, and none of the others.
type mute struct {
	http.RoundTripper

	of string // what is in the path of those
}

func (m mute) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.Contains(r.URL.Path, m.of) {
		return m.RoundTripper.RoundTrip(r)
	}
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// An attempt ends when GoTo does not answer, and says so.
func TestAnAttemptEndsWithSilence(t *testing.T) {
	for name, row := range map[string]struct {
		mute  string // in the path
		most  time.Duration
		wants string
	}{
		"of who asks":   {"/me", identifySilence, "GoTo has not answered for 20s"},
		"of the token":  {"/oauth/token", identifySilence, "GoTo has not answered for 20s"},
		"of the users":  {"/users", readSilence, "no answer"}, // a request alone is given up sooner
		"of everything": {"/", identifySilence, "GoTo has not answered for 20s"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.start(mute{inprocess.Transport(w.sim.APIHandler()), row.mute})
				w.account("main")
				began := time.Now()
				_ = w.once("main")
				_ = w.underWay("main")
				took := time.Since(began)
				_ = w.once("main")
				ready := meta.FindStatusCondition(w.get("main").Status.Conditions, v1alpha1.ConditionReady)
				if took > row.most || ready == nil || ready.Reason != v1alpha1.ReasonUnreachable || !strings.Contains(ready.Message, row.wants) {
					t.Errorf("after %s: %+v", took, ready)
				}
				w.stop()
				time.Sleep(time.Minute) // a request for a token is not cut short
			})
		})
	}
}
