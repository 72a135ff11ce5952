package simulator_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/goto-operator/goto-operator/internal/simulator"
)

func refresh(token string) url.Values {
	return url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}}
}

func TestEveryGrantGivesAWorkingToken(t *testing.T) {
	grants := map[string]url.Values{
		"refresh token":         refresh(simulator.DefaultRefreshToken),
		"personal access token": {"grant_type": {"personal_access_token"}, "pat": {simulator.DefaultPersonalAccessToken}},
		"password": {"grant_type": {"password"}, "username": {simulator.DefaultUsername},
			"password": {simulator.DefaultPassword}},
	}
	for name, form := range grants {
		t.Run(name, func(t *testing.T) {
			e := start(t)
			a := e.grant(form)
			e.wantStatus(a, http.StatusOK)
			token := decode[tokenAnswer](t, a)
			if token.TokenType != "Bearer" || token.ExpiresIn != float64(3600) || token.Principal != simulator.DefaultAdminEmail ||
				!strings.Contains(token.Scope, simulator.ScopeAdmin) {
				t.Errorf("got %s", a.body)
			}
			for _, secret := range []string{simulator.DefaultClientSecret, simulator.DefaultPersonalAccessToken,
				simulator.DefaultPassword, simulator.DefaultRefreshToken} {
				if strings.Contains(token.AccessToken, secret) {
					t.Errorf("the access token contains the secret %q", secret)
				}
			}
			e.wantStatus(e.sendAs("Bearer "+token.AccessToken, http.MethodGet, adminRoot+"/me", nil), http.StatusOK)
		})
	}
}

func TestRefusedGrants(t *testing.T) {
	e := start(t)
	good := refresh(simulator.DefaultRefreshToken)
	tests := []struct {
		name   string
		answer answer
		status int
		code   string
	}{
		{"unknown client", e.grantAs("nobody", simulator.DefaultClientSecret, good), 401, "invalid_client"},
		{"wrong secret", e.grantAs(simulator.DefaultClientID, "wrong", good), 401, "invalid_client"},
		{"unsupported grant", e.grant(url.Values{"grant_type": {"client_credentials"}}), 400, "unsupported_grant_type"},
		{"no grant", e.grant(url.Values{}), 400, "invalid_request"},
		{"unknown refresh token", e.grant(refresh("nonsense")), 400, "invalid_grant"},
		{"unknown personal access token", e.grant(url.Values{"grant_type": {"personal_access_token"}, "pat": {"x"}}), 400, "invalid_grant"},
		{"wrong password", e.grant(url.Values{"grant_type": {"password"}, "username": {simulator.DefaultUsername},
			"password": {"x"}}), 400, "invalid_grant"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e.wantStatus(test.answer, test.status)
			if got := decode[map[string]string](t, test.answer)["error"]; got != test.code {
				t.Errorf("got error %q, want %q", got, test.code)
			}
		})
	}
}

func TestRefreshTokenRotatesAfterSixtyPercentOfItsLife(t *testing.T) {
	e := start(t)
	e.sim.Advance(18*24*time.Hour - time.Second)
	early := e.grant(refresh(simulator.DefaultRefreshToken))
	e.wantStatus(early, http.StatusOK)
	if strings.Contains(early.body, "refresh_token") {
		t.Errorf("a refresh before the 18th day gives a refresh token: %s", early.body)
	}

	e.sim.Advance(time.Second)
	late := e.grant(refresh(simulator.DefaultRefreshToken))
	e.wantStatus(late, http.StatusOK)
	rotated := decode[tokenAnswer](t, late).RefreshToken
	if rotated == "" || rotated == simulator.DefaultRefreshToken {
		t.Fatalf("a refresh on the 18th day gives the refresh token %q, want a new one", rotated)
	}
	e.wantStatus(e.grant(refresh(simulator.DefaultRefreshToken)), http.StatusBadRequest)
	e.wantStatus(e.grant(refresh(rotated)), http.StatusOK)
}

