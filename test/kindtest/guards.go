package kindtest

import (
	"encoding/json"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// Guarded is a kind whose counterparts have one owner each.
type Guarded[O engine.Object, W, S any] struct {
	// Build makes a world.
	Build func(*testing.T) *World[O, W, S]
	// Apply creates an object of that name, or lets change edit the one that there is.
	Apply func(t *testing.T, w *World[O, W, S], name string, change func(O)) O
	// Plant puts what the spec of an object asks for into GoTo, as made at that time, and returns its key.
	Plant func(w *World[O, W, S], o O, at time.Time) string
	// Count is how many counterparts there are in GoTo.
	Count func(w *World[O, W, S]) int
	// Claim lets the spec of an object ask for the counterpart of another one.
	Claim func(o, other O)
	// Intent is what the operator would record before it creates the counterpart of an object at that time.
	Intent func(o O, at time.Time) string
	// Memory is what metadata has of an object besides, as JSON; nil for nothing.
	Memory json.RawMessage
	// Creates and Updates are the operations that make a counterpart and change it, and Edit changes what the spec asks for.
	Creates, Updates string
	Edit             func(o O)
	// Alike says that nothing is found by a name, but what looks the same: an object that may not have it makes its own.
	Alike bool
}

const one = "one"

// made is a world with an object whose counterpart the operator has created.
func (g Guarded[O, W, S]) made(t *testing.T) (*World[O, W, S], O) {
	t.Helper()
	w := g.Build(t)
	o := g.Apply(t, w, one, func(O) {})
	w.Start(one)
	w.Run(t, Resync)
	g.Is(t, w, o, "True Synced")
	w.Forget()
	return w, o
}

// Is fails unless Ready has this status and reason.
func (g Guarded[O, W, S]) Is(t *testing.T, w *World[O, W, S], o O, want string) {
	t.Helper()
	if Object(t, w.Kube, o); Reason(o) != want {
		_, status := o.Managed()
		t.Errorf("Ready is %s, want %s: %+v", Reason(o), want, status.Conditions)
	}
}

// Remove deletes the object and lets the operator act on it. It tells whether the object is gone.
func (g Guarded[O, W, S]) Remove(t *testing.T, w *World[O, W, S], o O) (gone bool) {
	t.Helper()
	if err := client.IgnoreNotFound(w.Kube.Delete(t.Context(), o)); err != nil {
		t.Fatal(err)
	}
	w.Start(o.GetName())
	w.Run(t, Resync/2)
	_, there := Object(t, w.Kube, o)
	return !there
}

// left fails unless GoTo has that many counterparts.
func (g Guarded[O, W, S]) left(t *testing.T, w *World[O, W, S], want int) {
	t.Helper()
	if n := g.Count(w); n != want {
		t.Errorf("%d counterparts in GoTo, want %d", n, want)
	}
}

// Switch puts another GoTo account, or the first one again, behind the GoToAccount.
func (w *World[O, W, S]) Switch(t *testing.T, key, token string) {
	t.Helper()
	w.token = token
	w.Connect(t, append(slices.Clone(w.options), func(o *account.Options) { o.Key = gotoclient.Key(key) })...)
	w.Forget()
}

// AccountSwitched puts another GoTo account behind the GoToAccount of an object: nothing is read or written for it there, and
// its deletion waits until the account is the one again that its counterpart is in.
func (g Guarded[O, W, S]) AccountSwitched(t *testing.T) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w, o := g.made(t)
		w.Switch(t, simulator.OtherAccountKey, simulator.OtherAccountPersonalAccessToken)
		for range 4 {
			w.Start(one)
			w.Run(t, time.Second)
		}
		g.Is(t, w, o, "False "+v1alpha1.ReasonAccountKeyMismatch)
		if g.Remove(t, w, o) {
			t.Error("the object went, and its counterpart could not be seen")
		}
		if calls := w.Sim.Calls(); len(calls) > 0 {
			t.Errorf("calls in the other account: %v", calls)
		}
		g.left(t, w, 1)
		w.Switch(t, simulator.DefaultAccountKey, "")
		if !g.Remove(t, w, o) {
			t.Error("the object is still there")
		}
		g.left(t, w, 0)
	})
}

// Replaced takes finalizer and identity away, as a PUT of the manifest does: they come back without a call of GoTo, whatever
// else the object says, and the counterpart goes with its object.
func (g Guarded[O, W, S]) Replaced(t *testing.T) {
	t.Helper()
	for row, suspend := range map[string]bool{"at work": false, "suspended": true} {
		t.Run(row, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { g.replaced(t, suspend) })
		})
	}
}

