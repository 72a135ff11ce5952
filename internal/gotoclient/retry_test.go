package gotoclient_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

var oneUser = gotoclient.CreateUsers{Users: []gotoclient.NewUser{{Email: "fay@example.test", FirstName: "Fay", LastName: "Field"}}}

// doAll are one operation per method, by name; key is a user to work on.
var doAll = map[string]func(ctx context.Context, w *world, key gotoclient.Key) error{
	gotoclient.OpGetUser: func(ctx context.Context, w *world, key gotoclient.Key) error {
		_, err := w.users().Get(ctx, key)
		return err
	},
	gotoclient.OpCreateUsers: func(ctx context.Context, w *world, _ gotoclient.Key) error {
		_, err := w.users().Create(ctx, oneUser)
		return err
	},
	gotoclient.OpUpdateUsers: func(ctx context.Context, w *world, key gotoclient.Key) error {
		return w.users().Update(ctx, []gotoclient.Key{key}, gotoclient.UserPatch{FirstName: ptr("New")})
	},
	gotoclient.OpDeleteUsers: func(ctx context.Context, w *world, key gotoclient.Key) error {
		return w.users().Delete(ctx, []gotoclient.Key{key})
	},
}

// TestRetries is the table of what is repeated: one failed attempt, then the
// service is well again. In the last column the outcome: ok, or failed, or
// failed leaving doubt.
func TestRetries(t *testing.T) {
	const get, post, put, del = gotoclient.OpGetUser, gotoclient.OpCreateUsers, gotoclient.OpUpdateUsers, gotoclient.OpDeleteUsers
	type row struct {
		kind   simulator.FaultKind
		status int
		op     string
		want   string
	}
	rows := []row{
		{simulator.FaultErrorBefore, 500, get, "ok"}, {simulator.FaultErrorBefore, 500, post, "doubt"},
		{simulator.FaultErrorBefore, 500, put, "doubt"}, {simulator.FaultErrorAfter, 500, del, "doubt"},
		{simulator.FaultErrorBefore, 501, get, "failed"}, {simulator.FaultErrorBefore, 501, put, "doubt"},
		{simulator.FaultErrorBefore, 400, get, "failed"}, {simulator.FaultErrorBefore, 408, put, "failed"},
		{simulator.FaultErrorBefore, 403, del, "failed"}, {simulator.FaultErrorBefore, 409, post, "failed"},
	}
	for _, kind := range []simulator.FaultKind{simulator.FaultErrorBefore, simulator.FaultErrorAfter} {
		for _, status := range []int{502, 503, 504} {
			rows = append(rows, row{kind, status, get, "ok"}, row{kind, status, put, "ok"}, row{kind, status, del, "ok"}, row{kind, status, post, "doubt"})
		}
	}
	for _, kind := range []simulator.FaultKind{simulator.FaultCutBefore, simulator.FaultCutAfter, simulator.FaultCutBody} {
		rows = append(rows, row{kind, 0, get, "ok"}, row{kind, 0, put, "ok"}, row{kind, 0, del, "ok"}, row{kind, 0, post, "doubt"})
	}
	for _, op := range []string{get, post, put, del} {
		rows = append(rows, row{simulator.FaultThrottle, 0, op, "ok"})
	}
	for _, r := range rows {
		t.Run(fmt.Sprintf("%s %d %s", r.kind, r.status, r.op), func(t *testing.T) {
			w := newWorld(t)
			w.set(t, "deleteStatus", "200")
			w.set(t, "writeBody", "json") // something to cut
			key := w.addUsers(1)[0]
			w.sim.Inject(simulator.Fault{Kind: r.kind, Status: r.status, Operation: r.op, Count: 1})
			err := doAll[r.op](t.Context(), w, key)
			got := "ok"
			if err != nil {
				got = "failed"
			}
			if gotoclient.IsAmbiguous(err) {
				got = "doubt"
			}
			attempts := map[bool]int{true: 2, false: 1}[r.want == "ok"]
			if got != r.want || len(w.seen(r.op)) != attempts {
				t.Errorf("%s after %v: %v; want %s after %d attempts", got, w.seen(r.op), err, r.want, attempts)
			}
			if got := w.waited(); got != attempts {
				t.Errorf("the budget was asked %d times for %d attempts", got, attempts)
			}
			for _, email := range []string{"fay@example.test", "user0@example.test"} {
				if n := strings.Count(fmt.Sprint(w.sim.Users(simulator.DefaultAccountKey)), email); n > 1 {
					t.Errorf("%s exists %d times", email, n)
				}
			}
		})
	}
}

// A repeated write carries its whole body again.
func TestRepeatedBody(t *testing.T) {
	w := newWorld(t)
	w.sim.Inject(simulator.Fault{Kind: simulator.FaultThrottle, Operation: gotoclient.OpCreateUsers, Count: 2})
	if _, err := w.users().Create(t.Context(), oneUser); err != nil {
		t.Fatal(err)
	}
	requests := slices.DeleteFunc(w.sim.Requests(), func(r simulator.Request) bool { return r.Operation != gotoclient.OpCreateUsers })
	if len(requests) != 3 || requests[0].Body != requests[2].Body || !strings.Contains(requests[2].Body, "fay@example.test") {
		t.Errorf("got %+v", requests)
	}
}