func TestRefreshTokenDies(t *testing.T) {
	t.Run("after 30 days", func(t *testing.T) {
		e := start(t)
		e.sim.Advance(30 * 24 * time.Hour)
		e.wantStatus(e.grant(refresh(simulator.DefaultRefreshToken)), http.StatusBadRequest)
	})
	t.Run("when revoked", func(t *testing.T) {
		e := start(t)
		e.sim.RevokeRefreshTokens()
		e.wantStatus(e.grant(refresh(simulator.DefaultRefreshToken)), http.StatusBadRequest)
		e.wantStatus(e.send(http.MethodGet, adminRoot+"/me", nil), http.StatusOK)
	})
	t.Run("in the hands of another client", func(t *testing.T) {
		e := start(t)
		state := e.sim.State()
		state.OAuth.Clients = append(state.OAuth.Clients, simulator.OAuthClient{ID: "second", Secret: "second secret"})
		if err := e.sim.Load(state); err != nil {
			t.Fatal(err)
		}
		e.wantStatus(e.grantAs("second", "second secret", refresh(simulator.DefaultRefreshToken)), http.StatusBadRequest)
		pat := url.Values{"grant_type": {"personal_access_token"}, "pat": {simulator.DefaultPersonalAccessToken}}
		e.wantStatus(e.grantAs("second", "second secret", pat), http.StatusOK)
	})
	t.Run("with its user", func(t *testing.T) {
		e := start(t)
		e.sim.RemoveUser(acct, simulator.DefaultAdminKey)
		e.wantStatus(e.grant(refresh(simulator.DefaultRefreshToken)), http.StatusBadRequest)
	})
}

func TestRevocationEndpoint(t *testing.T) {
	e := start(t, with("revocation", "available"))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, e.url+"/oauth/revoke",
		strings.NewReader(url.Values{"token": {simulator.DefaultRefreshToken}}.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(simulator.DefaultClientID, simulator.DefaultClientSecret)
	e.wantStatus(e.do(req), http.StatusOK)
	e.wantStatus(e.grant(refresh(simulator.DefaultRefreshToken)), http.StatusBadRequest)
}

func TestAccessTokenEnds(t *testing.T) {
	ends := map[string]func(*env){
		"after an hour": func(e *env) { e.clock.Add(time.Hour) },
		"when expired":  func(e *env) { e.sim.ExpireAccessTokens() },
		"with its user": func(e *env) { e.sim.RemoveUser(acct, simulator.DefaultAdminKey) },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			e := start(t)
			e.clock.Add(time.Hour - time.Second)
			e.wantStatus(e.send(http.MethodGet, adminRoot+"/me", nil), http.StatusOK)
			e.clock.Add(-time.Hour + time.Second)
			end(e)
			e.wantRefusal(e.send(http.MethodGet, adminRoot+"/me", nil), http.StatusUnauthorized, "not.authenticated")
			e.wantRefusal(e.send(http.MethodGet, usersPath, nil), http.StatusUnauthorized, "not.authenticated")
		})
	}
}

func TestExpiredTokenAsTheGatewayHasIt(t *testing.T) {
	e := start(t, with("expiredTokenAnswer", "403InvalidToken"))
	a := e.sendAs("Bearer nonsense", http.MethodGet, adminRoot+"/me", nil)
	e.wantStatus(a, http.StatusForbidden)
	if decode[map[string]string](t, a)["int_err_code"] != "InvalidToken" || a.header.Get("x-amzn-errortype") != "UnauthorizedException" {
		t.Errorf("got %s with %v", a.body, a.header)
	}
}

