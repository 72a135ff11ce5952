// Package journal remembers what was asked of the service: counts, a bounded log, and functions that are told of each request. It knows
// nothing of HTTP, and no secret ever reaches it.
package journal

import (
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/goto-operator/goto-operator/internal/simulator/fault"
)

// defaultLimit bounds the log of a simulator that runs for days.
const defaultLimit = 10_000

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
	Faults []fault.Kind `json:"faults,omitempty"`
	// Throttled says that the rate limit, and no fault, refused the request.
	Throttled bool `json:"throttled,omitempty"`
}

// Journal is the log of a simulator. Its methods may be called at any time from any goroutine.
type Journal struct {
	logger *slog.Logger
	limit  int

	mu        sync.Mutex
	log       []Request
	calls     map[string]int
	throttled map[string]int
	hooks     []*func(Request)
}

// New returns an empty journal that remembers at most limit requests, 10,000 if 0, and also tells the logger of each.
func New(logger *slog.Logger, limit int) *Journal {
	if limit == 0 {
		limit = defaultLimit
	}
	return &Journal{logger: logger, limit: limit, calls: map[string]int{}, throttled: map[string]int{}}
}

// Calls returns the number of requests per operation since the last ResetLog. Requests refused by the rate limit are not among
// them; those that met a fault, a refusal or an error are.
func (j *Journal) Calls() map[string]int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return maps.Clone(j.calls)
}

// Throttled returns the number of requests refused by the rate limit per operation since the last ResetLog.
func (j *Journal) Throttled() map[string]int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return maps.Clone(j.throttled)
}

// Requests returns the log, oldest first. A request enters it when its outcome is settled, before the answer is sent.
func (j *Journal) Requests() []Request {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.log)
}

// ResetLog forgets the log and the counts. State, faults and rate limit stay.
func (j *Journal) ResetLog() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.log = nil
	clear(j.calls)
	clear(j.throttled)
}

// OnRequest has f called for every request once its outcome is settled, before the answer is sent, from the goroutine of that
// request. f may call the simulator's methods. The returned function ends it.
func (j *Journal) OnRequest(f func(Request)) (remove func()) {
	j.mu.Lock()
	defer j.mu.Unlock()
	hook := &f
	j.hooks = append(j.hooks, hook)
	return func() {
		j.mu.Lock()
		defer j.mu.Unlock()
		j.hooks = slices.DeleteFunc(j.hooks, func(h *func(Request)) bool { return h == hook })
	}
}

// Count counts a request as it arrives.
func (j *Journal) Count(operation string, throttled bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if throttled {
		j.throttled[operation]++
	} else {
		j.calls[operation]++
	}
}

// Record logs the outcome of a request.
func (j *Journal) Record(entry Request) {
	for _, hook := range j.keep(entry) {
		(*hook)(entry)
	}
}

func (j *Journal) keep(entry Request) (hooks []*func(Request)) {
	j.logger.Debug("request", "operation", entry.Operation, "method", entry.Method, "status", entry.Status,
		"faults", entry.Faults, "throttled", entry.Throttled)
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.log) >= j.limit {
		// A tenth at once, so that a full log costs no copy per request.
		j.log = slices.Delete(j.log, 0, j.limit/10+1)
	}
	j.log = append(j.log, entry)
	return slices.Clone(j.hooks)
}
