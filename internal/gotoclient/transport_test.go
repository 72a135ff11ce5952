package gotoclient_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// A redirect of the API is an answer like any other refusal: the token goes
// nowhere else.
func TestRedirectsAreRefused(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("followed to %s with %q", r.URL, r.Header.Get("Authorization"))
	}))
	defer elsewhere.Close()
	for _, status := range []int{301, 302, 307, 308} {
		var w *world
		handler := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/oauth/token" {
				w.sim.APIHandler().ServeHTTP(rw, r)
				return
			}
			http.Redirect(rw, r, elsewhere.URL+r.URL.Path, status)
		})
		w = newWorld(t)
		server := httptest.NewServer(handler)
		w.connect(t, server.URL)
		_, err := w.client.Me(t.Context())
		var api *gotoclient.APIError
		if !errors.As(err, &api) || api.Status != status || !gotoclient.IsRefused(err) {
			t.Errorf("%d: %v", status, err)
		}
		if err := doAll[gotoclient.OpDeleteUsers](t.Context(), w, "7"); !gotoclient.IsRefused(err) || gotoclient.IsAmbiguous(err) {
			t.Errorf("%d: %v", status, err)
		}
		server.Close()
	}
}

func TestHeaders(t *testing.T) {
	var w *world
	var got []string
	handler := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		got = append(got, strings.Join([]string{r.Method, r.URL.Path, r.UserAgent(), r.Header.Get("Accept"), r.Header.Get("Content-Type")}, " "))
		w.sim.APIHandler().ServeHTTP(rw, r)
	})
	w = newWorld(t)
	w.connect(t, "http://simulator.test/", func(c *gotoclient.Config) {
		c.Base, c.UserAgent = handlerTransport{handler}, "test/1"
		c.Endpoints.TokenURL = "http://simulator.test/oauth/token"
	})
	if _, err := w.users().Create(t.Context(), oneUser); err != nil {
		t.Fatal(err)
	}
	if _, err := w.client.Me(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"POST /oauth/token test/1  application/x-www-form-urlencoded",
		"POST /admin/rest/v1/accounts/7200000000000000001/users test/1 application/json application/json",
		"GET /admin/rest/v1/me test/1 application/json ",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestCallsAreObserved(t *testing.T) {
	w := newWorld(t)
	w.sim.Inject(simulator.Fault{Kind: simulator.FaultLatency, Delay: 20 * time.Millisecond, Operation: gotoclient.OpGetMe})
	w.sim.Inject(simulator.Fault{Kind: simulator.FaultCutBefore, Operation: gotoclient.OpGetMe, Count: 1})
	if _, err := w.client.Me(t.Context()); err != nil {
		t.Fatal(err)
	}
	var got []gotoclient.Call
	for _, c := range w.calls {
		if c.Duration <= 0 || c.Operation == gotoclient.OpGetMe && c.Duration < 20*time.Millisecond {
			t.Errorf("%+v", c)
		}
		c.Duration = 0
		got = append(got, c)
	}
	want := []gotoclient.Call{
		{Operation: gotoclient.OpToken, Status: 200, Attempt: 1},
		{Operation: gotoclient.OpGetMe, Status: 0, Attempt: 1},
		{Operation: gotoclient.OpGetMe, Status: 200, Attempt: 2},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

type closedLimiter struct{ err error }

func (l closedLimiter) Wait(context.Context) error { return l.err }
func (closedLimiter) Throttled(time.Duration)      {}
func (closedLimiter) Pause(time.Duration)          {}

// Without the limiter's permission nothing is sent, not even for a token.
func TestLimiterSaysNo(t *testing.T) {
	no := errors.New("no budget")
	w := newWorld(t, func(c *gotoclient.Config) { c.Limiter = closedLimiter{no} })
	if _, err := w.users().Create(t.Context(), oneUser); !errors.Is(err, no) || gotoclient.IsAmbiguous(err) {
		t.Errorf("got %v", err)
	}
	if n := len(w.sim.Requests()); n != 0 {
		t.Errorf("%d requests", n)
	}
}

func TestWithoutOptionalParts(t *testing.T) {
	w := newWorld(t, func(c *gotoclient.Config) { c.Limiter, c.Observe, c.Base = nil, nil, nil })
	if _, err := w.client.Me(t.Context()); err != nil {
		t.Error(err)
	}
}

// failingTransport fails the API's requests with an error of its choosing, and
// leaves token requests alone.
type failingTransport struct {
	next http.RoundTripper
	err  func(*http.Request) error
}

func (f failingTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	if strings.HasPrefix(req.URL.Path, "/oauth/") {
		return f.next.RoundTrip(req)
	}
	return nil, f.err(req)
}

// What a transport says of a failure may hold anything; what the client says of
// it holds the kind of failure only. A dial that failed is known by its error if
// the transport does not report its connections.
func TestTransportErrorsAreRewritten(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want string
		sent bool
	}{
		"unknown":    {errors.New("CANARY"), "the connection failed", true},
		"dial":       {&net.OpError{Op: "dial", Net: "tcp", Err: errors.New("CANARY")}, "dial: the connection failed", false},
		"dns":        {&net.OpError{Op: "dial", Err: &net.DNSError{Name: "CANARY", Err: "CANARY"}}, "dial: the host name cannot be resolved", false},
		"read":       {&net.OpError{Op: "read", Err: errors.New("CANARY")}, "read: the connection failed", true},
		"odd op":     {&net.OpError{Op: "CANARY", Err: errors.New("CANARY")}, "the connection failed", true},
		"not https":  {http.ErrSchemeMismatch, "the server speaks http, not https", true},
		"own client": {&url.Error{Op: "Get", URL: "https://CANARY@x.test?filter=CANARY", Err: errors.New("CANARY")}, "the connection failed", true},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(cfg *gotoclient.Config) {
				cfg.Base = failingTransport{cfg.Base, func(*http.Request) error { return c.err }}
			})
			_, err := w.users().Create(t.Context(), oneUser)
			var transport *gotoclient.TransportError
			if !errors.As(err, &transport) || transport.Sent != c.sent || gotoclient.IsAmbiguous(err) != c.sent ||
				err.Error() != "gotoclient: createUsers: no answer: "+c.want {
				t.Errorf("sent=%t, %v", transport != nil && transport.Sent, err)
			}
		})
	}
}

