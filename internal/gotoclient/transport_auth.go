package gotoclient

import (
	"net/http"

	"golang.org/x/oauth2"
)

// authTransport adds the access token. When the service refuses the token it is
// dropped, so that the next attempt, which the retry layer makes, gets a new
// one; unless that was done a moment ago and did not help.
type authTransport struct {
	next   http.RoundTripper
	tokens *tokenSource
}

// RoundTrip fails with an *AuthError if there is no token; nothing was sent
// then.
func (t *authTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	x := exchangeOf(req.Context())
	token, err := t.tokens.token(req.Context())
	if err != nil {
		closeBody(req)
		return nil, err
	}
	req = req.Clone(req.Context())
	req.Header.Set("Authorization", "Bearer "+token.AccessToken)
	resp, err := t.next.RoundTrip(req)
	if err == nil {
		t.judge(x, token, resp)
	}
	return resp, err
}

// judge takes in what an answer says of the token.
func (t *authTransport) judge(x *exchange, token *oauth2.Token, resp *http.Response) {
	switch {
	case resp.StatusCode/100 == 4 && newAPIError("", resp, peek(resp)).badToken():
		x.renewable = t.tokens.discard(token, x.operation)
	case !isBusy(resp.StatusCode):
		t.tokens.accepted(x.operation)
	}
}
