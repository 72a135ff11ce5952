package gotoattribute

import (
	"errors"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/account/brake"
	"github.com/goto-operator/goto-operator/internal/definition"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

type world = kindtest.World[*v1alpha1.GoToAttribute, definition.Nothing, seen]

func newWorld(t *testing.T) *world {
	t.Helper()
	w := kindtest.New(t,
		func(i client.FieldIndexer) error {
			return errors.Join(addIndexes(i), engine.AddIndexes(i, newKind(nil)))
		},
		func(c client.Client, _ *account.Registry) engine.Kind[*v1alpha1.GoToAttribute, definition.Nothing, seen] {
			return newKind(c)
		})
	return w
}

func apply(t *testing.T, w *world, name string, change func(*v1alpha1.GoToAttribute)) *v1alpha1.GoToAttribute {
	t.Helper()
	a := &v1alpha1.GoToAttribute{}
	a.Name = name
	return kindtest.Apply(t, w.Kube, a, func(a *v1alpha1.GoToAttribute) {
		if a.Spec.Name == "" {
			a.Spec.Name, a.Spec.AccountRef.Name = name, kindtest.Account
		}
		change(a)
	})
}

func asIs(*v1alpha1.GoToAttribute) {}

func remote(w *world) simulator.Definitions { return w.Sim.State().Accounts[0].Attributes }

func TestNewAttributeCostsTwoWritesAndThenNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := apply(t, w, "room", asIs)
	w.Until(t, a, kindtest.Ready)
	if a.Status.Origin != v1alpha1.Created || len(remote(w)) != 1 || string(a.Status.AttributeKey) != remote(w)[0].Key {
		t.Errorf("%+v, remote %+v", a.Status, remote(w))
	}
	// The list before, twice since it is empty, and the list that shows what was made.
	if calls := w.Sim.Calls(); calls[gotoclient.OpCreateAttribute] != 1 || calls[gotoclient.OpListAttributes] != 3 || len(calls) != 2 || w.Writes != 2 {
		t.Errorf("%d writes, calls %v", w.Writes, calls)
	}
	w.Sim.ResetLog()
	w.Writes = 0
	if err := w.Reconcile(t, "room"); err != nil || w.Writes != 0 || len(w.Sim.Calls()) != 0 {
		t.Errorf("a steady attribute: %v, %d writes, calls %v", err, w.Writes, w.Sim.Calls())
	}
}

