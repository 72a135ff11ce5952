package budget

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	minRate       = 0.5              // requests per second, however often GoTo answers 429
	recoverEvery  = 10 * time.Second // without a 429, after which the rate rises by a tenth of the configured one
	minPause      = time.Second      // after a 429 without Retry-After
	throttleGrace = time.Second      // several 429 within it are one sign, not several
)

// Limiter is one token bucket. GoTo sends no header that tells how much is left (UNVERIFIED), so a 429 is the only sign.
//
// The bucket holds a quarter of a second's requests: with the default of 8 a second, no second sees more than the published 10.
type Limiter struct {
	mu          sync.Mutex
	configured  float64
	rate        float64
	tokens      float64
	refilled    time.Time
	pausedUntil time.Time
	halvedAt    time.Time
	raisedAt    time.Time // or when the last 429 came
	waiting     fair
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

// configure changes the rate that there is without a 429.
func (l *Limiter) configure(perSecond float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.refill(time.Now())
	l.rate = min(perSecond, max(minRate, l.rate*perSecond/l.configured))
	l.configured = perSecond
}

// PausedError says that a request was not sent, as its context ends before the time until which GoTo asked to be left alone.
type PausedError struct{ Until time.Time }

// Error says until when.
func (e *PausedError) Error() string {
	return "GoTo asked to be left alone until " + e.Until.UTC().Format(time.RFC3339)
}

// Unwrap is context.DeadlineExceeded, which is what became of the request's context, or would have.
func (*PausedError) Unwrap() error { return context.DeadlineExceeded }

// Wait blocks until one more request may be sent. It returns the error of ctx, or a *PausedError where the deadline of ctx comes before the
// end of a pause; that is found out at once if it can be.
func (l *Limiter) Wait(ctx context.Context) error { return l.waitFor(ctx, "") }

// waitFor is Wait of one of several who share the budget.
func (l *Limiter) waitFor(ctx context.Context, owner string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w, level := &waiter{granted: make(chan struct{})}, LevelOf(ctx)
	changed, err := l.enter(ctx, w, owner, level)
	if err != nil {
		return err
	}
	for {
		select {
		case <-w.granted:
			return nil
		case <-changed:
			changed = l.move(w, level)
		case <-ctx.Done():
			return l.leave(ctx, w)
		}
	}
}

// enter puts a waiter in, unless a pause is known to outlast those who wait for it. It returns what is closed when its priority changes.
func (l *Limiter) enter(ctx context.Context, w *waiter, owner string, level *Level) (changed <-chan struct{}, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if deadline, limited := Deadline(ctx); limited && l.pausedUntil.After(deadline) {
		return nil, &PausedError{l.pausedUntil}
	}
	of, changed := level.now(owner)
	l.waiting.add(of, w)
	l.dispatch()
	return changed, nil
}

// move puts a waiter where the priority that it has now belongs. Who grants the next place is called in any case.
func (l *Limiter) move(w *waiter, level *Level) (changed <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	of, changed := level.now(w.of.owner)
	if !w.done && of != w.of {
		l.waiting.remove(w)
		l.waiting.add(of, w)
	}
	return changed
}

// leave takes a waiter out whose context has ended, or gives its token back if it was granted in the meantime. It returns why it has waited
// for nothing.
func (l *Limiter) leave(ctx context.Context, w *waiter) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if w.done {
		l.tokens++
		l.dispatch()
		return ctx.Err()
	}
	l.waiting.remove(w)
	if errors.Is(ctx.Err(), context.DeadlineExceeded) && l.pausedUntil.After(time.Now()) {
		return &PausedError{l.pausedUntil}
	}
	return ctx.Err()
}

// Throttled is told of every 429. It halves the rate, and pauses for as long as GoTo asked, or a second.
func (l *Limiter) Throttled(retryAfter time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	l.refill(now)
	l.pauseUntil(now.Add(max(retryAfter, minPause)))
	if now.Sub(l.halvedAt) >= throttleGrace {
		l.rate = max(minRate, l.rate/2)
		l.halvedAt = now
	}
	l.raisedAt = now
	l.tokens = 0
	l.dispatch()
}

// Pause grants nothing for as long as GoTo asked with another answer than 429, of which it does not follow that the rate is too high.
func (l *Limiter) Pause(retryAfter time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.pauseUntil(time.Now().Add(retryAfter))
	l.dispatch()
}

func (l *Limiter) pauseUntil(t time.Time) {
	if t.After(l.pausedUntil) {
		l.pausedUntil = t
	}
}

// refill adds the tokens of the time since the last call, and lets the rate recover.
func (l *Limiter) refill(now time.Time) {
	for l.rate < l.configured && now.Sub(l.raisedAt) >= recoverEvery {
		l.rate = min(l.configured, l.rate+l.configured/10)
		l.raisedAt = l.raisedAt.Add(recoverEvery)
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
			next := l.waiting.next()
			if next == nil {
				return
			}
			l.tokens--
			next.done = true
			close(next.granted)
		}
		wait = time.Duration((1-l.tokens)/l.rate*float64(time.Second)) + time.Microsecond
	}
	if l.wake != nil {
		l.wake.Stop()
	}
	l.wake = time.AfterFunc(wait, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		if !l.waiting.empty() {
			l.dispatch()
		}
	})
}
