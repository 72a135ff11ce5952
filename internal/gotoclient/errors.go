package gotoclient

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

var (
	// ErrInvalidKey says that a key has other characters than digits; nothing was
	// sent.
	ErrInvalidKey = errors.New("a key must consist of digits")
	// ErrTooManyPages says that a list did not end within Config.MaxPages.
	ErrTooManyPages = errors.New("the list has more pages than allowed")
	// ErrIncompleteList says that the service sent an empty page although records
	// up to its own total were missing.
	ErrIncompleteList = errors.New("the list ended before its total was reached")
)

// ErrorDetail is one entry of an error answer.
type ErrorDetail struct {
	// Code is dotted lower case in Admin errors (L), free text elsewhere.
	Code string `json:"code"`
	// Value is what the code is about: a key, an e-mail address. It shows in no
	// text and no encoding.
	Value string `json:"-"`
}

// Format writes the code, under every verb and flag.
func (d ErrorDetail) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, printable(d.Code)) }

// MarshalJSON encodes the code alone.
func (d ErrorDetail) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]string{"code": printable(d.Code)})
}

// APIError is an answer of the API other than 2xx.
type APIError struct {
	Operation string
	Status    int
	// Errors is empty if the body was empty or not understood.
	Errors []ErrorDetail
	// IncidentID is what the vendor's support asks for; may be empty. It is safe
	// to show.
	IncidentID string
	// RetryAfter is the value of the header of that name, at most an hour; 0 if
	// there was none.
	RetryAfter time.Duration

	// Illegal: the account is what is refused; see IsIllegalAccount.
	Illegal bool

	// foreign: the body was not JSON, so something before the API may have
	// answered.
	foreign bool
	// noPath: see IsNoSuchPath.
	noPath bool
}

// from notes where the answer came from.
func (e *APIError) from(r route) *APIError {
	e.noPath = r.unverified() && (e.Status == http.StatusNotFound || e.Status == http.StatusMethodNotAllowed)
	return e
}

// Error names operation, status, codes and incident; no value and no body.
func (e *APIError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "gotoclient: %s: status %d", e.Operation, e.Status)
	if e.Illegal {
		b.WriteString(" Illegal Account")
	}
	if e.noPath {
		b.WriteString(", as of a path that does not exist (nobody has verified it)")
	}
	for i, d := range e.Errors {
		if i == maxShownCodes {
			fmt.Fprintf(&b, " and %d more", len(e.Errors)-i)
			break
		}
		b.WriteString(" " + printable(d.Code))
	}
	if e.IncidentID != "" {
		b.WriteString(" (incident " + e.IncidentID + ")")
	}
	return b.String()
}

// maxShownCodes keeps the text of a batch's error short.
const maxShownCodes = 5

// hasCode reports whether one of the entries has the code.
func (e *APIError) hasCode(code string) bool {
	for _, d := range e.Errors {
		if d.Code == code {
			return true
		}
	}
	return false
}

// badToken reports whether the service refused the access token: 401 (L), or
// 403 with InvalidToken as the gateway says it (L, on a sister API).
func (e *APIError) badToken() bool {
	return e.Status == 401 || e.Status == 403 && e.hasCode(CodeInvalidToken)
}

// AuthReason says why there is no access token.
type AuthReason string

const (
	// AuthInvalidClient means that the service does not know the client id, or the client
	// secret is wrong (L).
	AuthInvalidClient AuthReason = "InvalidClient"
	// AuthInvalidGrant means that refresh token, personal access token, or user name and
	// password are wrong, expired or revoked. Its status is UNVERIFIED; it is
	// recognised by the error code of RFC 6749.
	AuthInvalidGrant AuthReason = "InvalidGrant"
	// AuthUnsupportedGrant means that the client may not use this grant (code of RFC 6749;
	// UNVERIFIED for this service).
	AuthUnsupportedGrant AuthReason = "UnsupportedGrant"
	// AuthUnreachable means no answer, 429 or 5xx, or an answer that says when to try
	// again and is no definite refusal. Trying again can help.
	AuthUnreachable AuthReason = "Unreachable"
	// AuthNotSaved means that the service issued a new refresh token, and SaveRefreshToken
	// failed. The token is kept in memory and saving is tried again at the next
	// call.
	AuthNotSaved AuthReason = "NotSaved"
	// AuthOther means any other answer. It may be about the credentials, in a form that
	// nobody has seen, or a gateway's.
	AuthOther AuthReason = "Other"
)