// The list is read at a resync only while there is an attribute.
func TestListIsReadWhileItIsNeeded(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	reads := func() int {
		w.Sim.ResetLog()
		if err := w.Acct.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		return w.Sim.Calls()[gotoclient.OpListAttributes]
	}
	if n := reads(); n != 0 {
		t.Errorf("%d readings before there is one", n)
	}
	a := apply(t, w, "room", asIs)
	w.Until(t, a, kindtest.Ready)
	if n := reads(); n != 1 {
		t.Errorf("%d readings at a resync", n)
	}
	if err := w.Kube.Delete(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	w.Until(t, a, kindtest.Gone)
	if n := reads(); n != 0 {
		t.Errorf("%d readings when it is gone", n)
	}
}

var named = kindtest.Named[*v1alpha1.GoToAttribute, definition.Nothing, seen]{
	Build: newWorld,
	Apply: apply,
	Plant: func(w *world, name string) { plant(w, name) },
	All: func(w *world) []kindtest.Counterpart {
		return kindtest.CounterpartsOf(remote(w), func(d *simulator.Definition) kindtest.Counterpart {
			return kindtest.Counterpart{Key: d.Key, Name: d.Name}
		})
	},
	Rename: func(a *v1alpha1.GoToAttribute, name string) { a.Spec.Name = name },
	Lists:  gotoclient.OpListAttributes, Creates: gotoclient.OpCreateAttribute, Updates: gotoclient.OpUpdateAttribute, Deletes: gotoclient.OpDeleteAttribute,
}

func TestFaults(t *testing.T) { t.Parallel(); named.Faults(t) }
func TestWalk(t *testing.T)   { t.Parallel(); named.Walk(t) }

func plant(w *world, name string) (key string) {
	w.Sim.Define(simulator.DefaultAccountKey, func(d *simulator.Defined) {
		d.Attributes = append(d.Attributes, simulator.Definition{Name: name})
	})
	all := remote(w)
	return all[len(all)-1].Key
}

var guarded = kindtest.Guarded[*v1alpha1.GoToAttribute, definition.Nothing, seen]{
	Build:   newWorld,
	Apply:   apply,
	Plant:   func(w *world, a *v1alpha1.GoToAttribute, _ time.Time) string { return plant(w, a.Spec.Name) },
	Count:   func(w *world) int { return len(remote(w)) },
	Claim:   func(a, other *v1alpha1.GoToAttribute) { a.Spec.Name = other.Spec.Name },
	Intent:  func(a *v1alpha1.GoToAttribute, _ time.Time) string { return a.Spec.Name },
	Creates: gotoclient.OpCreateAttribute, Updates: gotoclient.OpUpdateAttribute,
	Edit: func(a *v1alpha1.GoToAttribute) { a.Spec.Name += ", renamed" },
}

func TestAccountSwitched(t *testing.T)            { t.Parallel(); guarded.AccountSwitched(t) }
func TestReplacedByPUT(t *testing.T)              { t.Parallel(); guarded.Replaced(t) }
func TestOlderObjectTakesNothing(t *testing.T)    { t.Parallel(); guarded.TakenOver(t) }
func TestAdoptionPolicies(t *testing.T)           { t.Parallel(); guarded.Adoption(t) }
func TestRefusedIsTriedAtEachResync(t *testing.T) { t.Parallel(); guarded.TriedAgain(t) }

var corrected = kindtest.Corrected[*v1alpha1.GoToAttribute, definition.Nothing, seen]{
	Build: newWorld,
	Apply: apply,
	Fields: func(w *world) []kindtest.Field[*v1alpha1.GoToAttribute] {
		names := []string{"Room", "Floor", "House"}
		return []kindtest.Field[*v1alpha1.GoToAttribute]{{
			Name: "name",
			Ask:  func(a *v1alpha1.GoToAttribute, v int) { a.Spec.Name = names[v] },
			Put: func(a *v1alpha1.GoToAttribute, v int) {
				w.Sim.Define(simulator.DefaultAccountKey, func(d *simulator.Defined) { d.Attributes.Get(string(a.Status.AttributeKey)).Name = names[v] })
			},
		}}
	},
}

func TestWhatGoToDoesNotKeep(t *testing.T)          { t.Parallel(); corrected.NotKept(t) }
func TestWhatSomebodyElseChangesBack(t *testing.T)  { t.Parallel(); corrected.Contested(t) }
func TestWhatSomebodyChangesMeanwhile(t *testing.T) { t.Parallel(); corrected.Meanwhile(t) }

// Every position of what nobody has verified about attributes.
func TestSwitches(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"definitionCreateBody", "definitionConflict", "createStatus", "updateStatus", "deleteStatus", "writeBody", "keyType",
		"emptyResults", "invalidStatus", "notFound"} {
		for _, position := range simulator.SwitchPositions()[name] {
			t.Run(name+"="+position, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.Sim.SetSwitches(func(s *simulator.Switches) {
					if err := s.Set(name, position); err != nil {
						t.Error(err)
					}
				})
				a := apply(t, w, "room", asIs)
				w.Until(t, a, kindtest.Ready)
				apply(t, w, "room", func(a *v1alpha1.GoToAttribute) { a.Spec.Name = "Room" })
				w.Until(t, a, kindtest.Ready)
				named.Stays(t, w, a, v1alpha1.Created, false)
			})
		}
	}
}

