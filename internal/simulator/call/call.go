// Package call is one request on its way through the simulator: what it asks for, who asks, about which account, and what the
// service is like at that moment. The rooms of the APIs are functions of it. It knows none of them, nor faults nor the log.
package call

import (
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goto-operator/goto-operator/internal/simulator/state"
	"github.com/goto-operator/goto-operator/internal/simulator/switches"
	"github.com/goto-operator/goto-operator/internal/simulator/wire"
)

// MaxBody is the largest request body that is read, in bytes.
const MaxBody = 16 << 20

// Call is one request on its way through the simulator.
type Call struct {
	Op        Operation
	Request   *http.Request
	Arrived   time.Time
	Body      []byte
	Params    url.Values
	TokenText string

	// What the service is like; set, and to be used, while the lock is held.
	Now      time.Time
	Switches *switches.Switches
	Store    *state.Store

	// Who asks, and about which account; set once the token is accepted.
	Token   *state.AccessToken
	Caller  *state.User
	Account *state.Directory

	// Gaps are what faults make lists seem to lack.
	Gaps Gaps
	// Changed says that the state must be kept.
	Changed bool
}

// Gaps are the records that a list seems to lack: all, or the last ones of the whole list and of a page.
type Gaps struct {
	All        bool
	List, Page int
}

// Read reads the request. The error is the body's: longer than MaxBody, or cut off by the client.
func Read(op Operation, w http.ResponseWriter, r *http.Request) (*Call, error) {
	c := &Call{Op: op, Request: r, Params: queryParams(r.URL.RawQuery), TokenText: bearer(r.Header.Get("Authorization"))}
	var err error
	c.Body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, MaxBody))
	return c, err
}

// queryParams parses a query in which "+" means a plus sign and not a space, as the service reads filters (C). Broken escapes stay
// as they are.
func queryParams(raw string) url.Values {
	params := url.Values{}
	for pair := range strings.SplitSeq(raw, "&") {
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		if plain, err := url.PathUnescape(name); err == nil {
			name = plain
		}
		if plain, err := url.PathUnescape(value); err == nil {
			value = plain
		}
		params.Add(name, value)
	}
	return params
}

// bearer finds the access token in an Authorization header. Beside "Bearer" the service was seen to take a bare token (C) and the
// form of its first years, "OAuth oauth_token=…" (D, old).
func bearer(header string) string {
	scheme, rest, found := strings.Cut(header, " ")
	switch {
	case !found:
		return header
	case strings.EqualFold(scheme, "Bearer"):
		return strings.TrimSpace(rest)
	case strings.EqualFold(scheme, "OAuth"):
		return strings.TrimPrefix(strings.TrimSpace(rest), "oauth_token=")
	default:
		return ""
	}
}

// PathValue returns the part of the path that the operation's pattern calls so.
func (c *Call) PathValue(name string) string { return c.Request.PathValue(name) }

// Flag reads a boolean parameter, of which a client writes FALSE (C). Text that is neither true nor false is as if the parameter
// were absent.
func (c *Call) Flag(name string, absent bool) bool {
	if value, err := strconv.ParseBool(c.Params.Get(name)); err == nil {
		return value
	}
	return absent
}

// MayAct reports whether the caller has one of the roles.
func (c *Call) MayAct(roles ...string) bool {
	return slices.ContainsFunc(c.Caller.AdminRoles, func(role string) bool { return slices.Contains(roles, role) })
}

// Granted reports whether the token was granted the scope.
func (c *Call) Granted(scope string) bool {
	return slices.Contains(strings.Fields(c.Token.Scope), scope)
}

// Absent is the refusal of a request about something that is not there; see Switches.NotFound. A 404 has the code for it, or none;
// with another status the code is one that says nothing.
func (c *Call) Absent(code, value string) *wire.Refusal {
	switch c.Switches.NotFound {
	case "404bare":
		return wire.Refuse(http.StatusNotFound, "", value)
	case "400":
		return wire.Refuse(http.StatusBadRequest, wire.CodeInvalidRequest, value)
	case "403":
		return wire.Refuse(http.StatusForbidden, wire.CodeNotAuthorized, value)
	}
	return wire.Refuse(http.StatusNotFound, code, value)
}

// Invalid is the refusal of a body that is well formed and asks for what cannot be; see Switches.InvalidStatus.
func (c *Call) Invalid(code, value string) *wire.Refusal {
	return wire.Refuse(switches.Status(c.Switches.InvalidStatus), code, value)
}

// Accepts says whether booleans may come as they did; see Switches.TextBooleans.
func (c *Call) Accepts(flags ...wire.Flag) bool {
	text := slices.ContainsFunc(flags, func(f wire.Flag) bool { return f.Text })
	return !text || c.Switches.TextBooleans == "accepted"
}

// LoggedQuery is the query without secrets: those of the OAuth server belong into the body, but a client may be wrong.
func (c *Call) LoggedQuery() string {
	if c.Op.ID == OpToken || c.Op.ID == OpRevokeToken {
		return ""
	}
	return c.Request.URL.RawQuery
}

// LoggedBody is the body without secrets: of a token request the grant type alone, of reads nothing.
func (c *Call) LoggedBody() string {
	switch c.Op.ID {
	case OpToken:
		form, err := url.ParseQuery(string(c.Body))
		if err != nil || !form.Has("grant_type") {
			return ""
		}
		return url.Values{"grant_type": {form.Get("grant_type")}}.Encode()
	case OpRevokeToken, OpUnknown:
		return ""
	case OpUploadLogo:
		return c.Request.Header.Get("Content-Type")
	}
	if c.Request.Method == http.MethodGet {
		return ""
	}
	return string(c.Body)
}
