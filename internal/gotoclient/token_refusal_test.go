package gotoclient_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
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

// tokenAnswer is what the token endpoint says in place of the simulator.
type tokenAnswer struct {
	status       int
	header, body string
}

// tokenWorld returns a world whose token endpoint gives an answer for as long as it is told to.
func tokenWorld(t *testing.T, answer tokenAnswer, change ...func(*gotoclient.Config)) (w *world, broken *atomic.Bool) {
	t.Helper()
	broken = &atomic.Bool{}
	broken.Store(true)
	w = newMemoryWorld(t, append([]func(*gotoclient.Config){func(cfg *gotoclient.Config) { cfg.Base = inFront(cfg.Base, answer, broken) }}, change...)...)
	return w, broken
}

// inFront answers token requests in place of what is behind it.
func inFront(behind http.RoundTripper, answer tokenAnswer, broken *atomic.Bool) http.RoundTripper {
	return handlerTransport{http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/oauth/token" || !broken.Load() {
			behind.(handlerTransport).handler.ServeHTTP(rw, r)
			return
		}
		if answer.header != "" {
			rw.Header().Set("Retry-After", answer.header)
		}
		rw.Header().Set("Content-Type", "application/json")
		rw.WriteHeader(answer.status)
		_, _ = rw.Write([]byte(answer.body))
	})}
}

// askFor makes a request each second for so long. It returns how many token requests there were, and the last error.
func (w *world) askFor(t *testing.T, d time.Duration) (asked int, err error) {
	t.Helper()
	before := len(w.seen(gotoclient.OpToken))
	for range d / time.Second {
		_, err = w.client.Me(t.Context())
		time.Sleep(time.Second)
	}
	return len(w.seen(gotoclient.OpToken)) - before, err
}

// What may be a refusal of the credentials is tried again, as it may be a gateway's; at distances that spare an account from being locked.
func TestAnUnknownRefusalIsTriedLessAndLess(t *testing.T) {
	for _, answer := range []tokenAnswer{
		{401, "", ``}, {401, "", `{"error":"access_denied"}`}, {401, "", `{"error":"unauthorized","error_description":"Bad credentials"}`},
		{403, "", `{"error":"account_locked"}`}, {400, "", `{"message":"Invalid user name or password"}`}, {400, "", `{"error":"invalid_request"}`},
		{403, "", `<html>`}, {404, "", ``}, {200, "", `{}`}, {403, "1", `{"error":"account_locked"}`},
	} {
		t.Run(fmt.Sprint(answer), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, broken := tokenWorld(t, answer)
				asked, err := w.askFor(t, 10*time.Minute)
				var auth *gotoclient.AuthError
				if asked < 6 || asked > 9 || !errors.As(err, &auth) || !auth.Until.After(time.Now()) || len(w.sim.Requests()) > 0 {
					t.Errorf("%d log-ins in 10 minutes: %v", asked, err)
				}
				broken.Store(false)
				if asked, err := w.askFor(t, 6*time.Minute); asked != 1 || err != nil {
					t.Errorf("once it passes: %d log-ins, %v", asked, err)
				}
			})
		})
	}
}

// A refusal by a code of RFC 6749 is one however it is written.
func TestADefiniteRefusalIsNotTriedAgain(t *testing.T) {
	for _, answer := range []tokenAnswer{
		{400, "", `{"error":"invalid_grant"}`}, {401, "", `{"error":"Invalid_Grant"}`}, {403, "", `{"error":"INVALID_CLIENT"}`}, {400, "40", `{"error":"invalid_grant"}`},
	} {
		synctest.Test(t, func(t *testing.T) {
			w, broken := tokenWorld(t, answer)
			first, _ := w.askFor(t, time.Minute)
			broken.Store(false)
			if more, err := w.askFor(t, time.Hour); first != 1 || more != 0 || gotoclient.IsTemporary(err) {
				t.Errorf("%v: %d log-ins, then %d: %v", answer, first, more, err)
			}
		})
	}
}

// Whatever else an answer says, a Retry-After is kept to; and that of a 429 or 5xx is about the service.
func TestRetryAfterOfTheTokenEndpoint(t *testing.T) {
	for _, c := range []struct {
		tokenAnswer

		until time.Duration
	}{
		{tokenAnswer{429, "40", `{"error":"invalid_request"}`}, 40 * time.Second},
		{tokenAnswer{429, "40", `{"error":"invalid_grant","error_description":"too many attempts, wait"}`}, 40 * time.Second},
		{tokenAnswer{429, "40", `{"error":"slow_down"}`}, 40 * time.Second},
		{tokenAnswer{503, "40", `{"error":"invalid_client"}`}, 40 * time.Second},
		{tokenAnswer{502, "40", `<html>`}, 40 * time.Second},
		{tokenAnswer{403, "40", ``}, 40 * time.Second},
		{tokenAnswer{429, "300", ``}, 5 * time.Minute},
		{tokenAnswer{429, "86400", ``}, time.Hour},
	} {
		t.Run(fmt.Sprint(c.tokenAnswer), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, broken := tokenWorld(t, c.tokenAnswer)
				began := time.Now()
				asked, err := w.askFor(t, c.until)
				var auth *gotoclient.AuthError
				if asked != 1 || !gotoclient.IsTemporary(err) || !errors.As(err, &auth) || !auth.Until.Equal(began.Add(c.until)) {
					t.Errorf("%d requests within %s: %v", asked, c.until, err)
				}
				broken.Store(false)
				if asked, err := w.askFor(t, time.Second); asked != 1 || err != nil {
					t.Errorf("afterwards %d requests: %v", asked, err)
				}
			})
		})
	}
}