// Where GoTo knows no such paths, or nobody vouches for them, nothing is sent or believed gone, and nothing is made a second time.
func TestNoSuchPath(t *testing.T) {
	t.Parallel()
	for position, deny := range map[string]bool{"available": true, "elsewhere": false, "unavailable": false} {
		w := newWorld(t)
		a := apply(t, w, "room", asIs)
		w.Until(t, a, kindtest.Ready)
		w.Sim.SetSwitches(func(s *simulator.Switches) { s.DefinitionItems = position })
		w.Deny = deny
		w.Restart(t)
		apply(t, w, "room", func(a *v1alpha1.GoToAttribute) { a.Spec.Name = "Room" })
		_ = w.Reconcile(t, "room")
		if kindtest.Object(t, w.Kube, a); kindtest.Reason(a) != "False "+v1alpha1.ReasonEndpointUnverified || len(remote(w)) != 1 {
			t.Errorf("%s: %s, %+v", position, kindtest.Reason(a), remote(w))
		}
		if err := w.Kube.Delete(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		_ = w.Reconcile(t, "room")
		if _, there := kindtest.Object(t, w.Kube, a); !there || kindtest.Reason(a) != "False "+v1alpha1.ReasonEndpointUnverified || len(remote(w)) != 1 {
			t.Errorf("%s: %v %s, %+v", position, there, kindtest.Reason(a), remote(w))
		}
		calls := w.Sim.Calls()
		if sent := calls[gotoclient.OpUpdateAttribute] + calls[gotoclient.OpDeleteAttribute] + calls[simulator.OpUnknown]; deny && sent > 0 {
			t.Errorf("sent on a guess: %v", calls)
		}
	}
}

func TestDeletionWaitsWhileUsersNameIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := apply(t, w, "room", asIs)
	w.Until(t, a, kindtest.Ready)
	u := &v1alpha1.GoToUser{}
	u.Name = "fay"
	kindtest.Apply(t, w.Kube, u, func(u *v1alpha1.GoToUser) {
		u.Spec.AccountRef.Name, u.Spec.Attributes = kindtest.Account, map[string]v1alpha1.AttributeValue{"room": "7"}
	})
	if err := w.Kube.Delete(t.Context(), a); err != nil {
		t.Fatal(err)
	}
	if err := w.Reconcile(t, "room"); err != nil {
		t.Fatal(err)
	}
	if _, there := kindtest.Object(t, w.Kube, a); !there || kindtest.Reason(a) != "False InUse" || len(remote(w)) != 1 {
		t.Errorf("%v %s %+v", there, kindtest.Reason(a), a.Status.Conditions)
	}
	if got := waiting(t.Context(), w.Kube, u); len(got) != 1 || got[0].Name != "room" {
		t.Errorf("the user starts %v", got)
	}
	kindtest.Apply(t, w.Kube, u, func(u *v1alpha1.GoToUser) { u.Spec.Attributes = nil })
	w.Until(t, a, kindtest.Gone)
	if len(remote(w)) != 0 {
		t.Errorf("left: %+v", remote(w))
	}
}

// An attribute that is renamed and deleted before the rename is written has its old name in GoTo, and users may name either; and a user may
// write a name otherwise than the attribute's object does.
func TestDeletionWaitsByEitherNameHoweverItIsWritten(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ made, deleted, user string }{
		"the name in GoTo":     {"room", "Room number", "room"},
		"the name of the spec": {"room", "Room number", "Room number"},
		"decomposed":           {"caf\u00e9", "caf\u00e9", "cafe\u0301"},
		"composed":             {"cafe\u0301", "cafe\u0301", "caf\u00e9"},
		"escaped":              {"R&D", "R&D", "R&amp;D"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			a := apply(t, w, "room", func(a *v1alpha1.GoToAttribute) { a.Spec.Name = c.made })
			w.Until(t, a, kindtest.Ready)
			u := kindtest.Apply(t, w.Kube, &v1alpha1.GoToUser{ObjectMeta: metav1.ObjectMeta{Name: "fay"}}, func(u *v1alpha1.GoToUser) {
				u.Spec.AccountRef.Name, u.Spec.Attributes = kindtest.Account, map[string]v1alpha1.AttributeValue{c.user: "7"}
			})
			apply(t, w, "room", func(a *v1alpha1.GoToAttribute) { a.Spec.Name = c.deleted })
			if err := w.Kube.Delete(t.Context(), a); err != nil {
				t.Fatal(err)
			}
			if err := w.Reconcile(t, "room"); err != nil {
				t.Fatal(err)
			}
			if _, there := kindtest.Object(t, w.Kube, a); !there || kindtest.Reason(a) != "False InUse" || len(remote(w)) != 1 {
				t.Errorf("there %t: %s, remote %+v", there, kindtest.Reason(a), remote(w))
			}
			kindtest.Apply(t, w.Kube, u, func(u *v1alpha1.GoToUser) { u.Spec.Attributes = nil })
			if w.Until(t, a, kindtest.Gone); len(remote(w)) > 0 {
				t.Errorf("left: %+v", remote(w))
			}
		})
	}
}

func TestBrake(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var all []*v1alpha1.GoToAttribute
	for _, name := range []string{"room", "floor"} {
		a := apply(t, w, name, asIs)
		w.Until(t, a, kindtest.Ready)
		all = append(all, a)
	}
	w.Acct.Deletions().Brake().SetLimits(brake.Same(time.Hour, brake.Limit{Minimum: 1, Maximum: 1}))
	for _, a := range all {
		if err := w.Kube.Delete(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		_ = w.Reconcile(t, a.Name)
	}
	if kindtest.Object(t, w.Kube, all[1]); kindtest.Reason(all[1]) != "False DeletionBrake" || len(remote(w)) != 1 {
		t.Errorf("%s, left %+v", kindtest.Reason(all[1]), remote(w))
	}
}
