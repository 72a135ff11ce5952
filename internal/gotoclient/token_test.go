package gotoclient_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// pastRotation is an age at which the service replaces a refresh token.
const pastRotation = simulator.RefreshTokenRotation + time.Hour

func TestEveryGrant(t *testing.T) {
	for name, change := range map[string]func(*gotoclient.Config){
		"refresh token": func(*gotoclient.Config) {},
		"personal access token": func(c *gotoclient.Config) {
			patGrant(simulator.DefaultPersonalAccessToken)(c)
			c.SaveRefreshToken = nil // there is none to save
		},
		"password": useGrant(gotoclient.Credentials{
			Grant: gotoclient.GrantPassword, Username: simulator.DefaultUsername, Password: simulator.DefaultPassword,
		}),
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, change)
			w.set(t, "patRefreshToken", "yes")
			w.set(t, "expiresInType", "string")
			for range 3 {
				if _, err := w.client.Me(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			w.sim.Advance(2 * simulator.AccessTokenLife)
			if _, err := w.client.Me(t.Context()); err != nil {
				t.Fatal(err)
			}
			want := []string{"token 200", "getMe 200", "getMe 200", "getMe 200", "getMe 401", "token 200", "getMe 200"}
			if diff := cmp.Diff(want, w.seen("")); diff != "" {
				t.Error(diff)
			}
			if len(w.saved) > 0 {
				t.Errorf("saved %q", w.saved)
			}
		})
	}
}

func TestAuthErrors(t *testing.T) {
	secret := func(c *gotoclient.Config) { c.Credentials.ClientSecret = "CANARY-wrong" }
	refresh := func(c *gotoclient.Config) { c.Credentials.RefreshToken = "CANARY-wrong" }
	password := useGrant(gotoclient.Credentials{Grant: gotoclient.GrantPassword, Username: "CANARY", Password: "CANARY"})
	tokenFault := func(kind simulator.FaultKind, status int) *simulator.Fault {
		return &simulator.Fault{Kind: kind, Operation: gotoclient.OpToken, Status: status}
	}
	for name, c := range map[string]struct {
		change           func(*gotoclient.Config)
		fault            *simulator.Fault
		switchName, swat string
		want             gotoclient.AuthError
		attempts         int
	}{
		"client secret":         {change: secret, want: gotoclient.AuthError{Reason: gotoclient.AuthInvalidClient, Status: 401, Code: "invalid_client"}, attempts: 1},
		"refresh token":         {change: refresh, want: gotoclient.AuthError{Reason: gotoclient.AuthInvalidGrant, Status: 400, Code: "invalid_grant"}, attempts: 1},
		"refresh token, 401":    {change: refresh, switchName: "invalidGrantStatus", swat: "401", want: gotoclient.AuthError{Reason: gotoclient.AuthInvalidGrant, Status: 401, Code: "invalid_grant"}, attempts: 1},
		"personal access token": {change: patGrant("CANARY-wrong"), want: gotoclient.AuthError{Reason: gotoclient.AuthInvalidGrant, Status: 400, Code: "invalid_grant"}, attempts: 1},
		"password":              {change: password, want: gotoclient.AuthError{Reason: gotoclient.AuthInvalidGrant, Status: 400, Code: "invalid_grant"}, attempts: 1},
		"503":                   {fault: tokenFault(simulator.FaultErrorBefore, 503), want: gotoclient.AuthError{Reason: gotoclient.AuthUnreachable, Status: 503}, attempts: 4},
		"429":                   {fault: tokenFault(simulator.FaultThrottle, 0), want: gotoclient.AuthError{Reason: gotoclient.AuthUnreachable, Status: 429}, attempts: 4},
		"418":                   {fault: tokenFault(simulator.FaultErrorBefore, 418), want: gotoclient.AuthError{Reason: gotoclient.AuthOther, Status: 418}, attempts: 1},
		"cut":                   {fault: tokenFault(simulator.FaultCutBefore, 0), want: gotoclient.AuthError{Reason: gotoclient.AuthUnreachable}, attempts: 4},
		"cut body":              {fault: tokenFault(simulator.FaultCutBody, 0), want: gotoclient.AuthError{Reason: gotoclient.AuthUnreachable}, attempts: 4},
		"truncated":             {fault: tokenFault(simulator.FaultTruncate, 0), want: gotoclient.AuthError{Reason: gotoclient.AuthOther}, attempts: 1},
		"HTML":                  {fault: tokenFault(simulator.FaultHTML, 0), want: gotoclient.AuthError{Reason: gotoclient.AuthOther}, attempts: 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(cfg *gotoclient.Config) {
				if c.change != nil {
					c.change(cfg)
				}
			})
			if c.switchName != "" {
				w.set(t, c.switchName, c.swat)
			}
			if c.fault != nil {
				w.sim.Inject(*c.fault)
			}
			_, err := w.client.Me(t.Context())
			var got *gotoclient.AuthError
			if !errors.As(err, &got) || got.Reason != c.want.Reason || got.Status != c.want.Status || got.Code != c.want.Code {
				t.Fatalf("got %v, want %s %d %s", err, c.want.Reason, c.want.Status, c.want.Code)
			}
			if strings.Contains(err.Error(), "CANARY") || gotoclient.IsUnauthenticated(err) ||
				gotoclient.IsTemporary(err) != (c.want.Reason == gotoclient.AuthUnreachable) {
				t.Errorf("got %v", err)
			}
			if n := len(w.seen("")); n != c.attempts || len(w.seen(gotoclient.OpToken)) != n {
				t.Errorf("%d attempts, want %d, all of them for the token: %v", n, c.attempts, w.seen(""))
			}
		})
	}
}

