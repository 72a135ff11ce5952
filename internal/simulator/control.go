package simulator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"
)

// control is one endpoint of the control port. It returns what to show as JSON; nil shows an empty object.
type control struct {
	pattern string
	handle  func(*Simulator, *http.Request) (any, error)
}

// errNothing is the error of a control request for something that does not exist.
var errNothing = errors.New("there is no such thing")

// controls is the endpoint table of the control port, which README.md explains.
func controls() []control {
	const user = "/accounts/{account}/users/{key}"
	return append(meetingControls(), []control{
		{"GET /healthz", func(*Simulator, *http.Request) (any, error) { return map[string]string{"status": "ok"}, nil }},
		{"GET /state", func(s *Simulator, _ *http.Request) (any, error) { return s.State(), nil }},
		{"PUT /state", (*Simulator).controlLoad},
		{"GET /outbox", func(s *Simulator, _ *http.Request) (any, error) { return notNil(s.Outbox()), nil }},
		{"GET /accounts/{account}/users", (*Simulator).controlUsers},
		{"POST /accounts/{account}/users", (*Simulator).controlAddUser},
		{"GET " + user, (*Simulator).controlUser},
		{"PATCH " + user, (*Simulator).controlUpdateUser},
		{"DELETE " + user, (*Simulator).controlRemoveUser},
		{"POST /accounts/{account}/groups", (*Simulator).controlAddGroup},
		{"POST /accounts/{account}/licenses", (*Simulator).controlAddLicense},
		{"PATCH /accounts/{account}/licenses/{key}", (*Simulator).controlUpdateLicense},
		{"GET /switches", func(s *Simulator, _ *http.Request) (any, error) { return s.Switches(), nil }},
		{"GET /switches/positions", func(*Simulator, *http.Request) (any, error) { return SwitchPositions(), nil }},
		{"PATCH /switches", (*Simulator).controlSwitches},
		{"PUT /rate", (*Simulator).controlRate},
		{"GET /faults", func(s *Simulator, _ *http.Request) (any, error) { return s.Faults(), nil }},
		{"POST /faults", (*Simulator).controlInject},
		{"DELETE /faults", func(s *Simulator, _ *http.Request) (any, error) { s.ClearFaults(); return nil, nil }},
		{"POST /faults/{id}/release", (*Simulator).controlRelease},
		{"GET /faults/{id}/held", (*Simulator).controlHeld},
		{"GET /calls", func(s *Simulator, _ *http.Request) (any, error) {
			return map[string]map[string]int{"calls": s.Calls(), "throttled": s.Throttled()}, nil
		}},
		{"GET /requests", func(s *Simulator, _ *http.Request) (any, error) { return notNil(s.Requests()), nil }},
		{"DELETE /log", func(s *Simulator, _ *http.Request) (any, error) { s.ResetLog(); return nil, nil }},
		{"GET /clock", func(s *Simulator, _ *http.Request) (any, error) { return map[string]time.Time{"now": s.Now()}, nil }},
		{"POST /clock/advance", (*Simulator).controlAdvance},
		{"POST /access-tokens/expire", func(s *Simulator, _ *http.Request) (any, error) { s.ExpireAccessTokens(); return nil, nil }},
		{"POST /refresh-tokens/revoke", func(s *Simulator, _ *http.Request) (any, error) { s.RevokeRefreshTokens(); return nil, nil }},
	}...)
}

// AdminHandler serves the control port: JSON over HTTP for what the methods do. It asks for no credentials and shows the state with
// its invented secrets, so it belongs on a loopback address.
func (s *Simulator) AdminHandler() http.Handler {
	mux := http.NewServeMux()
	for _, c := range controls() {
		mux.HandleFunc(c.pattern, func(w http.ResponseWriter, r *http.Request) {
			r.Body = http.MaxBytesReader(w, r.Body, 64*maxBody) // a whole state may come in
			result, err := c.handle(s, r)
			show(w, result, err)
		})
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		show(w, keysOf(controls(), func(c control) string { return c.pattern }), nil)
	})
	return mux
}

