// Package inflight bounds how many changes of the operator's own objects are on their way to the API server at once. A thousand
// objects are worked on together, since they wait for one batch, and all have something to write when it comes back: sent together
// they would fill the API server's queues, be refused there with 429, and cost the operator a buffer each. What a person has just
// edited has a lane of its own, so that it does not wait behind them; and so has what is written at the end of the work on an object,
// since whoever begins takes up a worker, and whoever ends leaves one for the next.
//
// It imports nothing of the project.
package inflight

import (
	"context"
	"net/http"
	"strings"
)

// Width is the number of requests that one lane has under way at most. A few dozen keep an API server busy.
const Width = 32

type laneKey struct{}

// Edit marks what follows from an edit of an object that is there already: it goes before objects that are new or are started by
// something else.
func Edit(ctx context.Context) context.Context { return context.WithValue(ctx, laneKey{}, true) }

// lanes are those of one transport.
type lanes struct {
	next                http.RoundTripper
	group               string
	edits, begins, ends chan struct{}
}

// Transport returns a transport that bounds the changes of objects of an API group, such as "goto-operator.dev". Everything else
// passes: reads, watches, leases, Secrets and events.
func Transport(next http.RoundTripper, group string) http.RoundTripper {
	return &lanes{
		next: next, group: "/apis/" + group + "/",
		edits: make(chan struct{}, Width), begins: make(chan struct{}, Width), ends: make(chan struct{}, Width),
	}
}

// RoundTrip waits for room in the request's lane, or returns the error of the request's context.
func (l *lanes) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method == http.MethodGet || !strings.HasPrefix(r.URL.Path, l.group) {
		return l.next.RoundTrip(r)
	}
	lane := l.of(r)
	select {
	case lane <- struct{}{}:
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	defer func() { <-lane }()
	return l.next.RoundTrip(r)
}

// of is the lane of a request. The status is what is written last.
func (l *lanes) of(r *http.Request) chan struct{} {
	if edit, _ := r.Context().Value(laneKey{}).(bool); edit {
		return l.edits
	}
	if strings.HasSuffix(r.URL.Path, "/status") {
		return l.ends
	}
	return l.begins
}