// A token endpoint that is nobody's: an error, and no API request.
func TestTokenEndpointAway(t *testing.T) {
	w := newWorld(t, func(c *gotoclient.Config) { c.Endpoints.TokenURL = "http://127.0.0.1:1/oauth/token" })
	_, err := w.users().Create(t.Context(), oneUser)
	var auth *gotoclient.AuthError
	if !errors.As(err, &auth) || auth.Reason != gotoclient.AuthUnreachable || gotoclient.IsAmbiguous(err) {
		t.Errorf("got %v", err)
	}
	if len(w.sim.Requests()) > 0 {
		t.Error("the API was asked")
	}
}

func TestRotationIsSavedBeforeUse(t *testing.T) {
	w := newWorld(t)
	w.sim.Advance(pastRotation)
	remove := w.sim.OnRequest(func(r simulator.Request) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if r.Operation == gotoclient.OpGetMe && len(w.saved) != 1 {
			t.Error("the access token was used before the refresh token was saved")
		}
	})
	defer remove()
	for range 2 {
		if _, err := w.client.Me(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{w.newestRefreshToken()}, w.saved); diff != "" {
		t.Error(diff)
	}
	// The new token is the one to go on with, as the old one is dead.
	w.sim.Advance(2 * simulator.AccessTokenLife)
	if _, err := w.client.Me(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(w.saved) != 1 {
		t.Errorf("saved %d times: an answer without a refresh token means that the old one stays", len(w.saved))
	}
}

func (w *world) newestRefreshToken() string {
	tokens := w.sim.State().OAuth.RefreshTokens
	return tokens[len(tokens)-1].Token
}

func TestRotationWhileSavingFails(t *testing.T) {
	var w *world
	w = newWorld(t, func(c *gotoclient.Config) {
		c.SaveRefreshToken = func(ctx context.Context, token string) error {
			if err := w.save(ctx, token); err != nil {
				return fmt.Errorf("cannot store %s: %w", token, err)
			}
			return nil
		}
	})
	w.sim.Advance(pastRotation)
	broken := errors.New("forbidden")
	w.failSaving(broken)
	for range 2 {
		_, err := w.client.Me(t.Context())
		var auth *gotoclient.AuthError
		if !errors.As(err, &auth) || auth.Reason != gotoclient.AuthNotSaved || !errors.Is(err, broken) || !gotoclient.IsTemporary(err) {
			t.Fatalf("got %v", err)
		}
		if strings.Contains(err.Error(), w.newestRefreshToken()) || !strings.Contains(err.Error(), "forbidden") {
			t.Errorf("got %v", err)
		}
	}
	if diff := cmp.Diff([]string{"token 200"}, w.seen("")); diff != "" {
		t.Errorf("one answer is enough, and must not be used yet: %s", diff)
	}
	w.failSaving(nil)
	if _, err := w.client.Me(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{w.newestRefreshToken()}, w.saved); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"token 200", "getMe 200"}, w.seen("")); diff != "" {
		t.Error(diff)
	}
}

// The access token that came with an unsaved refresh token has expired when
// saving succeeds at last.
func TestRotationSavedTooLateForItsAccessToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newMemoryWorld(t)
		w.sim.Advance(pastRotation)
		w.failSaving(errors.New("no"))
		if _, err := w.client.Me(t.Context()); err == nil {
			t.Fatal("no error")
		}
		time.Sleep(2 * simulator.AccessTokenLife)
		w.failSaving(nil)
		if _, err := w.client.Me(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"token 200", "token 200", "getMe 200"}, w.seen("")); diff != "" || len(w.saved) != 1 {
			t.Errorf("saved %d; %s", len(w.saved), diff)
		}
	})
}

// A caller that gives up must not take the answer with the new refresh token
// along.
func TestRotationSurvivesItsCaller(t *testing.T) {
	w := newWorld(t)
	w.sim.Advance(pastRotation)
	held := w.sim.Inject(simulator.Fault{Kind: simulator.FaultBlock, Operation: gotoclient.OpToken, Count: 1})
	ctx, cancel := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		_, err := w.users().Create(ctx, oneUser)
		failed <- err
	}()
	if err := w.sim.WaitHeld(t.Context(), held); err != nil {
		t.Fatal(err)
	}
	cancel()
	if err := <-failed; !errors.Is(err, context.Canceled) || gotoclient.IsAmbiguous(err) {
		t.Errorf("got %v", err)
	}
	w.sim.Release(held)
	if _, err := w.client.Me(t.Context()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"token 200", "getMe 200"}, w.seen("")); diff != "" || len(w.saved) != 1 {
		t.Errorf("saved %d; %s", len(w.saved), diff)
	}
}

