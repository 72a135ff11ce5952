package control

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/goto-operator/goto-operator/internal/simulator/fault"
	"github.com/goto-operator/goto-operator/internal/simulator/live"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
	"github.com/goto-operator/goto-operator/internal/simulator/switches"
)

// serviceEndpoints is the part of the endpoint table about the service as a whole.
func serviceEndpoints() []endpoint {
	return []endpoint{
		{"GET /healthz", func(*Panel, *http.Request) (any, error) { return map[string]string{"status": "ok"}, nil }},
		{"GET /state", func(p *Panel, _ *http.Request) (any, error) { return p.World.State(), nil }},
		{"PUT /state", load},
		{"GET /outbox", func(p *Panel, _ *http.Request) (any, error) { return notNil(p.World.Outbox()), nil }},
		{"GET /switches", func(p *Panel, _ *http.Request) (any, error) { return p.World.Switches(), nil }},
		{"GET /switches/positions", func(*Panel, *http.Request) (any, error) { return switches.Positions(), nil }},
		{"PATCH /switches", setSwitches},
		{"PUT /rate", setRate},
		{"GET /faults", func(p *Panel, _ *http.Request) (any, error) { return p.Faults.Faults(), nil }},
		{"POST /faults", inject},
		{"DELETE /faults", func(p *Panel, _ *http.Request) (any, error) { p.Faults.ClearFaults(); return nil, nil }},
		{"POST /faults/{id}/release", release},
		{"GET /faults/{id}/held", waitHeld},
		{"GET /calls", func(p *Panel, _ *http.Request) (any, error) {
			return map[string]map[string]int{"calls": p.Journal.Calls(), "throttled": p.Journal.Throttled()}, nil
		}},
		{"GET /requests", func(p *Panel, _ *http.Request) (any, error) { return notNil(p.Journal.Requests()), nil }},
		{"DELETE /log", func(p *Panel, _ *http.Request) (any, error) { p.Journal.ResetLog(); return nil, nil }},
		{"GET /clock", func(p *Panel, _ *http.Request) (any, error) { return now(p), nil }},
		{"POST /clock/advance", advance},
		{"POST /clock/set", setClock},
		{"POST /access-tokens/expire", func(p *Panel, _ *http.Request) (any, error) { p.Credentials.ExpireAccessTokens(); return nil, nil }},
		{"POST /refresh-tokens/revoke", func(p *Panel, _ *http.Request) (any, error) { p.Credentials.RevokeRefreshTokens(); return nil, nil }},
		{"POST /personal-access-tokens", addPAT},
	}
}

func load(p *Panel, r *http.Request) (any, error) {
	var in state.State
	if err := read(r, &in); err != nil {
		return nil, err
	}
	return nil, p.World.Load(in)
}

func setSwitches(p *Panel, r *http.Request) (any, error) {
	err := p.World.TrySwitches(func(s *switches.Switches) error { return json.NewDecoder(r.Body).Decode(s) })
	if err != nil {
		return nil, err
	}
	return p.World.Switches(), nil
}

func setRate(p *Panel, r *http.Request) (any, error) {
	var body struct {
		PerSecond float64 `json:"perSecond"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	p.Limiter.SetRate(body.PerSecond)
	return nil, nil
}

func inject(p *Panel, r *http.Request) (any, error) {
	var f fault.Fault
	if err := read(r, &f); err != nil {
		return nil, err
	}
	id, err := p.Faults.Add(f)
	return map[string]string{"id": id}, err
}

func release(p *Panel, r *http.Request) (any, error) {
	if !p.Faults.Release(r.PathValue("id")) {
		return nil, state.ErrNothing
	}
	return nil, nil
}

// waitHeld waits until the fault holds a request, for at most the query's timeout (10s if absent).
func waitHeld(p *Panel, r *http.Request) (any, error) {
	timeout := 10 * time.Second
	if text := r.URL.Query().Get("timeout"); text != "" {
		var err error
		if timeout, err = time.ParseDuration(text); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithTimeout(r.Context(), timeout)
	defer cancel()
	return nil, p.Faults.WaitHeld(ctx, r.PathValue("id"))
}

func now(p *Panel) map[string]time.Time { return map[string]time.Time{"now": p.World.Now()} }

func advance(p *Panel, r *http.Request) (any, error) {
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
	p.World.Advance(d)
	return now(p), nil
}

// setClock sets the clock to a later time.
func setClock(p *Panel, r *http.Request) (any, error) {
	var body struct {
		To time.Time `json:"to"`
	}
	if err := read(r, &body); err != nil {
		return nil, fmt.Errorf("to is a time such as 2030-01-07T09:00:00Z: %w", err)
	}
	if err := p.World.TryAdvanceTo(body.To); err != nil {
		return nil, err
	}
	return now(p), nil
}

func addPAT(p *Panel, r *http.Request) (any, error) {
	var token state.PersonalAccessToken
	if err := read(r, &token); err != nil {
		return nil, err
	}
	return nil, p.World.Change(func(v live.View) error { return v.Store.AddPAT(token) })
}
