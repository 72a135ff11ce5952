package account

import (
	"context"
	"sync"
	"time"

	"github.com/goto-operator/goto-operator/internal/account/brake"
)

// Priority orders the requests that wait for the budget.
type Priority int

// The priorities, most urgent first.
const (
	Interactive Priority = iota // one object that a person has just changed
	Bulk                        // many objects together
	Background                  // reading the account again
	priorities
)

type priorityKey struct{}

// WithPriority marks the requests made with the context it returns. Without a mark a request is Bulk.
func WithPriority(ctx context.Context, p Priority) context.Context {
	return context.WithValue(ctx, priorityKey{}, p)
}

func priorityOf(ctx context.Context) Priority {
	if p, ok := ctx.Value(priorityKey{}).(Priority); ok {
		return p
	}
	return Bulk
}

const (
	minRate       = 0.5              // requests per second, however often GoTo answers 429
	recoverEvery  = 10 * time.Second // without a 429, after which the rate rises by a tenth of the configured one
	minPause      = time.Second      // after a 429 without Retry-After
	throttleGrace = time.Second      // several 429 within it are one sign, not several
)

// Limiter is the request budget of one account: a token bucket that serves the more urgent first and slows down when
// GoTo answers 429. GoTo sends no header that tells how much is left (UNVERIFIED), so the answer is the only sign.
//
// The bucket holds a quarter of a second's requests: with the default of 8 a second, no second sees more than the
// published 10.
type Limiter struct {
	mu          sync.Mutex
	configured  float64
	rate        float64
	tokens      float64
	refilled    time.Time
	pausedUntil time.Time
	throttledAt time.Time
	queues      [priorities][]chan struct{}
	wake        *time.Timer
}

// NewLimiter returns a budget of so many requests per second.
func NewLimiter(perSecond float64) *Limiter {
	l := &Limiter{configured: perSecond, rate: perSecond, refilled: time.Now()}
	l.tokens = l.burst()
	return l
}

func (l *Limiter) burst() float64 { return max(1, l.rate/4) }

// Rate is the number of requests per second in force.
func (l *Limiter) Rate() float64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refill(time.Now())
	return l.rate
}

// Wait blocks until one more request may be sent, or returns the error of ctx.
func (l *Limiter) Wait(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	granted := make(chan struct{})
	p := priorityOf(ctx)
	l.mu.Lock()
	l.queues[p] = append(l.queues[p], granted)
	l.dispatch()
	l.mu.Unlock()
	select {
	case <-granted:
		return brake.Use(ctx) // of a deletion: it may have waited long
	case <-ctx.Done():
		l.leave(p, granted)
		return ctx.Err()
	}
}

// leave takes a waiter out of its queue, or gives its token back if it was granted in the meantime.
func (l *Limiter) leave(p Priority, waiter chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, w := range l.queues[p] {
		if w == waiter {
			l.queues[p] = append(l.queues[p][:i], l.queues[p][i+1:]...)
			return
		}
	}
	l.tokens++
	l.dispatch()
}

// Throttled is told of every 429. It halves the rate, and pauses for as long as GoTo asked, or a second.
func (l *Limiter) Throttled(retryAfter time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	l.refill(now)
	if until := now.Add(max(retryAfter, minPause)); until.After(l.pausedUntil) {
		l.pausedUntil = until
	}
	if now.Sub(l.throttledAt) >= throttleGrace {
		l.rate = max(minRate, l.rate/2)
	}
	l.throttledAt = now
	l.tokens = 0
	l.dispatch()
}

// refill adds the tokens of the time since the last call, and lets the rate recover.
func (l *Limiter) refill(now time.Time) {
	for l.rate < l.configured && now.Sub(l.throttledAt) >= recoverEvery {
		l.rate = min(l.configured, l.rate+l.configured/10)
		l.throttledAt = l.throttledAt.Add(recoverEvery)
	}
	l.tokens = min(l.burst(), l.tokens+now.Sub(l.refilled).Seconds()*l.rate)
	l.refilled = now
}

// dispatch grants what the bucket holds, and sees to it that it is called again when there is more.
func (l *Limiter) dispatch() {
	now := time.Now()
	l.refill(now)
	wait := l.pausedUntil.Sub(now)
	if wait <= 0 {
		for l.tokens >= 1 {
			next := l.next()
			if next == nil {
				return
			}
			l.tokens--
			close(next)
		}
		wait = time.Duration((1-l.tokens)/l.rate*float64(time.Second)) + time.Microsecond
	}
	if l.wake != nil {
		l.wake.Stop()
	}
	l.wake = time.AfterFunc(wait, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.dispatchIfWaiting()
	})
}

func (l *Limiter) dispatchIfWaiting() {
	for _, q := range l.queues {
		if len(q) > 0 {
			l.dispatch()
			return
		}
	}
}

func (l *Limiter) next() chan struct{} {
	for p := range l.queues {
		if q := l.queues[p]; len(q) > 0 {
			l.queues[p] = q[1:]
			return q[0]
		}
	}
	return nil
}
