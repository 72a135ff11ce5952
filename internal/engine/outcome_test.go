package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/account/breaker"
	"github.com/goto-operator/goto-operator/internal/account/budget"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

func answer(operation string, status int, codes ...string) *gotoclient.APIError {
	e := &gotoclient.APIError{Operation: operation, Status: status, IncidentID: "incident-1"}
	for _, c := range codes {
		e.Errors = append(e.Errors, gotoclient.ErrorDetail{Code: c, Value: "ada@example.test"})
	}
	return e
}

// What an outcome means for an object, as the names of the flags that are set.
const (
	retries   = "reconciling, error" // the queue's backoff
	stalls    = "stalled"
	waits     = "reference" // the thing referred to starts the object again
	blocks    = "reconciling, blocked, after"
	untouched = "silent"
)

func (o outcome) flags() string {
	var out []string
	for _, f := range []struct {
		on   bool
		name string
	}{
		{o.reconciling, "reconciling"}, {o.stalled, "stalled"}, {o.blocked, "blocked"}, {o.reference, "reference"},
		{o.silent, "silent"}, {o.err != nil, "error"}, {o.after > 0, "after"},
	} {
		if f.on {
			out = append(out, f.name)
		}
	}
	return strings.Join(out, ", ")
}

func TestOutcomeOf(t *testing.T) {
	rows := map[string]struct {
		err    error
		reason string
		flags  string
	}{
		"reference":      {&BlockedReference{v1alpha1.ReasonAccountNotFound, "no"}, v1alpha1.ReasonAccountNotFound, waits},
		"stalled":        {&StalledError{Reason: v1alpha1.ReasonConflict, Message: "no"}, v1alpha1.ReasonConflict, stalls},
		"without harm":   {&account.UnsupportedError{Message: "no"}, v1alpha1.ReasonUnsupported, stalls},
		"brake":          {&account.BlockedError{Limit: 1, RetryAt: time.Now().Add(time.Hour)}, v1alpha1.ReasonDeletionBrake, blocks},
		"brake, past":    {&account.BlockedError{Limit: 1, RetryAt: time.Now().Add(-time.Hour)}, v1alpha1.ReasonDeletionBrake, blocks},
		"starting":       {errStarting, "", untouched + ", after"},
		"canceled":       {context.Canceled, "", untouched + ", error"},
		"deadline":       {context.DeadlineExceeded, v1alpha1.ReasonRetrying, retries},
		"400":            {answer(gotoclient.OpCreateUsers, 400, "invalid.request"), v1alpha1.ReasonRefused, stalls},
		"401":            {answer(gotoclient.OpListUsers, 401, gotoclient.CodeNotAuthenticated), v1alpha1.ReasonRetrying, retries},
		"403":            {answer(gotoclient.OpUpdateUsers, 403, "not.authorized"), v1alpha1.ReasonForbidden, stalls},
		"403 of a token": {answer(gotoclient.OpUpdateUsers, 403, gotoclient.CodeInvalidToken), v1alpha1.ReasonRetrying, retries},
		"404":            {answer(gotoclient.OpUpdateUsers, 404, gotoclient.CodeUserNotFound), v1alpha1.ReasonRefused, stalls},
		"408":            {answer(gotoclient.OpUpdateUsers, 408), v1alpha1.ReasonRetrying, retries},
		"409":            {answer(gotoclient.OpUpdateUsers, 409, gotoclient.CodeUserConflict), v1alpha1.ReasonRefused, stalls},
		"429":            {answer(gotoclient.OpCreateUsers, 429), v1alpha1.ReasonThrottled, retries},
		"left alone":     {&budget.PausedError{Until: time.Now().Add(time.Hour)}, v1alpha1.ReasonThrottled, "reconciling, after"},
		"token left alone": {
			&gotoclient.AuthError{Reason: gotoclient.AuthUnreachable, Status: 429, RetryAfter: time.Hour, Until: time.Now().Add(time.Hour)},
			v1alpha1.ReasonThrottled, "reconciling, after",
		},
		"GoTo is down":    {fmt.Errorf("waiting for the budget: %w", &breaker.OpenError{}), v1alpha1.ReasonUnreachable, "reconciling"},
		"illegal account": {&gotoclient.APIError{Operation: gotoclient.OpUpdateUsers, Status: 502, Illegal: true}, v1alpha1.ReasonIllegalAccount, stalls},
		"500 of a read":   {answer(gotoclient.OpListUsers, 500), v1alpha1.ReasonRetrying, retries},
		"500 of a write":  {answer(gotoclient.OpCreateUsers, 500), v1alpha1.ReasonRetrying, retries},
		"502":             {answer(gotoclient.OpUpdateUsers, 502), v1alpha1.ReasonRetrying, retries},
		"not sent":        {&gotoclient.TransportError{Operation: gotoclient.OpCreateUsers}, v1alpha1.ReasonRetrying, retries},
		"answer lost":     {&gotoclient.TransportError{Operation: gotoclient.OpCreateUsers, Sent: true}, v1alpha1.ReasonRetrying, retries},
		"unreadable":      {&gotoclient.DecodeError{Operation: gotoclient.OpListUsers}, v1alpha1.ReasonRetrying, retries},
		"invalid grant":   {&gotoclient.AuthError{Reason: gotoclient.AuthInvalidGrant, Status: 400}, v1alpha1.ReasonRetrying, retries},
		"no token server": {&gotoclient.AuthError{Reason: gotoclient.AuthUnreachable}, v1alpha1.ReasonRetrying, retries},
		"inconsistent":    {account.ErrInconsistent, v1alpha1.ReasonRetrying, retries},
		"exists":          {account.ErrExists, v1alpha1.ReasonRetrying, retries},
		"not visible":     {account.ErrNotVisible, v1alpha1.ReasonRetrying, retries},
		"short list":      {gotoclient.ErrIncompleteList, v1alpha1.ReasonRetrying, retries},
		"endless list":    {gotoclient.ErrTooManyPages, v1alpha1.ReasonRetrying, retries},
		"unknown":         {errors.New("disk full"), v1alpha1.ReasonInternalError, retries},
	}
	for name, row := range rows {
		for how, err := range map[string]error{"plain": row.err, "wrapped": fmt.Errorf("while working: %w", row.err)} {
			t.Run(name+", "+how, func(t *testing.T) {
				out := outcomeOf(err)
				if out.reason != row.reason || out.flags() != row.flags {
					t.Errorf("got %q (%s), want %q (%s)", out.reason, out.flags(), row.reason, row.flags)
				}
				if !out.silent && (out.ready != metav1.ConditionFalse || out.message == "") {
					t.Errorf("Ready is %q with message %q", out.ready, out.message)
				}
				if out.err != nil && !errors.Is(out.err, row.err) {
					t.Errorf("the queue gets %v instead of the error", out.err)
				}
			})
		}
	}
}

