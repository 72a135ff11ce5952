package whole

import (
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// Two objects that ask for one counterpart, made within a second: one has it, and the other says so. Whoever wrote last meanwhile, GoTo
// has what the owner asks for.
func TestTwoObjectsAskForOneCounterpart(t *testing.T) {
	t.Parallel()
	kinds := map[string]struct {
		asks func(name string) engine.Object
		has  func(*testing.T, *World, string) // fails unless GoTo has one counterpart, and it is as this object asks for
	}{
		"user": {func(name string) engine.Object {
			u := newUser(name)
			u.Spec.Email, u.Spec.LastName = "same@example.test", name
			return u
		}, func(t *testing.T, w *World, owner string) {
			t.Helper()
			if seen, _ := w.Sim.UserByEmail(acct, "same@example.test"); seen.LastName != owner || len(w.Sim.Users(acct)) != 2 {
				t.Errorf("%s has the user, and GoTo has %s\n%s", owner, seen.LastName, w.standing())
			}
		}},
		"group": {func(name string) engine.Object {
			g := newGroup(name)
			g.Spec.Name = "Same"
			return g
		}, func(t *testing.T, w *World, _ string) {
			t.Helper()
			if n := len(w.Sim.State().Accounts[0].Groups); n != 1 {
				t.Errorf("%d groups", n)
			}
		}},
	}
	for kind, k := range kinds {
		for _, names := range [][2]string{{"ben", "cem"}, {"cem", "ben"}} {
			for later := time.Duration(0); later < time.Second; later += 50 * time.Millisecond {
				t.Run(kind+" "+names[0]+", the other after "+later.String(), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						w := New(t)
						w.create(newAccount())
						w.Start()
						a, b := k.asks(names[0]), k.asks(names[1])
						w.create(a)
						time.Sleep(later)
						w.create(b)
						w.Wait(time.Hour)
						owner, loser := a, b
						if w.ready(b) == "True/Synced" {
							owner, loser = b, a
						}
						if x, y := w.ready(owner), w.ready(loser); x != "True/Synced" || y != "False/Conflict" {
							t.Fatalf("%s and %s\n%s", x, y, w.standing())
						}
						k.has(t, w, owner.GetName())
						w.Stop()
					})
				})
			}
		}
	}
}

// An object whose address is given to another one while its own create is under way, and its status comes too late to say what it wrote,
// or never does since the object is deleted then: GoTo has what the owner asks for all the same.
func TestAnAddressChangesHandsWhileItIsCreated(t *testing.T) {
	t.Parallel()
	for how, leaves := range map[string]func(*World, *v1alpha1.GoToUser){
		"for one that is taken": func(w *World, u *v1alpha1.GoToUser) {
			edit(w, u, func(u *v1alpha1.GoToUser) { u.Spec.Email = newUser("taken").Spec.Email })
		},
		"and is deleted": func(w *World, u *v1alpha1.GoToUser) {
			edit(w, u, func(u *v1alpha1.GoToUser) { u.Spec.Email = "other@example.test" })
			w.must(w.Kube.Delete(w.Context(), u))
		},
	} {
		for _, lag := range []time.Duration{0, 300 * time.Millisecond} {
			for later := time.Duration(0); later < 2*time.Second; later += 50 * time.Millisecond {
				t.Run(how+" "+lag.String()+" "+later.String(), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) { changesHands(t, lag, later, leaves) })
				})
			}
		}
	}
}

func changesHands(t *testing.T, lag, later time.Duration, leaves func(*World, *v1alpha1.GoToUser)) {
	t.Helper()
	w := New(t)
	w.create(newAccount())
	w.Start()
	w.Wait(time.Minute)
	w.API.Lag(lag)
	first, second := newUser("first"), newUser("second")
	first.Spec.Email, first.Spec.LastName = "same@example.test", "First"
	second.Spec.Email, second.Spec.LastName = "same@example.test", "Second"
	w.create(newUser("taken"))
	w.Wait(time.Minute)
	w.create(first)
	time.Sleep(later)
	leaves(w, first)
	w.create(second)
	w.Wait(time.Hour)
	seen, _ := w.Sim.UserByEmail(acct, "same@example.test")
	if said := w.ready(second); said == "True/Synced" && seen.LastName != "Second" {
		t.Errorf("in sync, and GoTo has %s; first: %s\n%s", seen.LastName, w.ready(first), w.standing())
	}
	w.Stop()
}

