package whole

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// grouped are n users of a group, who are there.
func (w *World) grouped(n int, group string) {
	w.Helper()
	for _, name := range many(n) {
		w.Sim.AddUser(acct, simulator.User{Email: name + "@example.test", FirstName: "Fay", LastName: "Field"})
		u := newUser(name)
		u.Spec.GroupRef.Name = group
		w.create(u)
	}
}

// team begins with an account, groups, other objects, and n users of the first group who are in sync.
func (w *World) team(n int, groups []string, others ...client.Object) {
	w.Helper()
	w.create(newAccount())
	for _, name := range groups {
		w.create(newGroup(name))
	}
	for _, o := range others {
		w.create(o)
	}
	w.grouped(n, groups[0])
	w.Start()
	w.settled()
	w.allSynced(n)
}

// allSynced fails unless all of many users are.
func (w *World) allSynced(n int) {
	w.Helper()
	if got := w.synced(many(n), w.userReady); got != n {
		w.Fatalf("%d of %d are ready", got, n)
	}
}

// A restart starts each object once: not when the API lists it and again when its account is connected.
func TestARestartStartsEachObjectOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 250
		w := New(t)
		w.team(n, []string{"sales"}, newBinding("all", ofMeets, everybody))
		w.restart()
		objects := int64(n + 2)
		if got := w.reconciles.Load(); got > objects+10 {
			t.Errorf("%d reconciles of %d objects", got, objects)
		}
		w.allSynced(n)
		w.Stop()
	})
}

// An object whose account cannot be used, or is not there, says so all the same when the operator starts.
func TestObjectsOfNoAccountSaySoAtTheStart(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		account *v1alpha1.GoToAccount
		change  func(*World)
		want    string
	}{
		"no account":           {nil, func(*World) {}, v1alpha1.ReasonAccountNotFound},
		"suspended":            {suspended(), func(*World) {}, v1alpha1.ReasonAccountSuspended},
		"no Secret":            {newAccount(), func(w *World) { w.remove(&corev1.Secret{ObjectMeta: named("goto")}) }, v1alpha1.ReasonAccountNotReady},
		"refused":              {newAccount(), func(w *World) { w.Sim.RevokeRefreshTokens() }, v1alpha1.ReasonAccountNotReady},
		"GoTo does not answer": {newAccount(), func(w *World) { w.Sim.Inject(simulator.Fault{Kind: simulator.FaultHang}) }, v1alpha1.ReasonAccountNotReady},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := New(t)
				if row.account != nil {
					w.create(row.account)
				}
				w.create(newUser("early"))
				row.change(w)
				for _, user := range []string{"early", "late"} { // the second comes while no operator runs
					w.Start()
					w.Wait(2 * time.Minute)
					if got := w.ready(newUser(user)); got != "False/"+row.want {
						t.Errorf("%s: %s", user, got)
					}
					w.Stop()
					time.Sleep(time.Minute) // a request for a token is not cut short: it may have replaced one
					if user == "early" {
						w.create(newUser("late"))
					}
				}
			})
		})
	}
}

func suspended() *v1alpha1.GoToAccount {
	ga := newAccount()
	ga.Spec.Suspend = true
	return ga
}

// A group that all leave while no operator runs costs one reconcile of each, at an API server that is slow and whose watches lag.
func TestReconcilesOfAGroupThatAllLeave(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 250
		w := New(t)
		w.team(n, []string{"sales", "service"}, newBinding("all", ofMeets, everybody))
		w.Stop()
		for _, name := range many(n) {
			edit(w, newUser(name), func(u *v1alpha1.GoToUser) { u.Spec.GroupRef.Name = "service" })
		}
		w.gate.slows(40 * time.Millisecond)
		w.API.Lag(2 * time.Second)
		w.anew()
		w.Start()
		w.settled()
		w.allSynced(n)
		if got := w.reconciles.Load(); got > n+20 {
			t.Errorf("%d reconciles for %d users; requests %v", got, n, w.Sim.Calls())
		}
		w.Stop()
	})
}

// A PUT of its manifest takes the finalizer of an account away, which without it would go before what needs it. It comes back at once.
func TestAnAccountHasItsFinalizerBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := started(t, newAccount(), newUser("ann"))
		edit(w, newAccount(), func(ga *v1alpha1.GoToAccount) { ga.Finalizers, ga.Annotations = nil, nil })
		w.Wait(5 * time.Second)
		ga := newAccount()
		if !w.there(ga) || !slices.Contains(ga.Finalizers, v1alpha1.Finalizer) {
			t.Errorf("finalizers %v", ga.Finalizers)
		}
		w.Stop()
	})
}

// An edit, and a deletion, is worked on once.
func TestAnEditIsOneReconcile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := started(t, newAccount(), newUser("ann"))
		for what, act := range map[string]func(){
			"an edit":    func() { edit(w, newUser("ann"), func(u *v1alpha1.GoToUser) { u.Spec.LastName = "Forest" }) },
			"a deletion": func() { w.remove(newUser("ann")) },
		} {
			w.anew()
			act()
			w.Wait(10 * time.Second)
			if n := w.reconciles.Load(); n > 1 {
				t.Errorf("%s is worked on %d times", what, n)
			}
		}
		w.Stop()
	})
}

// A restart starts each object of every kind once too, and writes nothing: which settings of users are kept is known before the account is
// read, and how many definitions there were until they are counted.
func TestARestartStartsEachObjectOfEveryKindOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n, others = 100, 7
		w := New(t)
		w.create(newMeeting("sync", time.Date(2040, 1, 2, 9, 0, 0, 0, time.UTC)))
		for _, name := range many(n) {
			w.create(newAttribute(name))
		}
		w.staffed(n)
		w.restart()
		if got := w.reconciles.Load(); got > 2*n+others+10 {
			t.Errorf("%d reconciles of %d objects", got, 2*n+others)
		}
		w.allSynced(n)
		w.Wait(25 * time.Minute)
		if got := w.gate.changed(); got > 0 {
			t.Errorf("%d writes later:\n%s", got, w.gate.latest())
		}
		w.Stop()
	})
}