func show(w http.ResponseWriter, result any, err error) {
	status := http.StatusOK
	switch {
	case errors.Is(err, errNothing):
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

// keyed is what adding something shows.
func keyed(key string, err error) (any, error) { return map[string]string{"key": key}, err }

func (s *Simulator) controlLoad(r *http.Request) (any, error) {
	var state State
	if err := read(r, &state); err != nil {
		return nil, err
	}
	return nil, s.Load(state)
}

// inAccount runs f with the lock held, on the account that the path names, and keeps the state that results.
func (s *Simulator) inAccount(r *http.Request, f func(*account) (any, error)) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.account(r.PathValue("account"))
	if a == nil {
		return nil, errNothing
	}
	result, err := f(a)
	if err == nil && r.Method != http.MethodGet {
		s.persist()
	}
	return result, err
}

// controlUsers shows every user, or the one with the e-mail that the query names.
func (s *Simulator) controlUsers(r *http.Request) (any, error) {
	email := foldEmail(r.URL.Query().Get("email"))
	return s.inAccount(r, func(a *account) (any, error) {
		users := make([]User, 0, len(a.users))
		for _, u := range a.users {
			if email == "" || foldEmail(u.Email) == email {
				users = append(users, a.snapshot(u))
			}
		}
		return users, nil
	})
}

func (s *Simulator) controlAddUser(r *http.Request) (any, error) {
	var u User
	if err := read(r, &u); err != nil {
		return nil, err
	}
	return s.inAccount(r, func(a *account) (any, error) { return keyed(s.addUser(a, u)) })
}

// inUser is inAccount for a user that the path names.
func (s *Simulator) inUser(r *http.Request, f func(*account, *User) (any, error)) (any, error) {
	return s.inAccount(r, func(a *account) (any, error) {
		u := a.byKey[r.PathValue("key")]
		if u == nil {
			return nil, errNothing
		}
		return f(a, u)
	})
}

func (s *Simulator) controlUser(r *http.Request) (any, error) {
	return s.inUser(r, func(a *account, u *User) (any, error) { return a.snapshot(u), nil })
}

// controlUpdateUser changes the fields that the body has.
func (s *Simulator) controlUpdateUser(r *http.Request) (any, error) {
	return s.inUser(r, func(a *account, u *User) (any, error) {
		changed := a.snapshot(u)
		if err := read(r, &changed); err != nil {
			return nil, err
		}
		err := s.updateUser(a, u, changed)
		return a.snapshot(u), err
	})
}

func (s *Simulator) controlRemoveUser(r *http.Request) (any, error) {
	return s.inUser(r, func(a *account, u *User) (any, error) {
		s.bury(a, u)
		return nil, nil
	})
}

func (s *Simulator) controlAddGroup(r *http.Request) (any, error) {
	var g Group
	if err := read(r, &g); err != nil {
		return nil, err
	}
	return s.inAccount(r, func(a *account) (any, error) { return keyed(s.addGroup(a, g)) })
}

func (s *Simulator) controlAddLicense(r *http.Request) (any, error) {
	var l License
	if err := read(r, &l); err != nil {
		return nil, err
	}
	return s.inAccount(r, func(a *account) (any, error) { return keyed(s.addLicense(a, l)) })
}

// controlUpdateLicense changes the fields that the body has.
func (s *Simulator) controlUpdateLicense(r *http.Request) (any, error) {
	return s.inAccount(r, func(a *account) (any, error) {
		l := a.license(r.PathValue("key"))
		if l == nil {
			return nil, errNothing
		}
		changed := *l
		changed.Products = slices.Clone(l.Products)
		if err := read(r, &changed); err != nil {
			return nil, err
		}
		changed.Key = l.Key
		*l = changed
		return changed, nil
	})
}

func (s *Simulator) controlSwitches(r *http.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := s.switches
	if err := json.NewDecoder(r.Body).Decode(&next); err != nil {
		return nil, err
	}
	s.switches = next
	return next, nil
}

func (s *Simulator) controlRate(r *http.Request) (any, error) {
	var body struct {
		PerSecond float64 `json:"perSecond"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	s.SetRate(body.PerSecond)
	return nil, nil
}

func (s *Simulator) controlInject(r *http.Request) (any, error) {
	var f Fault
	if err := read(r, &f); err != nil {
		return nil, err
	}
	id, err := s.inject(f)
	return map[string]string{"id": id}, err
}

func (s *Simulator) controlRelease(r *http.Request) (any, error) {
	if !s.Release(r.PathValue("id")) {
		return nil, errNothing
	}
	return nil, nil
}

// controlHeld waits until the fault holds a request, for at most the query's timeout (10s if absent).
func (s *Simulator) controlHeld(r *http.Request) (any, error) {
	timeout := 10 * time.Second
	if text := r.URL.Query().Get("timeout"); text != "" {
		var err error
		if timeout, err = time.ParseDuration(text); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithTimeout(r.Context(), timeout)
	defer cancel()
	return nil, s.WaitHeld(ctx, r.PathValue("id"))
}

func (s *Simulator) controlAdvance(r *http.Request) (any, error) {
	var body struct {
		By string `json:"by"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	d, err := time.ParseDuration(body.By)
	if err != nil || d < 0 {
		return nil, fmt.Errorf("by is a duration such as 30m, not %q", body.By)
	}
	s.Advance(d)
	return map[string]time.Time{"now": s.Now()}, nil
}
