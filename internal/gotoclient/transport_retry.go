package gotoclient

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// retryTransport repeats a request where that is safe:
//
//	any       429: rejected before it was processed
//	          not sent at all (no connection, no access token because the token
//	          endpoint is unreachable, unless it is left alone for a while)
//	          access token refused: once, at once, with a new token if one is to be had
//	GET       500, 502, 503, 504, connection lost
//	PUT, DELETE    502, 503, 504, connection lost
//	          (of 502 not that which calls the account illegal)
//	POST, PATCH    nothing else: it may have taken effect, and there are no
//	          idempotency keys (L). Nor what is a POST by the endpoint table and
//	          has another method by an override
type retryTransport struct {
	next        http.RoundTripper
	maxAttempts int
	backoff     func(attempt int) time.Duration
	deadline    func(context.Context) (time.Time, bool)
}

// RoundTrip returns the last answer or error.
func (t *retryTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	defer closeBody(req)
	x := exchangeOf(req.Context())
	renewed := false
	for failures := 1; ; failures++ {
		attempt, err := rewound(req)
		if err != nil {
			return nil, err
		}
		x.attempt++
		resp, err := t.next.RoundTrip(attempt)
		failure := err
		if err == nil {
			if resp.StatusCode/100 == 2 {
				return resp, nil
			}
			failure = newAPIError(x.operation, resp, peek(resp))
		}
		x.doubt = x.doubt || leavesDoubt(failure)
		if IsUnauthenticated(failure) && x.renewable && !renewed {
			renewed = true
			failures-- // it says nothing about the service's health
			continue
		}
		wait := t.wait(failures, failure)
		if failures >= t.maxAttempts || !repeatable(x.to, failure) || !t.worthWaiting(req.Context(), wait) {
			return resp, err
		}
		if err := pause(req.Context(), wait); err != nil {
			return nil, &TransportError{Operation: x.operation, detail: "the caller gave up waiting to try again", cause: err}
		}
	}
}

// repeatable reports whether a request may be sent to the route again after the
// failure.
func repeatable(to route, failure error) bool {
	if IsIllegalAccount(failure) {
		return false // no gateway, though it is answered like one
	}
	var auth *AuthError
	if errors.As(failure, &auth) {
		// Whoever waited for the token endpoint would come back together with all others.
		return auth.Reason == AuthUnreachable && auth.Until.IsZero()
	}
	var transport *TransportError
	if errors.As(failure, &transport) {
		return !transport.Sent || to.idempotent()
	}
	e, ok := asAPIError(failure)
	if !ok {
		return false
	}
	switch e.Status {
	case http.StatusTooManyRequests:
		return true
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return to.idempotent()
	case http.StatusInternalServerError:
		return !to.write()
	}
	return false
}

// wait is the time to let pass after the failure.
func (t *retryTransport) wait(failures int, failure error) time.Duration {
	d := t.backoff(failures)
	if e, ok := asAPIError(failure); ok {
		d = max(d, e.RetryAfter)
	}
	return d
}

// worthWaiting reports whether the caller will still be there afterwards. If
// not, the failure at hand says more than the caller's own deadline.
func (t *retryTransport) worthWaiting(ctx context.Context, d time.Duration) bool {
	if ctx.Err() != nil {
		return false
	}
	deadline, limited := t.deadline(ctx)
	return !limited || time.Until(deadline) > d
}

// pause waits, or returns the context's error.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
