package simulator

import (
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Lifetimes of the OAuth server (D).
const (
	AccessTokenLife  = 3600 * time.Second
	RefreshTokenLife = 30 * 24 * time.Hour
	// RefreshTokenRotation is the age from which a refresh gives a new refresh token and ends the old one: 60 % of its life (D).
	RefreshTokenRotation = RefreshTokenLife * 60 / 100
)

// grant is what a token request was found to be entitled to.
type grant struct {
	userKey, scope string
	// refresh is the refresh token to give out, "" for none.
	refresh string
}

// token serves POST /oauth/token.
func (s *Simulator) token(c *call) response {
	clientID, ok := s.client(c)
	if !ok {
		return oauthError(http.StatusUnauthorized, "invalid_client", "client not found")
	}
	form, err := url.ParseQuery(string(c.body))
	if err != nil {
		return oauthError(http.StatusBadRequest, "invalid_request", "the body is no form")
	}
	var g *grant
	switch grantType := form.Get("grant_type"); grantType {
	case "refresh_token":
		g = s.refreshGrant(c, clientID, form.Get("refresh_token"))
	case "personal_access_token":
		g = s.patGrant(c, clientID, form.Get("pat"))
	case "password":
		g = s.passwordGrant(c, clientID, form.Get("username"), form.Get("password"))
	case "":
		return oauthError(http.StatusBadRequest, "invalid_request", "grant_type is missing")
	default:
		return oauthError(statusOf(s.switches.UnsupportedGrantStatus), "unsupported_grant_type", "unsupported grant type")
	}
	if g == nil || s.userOf(g.userKey) == nil {
		return oauthError(statusOf(s.switches.InvalidGrantStatus), "invalid_grant", "the grant is invalid, expired or revoked")
	}
	return s.issue(c, clientID, g)
}

// client checks the Basic authentication of the application.
func (s *Simulator) client(c *call) (id string, ok bool) {
	id, secret, ok := c.r.BasicAuth()
	if !ok {
		return "", false
	}
	// RFC 6749 form-encodes both halves, which not every client does.
	plainID, err1 := url.QueryUnescape(id)
	plainSecret, err2 := url.QueryUnescape(secret)
	for _, known := range s.oauth.Clients {
		if known.ID == id && same(known.Secret, secret) {
			return known.ID, true
		}
		if err1 == nil && err2 == nil && known.ID == plainID && same(known.Secret, plainSecret) {
			return known.ID, true
		}
	}
	return "", false
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// refreshGrant looks a refresh token up and replaces it when it is old enough.
func (s *Simulator) refreshGrant(c *call, clientID, text string) *grant {
	i := slices.IndexFunc(s.oauth.RefreshTokens, func(t RefreshToken) bool {
		return t.Token == text && t.ClientID == clientID
	})
	if i < 0 {
		return nil
	}
	t := s.oauth.RefreshTokens[i]
	age := c.arrive.Sub(t.IssuedAt)
	if age >= RefreshTokenLife || s.userOf(t.UserKey) == nil {
		return nil
	}
	g := &grant{userKey: t.UserKey, scope: t.Scope}
	if age >= RefreshTokenRotation {
		s.oauth.RefreshTokens = slices.Delete(s.oauth.RefreshTokens, i, i+1)
		g.refresh = s.newRefreshToken(c, clientID, t.UserKey, t.Scope)
	}
	return g
}

func (s *Simulator) patGrant(c *call, clientID, text string) *grant {
	i := slices.IndexFunc(s.oauth.PATs, func(t PersonalAccessToken) bool { return t.Token == text })
	if i < 0 || s.userOf(s.oauth.PATs[i].UserKey) == nil {
		return nil
	}
	t := s.oauth.PATs[i]
	g := &grant{userKey: t.UserKey, scope: t.Scope}
	if s.switches.PATRefreshToken == "yes" {
		g.refresh = s.newRefreshToken(c, clientID, t.UserKey, t.Scope)
	}
	return g
}

func (s *Simulator) passwordGrant(c *call, clientID, username, password string) *grant {
	i := slices.IndexFunc(s.oauth.Passwords, func(p Password) bool {
		return strings.EqualFold(p.Username, username) && same(p.Password, password)
	})
	if i < 0 || s.userOf(s.oauth.Passwords[i].UserKey) == nil {
		return nil
	}
	p := s.oauth.Passwords[i]
	return &grant{userKey: p.UserKey, scope: p.Scope, refresh: s.newRefreshToken(c, clientID, p.UserKey, p.Scope)}
}

func (s *Simulator) newRefreshToken(c *call, clientID, userKey, scope string) string {
	s.oauth.Issued++
	t := RefreshToken{
		Token:    fmt.Sprintf("%s-%d", DefaultRefreshToken, s.oauth.Issued),
		ClientID: clientID, UserKey: userKey, Scope: scope, IssuedAt: c.arrive,
	}
	s.oauth.RefreshTokens = slices.DeleteFunc(s.oauth.RefreshTokens, func(old RefreshToken) bool {
		return c.arrive.Sub(old.IssuedAt) >= RefreshTokenLife
	})
	s.oauth.RefreshTokens = append(s.oauth.RefreshTokens, t)
	return t.Token
}

// issue gives out an access token. Its text is a number and tells nothing.
func (s *Simulator) issue(c *call, clientID string, g *grant) response {
	s.oauth.AccessTokens = slices.DeleteFunc(s.oauth.AccessTokens, func(t AccessToken) bool { return !t.ExpiresAt.After(c.arrive) })
	s.oauth.Issued++
	number := base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "access token %d", s.oauth.Issued))
	t := AccessToken{
		Token: "sim-access-token-" + number, ClientID: clientID, UserKey: g.userKey, Scope: g.scope,
		ExpiresAt: c.arrive.Add(AccessTokenLife),
	}
	s.oauth.AccessTokens = append(s.oauth.AccessTokens, t)
	c.changed = true

	var life any = int(AccessTokenLife.Seconds())
	if s.switches.ExpiresInType == "string" {
		life = fmt.Sprint(life)
	}
	body := object{{"access_token", t.Token}, {"token_type", "Bearer"}, {"expires_in", life}}
	if g.refresh != "" {
		body = append(body, member{"refresh_token", g.refresh})
	}
	body = append(body, member{"scope", g.scope}, member{"principal", s.userOf(g.userKey).Email})
	r := jsonResponse(http.StatusOK, body)
	r.header = http.Header{"Cache-Control": {"no-store"}}
	return r
}

