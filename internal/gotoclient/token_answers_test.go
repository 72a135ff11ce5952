package gotoclient_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// What a token endpoint of another making might answer.
func TestTokenAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		reason gotoclient.AuthReason // "" for success
		code   string
	}{
		"usual":               {200, `{"access_token":"T","token_type":"Bearer","expires_in":3600,"scope":"identity:","principal":"CANARY@x.test"}`, "", ""},
		"string and extras":   {200, `{"access_token":"T","expires_in":"3600","loa":2}`, "", ""},
		"without expires_in":  {200, `{"access_token":"T","refresh_token":""}`, "", ""},
		"without a token":     {200, `{"token_type":"Bearer","note":"CANARY"}`, gotoclient.AuthOther, ""},
		"error with 200":      {200, `{"error":"invalid_grant","error_description":"CANARY"}`, gotoclient.AuthInvalidGrant, "invalid_grant"},
		"unsupported grant":   {400, `{"error":"unsupported_grant_type"}`, gotoclient.AuthUnsupportedGrant, "unsupported_grant_type"},
		"unauthorized client": {400, `{"error":"unauthorized_client"}`, gotoclient.AuthUnsupportedGrant, "unauthorized_client"},
		"invalid request":     {400, `{"error":"invalid_request"}`, gotoclient.AuthOther, "invalid_request"},
		"unknown code":        {400, `{"error":"CANARY"}`, gotoclient.AuthOther, ""},
		"no JSON":             {400, `<html>CANARY`, gotoclient.AuthOther, ""},
		"empty":               {401, ``, gotoclient.AuthOther, ""},
		"redirect":            {302, ``, gotoclient.AuthOther, ""},
		"redirect, same body": {307, ``, gotoclient.AuthOther, ""},
	} {
		t.Run(name, func(t *testing.T) {
			requests := 0
			handler := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
				requests++
				if r.URL.Path != "/oauth/token" {
					if got := r.Header.Get("Authorization"); got != "Bearer T" {
						t.Errorf("%s with %q", r.URL.Path, got)
					}
					_, _ = rw.Write([]byte(`{"key":"7"}`))
					return
				}
				id, secret, _ := r.BasicAuth()
				if id != simulator.DefaultClientID || secret != simulator.DefaultClientSecret || r.FormValue("client_secret") != "" {
					t.Error("the client does not authenticate by header")
				}
				rw.Header().Set("Location", "/elsewhere")
				rw.Header().Set("Content-Type", "application/json")
				rw.WriteHeader(c.status)
				_, _ = rw.Write([]byte(c.body))
			})
			w := newWorld(t, func(cfg *gotoclient.Config) { cfg.Base = handlerTransport{handler} })
			_, err := w.client.Me(t.Context())
			if c.reason == "" {
				if err != nil || requests != 2 || len(w.saved) != 0 {
					t.Errorf("%d requests, %d saved, %v", requests, len(w.saved), err)
				}
				return
			}
			var auth *gotoclient.AuthError
			if !errors.As(err, &auth) || auth.Reason != c.reason || auth.Code != c.code || requests != 1 {
				t.Errorf("%d requests, %v", requests, err)
			}
			if strings.Contains(err.Error(), "CANARY") {
				t.Errorf("shows the answer: %v", err)
			}
		})
	}
}
