package kindtest

import (
	"slices"
	"testing"

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

// service is GoTo in a World.
type service struct{ Sim *simulator.Simulator }

// Inject sets the faults of an operation in place of those before, and forgets the log.
func (s service) Inject(faults []simulator.Fault, operation string) {
	s.Sim.ClearFaults()
	s.Sim.ResetLog()
	for _, f := range faults {
		if f.Operation == "" {
			f.Operation = operation
		}
		s.Sim.Inject(f)
	}
}

// Struck is true if a request of the operation met a fault since the last Inject.
func (s service) Struck(operation string) bool {
	return slices.ContainsFunc(s.Sim.Requests(), func(r simulator.Request) bool { return r.Operation == operation && len(r.Faults) > 0 })
}

// Met fails unless the fault was met: a row whose fault never struck would prove nothing.
func (s service) Met(t *testing.T, operation string) {
	t.Helper()
	if !s.Struck(operation) {
		t.Errorf("no %s met its fault", operation)
	}
}