// revokeToken serves POST /oauth/revoke as RFC 7009 has it, if the switch says that it exists.
func (s *Simulator) revokeToken(c *call) response {
	if s.switches.Revocation != "available" {
		return s.notRouted(c)
	}
	if _, ok := s.client(c); !ok {
		return oauthError(http.StatusUnauthorized, "invalid_client", "client not found")
	}
	form, err := url.ParseQuery(string(c.body))
	if err != nil || form.Get("token") == "" {
		return oauthError(http.StatusBadRequest, "invalid_request", "token is missing")
	}
	text := form.Get("token")
	s.oauth.RefreshTokens = slices.DeleteFunc(s.oauth.RefreshTokens, func(t RefreshToken) bool { return t.Token == text })
	s.oauth.AccessTokens = slices.DeleteFunc(s.oauth.AccessTokens, func(t AccessToken) bool { return t.Token == text })
	c.changed = true
	return response{status: http.StatusOK}
}

func oauthError(status int, code, description string) response {
	r := jsonResponse(status, object{{"error", code}, {"error_description", description}})
	r.header = http.Header{"Cache-Control": {"no-store"}}
	if status == http.StatusUnauthorized {
		r.header.Set("WWW-Authenticate", `Basic realm="oauth"`)
	}
	return r
}

// accessToken returns the living token of that text, nil if there is none. The lock is held.
func (s *Simulator) accessToken(text string) *AccessToken {
	i := slices.IndexFunc(s.oauth.AccessTokens, func(t AccessToken) bool { return t.Token == text })
	if i < 0 {
		return nil
	}
	t := s.oauth.AccessTokens[i]
	if !t.ExpiresAt.After(s.time()) || s.userOf(t.UserKey) == nil {
		return nil
	}
	return &t
}

// expireAccessToken ends one token. The lock is held.
func (s *Simulator) expireAccessToken(text string) {
	s.oauth.AccessTokens = slices.DeleteFunc(s.oauth.AccessTokens, func(t AccessToken) bool { return t.Token == text })
	s.persist()
}

// ExpireAccessTokens ends every access token, as if its hour had passed.
func (s *Simulator) ExpireAccessTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.oauth.AccessTokens = nil
	s.persist()
}

// RevokeRefreshTokens ends every refresh token. Access tokens live on.
func (s *Simulator) RevokeRefreshTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.oauth.RefreshTokens = nil
	s.persist()
}

// userOf returns the user of a token: the first account's record counts, since it is the primary account (D).
func (s *Simulator) userOf(key string) *User {
	for _, a := range s.accounts {
		if u := a.byKey[key]; u != nil {
			return u
		}
	}
	return nil
}