// A 429 without Retry-After, whatever its code, is no refusal: the next request asks again.
func TestA429IsNeverARefusal(t *testing.T) {
	for _, status := range []int{429, 500, 503} {
		w, broken := tokenWorld(t, tokenAnswer{status, "", `{"error":"invalid_grant"}`})
		if _, err := w.client.Me(t.Context()); !gotoclient.IsTemporary(err) {
			t.Errorf("%d: %v", status, err)
		}
		broken.Store(false)
		if _, err := w.client.Me(t.Context()); err != nil {
			t.Errorf("%d: %v", status, err)
		}
	}
}

// What one client was told of the OAuth client the others need not ask for; nor what it was told of credentials, if they have the same.
func TestPausesAreShared(t *testing.T) {
	pat := gotoclient.Credentials{Grant: gotoclient.GrantPersonalAccessToken, PersonalAccessToken: simulator.DefaultPersonalAccessToken}
	another := pat
	another.ClientID = "another-client"
	asks := map[string]struct {
		with               gotoclient.Credentials
		throttled, refused int // token requests after a 429, after a refusal of an unknown form
	}{
		"the same":         {gotoclient.Credentials{Grant: gotoclient.GrantRefreshToken, RefreshToken: simulator.DefaultRefreshToken}, 0, 0},
		"other credential": {pat, 0, 1},
		"another client":   {another, 1, 1},
	}
	for name, c := range asks {
		for answer, want := range map[tokenAnswer]int{{429, "40", ``}: c.throttled, {401, "", ``}: c.refused} {
			synctest.Test(t, func(t *testing.T) {
				var pauses gotoclient.TokenPauses
				share := func(cfg *gotoclient.Config) { cfg.TokenPauses = &pauses }
				w, _ := tokenWorld(t, answer, share)
				other, _ := tokenWorld(t, answer, share, useGrant(c.with))
				_, _ = w.askFor(t, time.Second)
				if asked, err := other.askFor(t, time.Second); asked != want || err == nil {
					t.Errorf("%s, after %d: %d token requests, want %d: %v", name, answer.status, asked, want, err)
				}
			})
		}
	}
}

// A good access token is used on while it is not clear who refuses its renewal.
func TestAnUnknownRefusalOfARenewalDoesNotStopWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, broken := tokenWorld(t, tokenAnswer{403, "", `<html>`})
		broken.Store(false)
		_, _ = w.askFor(t, time.Second)
		time.Sleep(56 * time.Minute) // the token lives for an hour, and is renewed 5 minutes earlier
		broken.Store(true)
		if asked, err := w.askFor(t, 3*time.Minute); asked == 0 || asked > 6 || err != nil {
			t.Errorf("%d log-ins, %v", asked, err)
		}
	})
}

// refusing answers 401 to one operation while it is told to, whatever the token.
func refusing(behind http.RoundTripper, path string, broken *atomic.Bool) http.RoundTripper {
	return handlerTransport{http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, path) && broken.Load() {
			rw.WriteHeader(http.StatusUnauthorized)
			return
		}
		behind.(handlerTransport).handler.ServeHTTP(rw, r)
	})}
}

// A token that is refused for what another token would be refused for too is not replaced with each request.
func TestAGoodTokenThatIsRefusedIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var broken atomic.Bool
		broken.Store(true)
		w := newMemoryWorld(t, func(cfg *gotoclient.Config) { cfg.Base = refusing(cfg.Base, "/me", &broken) })
		key := w.addUsers(1)[0]
		began := time.Now()
		for range 600 { // 10 minutes
			if _, err := w.client.Me(t.Context()); !gotoclient.IsUnauthenticated(err) {
				t.Fatal(err)
			}
			if err := doAll[gotoclient.OpGetUser](t.Context(), w, key); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
		}
		if n, most := len(w.seen(gotoclient.OpToken)), 2+int(time.Since(began)/time.Minute); n > most {
			t.Errorf("%d token requests, want %d at most", n, most)
		}
		if n := len(w.seen(gotoclient.OpGetMe)); n > 611 {
			t.Errorf("%d requests for 600: one is repeated with another token alone", n)
		}
		broken.Store(false)
		w.sim.ExpireAccessTokens()
		if _, err := w.client.Me(t.Context()); err != nil && !gotoclient.IsUnauthenticated(err) {
			t.Error(err)
		}
		if asked, err := w.askFor(t, time.Minute); asked > 1 || err != nil {
			t.Errorf("once the scope is there: %d token requests, %v", asked, err)
		}
	})
}
