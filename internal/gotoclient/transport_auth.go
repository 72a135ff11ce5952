package gotoclient

import "net/http"

// authTransport adds the access token. When the service refuses the token it is
// dropped, so that the next attempt, which the retry layer makes, gets a new
// one.
type authTransport struct {
	next   http.RoundTripper
	tokens *tokenSource
}

// RoundTrip fails with an *AuthError if there is no token; nothing was sent
// then.
func (t *authTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	token, err := t.tokens.token(req.Context())
	if err != nil {
		closeBody(req)
		return nil, err
	}
	req = req.Clone(req.Context())
	req.Header.Set("Authorization", "Bearer "+token.AccessToken)
	resp, err := t.next.RoundTrip(req)
	if err == nil && resp.StatusCode/100 == 4 {
		if newAPIError("", resp, peek(resp)).badToken() {
			t.tokens.discard(token)
		}
	}
	return resp, err
}
