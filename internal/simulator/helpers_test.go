package simulator_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goto-operator/goto-operator/internal/simulator"
)

const (
	acct      = simulator.DefaultAccountKey
	adminRoot = "/admin/rest/v1"
	acctRoot  = adminRoot + "/accounts/" + acct
	usersPath = acctRoot + "/users"
)

// clock is a clock that stands still until it is moved.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2030, 1, 7, 9, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// env is a simulator behind a real HTTP server, and a caller of it.
type env struct {
	t      *testing.T
	sim    *simulator.Simulator
	clock  *clock
	url    string
	client *http.Client
	token  string
}

// start serves a simulator without rate limit, and gets a token of the default admin. The options may be changed first.
func start(t *testing.T, change ...func(*simulator.Options)) *env {
	t.Helper()
	c := newClock()
	o := simulator.Options{Now: c.Now, Rate: simulator.NoRateLimit}
	for _, f := range change {
		f(&o)
	}
	sim := simulator.New(o)
	server := httptest.NewServer(sim.APIHandler())
	// Without kept connections net/http never repeats a request by itself.
	transport := &http.Transport{DisableKeepAlives: true}
	t.Cleanup(func() {
		sim.ClearFaults()
		server.Close()
	})
	e := &env{t: t, sim: sim, clock: c, url: server.URL, client: &http.Client{Transport: transport, CheckRedirect: followNone}}
	e.token = e.swapPAT(simulator.DefaultPersonalAccessToken)
	sim.ResetLog()
	return e
}

// with returns a change of options that puts switches into positions.
func with(pairs ...string) func(*simulator.Options) {
	return func(o *simulator.Options) {
		for i := 0; i < len(pairs); i += 2 {
			if err := o.Switches.Set(pairs[i], pairs[i+1]); err != nil {
				panic(err)
			}
		}
	}
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
	err    error
}

// atBoth sends a request to the assumed path below the account, and to the one elsewhere.
func (e *env) atBoth(method, path string, body any) string {
	e.t.Helper()
	return e.send(method, acctRoot+path, body).show() + e.send(method, acctRoot+"/elsewhere"+path, body).show()
}

// send sends a request with the caller's token.
func (e *env) send(method, path string, body any) answer {
	e.t.Helper()
	return e.sendAs("Bearer "+e.token, method, path, body)
}

func (e *env) sendAs(authorization, method, path string, body any) answer {
	e.t.Helper()
	var reader io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		reader = strings.NewReader(b)
	default:
		data, err := json.Marshal(b)
		if err != nil {
			e.t.Fatal(err)
		}
		reader = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(e.t.Context(), method, e.url+path, reader)
	if err != nil {
		e.t.Fatal(err)
	}
	if authorization != "" {
		req.Header.Set("Authorization", authorization)
	}
	return e.do(req)
}

func followNone(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func (e *env) do(req *http.Request) answer {
	res, err := e.client.Do(req)
	if err != nil {
		return answer{err: err}
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	return answer{status: res.StatusCode, header: res.Header, body: string(data), err: err}
}

// grant sends a token request of the default client.
func (e *env) grant(form url.Values) answer {
	e.t.Helper()
	return e.grantAs(simulator.DefaultClientID, simulator.DefaultClientSecret, form)
}

func (e *env) grantAs(id, secret string, form url.Values) answer {
	e.t.Helper()
	req, err := http.NewRequestWithContext(e.t.Context(), http.MethodPost, e.url+"/oauth/token", strings.NewReader(form.Encode()))
	if err != nil {
		e.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(secret))
	return e.do(req)
}

// swapPAT returns an access token.
func (e *env) swapPAT(pat string) string {
	e.t.Helper()
	a := e.grant(url.Values{"grant_type": {"personal_access_token"}, "pat": {pat}})
	e.wantStatus(a, http.StatusOK)
	return decode[tokenAnswer](e.t, a).AccessToken
}

type tokenAnswer struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	ExpiresIn    any    `json:"expires_in"`
	TokenType    string `json:"token_type"`
	Scope        string `json:"scope"`
	Principal    string `json:"principal"`
}

func (e *env) wantStatus(a answer, status int) {
	e.t.Helper()
	if a.err != nil || a.status != status {
		e.t.Fatalf("got status %d, body %.300q, error %v; want status %d", a.status, a.body, a.err, status)
	}
}

// wantRefusal checks status and code of an error envelope.
func (e *env) wantRefusal(a answer, status int, code string) {
	e.t.Helper()
	e.wantStatus(a, status)
	got := decode[struct {
		IncidentID string `json:"incidentId"`
		Errors     []struct{ Code, Value string }
	}](e.t, a)
	if got.IncidentID == "" || len(got.Errors) != 1 || got.Errors[0].Code != code {
		e.t.Fatalf("got %s; want an incident with the code %q", a.body, code)
	}
}

func decode[T any](t *testing.T, a answer) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		t.Fatalf("%v in %.300q", err, a.body)
	}
	return v
}

// page is the envelope of a list.
type page struct {
	Results   []map[string]any `json:"results"`
	FromIndex int              `json:"fromIndex"`
	ToIndex   int              `json:"toIndex"`
	Total     int              `json:"total"`
}

func (e *env) list(path string) page {
	e.t.Helper()
	a := e.send(http.MethodGet, path, nil)
	e.wantStatus(a, http.StatusOK)
	return decode[page](e.t, a)
}

// emails returns what a list of users shows, in order.
func (p page) emails() []string {
	var emails []string
	for _, u := range p.Results {
		emails = append(emails, fmt.Sprint(u["email"]))
	}
	return emails
}

type object = map[string]any

// person is a user to create.
func person(email string) object {
	return object{"email": email, "firstName": "Fay", "lastName": "Field"}
}

// create adds users and returns the keys in the order of the e-mails.
func (e *env) create(emails ...string) []string {
	e.t.Helper()
	var people []object
	for _, email := range emails {
		people = append(people, person(email))
	}
	a := e.send(http.MethodPost, usersPath, object{"users": people})
	e.wantStatus(a, http.StatusOK)
	var keys []string
	for _, entry := range decode[[]struct{ Key, Email string }](e.t, a) {
		keys = append(keys, entry.Key)
	}
	return keys
}

// user returns a user that must exist.
func (e *env) user(key string) simulator.User {
	e.t.Helper()
	u, ok := e.sim.User(acct, key)
	if !ok {
		e.t.Fatalf("no user has the key %s", key)
	}
	return u
}