func TestBrakeIsTriedAgainWhenItsWindowHasMoved(t *testing.T) {
	for name, row := range map[string]struct{ in, least, most time.Duration }{
		"ahead": {time.Hour, 59 * time.Minute, time.Hour},
		"past":  {-time.Hour, time.Second, time.Second}, // 0 would mean never
	} {
		out := outcomeOf(&account.BlockedError{Limit: 10, RetryAt: time.Now().Add(row.in)})
		if out.after < row.least || out.after > row.most {
			t.Errorf("%s: tried again after %s", name, out.after)
		}
	}
}

func TestErrorTextIsTheSameAtEveryRetry(t *testing.T) {
	first, second := answer(gotoclient.OpListUsers, 500, "internal.error"), answer(gotoclient.OpListUsers, 500, "internal.error")
	second.IncidentID = "incident-2"
	a, b := ErrorText(fmt.Errorf("read: %w", first)), ErrorText(fmt.Errorf("read: %w", second))
	if a != b || !strings.Contains(a, "internal.error") {
		t.Errorf("%q, then %q", a, b)
	}
	if first.IncidentID != "incident-1" {
		t.Error("the error itself was changed: its incident is missing from the log")
	}
}

// needles are what no status may show: anybody who may read objects reads it.
var needles = []string{"s3cr3t", "r3fr3sh", "t0k3n", "ada@example.test", "leaked"}

const leak = `"ada@example.test leaked t0k3n"`

