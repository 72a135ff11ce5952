package gotoclient

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// oauthReasons maps the error codes of RFC 6749 that have a reason of their own.
var oauthReasons = map[string]AuthReason{
	"invalid_client":         AuthInvalidClient,
	"invalid_grant":          AuthInvalidGrant,
	"unsupported_grant_type": AuthUnsupportedGrant,
	"unauthorized_client":    AuthUnsupportedGrant,
	"invalid_request":        AuthOther,
	"invalid_scope":          AuthOther,
}

// newAuthError classifies an error of golang.org/x/oauth2. That error itself is
// dropped: its text quotes the answer.
func newAuthError(err error) *AuthError {
	var transport *TransportError
	if errors.As(err, &transport) {
		return &AuthError{Reason: AuthUnreachable, detail: transport.detail, cause: transport}
	}
	var refused *oauth2.RetrieveError
	if !errors.As(err, &refused) {
		return &AuthError{Reason: AuthOther, detail: "unreadable answer"}
	}
	e := &AuthError{Reason: AuthOther, Status: refused.Response.StatusCode}
	e.RetryAfter = parseRetryAfter(refused.Response.Header.Get("Retry-After"), time.Now())
	code := strings.ToLower(refused.ErrorCode)
	if reason, known := oauthReasons[code]; known {
		e.Reason, e.Code = reason, code
	}
	if isBusy(e.Status) || e.Reason == AuthOther && e.RetryAfter > 0 {
		e.Reason = AuthUnreachable
	}
	return e
}

// isBusy tells a status that is about the service and not about what it was
// asked, whatever code stands beside it.
func isBusy(status int) bool {
	return status == http.StatusTooManyRequests || status >= http.StatusInternalServerError
}

// definite tells a refusal of the credentials themselves.
func (e *AuthError) definite() bool {
	return e.Reason == AuthInvalidClient || e.Reason == AuthInvalidGrant || e.Reason == AuthUnsupportedGrant
}

// blames tells an answer that may be about the credentials, in a form that nobody
// has seen.
func (e *AuthError) blames() bool {
	return e.Reason == AuthOther || e.Status != 0 && !isBusy(e.Status)
}
