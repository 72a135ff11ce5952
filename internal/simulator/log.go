package simulator

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"time"
)

// Request is one entry of the request log. It holds no header, and of a token request's body the grant type alone.
type Request struct {
	// Time is when the request arrived, by the simulator's clock.
	Time      time.Time `json:"time"`
	Operation string    `json:"operation"`
	Method    string    `json:"method"`
	Path      string    `json:"path"`
	Query     string    `json:"query,omitempty"`
	Body      string    `json:"body,omitempty"`
	// Status is that of the answer, 0 when the connection was cut instead.
	Status int `json:"status"`
	// Faults are the kinds of the faults that were applied.
	Faults []FaultKind `json:"faults,omitempty"`
	// Throttled says that the rate limit, and no fault, refused the request.
	Throttled bool `json:"throttled,omitempty"`
}

// Calls returns the number of requests per operation since the last ResetLog. Requests refused by the rate limit are not among
// them; those that met a fault, a refusal or an error are.
func (s *Simulator) Calls() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.calls)
}

// Throttled returns the number of requests refused by the rate limit per operation since the last ResetLog.
func (s *Simulator) Throttled() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.throttled)
}

// Requests returns the log, oldest first. A request enters it when its outcome is settled, before the answer is sent.
func (s *Simulator) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}

// ResetLog forgets the log and the counts. State, faults and rate limit stay.
func (s *Simulator) ResetLog() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = nil
	clear(s.calls)
	clear(s.throttled)
}

// OnRequest has f called for every request once its outcome is settled, before the answer is sent, from the goroutine of that
// request. f may call the simulator's methods. The returned function ends it.
func (s *Simulator) OnRequest(f func(Request)) (remove func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	hook := &f
	s.hooks = append(s.hooks, hook)
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.hooks = slices.DeleteFunc(s.hooks, func(h *func(Request)) bool { return h == hook })
	}
}

// record logs the outcome of a request.
func (s *Simulator) record(c *call, p plan, status int) {
	entry := Request{
		Time: c.arrive, Operation: c.op.id, Method: c.r.Method, Path: c.r.URL.Path, Query: c.loggedQuery(),
		Body: c.loggedBody(), Status: status, Faults: p.kinds, Throttled: p.throttled,
	}
	s.mu.Lock()
	if len(s.log) >= s.logLimit {
		// A tenth at once, so that a full log costs no copy per request.
		s.log = slices.Delete(s.log, 0, s.logLimit/10+1)
	}
	s.log = append(s.log, entry)
	hooks := slices.Clone(s.hooks)
	s.mu.Unlock()
	s.logger.Debug("request", "operation", entry.Operation, "method", entry.Method, "status", entry.Status,
		"faults", entry.Faults, "throttled", entry.Throttled)
	for _, hook := range hooks {
		(*hook)(entry)
	}
}

// loggedQuery is the query without secrets: those of the OAuth server belong into the body, but a client may be wrong.
func (c *call) loggedQuery() string {
	if c.op.id == OpToken || c.op.id == OpRevokeToken {
		return ""
	}
	return c.r.URL.RawQuery
}

// loggedBody is the body without secrets.
func (c *call) loggedBody() string {
	switch c.op.id {
	case OpToken:
		form, err := url.ParseQuery(string(c.body))
		if err != nil || !form.Has("grant_type") {
			return ""
		}
		return url.Values{"grant_type": {form.Get("grant_type")}}.Encode()
	case OpRevokeToken, OpUnknown:
		return ""
	}
	if c.r.Method == http.MethodGet {
		return ""
	}
	return string(c.body)
}
