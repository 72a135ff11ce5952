package gotouser

import (
	"testing"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// faultRows are the ways in which a write can fail. A write that took effect must be found out, and not be made twice.
var faultRows = map[string][]simulator.Fault{
	"429":               {{Kind: simulator.FaultThrottle, Count: 1}},
	"401":               {{Kind: simulator.FaultErrorBefore, Status: 401, Count: 2}}, // the client tries once with a new token
	"500 before":        {{Kind: simulator.FaultErrorBefore, Status: 500, Count: 1}},
	"500 after":         {{Kind: simulator.FaultErrorAfter, Status: 500, Count: 1}},
	"503 before, twice": {{Kind: simulator.FaultErrorBefore, Status: 503, Count: 2}},
	"503 after":         {{Kind: simulator.FaultErrorAfter, Status: 503, Count: 1}},
	"cut before":        {{Kind: simulator.FaultCutBefore, Count: 1}},
	"cut after":         {{Kind: simulator.FaultCutAfter, Count: 1}},
	"cut body":          {{Kind: simulator.FaultCutBody, Count: 1}},
	"truncated":         {{Kind: simulator.FaultTruncate, Count: 1}},
	"HTML":              {{Kind: simulator.FaultHTML, Count: 1}},
	// The list that would tell what a lost answer did is lost too.
	"cut after, and blind": {
		{Kind: simulator.FaultCutAfter, Count: 1},
		{Kind: simulator.FaultErrorBefore, Operation: gotoclient.OpListUsers, Count: 1},
	},
}

func (w *world) inject(faults []simulator.Fault, operation string) {
	w.sim.ClearFaults()
	w.sim.ResetLog()
	for _, f := range faults {
		if f.Operation == "" {
			f.Operation = operation
		}
		w.sim.Inject(f)
	}
}

// met fails unless the fault was met: a row whose fault never struck would prove nothing.
func (w *world) met(t *testing.T, operation string) {
	t.Helper()
	for _, r := range w.sim.Requests() {
		if r.Operation == operation && len(r.Faults) > 0 {
			return
		}
	}
	t.Errorf("no %s met its fault", operation)
}

// TestFaults takes an object through its life, with the same fault at each write.
func TestFaults(t *testing.T) {
	t.Parallel()
	for row, faults := range faultRows {
		t.Run(row, func(t *testing.T) {
			t.Parallel() // what they spend is waiting for batches
			w := newWorld(t)
			w.apply(t, asIs)

			w.inject(faults, gotoclient.OpCreateUsers)
			w.reconcileUntil(t, ready)
			w.met(t, gotoclient.OpCreateUsers)
			if n := len(w.sim.Users(simulator.DefaultAccountKey)); n != 2 {
				t.Errorf("create: %d users beside the administrator, want 1", n-1)
			}
			// An own user taken for an adopted one would stay behind when its object is deleted.
			if u := w.object(t); u.Status.Origin != v1alpha1.Created {
				t.Errorf("create: origin %q", u.Status.Origin)
			}

			w.apply(t, func(u *v1alpha1.GoToUser) { u.Spec.FirstName = "Augusta" })
			w.inject(faults, gotoclient.OpUpdateUsers)
			w.reconcileUntil(t, ready)
			w.met(t, gotoclient.OpUpdateUsers)
			if u, ok := w.remote(); !ok || u.FirstName != "Augusta" {
				t.Errorf("update: GoTo holds %+v", u)
			}

			w.remove(t)
			w.inject(faults, gotoclient.OpDeleteUsers)
			w.reconcileUntil(t, gone)
			w.met(t, gotoclient.OpDeleteUsers)
			if u, ok := w.remote(); ok {
				t.Errorf("delete: GoTo still holds %+v", u)
			}
			if n := len(w.sim.Users(simulator.DefaultAccountKey)); n != 1 {
				t.Errorf("delete: %d users, want the administrator alone", n)
			}
		})
	}
}
