package account_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/goto-operator/goto-operator/internal/account/budget"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// What GoTo asks one request to wait for, all wait for; only a 429 says that there were too many. Who cannot wait so long has an error at once.
func TestAllWaitForARetryAfter(t *testing.T) {
	for _, c := range []struct {
		fault simulator.FaultKind
		code  int
		after time.Duration
		rate  float64
	}{
		{simulator.FaultThrottle, 0, 30 * time.Second, 4}, {simulator.FaultThrottle, 0, 5 * time.Minute, 4},
		{simulator.FaultErrorBefore, 500, 30 * time.Second, 8}, {simulator.FaultErrorBefore, 502, 30 * time.Second, 8},
		{simulator.FaultErrorBefore, 503, 5 * time.Minute, 8}, {simulator.FaultErrorBefore, 504, 30 * time.Second, 8},
	} {
		t.Run(fmt.Sprintf("%s %d %s", c.fault, c.code, c.after), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.sim.Inject(simulator.Fault{Kind: c.fault, Status: c.code, RetryAfter: c.after, Operation: gotoclient.OpGetMe, Count: 1})
				began := time.Now()
				go func() { _, _ = w.opts.Client.Me(t.Context()) }()
				time.Sleep(time.Second)
				if r := w.opts.Limiter.Rate(); r != c.rate {
					t.Errorf("rate %v, want %v", r, c.rate)
				}
				hurried, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				defer cancel()
				var paused *budget.PausedError
				if _, err := w.opts.Client.Users(key).Get(hurried, simulator.DefaultAdminKey); !errors.As(err, &paused) || paused.Until.Sub(began).Truncate(time.Second) != c.after || time.Since(began) > time.Second {
					t.Errorf("after %s: %v", time.Since(began), err)
				}
				if _, err := w.opts.Client.Users(key).Get(t.Context(), simulator.DefaultAdminKey); err != nil || time.Since(began) < c.after {
					t.Errorf("somebody else asks after %s: %v", time.Since(began), err)
				}
			})
		})
	}
}
