package gotoclient_test

import (
	"cmp"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

const account = gotoclient.Key(simulator.DefaultAccountKey)

// world is a simulator, a client of it, and what the client told of itself.
type world struct {
	sim    *simulator.Simulator
	client *gotoclient.Client
	url    string

	mu        sync.Mutex
	calls     []gotoclient.Call
	saved     []string
	saveErr   error
	waits     int
	throttled []time.Duration
	slept     []int
}

// newWorld serves a simulator without rate limit over HTTP. The client uses a
// refresh token and does not wait between attempts; change edits its
// configuration.
func newWorld(t *testing.T, change ...func(*gotoclient.Config)) *world {
	t.Helper()
	w := &world{sim: simulator.New(simulator.Options{Rate: simulator.NoRateLimit})}
	server := httptest.NewServer(w.sim.APIHandler())
	t.Cleanup(server.Close)
	t.Cleanup(w.sim.ClearFaults) // before Close, which waits for held requests
	w.connect(t, server.URL, change...)
	return w
}

// newMemoryWorld serves the simulator without a network, for tests with fake
// time: whoever waits for a network is never idle, and fake time stands still.
func newMemoryWorld(t *testing.T, change ...func(*gotoclient.Config)) *world {
	t.Helper()
	w := &world{sim: simulator.New(simulator.Options{Rate: simulator.NoRateLimit})}
	t.Cleanup(w.sim.ClearFaults)
	inMemory := func(cfg *gotoclient.Config) { cfg.Base = handlerTransport{w.sim.APIHandler()} }
	w.connect(t, "http://simulator.test", append([]func(*gotoclient.Config){inMemory}, change...)...)
	return w
}

func (w *world) connect(t *testing.T, url string, change ...func(*gotoclient.Config)) {
	t.Helper()
	w.url = url
	// Without kept-alive connections net/http sends nothing twice by itself.
	transport := &http.Transport{DisableKeepAlives: true}
	cfg := gotoclient.Config{
		Endpoints: gotoclient.Endpoints{APIURL: url, TokenURL: url + "/oauth/token"},
		Credentials: gotoclient.Credentials{
			Grant: gotoclient.GrantRefreshToken, ClientID: simulator.DefaultClientID,
			ClientSecret: simulator.DefaultClientSecret, RefreshToken: simulator.DefaultRefreshToken,
		},
		Unverified:       gotoclient.AllowUnverified,
		Base:             transport,
		Limiter:          (*limiter)(w),
		Observe:          w.observe,
		SaveRefreshToken: w.save,
		Backoff:          w.backoff,
	}
	for _, c := range change {
		c(&cfg)
	}
	client, err := gotoclient.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	w.client = client
}

func (w *world) observe(c gotoclient.Call) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, c)
}

func (w *world) save(_ context.Context, token string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.saveErr == nil {
		w.saved = append(w.saved, token)
	}
	return w.saveErr
}

func (w *world) failSaving(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.saveErr = err
}

func (w *world) backoff(attempt int) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.slept = append(w.slept, attempt)
	return 0
}

func (w *world) waited() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.waits
}

// seen returns operation and status of every attempt of the operation; of all
// with "".
func (w *world) seen(operation string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for _, c := range w.calls {
		if operation == "" || c.Operation == operation {
			out = append(out, c.Operation+" "+strconv.Itoa(c.Status))
		}
	}
	return out
}

// limiter is the world in the role of a request budget without limit.
type limiter world

func (l *limiter) Wait(ctx context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.waits++
	return ctx.Err()
}

func (l *limiter) Throttled(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.throttled = append(l.throttled, d)
}

func (*limiter) Pause(time.Duration) {}

func (w *world) users() *gotoclient.UsersService { return w.client.Users(account) }

// addUsers puts n users with numbered addresses into the account.
func (w *world) addUsers(n int) []gotoclient.Key {
	keys := make([]gotoclient.Key, n)
	for i := range keys {
		u := simulator.User{Email: "user" + strconv.Itoa(i) + "@example.test", FirstName: "U", LastName: strconv.Itoa(i)}
		keys[i] = gotoclient.Key(w.sim.AddUser(simulator.DefaultAccountKey, u))
	}
	return keys
}

// set puts a switch of the simulator into a position.
func (w *world) set(t *testing.T, name, position string) {
	t.Helper()
	w.sim.SetSwitches(func(s *simulator.Switches) {
		if err := s.Set(name, position); err != nil {
			t.Fatal(err)
		}
	})
}

// useGrant makes the configuration use other credentials.
func useGrant(c gotoclient.Credentials) func(*gotoclient.Config) {
	return func(cfg *gotoclient.Config) {
		c.ClientID = cmp.Or(c.ClientID, simulator.DefaultClientID)
		c.ClientSecret = cmp.Or(c.ClientSecret, simulator.DefaultClientSecret)
		cfg.Credentials = c
	}
}

func patGrant(token string) func(*gotoclient.Config) {
	return useGrant(gotoclient.Credentials{Grant: gotoclient.GrantPersonalAccessToken, PersonalAccessToken: token})
}

// handlerTransport lets a handler answer without a network. A handler that
// breaks the connection makes the request fail, as it would on a network.
type handlerTransport struct{ handler http.Handler }

func (h handlerTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	type result struct {
		resp *http.Response
		err  error
	}
	done := make(chan result, 1)
	go func() {
		defer func() {
			if recover() != nil {
				done <- result{err: io.ErrUnexpectedEOF}
			}
		}()
		recorder := httptest.NewRecorder()
		h.handler.ServeHTTP(recorder, req)
		done <- result{resp: recorder.Result()}
	}()
	select {
	case r := <-done:
		return r.resp, r.err
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
}

// collect ranges over a list.
func collect[T any](seq func(func(T, error) bool)) ([]T, error) {
	var out []T
	for v, err := range seq {
		if err != nil {
			return out, err
		}
		out = append(out, v)
	}
	return out, nil
}

func emails(users []gotoclient.User) []string {
	var out []string
	for _, u := range users {
		out = append(out, u.Email)
	}
	slices.Sort(out)
	return out
}

func ptr[T any](v T) *T { return &v }