// renamed are the kinds whose counterparts have a name, and how one asks for it.
var renamed = map[string]func(name, word string) engine.Object{
	"user": func(name, word string) engine.Object {
		u := newUser(name)
		u.Spec.Email = word + "@example.test"
		return u
	},
	"group": func(name, word string) engine.Object {
		g := newGroup(name)
		g.Spec.Name = word
		return g
	},
	"attribute": func(name, word string) engine.Object {
		a := newAttribute(name)
		a.Spec.Name = word
		return a
	},
	"template": func(name, word string) engine.Object {
		e := newTemplate(name)
		e.Spec.Title = word
		return e
	},
}

// An object of which all is lost but the intent, and whose name was given to another one meanwhile, is found by the intent alone. The one
// that has the name now is not in sync with the same counterpart for a moment, and gets its own.
func TestANameChangesHandsWhileOnlyTheIntentIsLeft(t *testing.T) {
	t.Parallel()
	for kind, asks := range renamed {
		for _, older := range []string{"first", "second"} {
			t.Run(kind+", older is "+older, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := New(t)
					w.create(newAccount())
					w.create(asks("first", "old"))
					w.Start()
					w.settled()
					w.Stop()
					first, second := asks("first", "new"), asks("second", "old")
					first.SetAnnotations(w.lost(asks("first", "old")))
					both := []engine.Object{first, second}
					if older == "second" {
						slices.Reverse(both)
					}
					for _, obj := range both {
						w.create(obj)
						w.Wait(time.Minute)
					}
					w.Start()
					for range 120 {
						w.Wait(time.Second)
						w.notBothInSync(first, second)
					}
					w.Wait(resyncs)
					if x, y := w.ready(first), w.ready(second); x != "True/Synced" || y != "True/Synced" {
						t.Errorf("%s and %s\n%s", x, y, w.standing())
					}
					w.Stop()
				})
			})
		}
	}
}

func spec(o engine.Object) reflect.Value { return reflect.ValueOf(o).Elem().FieldByName("Spec") }

// notBothInSync fails if two objects are in sync with one counterpart.
func (w *World) notBothInSync(a, b engine.Object) {
	w.Helper()
	if w.ready(a) == "True/Synced" && w.ready(b) == "True/Synced" && *a.RemoteKey() == *b.RemoteKey() {
		w.Fatalf("both are in sync with %s\n%s", *a.RemoteKey(), w.standing())
	}
}

// Not even for as long as the cache does not show what each has come by.
func TestTwoObjectsAreNotInSyncWithOneCounterpartForAMoment(t *testing.T) {
	t.Parallel()
	for kind, asks := range renamed {
		for later := time.Duration(0); later < 2*time.Second; later += 200 * time.Millisecond {
			t.Run(kind+", the other after "+later.String(), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := New(t)
					w.create(newAccount())
					w.Start()
					w.Wait(time.Minute)
					w.API.Lag(5 * time.Second)
					a, b := asks("first", "mine"), asks("second", "same")
					w.create(a)
					w.create(b)
					time.Sleep(later)
					edit(w, a, func(o engine.Object) { spec(o).Set(spec(asks("first", "same"))) })
					for range 200 {
						w.Wait(100 * time.Millisecond)
						w.notBothInSync(a, b)
					}
					w.Wait(resyncs)
					if x, y := w.ready(a), w.ready(b); (x == "True/Synced") == (y == "True/Synced") {
						t.Errorf("%s and %s\n%s", x, y, w.standing())
					}
					w.Stop()
				})
			})
		}
	}
}

