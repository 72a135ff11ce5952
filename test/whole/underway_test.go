package whole

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/controller"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// What happens to a user who is made and not shown yet, and what stands in GoTo then, where the user's own date proves nothing.
func TestWhatHappensWhileACreateIsUnderWay(t *testing.T) {
	t.Parallel()
	u := func() *v1alpha1.GoToUser { return newUser("fay") }
	change := func(how func(*v1alpha1.GoToUser)) func(*World) { return func(w *World) { edit(w, u(), how) } }
	for name, row := range map[string]struct {
		happens     func(*World)
		email, last string // "" for nobody
	}{
		"nothing":        {func(*World) {}, "fay@example.test", "Field"},
		"another name":   {change(func(u *v1alpha1.GoToUser) { u.Spec.LastName = "Ford" }), "fay@example.test", "Ford"},
		"another e-mail": {change(func(u *v1alpha1.GoToUser) { u.Spec.Email = "faye@example.test" }), "faye@example.test", "Field"},
		"the operator is stopped": {func(w *World) {
			w.Stop()
			made := u()
			if ready := w.ready(made); ready != "True/Synced" || made.Status.UserKey == "" || made.Status.Origin != v1alpha1.Created {
				w.Errorf("%s, %q, %s when its process has ended", ready, made.Status.UserKey, made.Status.Origin)
			}
			w.Start()
		}, "fay@example.test", "Field"},
		"it is only observed for a while": {forAWhile(u(), `{"spec":{"managementPolicy":"Observe"}}`, `{"spec":{"managementPolicy":"Manage"}}`),
			"fay@example.test", "Field"},
		"it is suspended for a while": {forAWhile(u(), `{"spec":{"suspend":true}}`, `{"spec":{"suspend":false}}`), "fay@example.test", "Field"},
		"its group is not there for a while": {forAWhile(u(), `{"spec":{"groupRef":{"name":"none"}}}`, `{"spec":{"groupRef":null}}`),
			"fay@example.test", "Field"},
		"its account only observes for a while": {forAWhile(newAccount(), `{"spec":{"managementPolicy":"Observe"}}`,
			`{"spec":{"managementPolicy":"Manage"}}`), "fay@example.test", "Field"},
		"its account is suspended for a while": {forAWhile(newAccount(), `{"spec":{"suspend":true}}`, `{"spec":{"suspend":false}}`),
			"fay@example.test", "Field"},
		"the object is deleted": {func(w *World) { w.remove(u()) }, "", ""},
		"it is read by hand": {func(w *World) {
			edit(w, newAccount(), func(a *v1alpha1.GoToAccount) {
				a.Annotations = map[string]string{v1alpha1.ReconcileRequestedAtAnnotation: "now"}
			})
		}, "fay@example.test", "Field"},
		"another connection": {func(w *World) {
			edit(w, newAccount(), func(a *v1alpha1.GoToAccount) { a.Spec.RequestBudget.PageSize = 500 })
		}, "fay@example.test", "Field"},
	} {
		for _, slow := range []string{simulator.OpGetUser, simulator.OpCreateUsers} {
			t.Run(name+", slow "+slow, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := undated(t)
					before := len(w.Sim.Users(acct))
					w.slow(slow, 10*time.Second)
					w.create(u())
					w.Until("it is asked for", func() bool { return len(w.Sim.Users(acct)) > before || w.Sim.Calls()[simulator.OpCreateUsers] > 0 })
					row.happens(w)
					w.Sim.ClearFaults()
					w.settled()
					got, there := w.Sim.UserByEmail(acct, row.email)
					if there != (row.email != "") || got.LastName != row.last || len(w.Sim.Users(acct)) != before+count(there) {
						t.Errorf("%+v of %d", got, len(w.Sim.Users(acct)))
					}
					most := map[string]int{simulator.OpGetUser: 1, simulator.OpCreateUsers: 2}[slow] // an answer that is lost is asked for once more
					if n := w.Sim.Calls()[simulator.OpCreateUsers]; n < 1 || n > most {
						t.Errorf("%v", w.Sim.Calls())
					}
					if made := u(); there && (w.ready(made) != "True/Synced" || made.Status.Origin != v1alpha1.Created) {
						t.Errorf("%s %s", w.ready(made), made.Status.Origin)
					}
					w.Stop()
				})
			})
		}
	}
}

