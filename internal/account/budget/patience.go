package budget

import (
	"context"
	"time"
)

type patienceKey struct{}

// WithPatience says until when anybody waits for what is done in a context that does not end then: a request that is under way is carried
// out all the same.
func WithPatience(ctx context.Context, until time.Time) context.Context {
	return context.WithValue(ctx, patienceKey{}, until)
}

// Deadline is when the last gives up who waits for what is done in a context; false if nobody does.
func Deadline(ctx context.Context) (until time.Time, limited bool) {
	until, limited = ctx.Deadline()
	if patience, is := ctx.Value(patienceKey{}).(time.Time); is && (!limited || patience.Before(until)) {
		return patience, true
	}
	return until, limited
}