// Nor who comes back to what it has made, and did nothing about for a while, beside another one that takes it just then.
func TestWhoComesBackIsNotInSyncBesideAnother(t *testing.T) {
	t.Parallel()
	for kind, asks := range renamed {
		for how, pause := range map[string]func(*v1alpha1.ManagedSpec, bool){
			"observed": func(s *v1alpha1.ManagedSpec, yes bool) {
				s.ManagementPolicy = map[bool]v1alpha1.ManagementPolicy{true: v1alpha1.Observe, false: v1alpha1.Manage}[yes]
			},
			"suspended": func(s *v1alpha1.ManagedSpec, yes bool) { s.Suspend = yes },
		} {
			for later := -400 * time.Millisecond; later < 500*time.Millisecond; later += 100 * time.Millisecond {
				t.Run(kind+", "+how+", back after "+later.String(), func(t *testing.T) {
					t.Parallel()
					synctest.Test(t, func(t *testing.T) {
						first, second := asks("first", "same"), asks("second", "same")
						w := New(t)
						w.create(newAccount())
						w.create(first)
						w.Start()
						w.settled()
						paused := func(yes bool) func(engine.Object) {
							return func(o engine.Object) {
								spec, _ := o.Managed()
								pause(spec, yes)
							}
						}
						edit(w, first, paused(true))
						w.settled()
						w.API.Lag(5 * time.Second)
						acts := []func(){func() { w.create(second) }, func() { edit(w, first, paused(false)) }}
						if later < 0 {
							slices.Reverse(acts)
						}
						acts[0]()
						time.Sleep(later.Abs())
						acts[1]()
						for range 200 {
							w.Wait(100 * time.Millisecond)
							w.notBothInSync(first, second)
						}
						w.Wait(resyncs)
						if x, y := w.ready(first), w.ready(second); x != "True/Synced" || y != "False/Conflict" {
							t.Errorf("%s and %s\n%s", x, y, w.standing())
						}
						w.Stop()
					})
				})
			}
		}
	}
}

// An object that has tried to change its counterpart, and may do nothing about it any more, keeps no other one waiting for it, whatever else is
// wrong with it.
func TestWhoMayDoNothingKeepsNobodyWaiting(t *testing.T) {
	t.Parallel()
	for name, stops := range map[string]func(*World, *v1alpha1.GoToUser){
		"only observes, and names a group that is not there": func(w *World, u *v1alpha1.GoToUser) {
			edit(w, u, func(u *v1alpha1.GoToUser) {
				u.Spec.Email, u.Spec.ManagementPolicy, u.Spec.GroupRef.Name = "eve@example.test", v1alpha1.Observe, "nobody"
			})
		},
		"is suspended": func(w *World, u *v1alpha1.GoToUser) {
			edit(w, u, func(u *v1alpha1.GoToUser) { u.Spec.Email, u.Spec.Suspend = "eve@example.test", true })
		},
		"is in a namespace that the account does not allow": func(w *World, _ *v1alpha1.GoToUser) {
			edit(w, newAccount(), func(ga *v1alpha1.GoToAccount) { ga.Spec.AllowedNamespaces.From = v1alpha1.NamespacesFromSame })
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { nobodyWaits(t, stops) })
		})
	}
}

func nobodyWaits(t *testing.T, stops func(*World, *v1alpha1.GoToUser)) {
	t.Helper()
	ga, u, other := newAccount(), newUser("ann"), newUser("eve")
	ga.Spec.AllowedNamespaces.From = v1alpha1.NamespacesFromAll
	u.Namespace, u.Spec.AccountRef.Namespace, u.Spec.Email = "another", ga.Namespace, "eve@example.test"
	w := started(t, ga, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: u.Namespace}}, u)
	w.settled()
	w.Sim.AddUser(acct, simulator.User{Email: "ann@example.test", FirstName: "Fay", LastName: "Console"})
	edit(w, u, func(u *v1alpha1.GoToUser) { u.Spec.Email = "ann@example.test" })
	w.Wait(resyncs)
	if said := w.ready(u); said != "False/Conflict" {
		t.Fatalf("it proves nothing: %s\n%s", said, w.standing())
	}
	stops(w, u)
	w.create(other)
	w.Wait(resyncs)
	before := w.reconciles.Load()
	w.Wait(resyncs)
	if n := w.reconciles.Load() - before; n > 10 || w.ready(other) != "True/Synced" {
		t.Errorf("%d reconciles, and %s\n%s", n, w.ready(other), w.standing())
	}
	w.Stop()
}

// lost takes an object from the cluster without the operator's knowledge, and returns the annotations that a backup has of it.
func (w *World) lost(obj client.Object) map[string]string {
	w.Helper()
	w.must(w.Kube.Get(w.Context(), client.ObjectKeyFromObject(obj), obj))
	saved := obj.GetAnnotations()
	obj.SetFinalizers(nil)
	w.must(w.Kube.Update(w.Context(), obj))
	w.must(w.Kube.Delete(w.Context(), obj))
	return saved
}
