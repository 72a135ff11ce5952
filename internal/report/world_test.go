package report_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/report"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

const acct = simulator.DefaultAccountKey

// monday is when the world begins.
var monday = time.Date(2030, 1, 7, 9, 0, 0, 0, time.UTC)

// world is a simulator whose clock stands still unless it is moved, and a client that writes nothing on a guess.
type world struct {
	t      *testing.T
	sim    *simulator.Simulator
	client *gotoclient.Client
	now    time.Time
}

func newWorld(t *testing.T, overrides ...map[string]gotoclient.Override) *world {
	t.Helper()
	w := &world{t: t, now: monday}
	w.sim = simulator.New(simulator.Options{Rate: simulator.NoRateLimit, Now: func() time.Time { return w.now }})
	cfg := gotoclient.Config{
		Endpoints: gotoclient.Endpoints{APIURL: "http://simulator.test", TokenURL: "http://simulator.test/oauth/token"},
		Credentials: gotoclient.Credentials{
			Grant: gotoclient.GrantPersonalAccessToken, ClientID: simulator.DefaultClientID,
			ClientSecret: simulator.DefaultClientSecret, PersonalAccessToken: simulator.DefaultPersonalAccessToken,
		},
		Unverified: gotoclient.DenyUnverified,
		Base:       inMemory{w.sim.APIHandler()},
		Backoff:    func(int) time.Duration { return 0 },
	}
	for _, o := range overrides {
		cfg.Operations = o
	}
	var err error
	if w.client, err = gotoclient.New(cfg); err != nil {
		t.Fatal(err)
	}
	return w
}

// inMemory lets a handler answer without a network.
type inMemory struct{ handler http.Handler }

func (m inMemory) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	recorder := httptest.NewRecorder()
	defer func() { // a handler that breaks the connection panics
		if recover() != nil {
			resp, err = nil, io.ErrUnexpectedEOF
		}
	}()
	m.handler.ServeHTTP(recorder, r)
	return recorder.Result(), nil
}

func (w *world) set(name, position string) {
	w.t.Helper()
	w.sim.SetSwitches(func(s *simulator.Switches) {
		if err := s.Set(name, position); err != nil {
			w.t.Fatal(err)
		}
	})
}

func (w *world) group(name string) gotoclient.Key {
	return gotoclient.Key(w.sim.AddGroup(acct, simulator.Group{Name: name}))
}

func (w *world) organizer(name string, group gotoclient.Key) gotoclient.Key {
	return gotoclient.Key(w.sim.AddUser(acct, simulator.User{
		Email: strings.ToLower(name) + "@example.test", FirstName: name, LastName: "Field", GroupKey: string(group),
		LicenseKeys: []string{simulator.DefaultMeetingLicenseKey}, PasswordCreated: true,
	}))
}

func (w *world) plan(organizer gotoclient.Key, subject string, start time.Time) string {
	return w.sim.AddMeeting(acct, simulator.Meeting{
		OrganizerKey: string(organizer), Subject: subject, Start: start, End: start.Add(time.Hour),
	})
}

// play holds a meeting, with guests from its beginning to its end.
func (w *world) play(meeting string, start time.Time, length time.Duration, guests ...string) (session string) {
	defer func(now time.Time) { w.now = now }(w.now)
	w.now = start
	session = w.sim.StartMeeting(acct, meeting)
	for _, guest := range guests {
		w.sim.JoinMeeting(acct, meeting, simulator.Attendee{Name: guest, Email: strings.ToLower(guest) + "@guest.test"})
	}
	w.now = start.Add(length)
	w.sim.EndMeeting(acct, meeting)
	return session
}

func (w *world) fetch(q report.Query) (*report.Document, error) {
	w.t.Helper()
	return w.meetings().Fetch(w.t.Context(), q)
}

func (w *world) meetings() report.Source {
	return report.FromMeetings(w.client, report.ListedOrganizers(w.client.Organizers()))
}

// asked returns how often each operation was requested since the last call, in the order of the first requests.
func (w *world) asked() []string {
	var order []string
	count := map[string]int{}
	for _, r := range w.sim.Requests() {
		if r.Operation == "token" {
			continue
		}
		if count[r.Operation]++; count[r.Operation] == 1 {
			order = append(order, r.Operation)
		}
	}
	w.sim.ResetLog()
	for i, operation := range order {
		order[i] = fmt.Sprintf("%s %d", operation, count[operation])
	}
	return order
}
