package oauth

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/goto-operator/goto-operator/internal/simulator/call"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
	"github.com/goto-operator/goto-operator/internal/simulator/wire"
)

// codeLife is how long a code can be swapped: what RFC 6749 allows at most. GoTo's own is not known (U).
const codeLife = 10 * time.Minute

// authorize serves GET /oauth/authorize, which a person opens in a browser (D). Whoever may sign in with the password grant is signed in here,
// and consents at once, to what the client has; which redirect URIs a client may have is not looked at.
func authorize(c *call.Call) wire.Response {
	asked := c.Request.URL.Query()
	known := func(o state.OAuthClient) bool { return o.ID == asked.Get("client_id") }
	back, err := url.Parse(asked.Get("redirect_uri"))
	switch {
	case asked.Get("response_type") != "code" || err != nil || !back.IsAbs():
		return oauthError(http.StatusBadRequest, "invalid_request", "response_type and redirect_uri")
	case !slices.ContainsFunc(c.Store.OAuth.Clients, known) || len(c.Store.OAuth.Passwords) == 0:
		return oauthError(http.StatusBadRequest, "invalid_client", "client not found")
	}
	answer := back.Query()
	answer.Set("code", newCode(c, asked))
	if asked.Has("state") {
		answer.Set("state", asked.Get("state"))
	}
	back.RawQuery = answer.Encode()
	return wire.Response{Status: http.StatusFound, Header: http.Header{"Location": {back.String()}}}
}

func newCode(c *call.Call, asked url.Values) string {
	user := c.Store.OAuth.Passwords[0]
	c.Store.OAuth.Issued++
	code := fmt.Sprintf("sim-code-%d", c.Store.OAuth.Issued)
	c.Store.OAuth.Codes = append(c.Store.OAuth.Codes, state.AuthorizationCode{
		Code: code, ClientID: asked.Get("client_id"), RedirectURI: asked.Get("redirect_uri"), UserKey: user.UserKey, Scope: user.Scope, IssuedAt: c.Arrived,
	})
	c.Changed = true
	return code
}

// codeGrant takes a code, which works once.
func codeGrant(c *call.Call, clientID, code, redirectURI string) *grant {
	codes := c.Store.OAuth.Codes
	i := slices.IndexFunc(codes, func(k state.AuthorizationCode) bool { return k.Code == code && k.ClientID == clientID })
	if i < 0 {
		return nil
	}
	taken := codes[i]
	c.Store.OAuth.Codes = slices.Delete(codes, i, i+1)
	c.Changed = true
	if taken.RedirectURI != redirectURI || c.Arrived.Sub(taken.IssuedAt) >= codeLife {
		return nil
	}
	return &grant{userKey: taken.UserKey, scope: taken.Scope, refresh: newRefreshToken(c, clientID, taken.UserKey, taken.Scope)}
}
