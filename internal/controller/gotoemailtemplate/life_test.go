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
	// The list before, and the list that shows what was made.
	if calls := w.Sim.Calls(); calls[gotoclient.OpCreateTemplate] != 1 || calls[gotoclient.OpListTemplates] != 2 || len(calls) != 2 || w.Writes != 2 {
		t.Errorf("%d writes, calls %v", w.Writes, calls)
	}
	w.Sim.ResetLog()
	w.Writes = 0
	if err := w.Reconcile(t, "room"); err != nil || w.Writes != 0 || len(w.Sim.Calls()) != 0 {
		t.Errorf("a steady template: %v, %d writes, calls %v", err, w.Writes, w.Sim.Calls())
	}
}

// TestFaults takes a template through its life, with the same fault at each write.
func TestFaults(t *testing.T) {
	t.Parallel()
	for row, faults := range kindtest.Faults(gotoclient.OpListTemplates) {
		t.Run(row, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			a := apply(t, w, "room", asIs)
			w.Inject(faults, gotoclient.OpCreateTemplate)
			w.Until(t, a, kindtest.Ready)
			w.Met(t, gotoclient.OpCreateTemplate)
			if n := len(remote(w)); n != 1 || a.Status.Origin != v1alpha1.Created {
				t.Errorf("create: %d templates, origin %q", n, a.Status.Origin)
			}
			key := a.Status.TemplateKey

			apply(t, w, "room", func(a *v1alpha1.GoToEmailTemplate) { a.Spec.Title = "Room" })
			w.Inject(faults, gotoclient.OpUpdateTemplate)
			w.Until(t, a, kindtest.Ready)
			w.Met(t, gotoclient.OpUpdateTemplate)
			if all := remote(w); len(all) != 1 || all[0].Name != "Room" || a.Status.TemplateKey != key {
				t.Errorf("rename: %+v", all)
			}

			if err := w.Kube.Delete(t.Context(), a); err != nil {
				t.Fatal(err)
			}
			w.Inject(faults, gotoclient.OpDeleteTemplate)
			w.Until(t, a, kindtest.Gone)
			w.Met(t, gotoclient.OpDeleteTemplate)
			if all := remote(w); len(all) != 0 {
				t.Errorf("delete: GoTo still holds %+v", all)
			}
		})
	}
}

// TestWalk lets something go wrong at every request and every write of the life of a template.
func TestWalk(t *testing.T) {
	t.Parallel()
	for name, script := range map[string]func(*testing.T, *world){
		"made, renamed and deleted": func(t *testing.T, w *world) {
			t.Helper()
			a := apply(t, w, "room", asIs)
			w.Until(t, a, kindtest.Ready)
			apply(t, w, "room", func(a *v1alpha1.GoToEmailTemplate) { a.Spec.Title = "Room" })
			w.Until(t, a, kindtest.Ready)
			stays(t, w, a, v1alpha1.Created, false)
		},
		"adopted": func(t *testing.T, w *world) {
			t.Helper()
			w.Quietly(func() {
				plant(w, "room")
				w.Restart(t)
			})
			a := apply(t, w, "room", asIs)
			w.Until(t, a, kindtest.Ready)
			stays(t, w, a, v1alpha1.Adopted, true)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kindtest.Walk(t, newWorld, script)
		})
	}
}

func plant(w *world, name string) (key string) {
	w.Sim.Define(simulator.DefaultAccountKey, func(d *simulator.Defined) {
		d.Templates = append(d.Templates, simulator.Definition{Name: name, Subject: "Hello", Text: "Welcome.\nYours, us"})
	})
	all := remote(w)
	return all[len(all)-1].Key
}

// stays expects one template, of the object and of that origin, and one or none once the object is deleted.
func stays(t *testing.T, w *world, a *v1alpha1.GoToEmailTemplate, origin v1alpha1.Origin, after bool) {
	t.Helper()
	kindtest.Object(t, w.Kube, a)
	if all := remote(w); len(all) != 1 || all[0].Key != string(a.Status.TemplateKey) || a.Status.Origin != origin {
		t.Errorf("%+v of %s, origin %q", all, a.Status.TemplateKey, a.Status.Origin)
	}
	if err := client.IgnoreNotFound(w.Kube.Delete(t.Context(), a)); err != nil {
		t.Fatal(err)
	}
	w.Until(t, a, kindtest.Gone)
	if all := remote(w); (len(all) == 1) != after {
		t.Errorf("left in GoTo: %+v", all)
	}
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
