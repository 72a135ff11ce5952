package gotoclient

import (
	"fmt"
	"net/http"
	"time"
)

// limitTransport lets an attempt pass when the limiter permits it. The service
// allows 10 requests a second (D); keeping below that is the limiter's business.
type limitTransport struct {
	next    http.RoundTripper
	limiter Limiter
}

// RoundTrip asks first, and tells the limiter afterwards for how long the service
// wants to be left alone.
func (t *limitTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := t.limiter.Wait(req.Context()); err != nil {
		closeBody(req)
		return nil, fmt.Errorf("gotoclient: %s: waiting for the request budget: %w", exchangeOf(req.Context()).operation, err)
	}
	resp, err := t.next.RoundTrip(req)
	if err == nil {
		t.tell(resp)
	}
	return resp, err
}

func (t *limitTransport) tell(resp *http.Response) {
	retryAfter := parseRetryAfter(resp.Header.Get("Retry-After"), time.Now())
	switch {
	case resp.StatusCode == http.StatusTooManyRequests:
		t.limiter.Throttled(retryAfter)
	case isBusy(resp.StatusCode) && retryAfter > 0:
		t.limiter.Pause(retryAfter)
	}
}
