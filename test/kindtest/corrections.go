package kindtest

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
)

// Field is a field of a kind that the operator corrects. It can have three values, 0 to 2.
type Field[O engine.Object] struct {
	// Name as in status.drift.
	Name string
	// Ask lets the spec ask for a value.
	Ask func(o O, value int)
	// Put gives the counterpart of the object that value in GoTo, by another hand than the operator's.
	Put func(o O, value int)
	// Two says that there are but two values, as of a yes or no.
	Two bool
	// Blind says that GoTo may show the field otherwise than it was written, so that a new value in the spec is written
	// whatever GoTo shows.
	Blind bool
	// Each is the most requests that one correction takes; 1 where it is 0.
	Each int
}

// Corrected is a kind whose fields are corrected.
type Corrected[O engine.Object, W, S any] struct {
	// Build makes a world.
	Build func(*testing.T) *World[O, W, S]
	// Apply creates an object of that name, or lets change edit the one that there is.
	Apply func(t *testing.T, w *World[O, W, S], name string, change func(O)) O
	// Fields are all that Diff can name and that can be written.
	Fields func(w *World[O, W, S]) []Field[O]
}

// subject is one field of one object under test, beside another object that nothing is wrong with.
type subject[O engine.Object, W, S any] struct {
	*World[O, W, S]

	kind  Corrected[O, W, S]
	field Field[O]
	obj   O
}

const (
	bad  = "bad"
	good = "good"
)

// each runs a test for each field, in a bubble of its own: both objects are as they should be, and the field has value 0.
func (c Corrected[O, W, S]) each(t *testing.T, test func(*testing.T, *subject[O, W, S])) {
	t.Helper()
	var names []string
	synctest.Test(t, func(t *testing.T) {
		for _, f := range c.Fields(c.Build(t)) {
			names = append(names, f.Name)
		}
	})
	for i, name := range names {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, c.subject(t, i)) })
		})
	}
}

func (c Corrected[O, W, S]) subject(t *testing.T, i int) *subject[O, W, S] {
	t.Helper()
	w := c.Build(t)
	s := &subject[O, W, S]{World: w, kind: c, field: c.Fields(w)[i]}
	c.Apply(t, w, good, func(O) {})
	s.obj = c.Apply(t, w, bad, func(o O) { s.field.Ask(o, 0) })
	w.Start(good)
	w.Start(bad)
	w.Run(t, 3*Resync)
	s.is(t, "True Synced")
	w.Forget()
	return s
}

// ask lets the spec ask for a value.
func (s *subject[O, W, S]) ask(t *testing.T, value int) {
	t.Helper()
	s.obj = s.kind.Apply(t, s.World, bad, func(o O) { s.field.Ask(o, value) })
	s.Start(bad)
}

// put gives the field a value in GoTo.
func (s *subject[O, W, S]) put(value int) func() { return func() { s.field.Put(s.obj, value) } }

// is fails unless Ready of the object has this status and reason, and the other one is Ready.
func (s *subject[O, W, S]) is(t *testing.T, want string) {
	t.Helper()
	Object(t, s.Kube, s.obj)
	if got := Reason(s.obj); got != want {
		_, status := s.obj.Managed()
		t.Errorf("Ready is %s, want %s: drift %+v, conditions %+v", got, want, status.Drift, status.Conditions)
	}
	other, _ := s.obj.DeepCopyObject().(O)
	other.SetName(good)
	if Object(t, s.Kube, other); Reason(other) != "True Synced" {
		t.Errorf("the other object is %s", Reason(other))
	}
}

// passes lets time pass, and fails unless there were at least and at most so many corrections in GoTo and writes to
// Kubernetes, and the other object was left alone.
func (s *subject[O, W, S]) passes(t *testing.T, d time.Duration, corrections, writes [2]int) {
	t.Helper()
	s.Forget()
	s.Run(t, d)
	if n, each := len(s.Changes()), max(1, s.field.Each); n < corrections[0] || n > corrections[1]*each {
		t.Errorf("%d requests that change GoTo, want %d to %d corrections: %v", n, corrections[0], corrections[1], s.Sim.Calls())
	}
	if s.Writes < writes[0] || s.Writes > writes[1] {
		t.Errorf("%d writes to Kubernetes, want %v", s.Writes, writes)
	}
	if n := s.Reconciles[good]; n > 0 {
		t.Errorf("%d reconciles of an object that nothing is wrong with", n)
	}
}

