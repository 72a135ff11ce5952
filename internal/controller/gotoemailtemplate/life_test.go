package gotoemailtemplate

import (
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/definition"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

type world = kindtest.World[*v1alpha1.GoToEmailTemplate, definition.Nothing, seen]

func newWorld(t *testing.T) *world {
	t.Helper()
	w := kindtest.New(t,
		func(i client.FieldIndexer) error {
			return engine.AddIndexes(i, newKind(nil))
		},
		func(c client.Client, _ *account.Registry) engine.Kind[*v1alpha1.GoToEmailTemplate, definition.Nothing, seen] {
			return newKind(c)
		})
	return w
}

func apply(t *testing.T, w *world, name string, change func(*v1alpha1.GoToEmailTemplate)) *v1alpha1.GoToEmailTemplate {
	t.Helper()
	a := &v1alpha1.GoToEmailTemplate{}
	a.Name = name
	return kindtest.Apply(t, w.Kube, a, func(a *v1alpha1.GoToEmailTemplate) {
		if a.Spec.Title == "" {
			a.Spec.Title, a.Spec.Subject, a.Spec.Text, a.Spec.AccountRef.Name = name, "Hello", "Welcome.\nYours, us", kindtest.Account
		}
		change(a)
	})
}

func asIs(*v1alpha1.GoToEmailTemplate) {}

func remote(w *world) simulator.Definitions { return w.Sim.State().Accounts[0].Templates }

func TestNewTemplateCostsTwoWritesAndThenNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := apply(t, w, "room", asIs)
	w.Until(t, a, kindtest.Ready)
	if a.Status.Origin != v1alpha1.Created || len(remote(w)) != 1 || string(a.Status.TemplateKey) != remote(w)[0].Key {
		t.Errorf("%+v, remote %+v", a.Status, remote(w))
	}
	// The list before, twice since it is empty, and the list that shows what was made.
	if calls := w.Sim.Calls(); calls[gotoclient.OpCreateTemplate] != 1 || calls[gotoclient.OpListTemplates] != 3 || len(calls) != 2 || w.Writes != 2 {
		t.Errorf("%d writes, calls %v", w.Writes, calls)
	}
	w.Sim.ResetLog()
	w.Writes = 0
	if err := w.Reconcile(t, "room"); err != nil || w.Writes != 0 || len(w.Sim.Calls()) != 0 {
		t.Errorf("a steady template: %v, %d writes, calls %v", err, w.Writes, w.Sim.Calls())
	}
}

var named = kindtest.Named[*v1alpha1.GoToEmailTemplate, definition.Nothing, seen]{
	Build: newWorld,
	Apply: apply,
	Plant: func(w *world, name string) { plant(w, name) },
	All: func(w *world) []kindtest.Counterpart {
		return kindtest.CounterpartsOf(remote(w), func(d *simulator.Definition) kindtest.Counterpart {
			return kindtest.Counterpart{Key: d.Key, Name: d.Name}
		})
	},
	Rename: func(a *v1alpha1.GoToEmailTemplate, name string) { a.Spec.Title = name },
	Lists:  gotoclient.OpListTemplates, Creates: gotoclient.OpCreateTemplate, Updates: gotoclient.OpUpdateTemplate, Deletes: gotoclient.OpDeleteTemplate,
}

func TestFaults(t *testing.T) { t.Parallel(); named.Faults(t) }
func TestWalk(t *testing.T)   { t.Parallel(); named.Walk(t) }

func plant(w *world, name string) (key string) {
	w.Sim.Define(simulator.DefaultAccountKey, func(d *simulator.Defined) {
		d.Templates = append(d.Templates, simulator.Definition{Name: name, Subject: "Hello", Text: "Welcome.\nYours, us"})
	})
	all := remote(w)
	return all[len(all)-1].Key
}

var corrected = kindtest.Corrected[*v1alpha1.GoToEmailTemplate, definition.Nothing, seen]{
	Build: newWorld,
	Apply: apply,
	Fields: func(w *world) []kindtest.Field[*v1alpha1.GoToEmailTemplate] {
		texts := []string{"Room", "Floor", "House"}
		at := func(a *v1alpha1.GoToEmailTemplate, change func(*simulator.Definition)) {
			w.Sim.Define(simulator.DefaultAccountKey, func(d *simulator.Defined) { change(d.Templates.Get(string(a.Status.TemplateKey))) })
		}
		return []kindtest.Field[*v1alpha1.GoToEmailTemplate]{{
			Name: "title",
			Ask:  func(a *v1alpha1.GoToEmailTemplate, v int) { a.Spec.Title = texts[v] },
			Put: func(a *v1alpha1.GoToEmailTemplate, v int) {
				at(a, func(d *simulator.Definition) { d.Name = texts[v] })
			},
		}, {
			Name: "subject",
			Ask:  func(a *v1alpha1.GoToEmailTemplate, v int) { a.Spec.Subject = texts[v] },
			Put: func(a *v1alpha1.GoToEmailTemplate, v int) {
				at(a, func(d *simulator.Definition) { d.Subject = texts[v] })
			},
		}, {
			Name: "text",
			Ask:  func(a *v1alpha1.GoToEmailTemplate, v int) { a.Spec.Text = texts[v] },
			Put: func(a *v1alpha1.GoToEmailTemplate, v int) {
				at(a, func(d *simulator.Definition) { d.Text = texts[v] })
			},
		}}
	},
}

func TestWhatGoToDoesNotKeep(t *testing.T)          { t.Parallel(); corrected.NotKept(t) }
func TestWhatSomebodyElseChangesBack(t *testing.T)  { t.Parallel(); corrected.Contested(t) }
func TestWhatSomebodyChangesMeanwhile(t *testing.T) { t.Parallel(); corrected.Meanwhile(t) }
