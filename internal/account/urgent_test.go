package account_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/account/budget"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// crowded is a world of so many users in pages of 25 at one request a second, all of which others want as well: five at a time that are
// urgent, and five that are not.
func crowded(t *testing.T, users int) (w *world, stop func()) {
	t.Helper()
	w = newWorld(t, func(s *simulator.Switches) { s.MaxPageSize = 25 })
	w.addUsers(0, users)
	limiter := budget.NewLimiter(1)
	w.opts.Client, w.opts.Limiter = w.client(t, limiter, gotoclient.AllowUnverified), limiter
	w.acct = account.New(t.Context(), w.opts)
	w.refresh(t)
	ctx, cancel := context.WithCancel(t.Context())
	for _, p := range []budget.Priority{budget.Interactive, budget.Bulk} {
		for range 5 {
			go func() {
				for limiter.Wait(budget.WithPriority(ctx, p)) == nil {
					time.Sleep(100 * time.Millisecond)
				}
			}()
		}
	}
	go func() { _ = w.acct.Refresh(ctx) }()
	w.sim.ResetLog()
	return w, func() {
		cancel()
		synctest.Wait()
	}
}

// Who is to be created waits for a reading of the background: one that has to end before another can begin, or one during which the list is
// kept as it is. It is as urgent as who stands behind it, and a create leaves within the minutes that a reconcile has.
func TestACreateDoesNotWaitForAReadingOfTheBackground(t *testing.T) {
	for name, row := range map[string]struct {
		urgency budget.Priority
		after   time.Duration // since the reading began
	}{
		"a person's, which needs a later reading":     {budget.Interactive, 70 * time.Second},
		"one of many, which the list is kept free of": {budget.Bulk, 20 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, stop := crowded(t, 800)
				defer stop()
				time.Sleep(row.after)
				ctx, cancel := context.WithTimeout(budget.WithPriority(t.Context(), row.urgency), 5*time.Minute)
				defer cancel()
				_, err := w.made(ctx, newUser("new@example.test"))
				if calls := w.sim.Calls(); calls[simulator.OpCreateUsers] == 0 {
					t.Errorf("it did not leave: %v after %v", err, calls)
				}
			})
		})
	}
}
