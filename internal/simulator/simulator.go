package simulator

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/goto-operator/goto-operator/internal/simulator/admin"
	"github.com/goto-operator/goto-operator/internal/simulator/call"
	"github.com/goto-operator/goto-operator/internal/simulator/console"
	"github.com/goto-operator/goto-operator/internal/simulator/control"
	"github.com/goto-operator/goto-operator/internal/simulator/fault"
	"github.com/goto-operator/goto-operator/internal/simulator/journal"
	"github.com/goto-operator/goto-operator/internal/simulator/limit"
	"github.com/goto-operator/goto-operator/internal/simulator/live"
	"github.com/goto-operator/goto-operator/internal/simulator/meeting"
	"github.com/goto-operator/goto-operator/internal/simulator/oauth"
	"github.com/goto-operator/goto-operator/internal/simulator/people"
)

// Options configure a simulator. The zero value is usable.
type Options struct {
	// Switches are the initial positions; fields left at zero take their default.
	Switches Switches
	// Now is the clock, time.Now by default. Faults that wait do so in real time.
	Now func() time.Time
	// Logger gets one line per request at debug level, and errors. It never sees a token, a secret or a body. Default: none.
	Logger *slog.Logger
	// StateFile, when set, is written after every change of the state, by renaming a complete new file over the old one. It is not
	// read; see LoadFile.
	StateFile string
	// Rate is the limit in requests per second and the burst: DefaultRate if 0, no limit if negative.
	Rate float64
	// LogLimit is how many requests Requests remembers at most: 10,000 if 0. Beyond it the oldest tenth is forgotten.
	LogLimit int
}

// Simulator is one GoTo service. Its methods, which are those of its parts, may be called at any time from any goroutine.
type Simulator struct {
	*live.World
	*people.Console
	*people.Credentials
	*people.Conference
	*people.Settings
	*fault.Queue
	*journal.Journal
	*limit.Limiter
}

// New returns a simulator that holds [DefaultState]. It panics when a switch is in no position that it has.
func New(o Options) *Simulator {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	world := live.New(o.Now, o.StateFile, o.Logger, o.Switches)
	return &Simulator{
		World:       world,
		Console:     people.NewConsole(world),
		Credentials: people.NewCredentials(world),
		Conference:  people.NewConference(world),
		Settings:    people.NewSettings(world),
		Queue:       fault.NewQueue(Operations()),
		Journal:     journal.New(o.Logger, o.LogLimit),
		Limiter:     limit.New(o.Rate),
	}
}

// operations is the endpoint table of the whole service.
func operations() []call.Operation {
	return slices.Concat(oauth.Operations(), admin.Operations(), meeting.Operations())
}

// Operations returns the names of the operations in the order of docs/goto-api.
func Operations() []string {
	table := operations()
	names := make([]string, 0, len(table))
	for i := range table {
		names = append(names, table[i].ID)
	}
	return names
}

// APIHandler serves the service itself: the Admin API below /admin/rest/v1, the GoToMeeting API below /G2M/rest and the OAuth
// server's /oauth/token.
func (s *Simulator) APIHandler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		routes().ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), simulatorKey{}, s)))
	})
}

// AdminHandler serves the control port: JSON for programs (see [control.Handler]), and below /console/ pages for people (see
// [console.Handler]), to which a browser that asks for / is led. It answers to IP addresses and localhost alone, and to no form of a
// page elsewhere (see [control.Guard]).
func (s *Simulator) AdminHandler() http.Handler {
	programs := control.Handler(&control.Panel{
		World: s.World, Credentials: s.Credentials, Faults: s.Queue, Journal: s.Journal, Limiter: s.Limiter,
	})
	pages := console.Handler(&console.Console{World: s.World, Faults: s.Queue, Journal: s.Journal, Operations: Operations()})
	return control.Guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, console.Root):
			pages.ServeHTTP(w, r)
		case r.URL.Path == "/" && strings.Contains(r.Header.Get("Accept"), "text/html"):
			http.Redirect(w, r, console.Root, http.StatusSeeOther)
		default:
			programs.ServeHTTP(w, r)
		}
	}))
}