func TestUntrustedCertificate(t *testing.T) {
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ErrorLog = discardLog()
	server.StartTLS()
	defer server.Close()
	w := newWorld(t, func(c *gotoclient.Config) { c.Endpoints.APIURL = server.URL })
	_, err := w.users().Create(t.Context(), oneUser)
	if err == nil || !strings.HasSuffix(err.Error(), "the server's certificate cannot be trusted") || gotoclient.IsAmbiguous(err) {
		t.Errorf("got %v", err)
	}
}

// The error of an error: a refusal whose body breaks off is still a refusal.
func TestRefusalWithBrokenBody(t *testing.T) {
	w := newWorld(t)
	for range 2 { // the second time with a token
		w.sim.Inject(simulator.Fault{Kind: simulator.FaultCutBody, Operation: gotoclient.OpGetUser, Count: 1})
		_, err := w.users().Get(t.Context(), "7999999999999999999")
		var api *gotoclient.APIError
		if !errors.As(err, &api) || api.Status != 404 || gotoclient.IsNotFound(err) {
			t.Errorf("a 404 of which half is missing proves nothing: %v", err)
		}
	}
	if n := len(w.seen(gotoclient.OpGetUser)); n != 2 {
		t.Errorf("%d attempts, want 2", n)
	}
}

// The three forms of error bodies, as the service sends them.
func TestErrorsOfTheService(t *testing.T) {
	w := newWorld(t)
	_, err := w.users().Get(t.Context(), "7999999999999999999")
	var api *gotoclient.APIError
	if !errors.As(err, &api) || api.IncidentID == "" || len(api.Errors) != 1 || api.Errors[0].Value != "7999999999999999999" {
		t.Errorf("envelope: %#v", err)
	}
	if strings.Contains(err.Error(), "7999999999999999999") {
		t.Errorf("shows the value: %v", err)
	}
	w.set(t, "foreignAccountStatus", "404")
	_, err = w.client.Users(simulator.OtherAccountKey).Get(t.Context(), "7")
	if !gotoclient.HasCode(err, gotoclient.CodeAccountNotFound) || gotoclient.IsNotFound(err) {
		t.Errorf("another's account is not a user that is gone: %v", err)
	}
	w.set(t, "listAccounts", "notFound")
	if _, err = w.client.Accounts().List(t.Context()); !gotoclient.HasCode(err, gotoclient.CodeNotFound) || gotoclient.IsNotFound(err) {
		t.Errorf("edge: %v", err)
	}
	w.connect(t, "http://simulator.test", func(c *gotoclient.Config) {
		c.Base = handlerTransport{w.sim.APIHandler()}
		c.Endpoints.APIURL += "/wrong"
	})
	if _, err = w.users().Get(t.Context(), "7"); err == nil || gotoclient.IsNotFound(err) {
		t.Errorf("a wrong URL does not mean that users are gone: %v", err)
	}
}

// Whether a request may leave is asked before each attempt, when nothing is left to wait for, and of no token request. A no ends the
// operation: it is not repeated, and says nothing about the attempts before.
func TestBeforeSend(t *testing.T) {
	no := errors.New("no")
	for op, row := range map[string]struct{ write, doubt bool }{gotoclient.OpGetUser: {}, gotoclient.OpUpdateUsers: {true, true}, gotoclient.OpDeleteUsers: {true, true}} {
		var w *world
		var asked []bool
		w = newWorld(t, func(c *gotoclient.Config) {
			c.BeforeSend = func(_ context.Context, write bool) error {
				if asked = append(asked, write); len(w.seen(gotoclient.OpToken)) == 0 {
					t.Errorf("%s: asked before there is a token", op)
				}
				if len(asked) < 3 {
					return nil
				}
				return no
			}
		})
		w.sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Status: 503, Operation: op})
		err := doAll[op](t.Context(), w, w.addUsers(1)[0])
		if !errors.Is(err, no) || gotoclient.IsAmbiguous(err) != row.doubt {
			t.Errorf("%s: %v, in doubt %t", op, err, gotoclient.IsAmbiguous(err))
		}
		if diff := cmp.Diff([]bool{row.write, row.write, row.write}, asked); diff != "" || len(w.seen(op)) != 2 {
			t.Errorf("%s: sent %v; %s", op, w.seen(op), diff)
		}
	}
}
