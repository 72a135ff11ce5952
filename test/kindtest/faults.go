package kindtest

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// Faults are the ways in which a write can fail, by name. A write that took effect must be found out, and not be made
// twice. With a list that tells what a lost answer did, that is lost too.
func Faults(list string) map[string][]simulator.Fault {
	return map[string][]simulator.Fault{
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
		"cut after, and blind": {
			{Kind: simulator.FaultCutAfter, Count: 1},
			{Kind: simulator.FaultErrorBefore, Operation: list, Count: 1},
		},
	}
}

// Afflict takes the script, in worlds that build makes, through every fault at the first and at the last request of each operation
// that the script uses, and returns how often it uses each without a fault. The script may not take the log back: no Forget, Restart or Inject.
func Afflict[O engine.Object, W, S any](
	t *testing.T, list string, build func(*testing.T) *World[O, W, S], script func(*testing.T, *World[O, W, S]),
) (used map[string]int) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := build(t)
		script(t, w)
		used = w.Sim.Calls()
	})
	for operation, n := range used {
		for name, faults := range Faults(list) {
			for _, skip := range slices.Compact([]int{0, last(n, faults)}) {
				t.Run(fmt.Sprintf("%s %d %s", operation, skip+1, name), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						w := build(t)
						w.Inject(after(skip, faults), operation)
						script(t, w)
						w.Met(t, operation)
					})
				})
			}
		}
	}
	return used
}

// last is how many requests pass before the last of n. That of faults at two operations is not known, since the one may keep the other from
// being requested: there it is the first.
func last(n int, faults []simulator.Fault) int {
	if len(faults) > 1 {
		return 0
	}
	return n - 1
}

// after lets so many requests pass before the fault of an operation.
func after(skip int, faults []simulator.Fault) []simulator.Fault {
	faults = slices.Clone(faults)
	faults[0].Skip = skip
	return faults
}

// Inject sets the faults of an operation in place of those before, and forgets the log.
func (w *World[O, W, S]) Inject(faults []simulator.Fault, operation string) {
	w.Sim.ClearFaults()
	w.Sim.ResetLog()
	for _, f := range faults {
		if f.Operation == "" {
			f.Operation = operation
		}
		w.Sim.Inject(f)
	}
}

// Struck is true if a request of the operation met a fault since the last Inject.
func (w *World[O, W, S]) Struck(operation string) bool {
	return slices.ContainsFunc(w.Sim.Requests(), func(r simulator.Request) bool { return r.Operation == operation && len(r.Faults) > 0 })
}

// Met fails unless the fault was met: a row whose fault never struck would prove nothing.
func (w *World[O, W, S]) Met(t *testing.T, operation string) {
	t.Helper()
	if !w.Struck(operation) {
		t.Errorf("no %s met its fault", operation)
	}
}
