package gotouser

import (
	"testing"
	"testing/synctest"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

// TestFaults takes an object through its life, with the same fault at each write.
func TestFaults(t *testing.T) {
	t.Parallel()
	for row, faults := range kindtest.Faults(gotoclient.OpListUsers) {
		t.Run(row, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { lifeWith(t, faults) })
		})
	}
}

func lifeWith(t *testing.T, faults []simulator.Fault) {
	t.Helper()
	w := newWorld(t)
	w.apply(t, asIs)

	w.Inject(faults, gotoclient.OpCreateUsers)
	w.reconcileUntil(t, ready)
	w.Met(t, gotoclient.OpCreateUsers)
	if n := len(w.Sim.Users(simulator.DefaultAccountKey)); n != 2 {
		t.Errorf("create: %d users beside the administrator, want 1", n-1)
	}
	// An own user taken for an adopted one would stay behind when its object is deleted.
	if u := w.object(t); u.Status.Origin != v1alpha1.Created {
		t.Errorf("create: origin %q", u.Status.Origin)
	}

	w.apply(t, func(u *v1alpha1.GoToUser) { u.Spec.FirstName = "Augusta" })
	w.Inject(faults, gotoclient.OpUpdateUsers)
	w.reconcileUntil(t, ready)
	w.Met(t, gotoclient.OpUpdateUsers)
	if u, ok := w.remote(); !ok || u.FirstName != "Augusta" {
		t.Errorf("update: GoTo holds %+v", u)
	}

	w.remove(t)
	w.Inject(faults, gotoclient.OpDeleteUsers)
	w.reconcileUntil(t, gone)
	w.Met(t, gotoclient.OpDeleteUsers)
	if u, ok := w.remote(); ok {
		t.Errorf("delete: GoTo still holds %+v", u)
	}
	if n := len(w.Sim.Users(simulator.DefaultAccountKey)); n != 1 {
		t.Errorf("delete: %d users, want the administrator alone", n)
	}
}
