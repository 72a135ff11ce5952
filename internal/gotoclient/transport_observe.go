package gotoclient

import (
	"net/http"
	"time"
)

// observeTransport reports every attempt, of API and token requests alike.
type observeTransport struct {
	next    http.RoundTripper
	observe func(Call)
}

// RoundTrip reports when the attempt is over.
func (t *observeTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	x := exchangeOf(req.Context())
	call := Call{Operation: x.operation, Attempt: x.attempt}
	start := time.Now()
	resp, err := t.next.RoundTrip(req)
	call.Duration = time.Since(start)
	if err == nil {
		call.Status = resp.StatusCode
	}
	t.observe(call)
	return resp, err
}