// forAWhile is a change of an object that is taken back after a minute.
func forAWhile(o client.Object, patch, back string) func(*World) {
	return func(w *World) {
		mine, _ := o.DeepCopyObject().(client.Object) // the answer is written into it, and two worlds have the row
		w.patch(mine, patch)
		w.Wait(time.Minute)
		w.patch(mine, back)
	}
}

func count(there bool) int {
	if there {
		return 1
	}
	return 0
}

// Many more are made than are worked on at once, before any of them is read back, and the list is whole though it is read while they are made: what
// is known of each then needs no third write.
func TestManyMoreAreMadeThanAreWorkedOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n, workers = 3000, 300
		w := New(t)
		w.workers = controller.Concurrency{"GoToUser": workers}
		w.crowd(4000)
		w.connected()
		w.slow(simulator.OpListUsers, 300*time.Millisecond)
		w.slow(simulator.OpCreateUsers, 300*time.Millisecond)
		w.anew()
		w.gate.slows(5 * time.Millisecond)
		var all []client.Object
		for _, name := range many(n) {
			all = append(all, newUser(name))
			w.create(newUser(name))
		}
		w.Until("all are made", func() bool { return len(w.Sim.Users(acct)) == 4001+n })
		w.Until("they are ready", func() bool { return w.ready(all[n-1]) == "True/Synced" })
		w.settled()
		if got := w.synced(many(n), w.userReady); got != n {
			t.Errorf("%d of %d are ready", got, n)
		}
		calls := w.Sim.Calls()
		if pages, made := calls[simulator.OpListUsers], w.gate.changed(); pages > calls[simulator.OpCreateUsers]+6 || made > 2*n+50 {
			t.Errorf("%d writes, %v", made, calls)
		}
		w.Stop()
	})
}

// undated is an operator at work where GoTo does not say since when a user is there: nobody else knows who made one.
func undated(t *testing.T) *World {
	t.Helper()
	w := New(t)
	w.Sim.SetSwitches(func(s *simulator.Switches) { s.InvitedDate = "absent" })
	w.connected()
	return w
}

// isMade waits until GoTo has the user of an object.
func (w *World) isMade(u *v1alpha1.GoToUser) {
	w.Helper()
	w.Until("it is made", func() bool { _, there := w.Sim.UserByEmail(acct, u.Spec.Email); return there })
}

// What came of a create is not written down once a reading has shown that somebody has deleted the user, be it that Kubernetes took no status
// until then.
func TestWhatCameOfACreateIsNotOfOld(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := New(t)
		w.connected()
		u := newUser("fay")
		w.slow(simulator.OpGetUser, 10*time.Second)
		w.create(u)
		w.isMade(u)
		w.refusals.set(500, 1000)
		w.Wait(15 * time.Second)
		gone, _ := w.Sim.UserByEmail(acct, u.Spec.Email)
		w.Sim.RemoveUser(acct, gone.Key)
		edit(w, newAccount(), func(a *v1alpha1.GoToAccount) { a.Spec.RequestBudget.PageSize = 500 })
		w.Wait(4 * time.Minute)
		w.refusals.set(0, 0)
		w.Wait(35 * time.Minute)
		if _, there := w.Sim.UserByEmail(acct, u.Spec.Email); !there || w.ready(u) != "True/Synced" {
			t.Errorf("%s, and in GoTo: %t", w.ready(u), there)
		}
		w.Stop()
	})
}

