package simulator

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// activeFault is an injected fault and what became of it.
type activeFault struct {
	Fault
	seen, applied, held int
	firstHeld           chan struct{} // closed when a request is first held
	released            chan struct{}
}

// FaultStatus is an injected fault and what became of it.
type FaultStatus struct {
	Fault Fault `json:"fault"`
	// Applied is how many requests met the fault.
	Applied int `json:"applied"`
	// Held is how many of them wait for a release now.
	Held int `json:"held"`
}

// plan is what is to happen to a request beside its effect.
type plan struct {
	switches  Switches
	throttled bool
	answer    response // when throttled
	fault     *activeFault
	latency   time.Duration
	kinds     []FaultKind
}

// Inject adds a fault and returns its id. It panics when the fault makes no sense, such as an unknown kind or operation, or an id
// that is in use.
func (s *Simulator) Inject(f Fault) string {
	id, err := s.inject(f)
	if err != nil {
		panic("simulator: " + err.Error())
	}
	return id
}

func (s *Simulator) inject(f Fault) (string, error) {
	if err := f.validate(); err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.injected++
	if f.ID == "" {
		f.ID = "fault-" + strconv.Itoa(s.injected)
	}
	if s.faultIndex(f.ID) >= 0 {
		return "", fmt.Errorf("a fault is already called %q", f.ID)
	}
	s.faults = append(s.faults, &activeFault{Fault: f, firstHeld: make(chan struct{}), released: make(chan struct{})})
	return f.ID, nil
}

// Faults returns the faults that are still there, in the order of injection.
func (s *Simulator) Faults() []FaultStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	faults := make([]FaultStatus, 0, len(s.faults))
	for _, f := range s.faults {
		faults = append(faults, FaultStatus{Fault: f.Fault, Applied: f.applied, Held: f.held})
	}
	return faults
}

// ClearFaults removes every fault and releases what they hold.
func (s *Simulator) ClearFaults() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.faults {
		close(f.released)
	}
	s.faults = nil
}

// Release removes one fault and releases what it holds: a request held by FaultBlock is answered, one held by FaultHang is cut
// off. It reports whether there was such a fault.
func (s *Simulator) Release(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.faultIndex(id)
	if i < 0 {
		return false
	}
	close(s.faults[i].released)
	s.faults = slices.Delete(s.faults, i, i+1)
	return true
}

// WaitHeld waits until a request is held by the fault, which is of the kind FaultBlock or FaultHang. The request is in the log
// then, and its effect, if the kind has one, in the state.
func (s *Simulator) WaitHeld(ctx context.Context, id string) error {
	s.mu.Lock()
	i := s.faultIndex(id)
	if i < 0 {
		s.mu.Unlock()
		return fmt.Errorf("no fault is called %q", id)
	}
	firstHeld := s.faults[i].firstHeld
	s.mu.Unlock()
	select {
	case <-firstHeld:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting for a request to meet the fault %q: %w", id, ctx.Err())
	}
}

func (s *Simulator) faultIndex(id string) int {
	return slices.IndexFunc(s.faults, func(f *activeFault) bool { return f.ID == id })
}

// hold keeps a request waiting until the fault is released or the client gives up.
func (s *Simulator) hold(r *http.Request, f *activeFault) {
	s.mu.Lock()
	f.held++
	select {
	case <-f.firstHeld:
	default:
		close(f.firstHeld)
	}
	s.mu.Unlock()
	select {
	case <-f.released:
	case <-r.Context().Done():
	}
	s.mu.Lock()
	f.held--
	s.mu.Unlock()
}

// pick chooses the faults that a request meets. The lock is held.
func (s *Simulator) pick(c *call, p *plan) {
	var used []*activeFault
	for _, f := range s.faults {
		if f.spent() || !f.fits(c, c.page(&s.switches)) || (p.fault != nil && f.Kind != FaultLatency) {
			continue
		}
		f.seen++
		if f.seen <= f.Skip {
			continue
		}
		f.applied++
		p.kinds = append(p.kinds, f.Kind)
		if f.Kind == FaultLatency {
			p.latency += f.Delay
		} else {
			p.fault = f
		}
		used = append(used, f)
	}
	for _, f := range used {
		// A fault that holds requests stays until it is released, else nobody could release it.
		if f.spent() && f.Kind != FaultBlock && f.Kind != FaultHang {
			s.faults = slices.DeleteFunc(s.faults, func(g *activeFault) bool { return g == f })
		}
	}
	if p.fault != nil && p.fault.Kind == FaultExpireToken {
		s.expireAccessToken(c.tokenText)
	}
}

func (f *activeFault) spent() bool { return f.Count > 0 && f.applied >= f.Count }

func (f *activeFault) fits(c *call, page int) bool {
	if f.Operation != "" && f.Operation != c.op.id {
		return false
	}
	if f.Page != 0 && f.Page != page {
		return false
	}
	bendsList := f.Kind == FaultEmptyList || f.Kind == FaultShortList || f.Kind == FaultPartialList
	if (bendsList && !c.op.list) || (f.Kind == FaultExpireToken && c.op.api == oauthServer) {
		return false
	}
	return f.Match == "" || strings.Contains(c.r.URL.Path+"?"+c.loggedQuery(), f.Match) || strings.Contains(c.loggedBody(), f.Match)
}

// bend makes a list look other than it is.
func (f *Fault) bend(c *call) {
	switch f.Kind {
	case FaultEmptyList:
		c.empty = true
	case FaultShortList:
		c.dropPage = max(1, f.Drop)
	case FaultPartialList:
		c.dropList = max(1, f.Drop)
	default:
		// The other kinds leave the list alone.
	}
}

// spoil damages an answer whose effect has taken place.
func (f *Fault) spoil(answer response, sw *Switches) (response, cutPoint) {
	switch f.Kind {
	case FaultErrorAfter:
		return f.failure(sw), cutNone
	case FaultCutAfter:
		return answer, cutAll
	case FaultCutBody:
		if len(answer.body) == 0 {
			return answer, cutAll
		}
		return answer, cutBody
	case FaultTruncate:
		answer.body = answer.body[:len(answer.body)/2]
	case FaultHTML:
		answer.contentType = "text/html; charset=utf-8"
		answer.body = []byte("<!DOCTYPE html><title>Please wait</title><p>The service is being maintained.</p>\n")
	default:
		// The other kinds act before the effect, or leave the answer as it is.
	}
	return answer, cutNone
}

// failure is the answer of a fault that is an HTTP error.
func (f *Fault) failure(sw *Switches) response {
	status := f.Status
	if status == 0 {
		status = http.StatusInternalServerError
	}
	answer := gatewayFailure(status)
	if f.Kind == FaultThrottle {
		answer = tooMany(sw)
	}
	if f.RetryAfter > 0 {
		answer.header = http.Header{"Retry-After": {strconv.Itoa(int(math.Ceil(f.RetryAfter.Seconds())))}}
	}
	return answer
}
