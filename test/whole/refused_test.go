package whole

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/goto-operator/goto-operator/internal/simulator"
)

// What GoTo refuses to create is asked for again at each reading, and not at once because the intent was taken back.
func TestARefusedCreateIsTriedAtEachReading(t *testing.T) {
	t.Parallel()
	for _, lag := range []time.Duration{0, 300 * time.Millisecond, 5 * time.Second} {
		t.Run(lag.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := New(t)
				w.Sim.SetSwitches(func(s *simulator.Switches) { s.LicenseRequired = "yes" })
				w.create(newAccount())
				w.Start()
				w.API.Lag(lag)
				u := newUser("fay")
				w.create(u)
				w.Wait(time.Hour)
				if n := w.Sim.Calls()[simulator.OpCreateUsers]; n < 2 || n > 9 || w.ready(u) != "False/RefusedByGoTo" {
					t.Errorf("%d requests in an hour, %s", n, w.ready(u))
				}
				w.Stop()
			})
		})
	}
}