// Who is only to observe before status says who made its counterpart knows that it was this object all the same, whatever becomes of the
// process.
func TestWhoIsOnlyObservedKnowsWhatItMade(t *testing.T) {
	t.Parallel()
	for i, o := range makers() {
		for _, ends := range []bool{true, false} {
			t.Run(fmt.Sprintf("%T, ends: %t", o, ends), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w, o := New(t), makers()[i]
					w.connected()
					w.settled()
					var made atomic.Bool
					w.Sim.OnRequest(func(r simulator.Request) {
						if r.Method == http.MethodPost && strings.HasPrefix(r.Operation, "create") {
							made.Store(true)
							w.refusals.set(500, 1000)
						}
					})
					w.create(o)
					w.Until("it is made", made.Load)
					w.Wait(5 * time.Second)
					if ends {
						w.Stop()
					}
					w.refusals.set(0, 0)
					w.patch(o, `{"spec":{"managementPolicy":"Observe"}}`)
					if ends {
						w.Start()
					}
					w.settled()
					w.patch(o, `{"spec":{"managementPolicy":"Manage"}}`)
					w.settled()
					w.there(o)
					if _, status := o.(engine.Object).Managed(); w.ready(o) != "True/Synced" || status.Origin != v1alpha1.Created { //nolint:forcetypeassert // all are
						t.Errorf("%s, %s", w.ready(o), status.Origin)
					}
					w.Stop()
				})
			})
		}
	}
}

// Who was there, is deleted in GoTo and made again is the object's own from then on, also where GoTo gives the key of before.
func TestWhoIsMadeAgainIsTheObjectsOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, u := New(t), newUser("fay")
		was := w.Sim.AddUser(acct, simulator.User{Email: u.Spec.Email, FirstName: u.Spec.FirstName, LastName: u.Spec.LastName})
		w.connected()
		w.create(u)
		w.settled()
		if w.there(u); u.Status.Origin != v1alpha1.Adopted {
			t.Fatalf("%s", u.Status.Origin)
		}
		w.Sim.RemoveUser(acct, was)
		w.Wait(30 * time.Minute)
		if w.there(u); w.ready(u) != "True/Synced" || u.Status.Origin != v1alpha1.Created || string(u.Status.UserKey) != was {
			t.Errorf("%s, %s, %s after %s", w.ready(u), u.Status.Origin, u.Status.UserKey, was)
		}
		w.Stop()
	})
}

// So it is whatever goes wrong then, and whenever the process is killed.
func TestWhoIsMadeAgainIsTheObjectsOwnOverAnyStrike(t *testing.T) {
	t.Parallel()
	walk(t, hasFay, madeAgain)
}

// Who is deleted once more, and whom a person adds, is not, though GoTo gives the same key again.
func TestWhoIsAddedByAPersonIsNotTheObjectsOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, u := New(t), newUser("fay")
		hasFay(w)
		madeAgain(w)
		edit(w, u, func(u *v1alpha1.GoToUser) { u.Spec.RecreatePolicy = v1alpha1.ReportMissing })
		key := string(u.Status.UserKey)
		w.Sim.RemoveUser(acct, key)
		w.Wait(40 * time.Minute)
		w.Sim.AddUser(acct, simulator.User{
			Key: key, Email: u.Spec.Email, FirstName: u.Spec.FirstName, LastName: u.Spec.LastName, InvitedDate: w.Sim.Now().UnixMilli(), InviteCount: 1,
		})
		w.Wait(40 * time.Minute)
		if w.there(u); w.ready(u) != "True/Synced" || u.Status.Origin != v1alpha1.Adopted || string(u.Status.UserKey) != key {
			t.Errorf("%s, %s, %s after %s", w.ready(u), u.Status.Origin, u.Status.UserKey, key)
		}
		w.Stop()
	})
}

// hasFay has an object adopt a user who is there.
func hasFay(w *World) {
	u := newUser("fay")
	w.Sim.AddUser(acct, simulator.User{Email: u.Spec.Email, FirstName: u.Spec.FirstName, LastName: u.Spec.LastName})
	w.create(u)
	w.connected()
	w.settled()
}