func TestAttemptsAreLimited(t *testing.T) {
	w := newWorld(t)
	w.sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Status: 503})
	w.sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Status: 503})
	if _, err := w.client.Me(t.Context()); !gotoclient.IsTemporary(err) {
		t.Errorf("got %v", err)
	}
	if n := len(w.seen("")); n != 4 {
		t.Errorf("%d attempts, want 4", n)
	}
	if diff := cmp.Diff([]int{1, 2, 3, 4}, w.slept); diff != "" {
		t.Errorf("backoff by attempt: %s", diff)
	}
}

// A refused token says nothing of the service's health, so it costs no attempt.
func TestRefusedTokenIsNoFailedAttempt(t *testing.T) {
	w := newWorld(t, func(c *gotoclient.Config) { c.MaxAttempts = 2 })
	w.sim.Inject(simulator.Fault{Kind: simulator.FaultExpireToken, Operation: gotoclient.OpGetMe, Count: 1})
	w.sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Status: 503, Operation: gotoclient.OpGetMe, Count: 1})
	if _, err := w.client.Me(t.Context()); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff([]string{"getMe 401", "getMe 503", "getMe 200"}, w.seen(gotoclient.OpGetMe)); diff != "" {
		t.Error(diff)
	}
}

// An update that was answered by 503 and then by something else may have been
// made.
func TestDoubtOutlivesTheNextAttempt(t *testing.T) {
	for _, last := range []simulator.Fault{
		{Kind: simulator.FaultThrottle}, {Kind: simulator.FaultErrorBefore, Status: 400}, {Kind: simulator.FaultErrorBefore, Status: 403},
	} {
		w := newWorld(t)
		key := w.addUsers(1)[0]
		w.sim.Inject(simulator.Fault{Kind: simulator.FaultErrorAfter, Status: 503, Operation: gotoclient.OpUpdateUsers, Count: 1})
		last.Operation = gotoclient.OpUpdateUsers
		w.sim.Inject(last)
		err := doAll[gotoclient.OpUpdateUsers](t.Context(), w, key)
		var api *gotoclient.APIError
		if !gotoclient.IsAmbiguous(err) || !errors.As(err, &api) || api.Status == 503 {
			t.Errorf("after %s %d: %v", last.Kind, last.Status, err)
		}
	}
}

// A delete that finds nothing is an error, unless its own first attempt may
// have done the work.
func TestDeleteAnsweredNotFound(t *testing.T) {
	w := newWorld(t)
	keys := w.addUsers(4)
	lose := func() {
		w.sim.Inject(simulator.Fault{Kind: simulator.FaultCutAfter, Operation: gotoclient.OpDeleteUsers, Count: 1})
	}
	lose()
	if err := w.users().Delete(t.Context(), keys[:1]); err != nil {
		t.Errorf("one user: %v", err)
	}
	// Of several, the answer names only the first: the others are in doubt.
	lose()
	if err := w.users().Delete(t.Context(), keys[1:3]); !gotoclient.IsNotFound(err) || !gotoclient.IsAmbiguous(err) {
		t.Errorf("two users: %v", err)
	}
	w.sim.Inject(simulator.Fault{Kind: simulator.FaultThrottle, Operation: gotoclient.OpDeleteUsers, Count: 1})
	if err := w.users().Delete(t.Context(), keys[:1]); !gotoclient.IsNotFound(err) || gotoclient.IsAmbiguous(err) {
		t.Errorf("a 429 does no work: %v", err)
	}
}

// The service is not there at all: nothing was sent, so even a create is tried
// again and leaves no doubt.
func TestNotSent(t *testing.T) {
	w := newWorld(t)
	if _, err := w.client.Me(t.Context()); err != nil { // for a token
		t.Fatal(err)
	}
	away := newWorld(t, func(c *gotoclient.Config) {
		c.Endpoints.TokenURL = c.Endpoints.APIURL + "/oauth/token"
		c.Endpoints.APIURL = "http://127.0.0.1:1"
	})
	_, err := away.users().Create(t.Context(), oneUser)
	var transport *gotoclient.TransportError
	if !errors.As(err, &transport) || transport.Sent || gotoclient.IsAmbiguous(err) || !gotoclient.IsTemporary(err) {
		t.Errorf("got %v", err)
	}
	if diff := cmp.Diff(slices.Repeat([]string{"createUsers 0"}, 4), away.seen(gotoclient.OpCreateUsers)); diff != "" {
		t.Error(diff)
	}
	if !strings.HasSuffix(err.Error(), "dial: connection refused") {
		t.Errorf("got %q", err)
	}
}