// drifts fails unless the field, and nothing else, drifts for want of being kept.
func (s *subject[O, W, S]) drifts(t *testing.T) {
	t.Helper()
	s.is(t, "False "+v1alpha1.ReasonNotKept)
	_, status := s.obj.Managed()
	if len(status.Drift) != 1 || status.Drift[0].Field != s.field.Name || status.Drift[0].Reason != v1alpha1.ReasonNotKept {
		t.Errorf("drift: %+v", status.Drift)
	}
	for _, kind := range []string{v1alpha1.ConditionStalled, v1alpha1.ConditionDrifted} {
		if !meta.IsStatusConditionTrue(status.Conditions, kind) {
			t.Errorf("%s is not True", kind)
		}
	}
	if len(status.Contested) > 0 {
		t.Errorf("contested: %+v", status.Contested)
	}
}

var (
	never  = [2]int{0, 0}
	once   = [2]int{1, 1}
	twice  = [2]int{1, 2}
	atMost = [2]int{0, 1}
	some   = [2]int{1, 6}
)

// NotKept lets GoTo keep a value other than the one that is written, for each field in turn: it is written twice and no more
// until something changes, over readings and a restart, and no other object is read or written for it.
func (c Corrected[O, W, S]) NotKept(t *testing.T) {
	t.Helper()
	c.each(t, func(t *testing.T, s *subject[O, W, S]) {
		t.Helper()
		s.AfterChange = s.put(0)
		s.ask(t, 1)
		s.passes(t, 3*Resync, twice, some)
		s.drifts(t)
		s.passes(t, 10*Resync, never, never)
		s.costsReadingsAlone(t)

		s.Restart(t)
		s.afterRestart(t)
		s.passes(t, 10*Resync, never, never)
		s.drifts(t)

		if !s.field.Two {
			s.AfterChange = s.put(2) // GoTo's value changes
			s.put(2)()
			s.passes(t, 4*Resync, twice, some)
			s.drifts(t)
			s.passes(t, 10*Resync, never, never)
		}

		s.AfterChange = nil // GoTo keeps it now, and a person asks for another try
		s.request(t, "now")
		s.passes(t, 3*Resync, once, some)
		s.is(t, "True Synced")
		s.passes(t, 10*Resync, never, never)

		s.AfterChange = s.put(1) // and the spec asks for what GoTo keeps
		s.put(1)()
		s.passes(t, 2*Resync, never, [2]int{0, 2})
		s.ask(t, 0)
		s.passes(t, 3*Resync, twice, some)
		s.drifts(t)
		s.ask(t, 1)
		s.passes(t, 3*Resync, s.field.unasked(), some)
		s.is(t, "True Synced")
	})
}

// unasked are the corrections that a spec costs which asks for what GoTo holds already.
func (f Field[O]) unasked() [2]int {
	if f.Blind {
		return once
	}
	return never
}

// costsReadingsAlone fails unless the time that passed last cost no reconcile, and no call but those of the readings.
func (s *subject[O, W, S]) costsReadingsAlone(t *testing.T) {
	t.Helper()
	if n := s.Reconciles[bad]; n > 0 {
		t.Errorf("%d reconciles while nothing changes", n)
	}
	for operation, n := range s.Sim.Calls() {
		if n > 10 || operation != "token" && !strings.HasPrefix(operation, "list") {
			t.Errorf("%d calls of %s while nothing changes", n, operation)
		}
	}
}

// afterRestart lets the new process look at every object, which may write one status.
func (s *subject[O, W, S]) afterRestart(t *testing.T) {
	t.Helper()
	s.Writes = 0
	s.Run(t, Resync/2)
	if len(s.Changes()) > 0 || s.Writes > atMost[1] {
		t.Errorf("a restart changes GoTo %d times and writes %d times", len(s.Changes()), s.Writes)
	}
}