func (g Guarded[O, W, S]) replaced(t *testing.T, suspend bool) {
	t.Helper()
	w, o := g.made(t)
	set := func(o O) { spec, _ := o.Managed(); spec.Suspend = suspend }
	g.Apply(t, w, one, set)
	w.Start(one)
	w.Run(t, time.Second)
	Object(t, w.Kube, o)
	o.SetFinalizers(nil)
	o.SetAnnotations(nil)
	if err := w.Kube.Update(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	w.Start(one)
	w.Forget()
	w.Run(t, time.Second)
	Object(t, w.Kube, o)
	if calls := w.Sim.Calls(); !slices.Contains(o.GetFinalizers(), v1alpha1.Finalizer) || GetIdentity(o).Key == "" || len(calls) > 0 || w.Writes != 1 {
		t.Errorf("metadata %v %v, %d writes, calls %v", o.GetFinalizers(), o.GetAnnotations(), w.Writes, calls)
	}
	suspend = false
	g.Apply(t, w, one, set)
	if !g.Remove(t, w, o) {
		t.Error("the object is still there")
	}
	g.left(t, w, 0)
}

// TakenOver lets an older object, which had another counterpart or none, ask for what a younger one has created, and wants it
// refused; and the same of one that is made for it.
func (g Guarded[O, W, S]) TakenOver(t *testing.T) {
	t.Helper()
	for row, before := range map[string]func(O){
		"by an edit":         func(O) {},
		"by one who watched": func(o O) { spec, _ := o.Managed(); spec.ManagementPolicy = v1alpha1.Observe },
		"by a new object":    nil,
	} {
		t.Run(row, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { g.takenOver(t, before) })
		})
	}
}

func (g Guarded[O, W, S]) takenOver(t *testing.T, before func(O)) {
	t.Helper()
	w, victim := g.made(t)
	older := func(o O) {
		if at := victim.GetCreationTimestamp(); o.GetGeneration() == 1 {
			at.Time = at.AddDate(-1, 0, 0)
			o.SetCreationTimestamp(at)
		}
	}
	if before != nil {
		g.Apply(t, w, "older", func(o O) { older(o); before(o) })
		w.Start("older")
		w.Run(t, time.Minute)
	}
	own := g.Count(w)
	thief := g.Apply(t, w, "older", func(o O) {
		older(o)
		g.Edit(o)
		g.Claim(o, victim)
		spec, _ := o.Managed()
		spec.ManagementPolicy, spec.DeletionPolicy = v1alpha1.Manage, v1alpha1.DeletionPolicyDelete
	})
	w.Start("older")
	w.Forget()
	w.Run(t, 3*Resync)
	g.Is(t, w, thief, "False "+v1alpha1.ReasonConflict)
	if len(w.Changes()) > 0 {
		t.Errorf("GoTo was changed: %v", w.Sim.Calls())
	}
	if !g.Remove(t, w, thief) {
		t.Error("the older object is still there")
	}
	w.Start(one)
	w.Run(t, Resync)
	g.Is(t, w, victim, "True Synced")
	g.left(t, w, 1)
	if own > 2 {
		t.Errorf("%d counterparts of two objects", own)
	}
}

// TriedAgain lets GoTo refuse or forbid the creation, or a change, of one object: it is tried once at each resync, and comes
// about when GoTo takes it.
func (g Guarded[O, W, S]) TriedAgain(t *testing.T) {
	t.Helper()
	for reason, status := range map[string]int{v1alpha1.ReasonRefused: 400, v1alpha1.ReasonForbidden: 403} {
		for _, operation := range []string{g.Creates, g.Updates} {
			t.Run(operation+" "+reason, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { g.triedAgain(t, operation, reason, status) })
			})
		}
	}
}

func (g Guarded[O, W, S]) triedAgain(t *testing.T, operation, reason string, status int) {
	t.Helper()
	w := g.Build(t)
	if operation == g.Updates {
		w, _ = g.made(t)
	}
	w.Sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Operation: operation, Status: status, Count: 1000})
	o := g.Apply(t, w, one, func(o O) {
		if operation == g.Updates {
			g.Edit(o)
		}
	})
	w.Start(one)
	w.Run(t, time.Minute)
	g.Is(t, w, o, "False "+reason)
	writes := w.Writes
	first := w.Sim.Calls()[operation]
	for range 5 {
		w.Forget()
		w.Run(t, Resync*21/20) // half of the jitter, more or less
		if n := w.Reconciles[one]; n > 2 || w.Sim.Calls()[operation] > 2*first {
			t.Errorf("%d reconciles in one resync, %v", n, w.Sim.Calls())
		}
	}
	w.Forget()
	w.Run(t, 11*Resync)
	if n := w.Reconciles[one]; n < 10 || n > 11 || w.Sim.Calls()[operation] != n*first {
		t.Errorf("%d reconciles in 11 resyncs: %v", n, w.Sim.Calls())
	}
	if n := w.Writes; n > 2*11 || writes > 4 {
		t.Errorf("%d writes at first, and then %d", writes, n)
	}
	w.Sim.ClearFaults()
	w.Run(t, 2*Resync)
	g.Is(t, w, o, "True Synced")
	g.left(t, w, 1)
}
