package gotoclient

import (
	"context"
	"fmt"
	"net/http"
)

// leaveTransport asks once more whether an API request may leave, when nothing is left
// to wait for: since the limiter let it pass, an access token may have been fetched.
type leaveTransport struct {
	next http.RoundTripper
	ask  func(ctx context.Context, write bool) error
}

// RoundTrip fails with the answer if that is no; nothing was sent then.
func (t *leaveTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	x := exchangeOf(req.Context())
	if err := t.ask(req.Context(), x.to.write()); err != nil {
		closeBody(req)
		return nil, fmt.Errorf("gotoclient: %s: not sent: %w", x.operation, err)
	}
	return t.next.RoundTrip(req)
}
