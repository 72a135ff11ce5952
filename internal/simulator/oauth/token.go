// Package oauth is the OAuth server: it swaps credentials for access tokens and ends them. It knows no other API.
package oauth

import (
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/goto-operator/goto-operator/internal/simulator/call"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
	"github.com/goto-operator/goto-operator/internal/simulator/switches"
	"github.com/goto-operator/goto-operator/internal/simulator/wire"
)

// Lifetimes of the OAuth server (D).
const (
	AccessTokenLife  = 3600 * time.Second
	RefreshTokenLife = 30 * 24 * time.Hour
	// RefreshTokenRotation is the age from which a refresh gives a new refresh token and ends the old one: 60 % of its life (D).
	RefreshTokenRotation = RefreshTokenLife * 60 / 100
)

// Operations returns the endpoint table of the OAuth server, which anybody may call.
func Operations() []call.Operation {
	return call.OAuthServer.Of(nil, []call.Operation{
		{ID: call.OpAuthorize, Pattern: "GET /oauth/authorize", Handle: authorize},
		{ID: call.OpToken, Pattern: "POST /oauth/token", Handle: token},
		{ID: call.OpRevokeToken, Pattern: "POST /oauth/revoke", Handle: revokeToken},
	})
}

// grant is what a token request was found to be entitled to.
type grant struct {
	userKey, scope string
	// refresh is the refresh token to give out, "" for none.
	refresh string
}

// token serves POST /oauth/token.
func token(c *call.Call) wire.Response {
	clientID, ok := client(c)
	if !ok {
		return oauthError(http.StatusUnauthorized, "invalid_client", "client not found")
	}
	form, err := url.ParseQuery(string(c.Body))
	if err != nil {
		return oauthError(http.StatusBadRequest, "invalid_request", "the body is no form")
	}
	var g *grant
	switch grantType := form.Get("grant_type"); grantType {
	case "refresh_token":
		g = refreshGrant(c, clientID, form.Get("refresh_token"))
	case "authorization_code":
		g = codeGrant(c, clientID, form.Get("code"), form.Get("redirect_uri"))
	case "personal_access_token":
		g = patGrant(c, clientID, form.Get("pat"))
	case "password":
		g = passwordGrant(c, clientID, form.Get("username"), form.Get("password"))
	case "":
		return oauthError(http.StatusBadRequest, "invalid_request", "grant_type is missing")
	default:
		return oauthError(switches.Status(c.Switches.UnsupportedGrantStatus), "unsupported_grant_type", "unsupported grant type")
	}
	if g == nil || c.Store.UserOf(g.userKey) == nil {
		return oauthError(switches.Status(c.Switches.InvalidGrantStatus), "invalid_grant", "the grant is invalid, expired or revoked")
	}
	return issue(c, clientID, g)
}

// client finds out which application asks: by Basic authentication or, if the switch allows it, by members of the form.
func client(c *call.Call) (id string, ok bool) {
	id, secret, ok := c.Request.BasicAuth()
	if !ok && c.Switches.ClientAuthentication == "basicOrPost" {
		id, secret, ok = posted(c.Body)
	}
	if !ok {
		return "", false
	}
	// RFC 6749 form-encodes both halves, which not every client does.
	plainID, err1 := url.QueryUnescape(id)
	plainSecret, err2 := url.QueryUnescape(secret)
	for _, known := range c.Store.OAuth.Clients {
		if known.ID == id && same(known.Secret, secret) {
			return known.ID, true
		}
		if err1 == nil && err2 == nil && known.ID == plainID && same(known.Secret, plainSecret) {
			return known.ID, true
		}
	}
	return "", false
}

