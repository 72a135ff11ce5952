package breaker

import (
	"context"
	"errors"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"
)

// probeKey marks a request that asks whether the service answers. Its value is a *question.
type probeKey struct{}

// question is one probe.
type question struct {
	sent   atomic.Bool
	leaves func() // is called when the budget has let it pass: a pause that the service has asked for is no silence
}

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
	if q, probes := ctx.Value(probeKey{}).(*question); probes {
		return g.ask(ctx, q)
	}
	if err := g.Breaker.wait(ctx, false); err != nil {
		return err
	}
	if err := g.Limiter.Wait(ctx); err != nil {
		return err
	}
	return g.Breaker.wait(ctx, true) // the budget may have taken its time
}

func (g Guard) ask(ctx context.Context, q *question) error {
	if q.sent.Swap(true) {
		return errAnswerless
	}
	if err := g.Limiter.Wait(ctx); err != nil {
		return err
	}
	q.leaves()
	return nil
}

// wait blocks while it is not known whether the service answers, while too much is under way, and while another request tries the same.
func (b *Breaker) wait(ctx context.Context, leaves bool) error {
	name := b.operation(ctx)
	for {
		again, err := b.admit(name, leaves)
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
func (b *Breaker) admit(name string, leaves bool) (again <-chan struct{}, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.state == open:
		return nil, b.refusal()
	case b.state == suspected, b.underWay >= mostUnderWay:
		return b.changed, nil
	}
	return b.pass(name, leaves)
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

// RoundTrip sends one request. That its caller has given up, or has no more time, says nothing of the service; that the client's own limit of
// an attempt is over does, for which it ends the context with the cause os.ErrDeadlineExceeded.
func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	t.begin()
	defer t.end()
	resp, err := t.next.RoundTrip(req)
	failed := err != nil || resp.StatusCode >= http.StatusInternalServerError
	if err != nil && gaveUp(req.Context()) || !failed && t.aside(req) {
		return resp, err
	}
	t.note(!failed)
	if !t.aside(req) && !maybeKeys(req, resp) {
		t.noteOperation(t.operation(req.Context()), req, !failed)
	}
	return resp, err
}

// maybeKeys is true of a 502 to a request about several keys. GoTo answers so to a key that is no number (L, indirect), and perhaps to several:
// then it is about the request, which is sent again for fewer, and not about its operation.
func maybeKeys(req *http.Request, resp *http.Response) bool {
	return resp != nil && resp.StatusCode == http.StatusBadGateway && strings.Contains(req.URL.Path, ",")
}

// gaveUp tells whether a caller has ended a request.
func gaveUp(ctx context.Context) bool {
	return ctx.Err() != nil && !errors.Is(context.Cause(ctx), os.ErrDeadlineExceeded)
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
