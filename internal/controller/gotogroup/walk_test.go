package gotogroup

import (
	"testing"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

// TestWalk lets something go wrong at every request and every write of what an object can come by its group with.
func TestWalk(t *testing.T) {
	t.Parallel()
	named.Walk(t)
	for name, script := range map[string]func(*testing.T, *world){
		"restored without status": func(t *testing.T, w *world) {
			t.Helper()
			g := apply(t, w, "sales", asIs)
			w.Until(t, g, kindtest.Ready)
			restore(t, w, g)
			w.Until(t, g, kindtest.Ready)
			named.Stays(t, w, g, v1alpha1.Created, false)
		},
		"restored after a rename": func(t *testing.T, w *world) {
			t.Helper()
			g := apply(t, w, "sales", asIs)
			w.Until(t, g, kindtest.Ready)
			apply(t, w, "sales", func(g *v1alpha1.GoToGroup) { g.Spec.Name = "Sales" })
			w.Until(t, g, kindtest.Ready)
			restore(t, w, g)
			w.Until(t, g, kindtest.Ready)
			named.Stays(t, w, g, v1alpha1.Created, false)
		},
		"take-over refused": func(t *testing.T, w *world) {
			t.Helper()
			g := apply(t, w, "sales", asIs)
			w.Until(t, g, kindtest.Ready)
			thief := apply(t, w, "other", func(o *v1alpha1.GoToGroup) {
				o.Spec.Name, o.Spec.DeletionPolicy = "sales", v1alpha1.DeletionPolicyDelete
				o.CreationTimestamp.Time = g.CreationTimestamp.AddDate(-1, 0, 0)
			})
			w.Until(t, thief, func(o *v1alpha1.GoToGroup, _ bool) bool {
				return kindtest.Reason(o) == "False "+v1alpha1.ReasonConflict
			})
			if err := w.Kube.Delete(t.Context(), thief); err != nil {
				t.Fatal(err)
			}
			w.Until(t, thief, kindtest.Gone)
			named.Stays(t, w, g, v1alpha1.Created, false)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kindtest.Walk(t, newWorld, script)
		})
	}
}

func restore(t *testing.T, w *world, g *v1alpha1.GoToGroup) {
	t.Helper()
	saved := kindtest.Vanish(t, w.Kube, g)
	saved.Status = v1alpha1.GoToGroupStatus{}
	if err := w.Kube.Create(t.Context(), saved); err != nil {
		t.Fatal(err)
	}
}