func TestConcurrentCallersShareOneRenewal(t *testing.T) {
	w := newWorld(t)
	everyone := func() {
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() {
				if _, err := w.client.Me(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
	}
	everyone()
	if n := w.sim.Calls()[gotoclient.OpToken]; n != 1 {
		t.Errorf("%d token requests, want 1", n)
	}
	w.sim.ExpireAccessTokens()
	everyone()
	if n := w.sim.Calls()[gotoclient.OpToken]; n != 2 {
		t.Errorf("%d token requests after the expiry, want 2", n)
	}
}

// The token is refused in either of the two ways: one renewal, one repetition,
// also of a create, which was not processed.
func TestRefusedTokenIsRenewedOnce(t *testing.T) {
	for _, position := range []string{"401", "403InvalidToken"} {
		t.Run(position, func(t *testing.T) {
			w := newWorld(t)
			w.set(t, "expiredTokenAnswer", position)
			status := position[:3]
			w.sim.Inject(simulator.Fault{Kind: simulator.FaultExpireToken, Operation: gotoclient.OpCreateUsers, Count: 1})
			created, err := w.users().Create(t.Context(), oneUser)
			if err != nil || created[0].Key == "" {
				t.Fatalf("%v, %v", created, err)
			}
			want := []string{"token 200", "createUsers " + status, "token 200", "createUsers 200"}
			if diff := cmp.Diff(want, w.seen("")); diff != "" {
				t.Error(diff)
			}
			if got := w.waited(); got != 2 {
				t.Errorf("the budget was asked %d times, want once per attempt", got)
			}
			w.sim.Inject(simulator.Fault{Kind: simulator.FaultExpireToken, Operation: gotoclient.OpGetMe})
			if _, err := w.client.Me(t.Context()); !gotoclient.IsUnauthenticated(err) || gotoclient.IsForbidden(err) || gotoclient.IsRefused(err) {
				t.Errorf("got %v", err)
			}
			if diff := cmp.Diff([]string{"getMe " + status, "getMe " + status}, w.seen(gotoclient.OpGetMe)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestTokenWithoutAdminScope(t *testing.T) {
	w := newWorld(t, patGrant(simulator.NoAdminScopePersonalAccessToken))
	if _, err := w.client.Me(t.Context()); !gotoclient.IsUnauthenticated(err) || !gotoclient.HasCode(err, gotoclient.CodeNotAuthenticated) {
		t.Errorf("got %v", err)
	}
	if n := len(w.seen("")); n != 4 {
		t.Errorf("%d requests, want two with a token request each", n)
	}
}

// The token is renewed before it expires, and used on while the token endpoint
// is away, but never beyond its end.
func TestEarlyRenewal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newMemoryWorld(t, func(c *gotoclient.Config) { c.MaxAttempts = 1 })
		me := func() error { _, err := w.client.Me(t.Context()); return err }
		mustCall := func(wantTokenRequests int) {
			t.Helper()
			if err := me(); err != nil {
				t.Fatal(err)
			}
			if n := len(w.seen(gotoclient.OpToken)); n != wantTokenRequests {
				t.Fatalf("%d token requests, want %d", n, wantTokenRequests)
			}
		}
		mustCall(1)
		time.Sleep(54 * time.Minute)
		mustCall(1)
		time.Sleep(2 * time.Minute)
		mustCall(2)
		w.sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Operation: gotoclient.OpToken, Status: 503})
		time.Sleep(56 * time.Minute)
		mustCall(3) // fails, and the old token still does
		mustCall(3) // no second try at once
		time.Sleep(31 * time.Second)
		mustCall(4)
		time.Sleep(4 * time.Minute)
		before := len(w.seen(gotoclient.OpGetMe))
		if err := me(); !gotoclient.IsTemporary(err) || len(w.seen(gotoclient.OpGetMe)) != before {
			t.Errorf("an expired token: %v", err)
		}
		w.sim.ClearFaults()
		if err := me(); err != nil {
			t.Error(err)
		}
	})
}

// While the access token still works, a dead grant is said at once all the same.
func TestEarlyRenewalWithDeadGrant(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newMemoryWorld(t)
		if _, err := w.client.Me(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.sim.RevokeRefreshTokens()
		time.Sleep(56 * time.Minute)
		_, err := w.client.Me(t.Context())
		var auth *gotoclient.AuthError
		if !errors.As(err, &auth) || auth.Reason != gotoclient.AuthInvalidGrant {
			t.Errorf("got %v", err)
		}
	})
}
