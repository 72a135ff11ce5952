package budget

import (
	"context"
	"sync/atomic"
)

// Priority says how urgent requests are.
type Priority int32

// The priorities, most urgent first.
const (
	Interactive Priority = iota // what a person has just changed
	Bulk                        // what follows from something else: drift, a licence for many, a group that moved
	Background                  // reading the account again
)

// share is how many requests of each priority are made while all of them wait: even reading goes on beside everything else.
var share = [...]float64{Interactive: 8, Bulk: 3, Background: 1}

// Level is a priority that can rise while requests are made with it.
type Level struct{ p atomic.Int32 }

// NewLevel returns a level of the given priority.
func NewLevel(p Priority) *Level {
	l := &Level{}
	l.p.Store(int32(p))
	return l
}

// Raise makes it at least as urgent as p.
func (l *Level) Raise(p Priority) {
	for {
		now := l.p.Load()
		if int32(p) >= now || l.p.CompareAndSwap(now, int32(p)) {
			return
		}
	}
}

type levelKey struct{}

// WithPriority marks the requests made with the context it returns. Without a mark a request is Bulk.
func WithPriority(ctx context.Context, p Priority) context.Context {
	return WithLevel(ctx, NewLevel(p))
}

// WithLevel marks the requests with a priority that may rise.
func WithLevel(ctx context.Context, l *Level) context.Context {
	return context.WithValue(ctx, levelKey{}, l)
}

// PriorityOf is the priority that a request made with ctx has now.
func PriorityOf(ctx context.Context) Priority {
	if l, ok := ctx.Value(levelKey{}).(*Level); ok {
		return Priority(l.p.Load())
	}
	return Bulk
}
