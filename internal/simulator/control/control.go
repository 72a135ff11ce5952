// Package control is the control port: JSON over HTTP for what Go tests call methods for, so that state, switches, faults and the
// request log are reached from outside the process. It knows no API of the service.
package control

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"github.com/goto-operator/goto-operator/internal/simulator/fault"
	"github.com/goto-operator/goto-operator/internal/simulator/journal"
	"github.com/goto-operator/goto-operator/internal/simulator/limit"
	"github.com/goto-operator/goto-operator/internal/simulator/live"
	"github.com/goto-operator/goto-operator/internal/simulator/people"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
)

// maxBody is the largest body that is read, in bytes: a whole state may come in.
const maxBody = 1 << 30

// Panel is what the control port acts on.
type Panel struct {
	World       *live.World
	Credentials *people.Credentials
	Faults      *fault.Queue
	Journal     *journal.Journal
	Limiter     *limit.Limiter
}

// endpoint is one endpoint of the control port. It returns what to show as JSON; nil shows an empty object.
type endpoint struct {
	pattern string
	handle  func(*Panel, *http.Request) (any, error)
}

// endpoints is the endpoint table, which README.md of the simulator explains.
func endpoints() []endpoint {
	return slices.Concat(accountEndpoints(), settingsEndpoints(), meetingEndpoints(), serviceEndpoints())
}

// Handler serves the control port. It asks for no credentials and shows the state with its invented secrets, so it belongs on a
// loopback address and behind [Guard].
func Handler(p *Panel) http.Handler {
	mux := http.NewServeMux()
	patterns := []string{}
	for _, e := range endpoints() {
		patterns = append(patterns, e.pattern)
		mux.HandleFunc(e.pattern, func(w http.ResponseWriter, r *http.Request) {
			r.Body = http.MaxBytesReader(w, r.Body, maxBody)
			result, err := e.handle(p, r)
			show(w, result, err)
		})
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { show(w, patterns, nil) })
	return mux
}

func show(w http.ResponseWriter, result any, err error) {
	status := http.StatusOK
	switch {
	case errors.Is(err, state.ErrNothing):
		status = http.StatusNotFound
	case errors.Is(err, context.DeadlineExceeded):
		status = http.StatusGatewayTimeout
	case err != nil:
		status = http.StatusBadRequest
	}
	if err != nil {
		result = map[string]string{"error": err.Error()}
	}
	if result == nil {
		result = struct{}{}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(result) // the caller may be gone, which is its own affair
}

// notNil makes an empty list an empty array in JSON.
func notNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// read decodes a body and refuses fields that do not exist, since a misspelt one would otherwise do nothing.
func read(r *http.Request, into any) error {
	decoder := json.NewDecoder(r.Body)
	decoder.DisallowUnknownFields()
	return decoder.Decode(into)
}

// inAccount runs f with the lock held, on the account that the path names, and keeps the state that results.
func inAccount(p *Panel, r *http.Request, f func(live.View, *state.Directory) (any, error)) (result any, err error) {
	act := func(v live.View) error {
		d := v.Store.Account(r.PathValue("account"))
		if d == nil {
			return state.ErrNothing
		}
		result, err = f(v, d)
		return err
	}
	if r.Method == http.MethodGet {
		p.World.See(func(v live.View) { err = act(v) })
		return result, err
	}
	return result, p.World.Change(act)
}

// inUser is inAccount for a user that the path names.
func inUser(p *Panel, r *http.Request, f func(live.View, *state.Directory, *state.User) (any, error)) (any, error) {
	return inAccount(p, r, func(v live.View, d *state.Directory) (any, error) {
		u := d.User(r.PathValue("key"))
		if u == nil {
			return nil, state.ErrNothing
		}
		return f(v, d, u)
	})
}