// madeAgain has the user of fay deleted in GoTo and made again, with the key of before.
func madeAgain(w *World) {
	w.Helper()
	was, _ := w.Sim.UserByEmail(acct, "fay@example.test")
	w.Sim.RemoveUser(acct, was.Key)
	w.Wait(20 * time.Minute)
	u := newUser("fay")
	if w.there(u); w.ready(u) != "True/Synced" || u.Status.Origin != v1alpha1.Created || string(u.Status.UserKey) != was.Key {
		w.Errorf("%s, %s, %s after %s", w.ready(u), u.Status.Origin, u.Status.UserKey, was.Key)
	}
}

// A user who is made while the account is connected anew is not in the first reading of the new connection, and there all the same.
func TestWhoIsMadeBesideAnotherConnection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, u := undated(t), newUser("fay")
		w.settled()
		w.slow(simulator.OpListGroups, 10*time.Second)
		edit(w, newAccount(), func(a *v1alpha1.GoToAccount) { a.Spec.RequestBudget.PageSize = 500 })
		w.Wait(2 * time.Second)
		w.slow(simulator.OpGetUser, 20*time.Second)
		w.create(u)
		w.settled()
		if w.there(u); w.ready(u) != "True/Synced" || u.Status.Origin != v1alpha1.Created || w.Sim.Calls()[simulator.OpCreateUsers] != 1 {
			t.Errorf("%s, %s, %v", w.ready(u), u.Status.Origin, w.Sim.Calls())
		}
		w.Stop()
	})
}

// A stop writes down what came of a create also where the cache does not show yet what was written before it.
func TestAStopWhileTheCacheLags(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w, u := undated(t), newUser("fay")
		w.settled()
		w.API.Lag(5 * time.Second)
		w.create(u)
		w.isMade(u)
		w.Stop()
		if w.there(u); u.Status.Origin != v1alpha1.Created {
			t.Errorf("%q, %s", u.Status.Origin, w.ready(u))
		}
	})
}

// What a new user gets beside the create it gets once, however often Kubernetes refuses to write down that it has it.
func TestANewUserGetsEverythingOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := New(t)
		w.definesAll()
		w.connected()
		w.create(newProfile("quiet", v1alpha1.MeetingSettings{ChatEnabled: new(false)}, allUsers))
		w.create(newBinding("all", ofMeets, everybody))
		w.settled()
		w.anew()
		u := newUser("fay")
		wantsAll(u)
		w.create(u)
		w.isMade(u)
		for range 5 {
			w.refusals.set(409, 10)
			w.Wait(10 * time.Second)
		}
		w.settled()
		for _, operation := range append([]string{simulator.OpCreateUsers}, besides...) {
			if n := w.Sim.Calls()[operation]; n != 1 {
				t.Errorf("%d times %s", n, operation)
			}
		}
		w.there(u)
		if w.ready(u) != "True/Synced" || len(u.Status.Contested) > 0 {
			t.Errorf("%s, contested: %v", w.ready(u), u.Status.Contested)
		}
		w.Stop()
	})
}

// licence waits until n users have a licence by a binding, when it is known already what a change of a user's licences does.
func (w *World) licence(n int) {
	w.Helper()
	all := many(n)
	w.create(newBinding("one", ofMeets, v1alpha1.LicenseSubject{UserRef: v1alpha1.UserReference{Name: all[0]}}))
	w.settled()
	w.create(newBinding("all", ofMeets, everybody))
	w.Until("all have it", func() bool {
		last, _ := w.Sim.UserByEmail(acct, newUser(all[n-1]).Spec.Email)
		return len(last.LicenseKeys) > 0
	})
}

// An edit does not wait until many others who were changed before it are read back.
func TestAnEditDoesNotWaitForAReadBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 100
		w := New(t)
		w.crowd(6000)
		w.create(newAccount())
		w.hire(many(n))
		w.Start()
		w.settled()
		w.licence(n)
		last := newUser(many(n)[n-1])
		edit(w, last, func(u *v1alpha1.GoToUser) { u.Spec.LastName = "Ford" })
		began := time.Now()
		w.Until("it is changed", func() bool {
			u, _ := w.Sim.UserByEmail(acct, last.Spec.Email)
			return u.LastName == "Ford"
		})
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("it took %s", took)
		}
		w.settled()
		if got := w.synced(many(n), w.userReady); got != n {
			t.Errorf("%d of %d are ready", got, n)
		}
		w.Stop()
	})
}

