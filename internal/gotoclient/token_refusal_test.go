package gotoclient_test

import (
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// Credentials that are refused are not tried with every request: accounts get locked for that.
func TestRefusedCredentialsAreTriedOnce(t *testing.T) {
	for row, c := range map[string]struct {
		credentials gotoclient.Credentials
		reason      gotoclient.AuthReason
	}{
		"password":      {gotoclient.Credentials{Grant: gotoclient.GrantPassword, Username: simulator.DefaultUsername, Password: "changed-by-a-person"}, gotoclient.AuthInvalidGrant},
		"access token":  {gotoclient.Credentials{Grant: gotoclient.GrantPersonalAccessToken, PersonalAccessToken: "revoked"}, gotoclient.AuthInvalidGrant},
		"refresh token": {gotoclient.Credentials{Grant: gotoclient.GrantRefreshToken, RefreshToken: "expired"}, gotoclient.AuthInvalidGrant},
		"client secret": {gotoclient.Credentials{Grant: gotoclient.GrantRefreshToken, RefreshToken: simulator.DefaultRefreshToken, ClientSecret: "wrong"}, gotoclient.AuthInvalidClient},
	} {
		t.Run(row, func(t *testing.T) {
			w := newWorld(t, useGrant(c.credentials))
			for range 50 {
				_, err := w.client.Me(t.Context())
				var auth *gotoclient.AuthError
				if !errors.As(err, &auth) || auth.Reason != c.reason {
					t.Fatal(err)
				}
			}
			if n := len(w.seen(gotoclient.OpToken)); n != 1 {
				t.Errorf("%d tries", n)
			}
		})
	}
}

// What may pass is tried again with the next request.
func TestATokenEndpointThatFailsIsAskedAgain(t *testing.T) {
	w := newWorld(t)
	w.sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Status: 503, Operation: gotoclient.OpToken, Count: 4})
	if _, err := w.client.Me(t.Context()); err == nil {
		t.Error("no failure")
	}
	if _, err := w.client.Me(t.Context()); err != nil {
		t.Error(err)
	}
}

// A token endpoint that says for how long it wants to be left alone is left alone for so long, and asked once by all then.
func TestATokenEndpointThatThrottlesIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newMemoryWorld(t)
		w.set(t, "retryAfter", "seconds")
		w.sim.Inject(simulator.Fault{Kind: simulator.FaultThrottle, Operation: gotoclient.OpToken, RetryAfter: 40 * time.Second, Count: 1})
		ask := func() (failed int) {
			var wg sync.WaitGroup
			var mu sync.Mutex
			for range 50 {
				wg.Go(func() {
					if _, err := w.client.Me(t.Context()); err != nil {
						var auth *gotoclient.AuthError
						if !errors.As(err, &auth) || auth.Reason != gotoclient.AuthUnreachable || auth.RetryAfter != 40*time.Second || !gotoclient.IsTemporary(err) {
							t.Error(err)
						}
						mu.Lock()
						defer mu.Unlock()
						failed++
					}
				})
			}
			wg.Wait()
			return failed
		}
		began := time.Now()
		for range 3 {
			if n := ask(); n != 50 {
				t.Errorf("%d of 50 failed", n)
			}
			time.Sleep(13 * time.Second)
		}
		if n := len(w.seen(gotoclient.OpToken)); n != 1 {
			t.Errorf("%d requests within %s, though the first was answered with 429 and Retry-After: 40", n, time.Since(began))
		}
		time.Sleep(2 * time.Second)
		if n := ask(); n != 0 || len(w.seen(gotoclient.OpToken)) != 2 {
			t.Errorf("afterwards %d of 50 failed, with %d requests", n, len(w.seen(gotoclient.OpToken)))
		}
	})
}

// A good access token is used on while its renewal is put off.
func TestAThrottledRenewalDoesNotStopWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newMemoryWorld(t)
		if _, err := w.client.Me(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(56 * time.Minute) // the token lives for an hour, and is renewed 5 minutes earlier
		w.sim.Inject(simulator.Fault{Kind: simulator.FaultThrottle, Operation: gotoclient.OpToken, RetryAfter: time.Minute})
		for range 20 {
			if _, err := w.client.Me(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(5 * time.Second)
		}
		if n := len(w.seen(gotoclient.OpToken)); n > 3 {
			t.Errorf("%d requests in 100 seconds, each answered with Retry-After: 60", n)
		}
	})
}
