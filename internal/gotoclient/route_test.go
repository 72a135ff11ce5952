package gotoclient

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// answer is the same to every request, after failures that leave a write in doubt.
type answer struct {
	failures, status int
	body             string
}

func (a *answer) RoundTrip(req *http.Request) (*http.Response, error) {
	status, body := a.status, a.body
	switch {
	case strings.HasPrefix(req.URL.Path, "/oauth/"):
		status, body = http.StatusOK, `{"access_token":"a","token_type":"Bearer"}`
	case a.failures > 0:
		a.failures--
		status, body = http.StatusBadGateway, ""
	}
	header := http.Header{"Content-Type": {"application/json"}}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body)), Request: req}, nil
}

// What proves of a verified path that a thing is gone proves nothing of a path that
// nobody has verified, however exact the code; an override makes it a proof again.
func TestOfAnUnverifiedPathNothingIsBelievedAbsent(t *testing.T) {
	const gone = `{"errors":[{"code":"user.not.found","value":"1"}]}`
	get := func(ctx context.Context, c *Client) error { _, err := c.Users("7").Get(ctx, "1"); return err }
	remove := func(ctx context.Context, c *Client) error { return c.Users("7").Delete(ctx, []Key{"1"}) }
	meeting := func(ctx context.Context, c *Client) error { return c.Meetings().Delete(ctx, "1") }
	for name, c := range map[string]struct {
		operation string
		call      func(context.Context, *Client) error
		answer
		verified string // letters of what holds of a path that somebody vouches for, see below
	}{
		"get":                         {OpGetUser, get, answer{0, 404, gone}, "NPM"},
		"get, no code":                {OpGetUser, get, answer{0, 404, ""}, "M"},
		"get, no such method":         {OpGetUser, get, answer{0, 405, gone}, ""},
		"delete":                      {OpDeleteUsers, remove, answer{0, 404, gone}, "NPM"},
		"delete after a lost answer":  {OpDeleteUsers, remove, answer{1, 404, gone}, "-"},
		"delete a meeting":            {OpDeleteMeeting, meeting, answer{0, 404, ""}, "NM"},
		"delete a meeting, no method": {OpDeleteMeeting, meeting, answer{0, 405, ""}, ""},
	} {
		for _, overridden := range []bool{false, true} {
			a := c.answer
			client := clientOf(t, &a)
			to := client.routes[c.operation]
			to.grade, to.overridden = GradeUnverified, overridden
			client.routes = map[string]route{c.operation: to}
			want := "R" // of IsNoSuchPath
			if overridden {
				want = c.verified
			}
			if got := absence(c.call(t.Context(), client)); got != want {
				t.Errorf("%s, overridden %t: got %q, want %q", name, overridden, got, want)
			}
		}
	}
}

// absence tells which predicates hold; "-" of no error.
func absence(err error) string {
	if err == nil {
		return "-"
	}
	got := ""
	for _, p := range []struct {
		letter string
		is     func(error) bool
	}{{"N", IsNotFound}, {"P", IsAbsent}, {"M", MayBeAbsent}, {"R", IsNoSuchPath}} {
		if p.is(err) {
			got += p.letter
		}
	}
	return got
}

// clientOf returns a client that may write what nobody has verified.
func clientOf(t *testing.T, base http.RoundTripper) *Client {
	t.Helper()
	client, err := New(Config{
		Base: base, Unverified: AllowUnverified, Backoff: func(int) time.Duration { return 0 },
		Credentials: Credentials{Grant: GrantPersonalAccessToken, ClientID: "a", ClientSecret: "b", PersonalAccessToken: "c"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// Every row has a grade, an API and placeholders of its own, and no two are the same request.
func TestRowsOfTheTable(t *testing.T) {
	seen := map[string]string{}
	for id, e := range endpoints {
		names := map[string]bool{}
		for _, name := range placeholders(e.path) {
			if names[name] || !strings.HasSuffix(name, "}") {
				t.Errorf("%s: %s", id, e.path)
			}
			names[name] = true
		}
		if !strings.Contains("DLCU", string(e.grade)) || e.grade == "" || e.api() == "" {
			t.Errorf("%s: %+v", id, e)
		}
		if other := seen[e.shape()]; other != "" {
			t.Errorf("%s and %s are the same request", id, other)
		}
		seen[e.shape()] = id
	}
}
