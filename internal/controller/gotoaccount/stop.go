package gotoaccount

import (
	"context"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// untilStopped is a budget of which nothing is left once the operator is asked to stop: requests under way finish, and what
// waits for its turn is not sent.
type untilStopped struct {
	gotoclient.Limiter

	stopping context.Context //nolint:containedctx // it ends no request, but the waiting for one
}

// Wait blocks until one more request may be sent, or returns context.Canceled if there will be none.
func (l untilStopped) Wait(ctx context.Context) error {
	if err := l.stopping.Err(); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(l.stopping, cancel)() //nolint:contextcheck // it ends the waiting alone
	return l.Limiter.Wait(ctx)
}

// budget is what requests of an account wait for.
func (n *connector) budget(limiter gotoclient.Limiter) untilStopped {
	return untilStopped{limiter, n.Grace.Stopping()}
}