// AuthError says that no access token could be obtained; the API was not asked. A
// definite refusal, of the reasons AuthInvalidClient, AuthInvalidGrant and
// AuthUnsupportedGrant, is remembered by the client: the credentials are not tried
// again, as accounts are locked for that. Others need a new Client. After any other
// answer that may be about the credentials they are not tried for a while, which
// grows from seconds to minutes; see [TokenPauses].
type AuthError struct {
	Reason AuthReason
	// Status is the token endpoint's, 0 if there was no answer.
	Status int
	// Code is the OAuth error code, in lower case, if it is one of those that RFC 6749
	// defines.
	Code string
	// RetryAfter is how long the token endpoint asked to be left alone, at most an
	// hour; 0 if it did not.
	RetryAfter time.Duration
	// Until is when the token endpoint is asked again. Until then this error is what
	// everybody gets. Zero: with the next request, or never after a definite refusal.
	Until time.Time

	detail string // safe to show
	cause  error
}

// Error names reason, status and code; no body and no description.
func (e *AuthError) Error() string {
	var b strings.Builder
	b.WriteString("gotoclient: " + OpToken + ": " + string(e.Reason))
	if e.Status != 0 {
		fmt.Fprintf(&b, ", status %d", e.Status)
	}
	if e.Code != "" {
		b.WriteString(", " + e.Code)
	}
	if e.detail != "" {
		b.WriteString(": " + e.detail)
	}
	return b.String()
}

// Unwrap returns the error of SaveRefreshToken, a *TransportError, or nil.
func (e *AuthError) Unwrap() error { return e.cause }

// UnverifiedError says that a write was not sent, since nobody has verified that
// its method and path are those of the service. Nothing else was either, not even a
// token request. See Config.Unverified and Config.Operations.
type UnverifiedError struct {
	// Operation is the id to override.
	Operation string
}

// Error names the operation and what to do.
func (e *UnverifiedError) Error() string {
	return "gotoclient: " + e.Operation + ": not sent: nobody has verified its method and path; " +
		"override the operation by those that are known to be right, or allow what is unverified"
}

// TransportError says that no complete answer arrived.
type TransportError struct {
	Operation string
	// Sent is false if the request surely never left, as after a failed dial.
	Sent bool

	detail string // what happened, in words that hold no URL
	cause  error  // a well-known error, or nil
}

// Error names the operation and the kind of failure; no URL.
func (e *TransportError) Error() string {
	return "gotoclient: " + e.Operation + ": no answer: " + e.detail
}

// Unwrap returns the context's error, an errno, io.EOF and the like, if one of
// those is the cause.
func (e *TransportError) Unwrap() error { return e.cause }

// DecodeError says that an answer had a 2xx status and a body that cannot be
// read.
type DecodeError struct {
	Operation string

	detail   string
	tooLarge bool // see IsTooLarge
}

// Error names the operation and what is wrong with the body, without its
// content.
func (e *DecodeError) Error() string {
	return "gotoclient: " + e.Operation + ": unreadable answer: " + e.detail
}

// ambiguousError marks an error of a write that may have taken effect in one of
// its attempts, whatever the last of them ended in.
type ambiguousError struct{ error }

func (e *ambiguousError) Unwrap() error { return e.error }

// printable returns s if it looks like a code or an id, else a placeholder: the
// text comes from outside and ends up in logs.
func printable(s string) string {
	const safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"
	if s == "" || len(s) > 64 || strings.Trim(s, safe) != "" {
		return "(unprintable)"
	}
	return s
}