// posted reads id and secret of the application from a form.
func posted(body []byte) (id, secret string, ok bool) {
	form, err := url.ParseQuery(string(body))
	return form.Get("client_id"), form.Get("client_secret"), err == nil && form.Has("client_id")
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// refreshGrant looks a refresh token up and replaces it when it is old enough.
func refreshGrant(c *call.Call, clientID, text string) *grant {
	i := slices.IndexFunc(c.Store.OAuth.RefreshTokens, func(t state.RefreshToken) bool {
		return t.Token == text && t.ClientID == clientID
	})
	if i < 0 {
		return nil
	}
	t := c.Store.OAuth.RefreshTokens[i]
	age := c.Arrived.Sub(t.IssuedAt)
	if age >= RefreshTokenLife || c.Store.UserOf(t.UserKey) == nil {
		return nil
	}
	g := &grant{userKey: t.UserKey, scope: t.Scope}
	if age >= RefreshTokenRotation {
		c.Store.OAuth.RefreshTokens = slices.Delete(c.Store.OAuth.RefreshTokens, i, i+1)
		g.refresh = newRefreshToken(c, clientID, t.UserKey, t.Scope)
	}
	return g
}

func patGrant(c *call.Call, clientID, text string) *grant {
	i := slices.IndexFunc(c.Store.OAuth.PATs, func(t state.PersonalAccessToken) bool { return t.Token == text })
	if i < 0 || c.Store.UserOf(c.Store.OAuth.PATs[i].UserKey) == nil {
		return nil
	}
	t := c.Store.OAuth.PATs[i]
	g := &grant{userKey: t.UserKey, scope: t.Scope}
	if c.Switches.PATRefreshToken == "yes" {
		g.refresh = newRefreshToken(c, clientID, t.UserKey, t.Scope)
	}
	return g
}

func passwordGrant(c *call.Call, clientID, username, password string) *grant {
	i := slices.IndexFunc(c.Store.OAuth.Passwords, func(p state.Password) bool {
		return strings.EqualFold(p.Username, username) && same(p.Password, password)
	})
	if i < 0 || c.Store.UserOf(c.Store.OAuth.Passwords[i].UserKey) == nil {
		return nil
	}
	p := c.Store.OAuth.Passwords[i]
	return &grant{userKey: p.UserKey, scope: p.Scope, refresh: newRefreshToken(c, clientID, p.UserKey, p.Scope)}
}

func newRefreshToken(c *call.Call, clientID, userKey, scope string) string {
	c.Store.OAuth.Issued++
	t := state.RefreshToken{
		Token:    fmt.Sprintf("%s-%d", state.DefaultRefreshToken, c.Store.OAuth.Issued),
		ClientID: clientID, UserKey: userKey, Scope: scope, IssuedAt: c.Arrived,
	}
	c.Store.OAuth.RefreshTokens = slices.DeleteFunc(c.Store.OAuth.RefreshTokens, func(old state.RefreshToken) bool {
		return c.Arrived.Sub(old.IssuedAt) >= RefreshTokenLife
	})
	c.Store.OAuth.RefreshTokens = append(c.Store.OAuth.RefreshTokens, t)
	return t.Token
}

// issue gives out an access token. Its text is a number and tells nothing.
func issue(c *call.Call, clientID string, g *grant) wire.Response {
	c.Store.OAuth.AccessTokens = slices.DeleteFunc(c.Store.OAuth.AccessTokens, func(t state.AccessToken) bool { return !t.ExpiresAt.After(c.Arrived) })
	c.Store.OAuth.Issued++
	number := base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "access token %d", c.Store.OAuth.Issued))
	t := state.AccessToken{
		Token: "sim-access-token-" + number, ClientID: clientID, UserKey: g.userKey, Scope: g.scope,
		ExpiresAt: c.Arrived.Add(AccessTokenLife),
	}
	c.Store.OAuth.AccessTokens = append(c.Store.OAuth.AccessTokens, t)
	c.Changed = true

	var life any = int(AccessTokenLife.Seconds())
	if c.Switches.ExpiresInType == "string" {
		life = fmt.Sprint(life)
	}
	body := wire.Object{wire.M("access_token", t.Token), wire.M("token_type", "Bearer"), wire.M("expires_in", life)}
	if g.refresh != "" {
		body = append(body, wire.M("refresh_token", g.refresh))
	}
	body = append(body, wire.M("scope", g.scope), wire.M("principal", c.Store.UserOf(g.userKey).Email))
	r := wire.JSON(http.StatusOK, body)
	r.Header = http.Header{"Cache-Control": {"no-store"}}
	return r
}

// revokeToken serves POST /oauth/revoke as RFC 7009 has it, if the switch says that it exists.
func revokeToken(c *call.Call) wire.Response {
	if c.Switches.Revocation != "available" {
		return wire.NotRouted()
	}
	if _, ok := client(c); !ok {
		return oauthError(http.StatusUnauthorized, "invalid_client", "client not found")
	}
	form, err := url.ParseQuery(string(c.Body))
	if err != nil || form.Get("token") == "" {
		return oauthError(http.StatusBadRequest, "invalid_request", "token is missing")
	}
	text := form.Get("token")
	c.Store.OAuth.RefreshTokens = slices.DeleteFunc(c.Store.OAuth.RefreshTokens, func(t state.RefreshToken) bool { return t.Token == text })
	c.Store.OAuth.AccessTokens = slices.DeleteFunc(c.Store.OAuth.AccessTokens, func(t state.AccessToken) bool { return t.Token == text })
	c.Changed = true
	return wire.Response{Status: http.StatusOK}
}

func oauthError(status int, code, description string) wire.Response {
	r := wire.JSON(status, wire.Object{wire.M("error", code), wire.M("error_description", description)})
	r.Header = http.Header{"Cache-Control": {"no-store"}}
	if status == http.StatusUnauthorized {
		r.Header.Set("WWW-Authenticate", `Basic realm="oauth"`)
	}
	return r
}
