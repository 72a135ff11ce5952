package breaker

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"
)

// probeKey marks a request that asks whether the service answers. Its value is whether it was sent.
type probeKey struct{}

// errAnswerless ends a probe that the client would repeat.
var errAnswerless = errors.New("the probe had no answer")

// Limiter is a budget of requests, as the client knows it.
type Limiter interface {
	Wait(ctx context.Context) error
	Throttled(retryAfter time.Duration)
	Pause(retryAfter time.Duration)
}

// Guard is a budget that grants nothing while the service does not answer.
type Guard struct {
	Limiter

	Breaker *Breaker
}

// Wait blocks until the budget and the breaker let one more request pass. It returns an *OpenError where the service does not answer, and
// the error of ctx where that ends first. A probe passes once, so that it is not repeated.
func (g Guard) Wait(ctx context.Context) error {
	if sent, probes := ctx.Value(probeKey{}).(*atomic.Bool); probes {
		if sent.Swap(true) {
			return errAnswerless
		}
		return g.Limiter.Wait(ctx)
	}
	if err := g.Breaker.wait(ctx); err != nil {
		return err
	}
	if err := g.Limiter.Wait(ctx); err != nil {
		return err
	}
	return g.Breaker.wait(ctx) // the budget may have taken its time
}

// wait blocks while it is not known whether the service answers, and while too much is under way.
func (b *Breaker) wait(ctx context.Context) error {
	for {
		again, err := b.admit()
		if again == nil {
			return err
		}
		select {
		case <-again:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// admit lets a request pass, refuses it, or returns what to wait for.
func (b *Breaker) admit() (again <-chan struct{}, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.state == open:
		return nil, b.refusal()
	case b.state == suspected, b.underWay >= mostUnderWay:
		return b.changed, nil
	}
	return nil, nil
}

// Transport sends requests, and lets the breaker know what comes of them. Of those for which aside is true, such as those for a token, which
// another service answers, only the failures count.
func (b *Breaker) Transport(next http.RoundTripper, aside func(*http.Request) bool) http.RoundTripper {
	return transport{b, next, aside}
}

type transport struct {
	*Breaker

	next  http.RoundTripper
	aside func(*http.Request) bool
}

// RoundTrip sends one request. That its caller has given up says nothing of the service.
func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	t.begin()
	defer t.end()
	resp, err := t.next.RoundTrip(req)
	switch failed := err != nil || resp.StatusCode >= http.StatusInternalServerError; {
	case errors.Is(err, context.Canceled), !failed && t.aside(req):
	default:
		t.note(!failed)
	}
	return resp, err
}

func (b *Breaker) begin() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.underWay++
}

func (b *Breaker) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.underWay--; b.underWay == mostUnderWay-1 {
		b.wake()
	}
}
