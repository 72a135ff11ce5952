package gotomeeting

import (
	"testing"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// The life of a meeting in every position of the switches that are about its requests as well as about those of users.
func TestSwitchesOfBothAPIs(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"clientAuthentication", "invalidStatus", "textBooleans", "organizerWithoutGroup", "rateScope"} {
		for _, position := range simulator.SwitchPositions()[name] {
			t.Run(name+"="+position, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, func(s *simulator.Switches) {
					if err := s.Set(name, position); err != nil {
						t.Error(err)
					}
				})
				w.apply(t, "a", asIs)
				w.until(t, ready, "a")
				w.apply(t, "a", func(m *v1alpha1.GoToMeeting) { m.Spec.Subject = "Monthly" })
				w.until(t, ready, "a")
				if got := w.one(t).Subject; got != "Monthly" {
					t.Errorf("the subject is %q", got)
				}
				w.remove(t, "a")
				w.until(t, gone, "a")
				if left := w.sim.Meetings(acctKey); len(left) > 0 {
					t.Errorf("left: %+v", left)
				}
			})
		}
	}
}