// A stop while many are made and wait for more, or were given something and wait to be read back: all is written down by the process that did it.
func TestAStopWhileManyWaitToBeReadBack(t *testing.T) {
	t.Parallel()
	for name, wait := range map[string]func(*World, int){
		"made": func(w *World, n int) {
			before := len(w.Sim.Users(acct))
			w.hire(many(n))
			w.Until("all are made", func() bool { return len(w.Sim.Users(acct)) == before+n })
		},
		"shown, and wait for a worker": func(w *World, n int) {
			w.hire(many(n))
			w.Until("all are made", func() bool { return w.Sim.Calls()[simulator.OpCreateUsers] > 0 })
			w.gate.slows(50 * time.Millisecond)
			w.Until("some are ready", func() bool {
				return w.synced(many(n), w.userReady) > 0
			})
		},
		"given a licence": func(w *World, n int) {
			w.hire(many(n))
			w.licence(n)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const n = 60
				w := New(t)
				w.workers = controller.Concurrency{"GoToUser": 5}
				w.Sim.SetSwitches(func(s *simulator.Switches) { s.InvitedDate = "absent" })
				w.crowd(20_000)
				w.connected()
				wait(w, n)
				began := time.Now()
				w.Stop()
				if took := time.Since(began); took > 8*time.Second {
					t.Errorf("the stop took %s", took)
				}
				for _, name := range many(n) {
					u := newUser(name)
					if ready := w.ready(u); ready != "True/Synced" || u.Status.Origin != v1alpha1.Created {
						t.Errorf("%s is %s and %s when its process has ended", name, ready, u.Status.Origin)
					}
				}
			})
		})
	}
}

// What an object has made is its own also where its status is lost, and another one knows the counterpart that was only to observe it and is to
// have another name since: nothing but a name in GoTo tells that the first may have made it.
func TestWhoWasOnlyToLookTakesNothing(t *testing.T) {
	t.Parallel()
	for i, another := range []string{`{"email":"ben@example.test"}`, `{"name":"crew"}`, `{"name":"floor"}`, `{"title":"other"}`} {
		t.Run(fmt.Sprintf("%T", makers()[i]), func(t *testing.T) {
			t.Parallel()
			for _, name := range []string{"a-second", "second"} { // whichever is looked at first
				synctest.Test(t, func(t *testing.T) {
					w, o, second := New(t), makers()[i], makers()[i]
					w.connected()
					w.create(o)
					w.settled()
					second.SetName(name)
					spec, _ := second.(engine.Object).Managed() //nolint:forcetypeassert // all are
					spec.ManagementPolicy = v1alpha1.Observe
					w.create(second)
					w.settled()
					w.patch(second, `{"spec":{"managementPolicy":"Manage"}}`)
					w.patch(second, `{"spec":`+another+`}`)
					w.settled()
					w.Stop()
					w.API.Lag(300 * time.Millisecond)
					w.there(o)
					key := *o.(engine.Object).RemoteKey() //nolint:forcetypeassert // all are
					restored := makers()[i]
					restored.SetAnnotations(w.lost(o))
					w.create(restored)
					w.Sim.ResetLog()
					w.Start()
					w.settled()
					w.there(o)
					if now := *o.(engine.Object).RemoteKey(); w.ready(o) != "True/Synced" || now != key || w.ready(second) != "False/Conflict" { //nolint:forcetypeassert // all are
						t.Errorf("%s, %s after %s; the second is %s", w.ready(o), now, key, w.ready(second))
					}
					for _, r := range w.Sim.Requests() {
						if r.Method != http.MethodGet && r.Operation != simulator.OpToken {
							t.Errorf("%s %s %s", r.Method, r.Path, r.Body)
						}
					}
					w.Stop()
				})
			}
		})
	}
}
