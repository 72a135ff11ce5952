package contract_test

import (
	"cmp"
	"context"
	"encoding/json"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

const account = gotoclient.Key(simulator.DefaultAccountKey)

// world is a simulator, the contract between it and its clients, and what they sent.
type world struct {
	*watcher
	t   *testing.T
	sim *simulator.Simulator
	url string

	transport    *http.Transport
	refreshToken string         // the newest, as a Secret would hold it
	observed     map[string]int // requests by operation, as the client counts them
	sent         map[string]int // likewise of those sent by hand

	operations map[string]gotoclient.Override // where the client sends what it sends
	moved      int                            // requests that came under a moved path
}

// newWorld serves a simulator whose clock stands still, so that two worlds with the same switches have the same exchanges.
func newWorld(t *testing.T, position string) *world {
	t.Helper()
	now := time.Date(2030, 1, 7, 9, 0, 0, 0, time.UTC)
	w := &world{
		watcher: &watcher{contract: theContract(t), position: position}, t: t,
		sim:          simulator.New(simulator.Options{Rate: simulator.NoRateLimit, Now: func() time.Time { return now }}),
		transport:    &http.Transport{},
		refreshToken: simulator.DefaultRefreshToken,
		observed:     map[string]int{}, sent: map[string]int{},
	}
	server := httptest.NewServer(w.unmove(w.watch(w.sim.APIHandler())))
	t.Cleanup(server.Close)
	t.Cleanup(w.transport.CloseIdleConnections)
	w.url = server.URL
	return w
}

// set puts a switch into a position.
func (w *world) set(name, position string) {
	w.t.Helper()
	w.sim.SetSwitches(func(s *simulator.Switches) {
		if err := s.Set(name, position); err != nil {
			w.t.Fatal(err)
		}
	})
}

// report makes the test fail for each violation.
func (w *world) report() {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, violation := range w.violations {
		w.t.Error(violation)
	}
}

// client returns a client of the default application. It does not try again, since a second answer would be like the first.
func (w *world) client(c gotoclient.Credentials) *gotoclient.Client {
	w.t.Helper()
	c.ClientID = simulator.DefaultClientID
	c.ClientSecret = cmp.Or(c.ClientSecret, simulator.DefaultClientSecret)
	client, err := gotoclient.New(gotoclient.Config{
		Endpoints:   gotoclient.Endpoints{APIURL: w.url, TokenURL: w.url + "/oauth/token"},
		Credentials: c,
		Operations:  w.operations,
		Unverified:  gotoclient.AllowUnverified,
		Base:        w.transport,
		MaxAttempts: 1,
		Observe: func(call gotoclient.Call) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.observed[call.Operation]++
		},
		SaveRefreshToken: func(_ context.Context, token string) error {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.refreshToken = token
			return nil
		},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return client
}

func (w *world) refreshClient() *gotoclient.Client {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.client(gotoclient.Credentials{Grant: gotoclient.GrantRefreshToken, RefreshToken: w.refreshToken})
}

func (w *world) patClient(token string) *gotoclient.Client {
	return w.client(gotoclient.Credentials{Grant: gotoclient.GrantPersonalAccessToken, PersonalAccessToken: token})
}

// byHand is a request that the client does not send, and the documents allow.
type byHand struct {
	operation    string
	method, path string // with the query
	body         string // JSON for the Admin API, a form for the OAuth server
}

// send sends a request and returns the body of the answer.
func (w *world) send(b byHand, authorize func(*http.Request)) []byte {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), b.method, w.url+b.path, strings.NewReader(b.body))
	if err != nil {
		w.t.Fatal(err)
	}
	if b.body != "" {
		req.Header.Set("Content-Type", "application/json")
		if strings.HasPrefix(b.path, "/oauth/") {
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
	}
	authorize(req)
	w.sent[b.operation]++
	resp, err := w.transport.RoundTrip(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return body
}

// asClient authorizes a request to the OAuth server.
func asClient(secret string) func(*http.Request) {
	return func(r *http.Request) { r.SetBasicAuth(simulator.DefaultClientID, secret) }
}

// accessToken gets one by hand, and returns how a request is authorized with it.
func (w *world) accessToken() (token string, authorize func(*http.Request)) {
	w.t.Helper()
	body := w.send(byHand{"token", http.MethodPost, "/oauth/token", "grant_type=personal_access_token&pat=" + simulator.DefaultPersonalAccessToken},
		asClient(simulator.DefaultClientSecret))
	var answer struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.Unmarshal(body, &answer); err != nil || answer.AccessToken == "" {
		w.t.Fatalf("no access token: %v in %s", err, body)
	}
	return answer.AccessToken, func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+answer.AccessToken) }
}

// drain ranges over a list for the sake of the requests. What an error means is the matter of the client's own tests.
func drain[T any](list iter.Seq2[T, error]) {
	for _, err := range list {
		if err != nil {
			return
		}
	}
}

func ptr[T any](v T) *T { return &v }