// request is a person's annotation.
func (s *subject[O, W, S]) request(t *testing.T, when string) {
	t.Helper()
	Object(t, s.Kube, s.obj)
	base, _ := s.obj.DeepCopyObject().(O)
	annotations := s.obj.GetAnnotations()
	if annotations == nil {
		annotations = map[string]string{}
	}
	annotations[v1alpha1.ReconcileRequestedAtAnnotation] = when
	s.obj.SetAnnotations(annotations)
	if err := s.Kube.Patch(t.Context(), s.obj, client.MergeFrom(base)); err != nil {
		t.Fatal(err)
	}
	s.Start(bad)
}

// Contested lets somebody change each field back before each reading: from the third correction in a row it is contested and
// corrected more and more rarely, over a restart, until nobody changes it back any more.
func (c Corrected[O, W, S]) Contested(t *testing.T) {
	t.Helper()
	c.each(t, func(t *testing.T, s *subject[O, W, S]) {
		t.Helper()
		s.BeforeReading = s.put(1)
		s.passes(t, 70*Resync+Resync/2, [2]int{8, 8}, [2]int{1, 200})
		s.contested(t, true)
		if d := cmp.Diff([]int{1, 1, 1, 2, 4, 8, 16, 32}, s.pauses()); d != "" {
			t.Errorf("readings before each correction: %s", d)
		}

		s.Restart(t)
		s.afterRestart(t)
		s.contested(t, true)
		s.passes(t, 57*Resync, never, [2]int{0, 2})
		s.passes(t, 10*Resync, once, [2]int{1, 3})
		s.contested(t, true)

		s.BeforeReading = nil
		s.passes(t, 4*24*time.Hour, once, [2]int{1, 4}) // the last one stays
		s.contested(t, false)
		s.is(t, "True Synced")
	})
}

// pauses are the numbers of readings between the changes, the first of which is after the first reading.
func (s *subject[O, W, S]) pauses() []int {
	var out []int
	last := time.Time{}
	for _, at := range s.Changes() {
		if s.field.Each > 1 && at.Sub(last) < Resync/2 {
			continue
		}
		out = append(out, max(1, int(at.Sub(last).Round(Resync)/Resync)))
		last = at
	}
	if len(out) > 0 {
		out[0] = 1
	}
	return out
}

func (s *subject[O, W, S]) contested(t *testing.T, want bool) {
	t.Helper()
	Object(t, s.Kube, s.obj)
	_, status := s.obj.Managed()
	if is := meta.IsStatusConditionTrue(status.Conditions, v1alpha1.ConditionContested); is != want || (len(status.Contested) == 1) != want {
		t.Errorf("Contested is %t: %+v", is, status.Contested)
	}
}

// Meanwhile lets somebody change each field while the operator corrects the one before it: what comes to light by that alone is
// corrected too, and is not taken for known because the records show it.
func (c Corrected[O, W, S]) Meanwhile(t *testing.T) {
	t.Helper()
	c.each(t, func(t *testing.T, s *subject[O, W, S]) {
		t.Helper()
		other := s.next()
		if other.Name == s.field.Name || other.Blind {
			return
		}
		s.obj = s.kind.Apply(t, s.World, bad, func(o O) { other.Ask(o, 0) })
		s.Start(bad)
		s.Run(t, 3*Resync)
		s.is(t, "True Synced")
		s.AfterChange = func() {
			s.AfterChange = nil
			other.Put(s.obj, 1)
		}
		s.ask(t, 1)
		s.Run(t, 3*Resync)
		if s.AfterChange != nil {
			t.Error("nothing was corrected")
		}
		s.is(t, "True Synced")
		s.Restart(t) // who knows nothing finds nothing that differs
		s.Run(t, 2*Resync)
		if n := len(s.Changes()); n > 0 {
			t.Errorf("what was changed meanwhile was left: a restart corrects it with %d requests", n)
		}
	})
}

// next is the field after the one under test.
func (s *subject[O, W, S]) next() Field[O] {
	fields := s.kind.Fields(s.World)
	i := slices.IndexFunc(fields, func(f Field[O]) bool { return f.Name == s.field.Name })
	return fields[(i+1)%len(fields)]
}
