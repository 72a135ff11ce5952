// Package grace lets work that is under way come to its end when the operator is asked to stop, and lets none begin. What was
// asked of GoTo is then known, and written down, before the process ends.
//
// It imports nothing of the project.
package grace

import (
	"context"
	"sync"
	"time"
)

// Longest is how long work may go on after the operator was asked to stop. It is shorter than the 30 seconds for which a manager
// waits for its controllers, which are shorter than terminationGracePeriodSeconds of the Deployment.
const Longest = 25 * time.Second

// Grace knows what is under way. A nil Grace lets everything begin and end as its context says.
type Grace struct {
	stopping context.Context //nolint:containedctx // it is what work is measured by
	work     context.Context //nolint:containedctx // it outlives all callers
	end      context.CancelFunc

	mu      sync.Mutex
	running int
}

// New returns a Grace for an operator that is asked to stop when a context ends.
func New(stopping context.Context) *Grace {
	g := &Grace{stopping: stopping}
	g.work, g.end = context.WithCancel(context.WithoutCancel(stopping))
	context.AfterFunc(stopping, g.stop)
	return g
}

// Stopping ends when the operator is asked to stop.
func (g *Grace) Stopping() context.Context {
	if g == nil {
		return context.Background()
	}
	return g.stopping
}

// Start waits for ctx to end, and then for the last work, if that is because the operator is asked to stop. It lets a manager wait for work
// that none of its controllers is at. It returns no error.
func (g *Grace) Start(ctx context.Context) error {
	<-ctx.Done()
	if g.stopping.Err() != nil {
		<-g.work.Done()
	}
	return nil
}

// Context ends when the last work is done after that, or is given up after Longest.
func (g *Grace) Context() context.Context { return g.work }

// Begin returns the context of some work, and what to call when it is done; false if the operator is stopping, so that it must not
// begin. The work's context outlives ctx where that ends because the operator is asked to stop. Where it ends for another
// reason, as when another replica has taken the lease, the work ends with it.
func (g *Grace) Begin(ctx context.Context) (work context.Context, done func(), may bool) {
	if g == nil {
		return ctx, func() {}, ctx.Err() == nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.stopping.Err() != nil || ctx.Err() != nil {
		return ctx, func() {}, false
	}
	work, done = g.begin(ctx)
	return work, done, true
}

// Hold keeps the grace from ending until release is called, for work that has begun, and that nobody is at meanwhile.
func (g *Grace) Hold() (release func()) {
	if g == nil {
		return func() {}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.running++
	return g.done
}

// Resume is Begin for work that is held: it goes on also while the operator is stopping.
func (g *Grace) Resume(ctx context.Context) (work context.Context, done func()) {
	if g == nil {
		return ctx, func() {}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.begin(ctx)
}

func (g *Grace) begin(ctx context.Context) (work context.Context, done func()) {
	g.running++
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := [2]func() bool{context.AfterFunc(g.work, cancel), context.AfterFunc(ctx, func() {
		if g.stopping.Err() == nil {
			cancel()
		}
	})}
	return work, func() { stop[0](); stop[1](); cancel(); g.done() }
}

func (g *Grace) done() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.running--
	if g.running == 0 && g.stopping.Err() != nil {
		g.end()
	}
}

func (g *Grace) stop() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.running == 0 {
		g.end()
		return
	}
	time.AfterFunc(Longest, g.end)
}
