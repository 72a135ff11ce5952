package budget

import (
	"context"
	"sync"
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

// Level is a priority that can change while requests are made with it: also of those that wait already.
type Level struct {
	mu      sync.Mutex
	own     Priority
	lent    [len(share)]int // how many lend it each priority
	changed chan struct{}   // is closed at the next change; nil where nobody asks
}

// NewLevel returns a level of the given priority.
func NewLevel(p Priority) *Level { return &Level{own: p} }

// Raise makes it at least as urgent as p.
func (l *Level) Raise(p Priority) {
	l.change(func() { l.own = min(l.own, p) })
}

// Lend makes it at least as urgent as p, until back is called. That must be called once.
func (l *Level) Lend(p Priority) (back func()) {
	l.change(func() { l.lent[p]++ })
	return func() { l.change(func() { l.lent[p]-- }) }
}

func (l *Level) change(how func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := l.flow()
	if how(); l.changed != nil && l.flow() != before {
		close(l.changed)
		l.changed = nil
	}
}

// flow is where its requests wait, of whoever they are.
func (l *Level) flow() flow {
	of := flow{priority: l.own}
	for p, lenders := range l.lent {
		if lenders > 0 {
			of.priority, of.shared = min(of.priority, Priority(p)), true
		}
	}
	return of
}

// now is where its requests wait, and what is closed when that changes.
func (l *Level) now(owner string) (of flow, changed <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.changed == nil {
		l.changed = make(chan struct{})
	}
	of = l.flow()
	of.owner = owner
	return of, l.changed
}

type levelKey struct{}

// WithPriority marks the requests made with the context it returns. Without a mark a request is Bulk.
func WithPriority(ctx context.Context, p Priority) context.Context {
	return WithLevel(ctx, NewLevel(p))
}

// WithLevel marks the requests with a priority that may change.
func WithLevel(ctx context.Context, l *Level) context.Context {
	return context.WithValue(ctx, levelKey{}, l)
}

// PriorityOf is the priority that a request made with ctx has now.
func PriorityOf(ctx context.Context) Priority {
	l := LevelOf(ctx)
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.flow().priority
}

// LevelOf is what the requests made with ctx were marked with.
func LevelOf(ctx context.Context) *Level {
	if l, ok := ctx.Value(levelKey{}).(*Level); ok {
		return l
	}
	return NewLevel(Bulk)
}
