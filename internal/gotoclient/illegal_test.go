package gotoclient_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// An account that is refused as such is asked once, whatever the request is and wherever the words stand.
func TestAnIllegalAccountIsNotAskedAgain(t *testing.T) {
	for _, form := range simulator.SwitchPositions()["illegalAccountBody"] {
		for operation, do := range doAll {
			t.Run(form+" "+operation, func(t *testing.T) {
				w := newWorld(t)
				w.set(t, "illegalAccountBody", form)
				key := w.addUsers(1)[0]
				w.sim.SetIllegal(simulator.DefaultAccountKey, true)
				err := do(t.Context(), w, key)
				write := operation != gotoclient.OpGetUser
				if !gotoclient.IsIllegalAccount(err) || gotoclient.IsTemporary(err) || gotoclient.IsRefused(err) || gotoclient.IsAmbiguous(err) != write {
					t.Errorf("got %v", err)
				}
				if got := w.seen(operation); len(got) != 1 {
					t.Errorf("sent %v, want one request", got)
				}
			})
		}
		t.Run(form+" of a meeting", func(t *testing.T) {
			w := newWorld(t)
			w.set(t, "illegalAccountBody", form)
			w.sim.SetIllegal(simulator.DefaultAccountKey, true)
			_, err := w.client.Meetings().Upcoming(t.Context())
			if !gotoclient.IsIllegalAccount(err) || len(w.seen(gotoclient.OpListUpcomingMeetings)) != 1 {
				t.Errorf("%v after %v", err, w.seen(""))
			}
		})
	}
}

// The words may stand in the reason phrase alone, and are not to be seen in what is something else.
func TestWhatCallsAnAccountIllegal(t *testing.T) {
	for name, test := range map[string]struct {
		status, body string
		want         bool
	}{
		"the phrase":                 {"502 Illegal Account", "", true},
		"a page":                     {"502 Bad Gateway", "<html><h1>ILLEGAL ACCOUNT</h1></html>", true},
		"an identifier":              {"502 Bad Gateway", `{"errorCode":"ILLEGAL_ACCOUNT"}`, true},
		"a gateway":                  {"502 Bad Gateway", "Bad Gateway", false},
		"an account that is unknown": {"502 Bad Gateway", `{"errorCode":"illegal.argument","message":"account"}`, false},
		"another status":             {"500 Internal Server Error", "Illegal Account", false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, func(cfg *gotoclient.Config) { cfg.Base = answering{cfg.Base, test.status, test.body} })
			_, err := w.client.Accounts().Get(t.Context(), account)
			if got := gotoclient.IsIllegalAccount(err); got != test.want {
				t.Errorf("%v: illegal %t", err, got)
			}
		})
	}
}

// answering answers every request but the token's.
type answering struct {
	http.RoundTripper
	status, body string
}

func (a answering) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasPrefix(r.URL.Path, "/oauth/") {
		return a.RoundTripper.RoundTrip(r)
	}
	code := 0
	if _, err := fmt.Sscan(a.status, &code); err != nil {
		return nil, err
	}
	return &http.Response{
		Status: a.status, StatusCode: code, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
		Header: http.Header{}, Body: io.NopCloser(strings.NewReader(a.body)),
	}, nil
}
