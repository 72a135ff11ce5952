package whole

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// Where GoTo, or its token endpoint, asks to be left alone for longer than an object can wait, the object says until when, and is tried then.
func TestWhoWaitsForAPauseSaysUntilWhen(t *testing.T) {
	t.Parallel()
	const pause = 40 * time.Minute
	for name, begin := range map[string]func(*World){
		"after a 503": func(w *World) {
			w.Sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Operation: simulator.OpUpdateUsers, Status: 503, RetryAfter: pause, Count: 1})
		},
		"after a 429": func(w *World) {
			w.Sim.Inject(simulator.Fault{Kind: simulator.FaultThrottle, Operation: simulator.OpUpdateUsers, RetryAfter: pause, Count: 1})
		},
		"of the token endpoint": func(w *World) {
			w.Sim.ExpireAccessTokens()
			w.Sim.Inject(simulator.Fault{Kind: simulator.FaultThrottle, Operation: simulator.OpToken, RetryAfter: pause, Count: 1})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := New(t)
				w.create(newAccount())
				w.create(newUser("ann"))
				w.create(newUser("bob"))
				w.Start()
				w.settled()
				begin(w)
				until := time.Now().Add(pause)
				for _, name := range []string{"ann", "bob"} {
					edit(w, newUser(name), func(u *v1alpha1.GoToUser) { u.Spec.LastName = "Forest" })
					w.Wait(6 * time.Minute)
					u := newUser(name)
					if got := w.ready(u); got != "False/"+v1alpha1.ReasonThrottled {
						t.Errorf("%s is %s", name, got)
					}
					said := meta.FindStatusCondition(u.Status.Conditions, v1alpha1.ConditionReady).Message
					if !strings.Contains(said, until.UTC().Format(time.RFC3339)[:len("2006-01-02T15:04")]) {
						t.Errorf("%s says %q", name, said)
					}
				}
				w.reconciles.Store(0)
				w.Wait(time.Until(until))
				if n := w.reconciles.Load(); n > 2 {
					t.Errorf("%d reconciles while nothing could be done", n)
				}
				w.Wait(6 * time.Minute)
				if n := w.synced([]string{"ann", "bob"}, w.userReady); n != 2 {
					t.Errorf("%d are ready after the pause\n%s", n, w.standing())
				}
				w.Stop()
			})
		})
	}
}

// An object whose time for a reconcile is over writes down how it stands all the same.
func TestWhoHasUsedUpItsTimeSaysSo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := started(t, newAccount(), newUser("ann"))
		w.answers(func(r *http.Response) {
			if r.Request.Method == http.MethodPut {
				time.Sleep(6 * time.Minute)
			}
		})
		edit(w, newUser("ann"), func(u *v1alpha1.GoToUser) { u.Spec.LastName = "Forest" })
		w.Wait(5*time.Minute + 30*time.Second)
		if got := w.ready(newUser("ann")); got != "False/"+v1alpha1.ReasonRetrying {
			t.Errorf("after its time the user is %s", got)
		}
		w.Wait(10 * time.Minute)
		w.Stop()
	})
}