func TestUnreadableAnswersToWrites(t *testing.T) {
	for _, kind := range []simulator.FaultKind{simulator.FaultTruncate, simulator.FaultHTML} {
		w := newWorld(t)
		w.set(t, "writeBody", "json")
		w.sim.Inject(simulator.Fault{Kind: kind, Operation: gotoclient.OpCreateUsers})
		_, err := w.users().Create(t.Context(), oneUser)
		var decode *gotoclient.DecodeError
		if !errors.As(err, &decode) || !gotoclient.IsAmbiguous(err) || len(w.seen(gotoclient.OpCreateUsers)) != 1 {
			t.Errorf("create, %s: %v", kind, err)
		}
		// Nothing is expected of the answer to an update, so nothing can be wrong.
		w.sim.Inject(simulator.Fault{Kind: kind, Operation: gotoclient.OpUpdateUsers})
		if err := doAll[gotoclient.OpUpdateUsers](t.Context(), w, w.addUsers(1)[0]); err != nil {
			t.Errorf("update, %s: %v", kind, err)
		}
	}
}

func TestThrottling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newMemoryWorld(t, func(c *gotoclient.Config) {
			c.Backoff = func(attempt int) time.Duration { return time.Duration(attempt) * time.Second }
		})
		if _, err := w.client.Me(t.Context()); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		for _, retryAfter := range []time.Duration{0, 7 * time.Second, 2 * time.Hour} {
			w.sim.Inject(simulator.Fault{Kind: simulator.FaultThrottle, RetryAfter: retryAfter, Operation: gotoclient.OpGetMe, Count: 1})
		}
		if _, err := w.client.Me(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]time.Duration{0, 7 * time.Second, time.Hour}, w.throttled); diff != "" {
			t.Errorf("the limiter was told %s", diff)
		}
		if got, want := time.Since(start), 1*time.Second+7*time.Second+time.Hour; got != want {
			t.Errorf("waited %s, want %s: the backoff, then what the service asked for, capped", got, want)
		}
		w.sim.Inject(simulator.Fault{Kind: simulator.FaultThrottle, RetryAfter: 7 * time.Second, Operation: gotoclient.OpGetMe})
		_, err := w.client.Me(t.Context())
		var api *gotoclient.APIError
		if !gotoclient.IsThrottled(err) || gotoclient.IsRefused(err) || !errors.As(err, &api) || api.RetryAfter != 7*time.Second {
			t.Errorf("got %v", err)
		}
	})
}

// A caller that will not be there after the wait gets the failure at once.
func TestDeadlineShorterThanTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newMemoryWorld(t)
		w.sim.Inject(simulator.Fault{Kind: simulator.FaultThrottle, RetryAfter: 30 * time.Second, Operation: gotoclient.OpGetMe})
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		start := time.Now()
		if _, err := w.client.Me(ctx); !gotoclient.IsThrottled(err) || time.Since(start) != 0 {
			t.Errorf("after %s: %v", time.Since(start), err)
		}
	})
}

func TestCallerGivesUp(t *testing.T) {
	for name, c := range map[string]struct {
		kind simulator.FaultKind
		op   string
		sent bool
	}{
		"waiting to try again":   {simulator.FaultThrottle, gotoclient.OpCreateUsers, false},
		"waiting for the answer": {simulator.FaultHang, gotoclient.OpCreateUsers, true},
		"reading":                {simulator.FaultHang, gotoclient.OpGetUser, true},
		"in doubt":               {simulator.FaultErrorBefore, gotoclient.OpUpdateUsers, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newMemoryWorld(t, func(cfg *gotoclient.Config) { cfg.Backoff = func(int) time.Duration { return time.Hour } })
				key := w.addUsers(1)[0]
				w.sim.Inject(simulator.Fault{Kind: c.kind, Operation: c.op, Status: 503})
				ctx, cancel := context.WithCancel(t.Context())
				time.AfterFunc(time.Second, cancel)
				err := doAll[c.op](ctx, w, key)
				if !errors.Is(err, context.Canceled) || gotoclient.IsAmbiguous(err) != (c.sent && c.op != gotoclient.OpGetUser) {
					t.Errorf("ambiguous %t: %v", gotoclient.IsAmbiguous(err), err)
				}
				if n := len(w.seen(c.op)); n != 1 {
					t.Errorf("%d attempts, want 1", n)
				}
			})
		})
	}
}

func TestAttemptTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newMemoryWorld(t, func(c *gotoclient.Config) { c.Timeout = 10 * time.Second })
		w.sim.Inject(simulator.Fault{Kind: simulator.FaultHang, Operation: gotoclient.OpGetMe, Count: 1})
		start := time.Now()
		if _, err := w.client.Me(t.Context()); err != nil || time.Since(start) != 10*time.Second {
			t.Errorf("a read is tried again after its time: %s, %v", time.Since(start), err)
		}
		w.sim.Inject(simulator.Fault{Kind: simulator.FaultHang, Operation: gotoclient.OpCreateUsers})
		_, err := w.users().Create(t.Context(), oneUser)
		if !gotoclient.IsAmbiguous(err) || errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "timed out, limit 10s") {
			t.Errorf("the caller's own deadline has not passed: %v", err)
		}
	})
}
