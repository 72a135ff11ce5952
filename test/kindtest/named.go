package kindtest

import (
	"testing"
	"testing/synctest"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// Counterpart is what GoTo has for an object of a kind that is named.
type Counterpart struct{ Key, Name string }

// CounterpartsOf are those that the simulator's records stand for.
func CounterpartsOf[T any](records []T, of func(*T) Counterpart) []Counterpart {
	out := make([]Counterpart, len(records))
	for i := range records {
		out[i] = of(&records[i])
	}
	return out
}

// Named is a kind whose counterparts are found by a name, or by what is like one, and keep their key under another one.
type Named[O engine.Object, W, S any] struct {
	// Build makes a world.
	Build func(*testing.T) *World[O, W, S]
	// Apply creates an object that asks for a counterpart of its own name, or lets change edit the one that there is.
	Apply func(t *testing.T, w *World[O, W, S], name string, change func(O)) O
	// Plant puts one of that name into GoTo, and All are those that are there.
	Plant func(w *World[O, W, S], name string)
	All   func(w *World[O, W, S]) []Counterpart
	// Rename lets the spec of an object ask for another name.
	Rename func(o O, name string)
	// Agrees fails unless GoTo has what the spec of the object, which is the only one, asks for; nil where the name says it all.
	Agrees func(t *testing.T, w *World[O, W, S], o O)
	// Lists, Creates, Updates and Deletes are the operations of the kind.
	Lists, Creates, Updates, Deletes string
}

// renamed is the name that replaces one.
const renamed = "Another"

func (n Named[O, W, S]) made(t *testing.T, w *World[O, W, S]) O {
	t.Helper()
	return n.Apply(t, w, one, func(O) {})
}

func (n Named[O, W, S]) rename(t *testing.T, w *World[O, W, S]) {
	t.Helper()
	n.Apply(t, w, one, func(o O) { n.Rename(o, renamed) })
}

// Faults takes an object through its life, with the same fault at each write.
func (n Named[O, W, S]) Faults(t *testing.T) {
	t.Helper()
	for row, faults := range Faults(n.Lists) {
		t.Run(row, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) { n.faulty(t, faults) })
		})
	}
}

func (n Named[O, W, S]) faulty(t *testing.T, faults []simulator.Fault) {
	t.Helper()
	w := n.Build(t)
	o := n.made(t, w)
	w.Inject(faults, n.Creates)
	w.Until(t, o, Ready)
	w.Met(t, n.Creates)
	if _, status := o.Managed(); len(n.All(w)) != 1 || status.Origin != v1alpha1.Created {
		t.Errorf("create: %+v, origin %q", n.All(w), status.Origin)
	}
	key := *o.RemoteKey()

	n.rename(t, w)
	w.Inject(faults, n.Updates)
	w.Until(t, o, Ready)
	w.Met(t, n.Updates)
	if all := n.All(w); len(all) != 1 || all[0].Name != renamed || *o.RemoteKey() != key {
		t.Errorf("rename: %+v", all)
	}

	if err := w.Kube.Delete(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	w.Inject(faults, n.Deletes)
	w.Until(t, o, Gone)
	w.Met(t, n.Deletes)
	if all := n.All(w); len(all) != 0 {
		t.Errorf("delete: GoTo still holds %+v", all)
	}
}

// Walk lets something go wrong at every request and every write of the life of an object, and of one that is adopted.
func (n Named[O, W, S]) Walk(t *testing.T) {
	t.Helper()
	for name, script := range map[string]func(*testing.T, *World[O, W, S]){
		"made, renamed and deleted": func(t *testing.T, w *World[O, W, S]) {
			t.Helper()
			o := n.made(t, w)
			w.Until(t, o, Ready)
			n.agrees(t, w, o)
			n.rename(t, w)
			w.Until(t, o, Ready)
			n.agrees(t, w, o)
			n.Stays(t, w, o, v1alpha1.Created, false)
		},
		"adopted": func(t *testing.T, w *World[O, W, S]) {
			t.Helper()
			w.Quietly(func() {
				n.Plant(w, one)
				w.Restart(t)
			})
			o := n.made(t, w)
			w.Until(t, o, Ready)
			n.agrees(t, w, o)
			n.Stays(t, w, o, v1alpha1.Adopted, true)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			Walk(t, n.Build, script)
		})
	}
}

func (n Named[O, W, S]) agrees(t *testing.T, w *World[O, W, S], o O) {
	t.Helper()
	if n.Agrees != nil {
		n.Agrees(t, w, o)
	}
}

// Stays expects one counterpart, of the object and of that origin, and one or none once the object is deleted.
func (n Named[O, W, S]) Stays(t *testing.T, w *World[O, W, S], o O, origin v1alpha1.Origin, after bool) {
	t.Helper()
	Object(t, w.Kube, o)
	_, status := o.Managed()
	if all := n.All(w); len(all) != 1 || all[0].Key != string(*o.RemoteKey()) || status.Origin != origin {
		t.Errorf("%+v of %s, origin %q", all, *o.RemoteKey(), status.Origin)
	}
	if err := client.IgnoreNotFound(w.Kube.Delete(t.Context(), o)); err != nil {
		t.Fatal(err)
	}
	w.Until(t, o, Gone)
	if all := n.All(w); (len(all) == 1) != after {
		t.Errorf("left in GoTo: %+v", all)
	}
}