func TestTokenForms(t *testing.T) {
	e := start(t)
	for header, status := range map[string]int{
		"Bearer " + e.token:            200,
		"bearer " + e.token:            200,
		e.token:                        200,
		"OAuth oauth_token=" + e.token: 200,
		"Basic " + e.token:             401,
		"":                             401,
	} {
		if a := e.sendAs(header, http.MethodGet, adminRoot+"/me", nil); a.status != status {
			t.Errorf("Authorization %q is answered with %d, want %d", header, a.status, status)
		}
	}
}

func TestNoTokenOrSecretInTheLog(t *testing.T) {
	var text strings.Builder
	e := start(t, func(o *simulator.Options) { o.Logger = textLogger(&text) })
	e.grant(refresh(simulator.DefaultRefreshToken))
	e.grant(url.Values{"grant_type": {"password"}, "username": {simulator.DefaultUsername}, "password": {simulator.DefaultPassword}})
	e.swapPAT(simulator.DefaultPersonalAccessToken)
	e.send(http.MethodGet, adminRoot+"/me", nil)
	requests := e.sim.Requests()
	if len(requests) != 4 || requests[0].Body != "grant_type=refresh_token" {
		t.Fatalf("got %+v", requests)
	}
	all := text.String() + asJSON(t, requests)
	for _, secret := range []string{e.token, simulator.DefaultClientSecret, simulator.DefaultRefreshToken, simulator.DefaultPassword,
		simulator.DefaultPersonalAccessToken} {
		if strings.Contains(all, secret) {
			t.Errorf("the log contains %q", secret)
		}
	}
}

// A consent sends the browser back with a code, which is swapped once, by the client that asked, for its redirect URI, within ten minutes.
func TestConsent(t *testing.T) {
	const back = "https://example.test/back?kept=yes"
	asks := url.Values{"response_type": {"code"}, "client_id": {simulator.DefaultClientID}, "redirect_uri": {back}, "state": {"any thing"}}
	code := func(t *testing.T, e *env) string {
		t.Helper()
		a := e.authorize(asks)
		e.wantStatus(a, http.StatusFound)
		to, err := url.Parse(a.header.Get("Location"))
		if err != nil || to.Host != "example.test" || to.Query().Get("kept") != "yes" || to.Query().Get("state") != "any thing" {
			t.Errorf("sent to %v, %v", to, err)
		}
		return to.Query().Get("code")
	}
	swap := func(code, redirectURI string) url.Values {
		return url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {redirectURI}}
	}
	e := start(t)
	given := code(t, e)
	first := e.grant(swap(given, back))
	e.wantStatus(first, http.StatusOK)
	e.wantStatus(e.grant(refresh(decode[tokenAnswer](t, first).RefreshToken)), http.StatusOK)
	late := code(t, e)
	e.sim.Advance(10 * time.Minute)
	for name, a := range map[string]answer{
		"a second time": e.grant(swap(given, back)), "too late": e.grant(swap(late, back)), "for another address": e.grant(swap(code(t, e), back+"2")),
		"by a stranger": e.grantAs(simulator.DefaultClientID, "x", swap(code(t, e), back)),
	} {
		if a.status != http.StatusBadRequest && a.status != http.StatusUnauthorized {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	for name, change := range map[string]func(url.Values){
		"no code": func(v url.Values) { v.Set("response_type", "token") }, "unknown client": func(v url.Values) { v.Set("client_id", "x") },
		"nowhere to go back to": func(v url.Values) { v.Del("redirect_uri") },
	} {
		wrong := maps.Clone(asks)
		change(wrong)
		if a := e.authorize(wrong); a.status != http.StatusBadRequest {
			t.Errorf("%s: %d", name, a.status)
		}
	}
}

// authorize opens what a browser would, and follows nothing.
func (e *env) authorize(asks url.Values) answer {
	e.t.Helper()
	req, err := http.NewRequestWithContext(e.t.Context(), http.MethodGet, e.url+"/oauth/authorize?"+asks.Encode(), nil)
	if err != nil {
		e.t.Fatal(err)
	}
	return e.do(req)
}