func TestErrorTextShowsNeitherBodiesNorSecrets(t *testing.T) {
	const token = `{"access_token":"t0k3n","token_type":"Bearer","expires_in":3600,"refresh_token":"r3fr3sh-2"}`
	rows := map[string]struct {
		tokenStatus int
		token       string
		status      int
		body        string
		saveErr     error
	}{
		"refused":            {200, token, 400, `{"incidentId":"i","errors":[{"code":"user.bad","value":` + leak + `}]}`, nil},
		"a code that is not": {200, token, 409, `{"errors":[{"code":` + leak + `}]}`, nil},
		"failed":             {200, token, 500, `{"msg":` + leak + `,"int_err_code":"boom"}`, nil},
		"a page":             {200, token, 502, `<html>ada@example.test leaked</html>`, nil},
		"unreadable":         {200, token, 200, `{"key":` + leak + `,"accounts":"leaked"}`, nil},
		"no object":          {200, token, 200, leak, nil},
		"token refused":      {400, `{"error":"invalid_grant","error_description":` + leak + `}`, 200, `{}`, nil},
		"token unreadable":   {200, leak, 200, `{}`, nil},
		"token not saved":    {200, token, 200, `{}`, errors.New("cannot write r3fr3sh-2")},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				status, body := row.status, row.body
				if r.URL.Path == "/oauth/token" {
					status, body = row.tokenStatus, row.token
				}
				w.Header().Set("Content-Type", "application/json")
				w.WriteHeader(status)
				_, _ = io.WriteString(w, body)
			}))
			defer server.Close()
			client, err := gotoclient.New(gotoclient.Config{
				Endpoints:        gotoclient.Endpoints{APIURL: server.URL, TokenURL: server.URL + "/oauth/token"},
				Credentials:      gotoclient.Credentials{Grant: gotoclient.GrantRefreshToken, ClientID: "id", ClientSecret: "s3cr3t", RefreshToken: "r3fr3sh"},
				SaveRefreshToken: func(context.Context, string) error { return row.saveErr },
				MaxAttempts:      1,
			})
			if err != nil {
				t.Fatal(err)
			}
			_, err = client.Me(t.Context())
			if err == nil {
				t.Fatal("the request succeeded")
			}
			for _, text := range []string{ErrorText(err), ErrorText(fmt.Errorf("connect: %w", err)), outcomeOf(err).message} {
				for _, needle := range needles {
					if strings.Contains(text, needle) {
						t.Errorf("%q shows %q", text, needle)
					}
				}
			}
		})
	}
}

// Of two errors, each about a part of an object, the graver one says how things stand, in its own words, and the other is tried again when
// it asks for that.
func TestErrorsThatAreJoined(t *testing.T) {
	graver := map[string]error{
		"reference": &BlockedReference{v1alpha1.ReasonAccountNotFound, "no"}, "stalled": &StalledError{Reason: v1alpha1.ReasonConflict, Message: "no"},
		"waiting": &WaitingError{Reason: v1alpha1.ReasonWaitingForSeat, Message: "no"}, "cannot": &account.UnsupportedError{Message: "no"},
		"brake": &account.BlockedError{Limit: 1, RetryAt: time.Now().Add(2 * time.Hour)},
	}
	beside := map[string]error{
		"503": answer(gotoclient.OpUpdateUsers, 503), "429": answer(gotoclient.OpUpdateUsers, 429), "400": answer(gotoclient.OpUpdateUsers, 400),
		"soon": &WaitingError{Reason: v1alpha1.ReasonApplying, Message: "soon", After: time.Second}, "down": &breaker.OpenError{}, "down in part": &breaker.OpenError{Operation: "x", After: time.Hour},
	}
	for x, grave := range graver {
		for y, other := range beside {
			if y == "soon" && (x == "waiting" || x == "brake") {
				continue // the one that waits comes first
			}
			for _, err := range []error{errors.Join(grave, other), fmt.Errorf("while working: %w", errors.Join(other, grave))} {
				out, alone, second := outcomeOf(err), outcomeOf(grave), outcomeOf(other)
				if out.reason != alone.reason || out.message != alone.message {
					t.Errorf("%s and %s: %s: %s", x, y, out.reason, out.message)
				}
				if (out.err != nil) != (second.err != nil) || out.again != (alone.again || second.again) || out.down != second.down {
					t.Errorf("%s and %s: tried again otherwise than both: %+v", x, y, out)
				}
				if want := sooner(alone.after, second.after); (out.after - want).Abs() > time.Minute {
					t.Errorf("%s and %s: after %s, want %s", x, y, out.after, want)
				}
			}
		}
	}
}
