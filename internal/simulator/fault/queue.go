package fault

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Active is an injected fault and what became of it.
type Active struct {
	Fault

	seen, applied, held int
	firstHeld           chan struct{} // closed when a request is first held
	released            chan struct{}
}

// Status is an injected fault and what became of it, for reading.
type Status struct {
	Fault Fault `json:"fault"`
	// Applied is how many requests met the fault.
	Applied int `json:"applied"`
	// Held is how many of them wait for a release now.
	Held int `json:"held"`
}

// Queue holds the faults that are injected, in their order. Its methods may be called at any time from any goroutine.
type Queue struct {
	operations []string

	mu       sync.Mutex
	faults   []*Active
	injected int
}

// NewQueue returns a queue without faults for a service of those operations.
func NewQueue(operations []string) *Queue { return &Queue{operations: operations} }

// Inject adds a fault and returns its id. It panics when the fault makes no sense, such as an unknown kind or operation, or an id
// that is in use.
func (q *Queue) Inject(f Fault) string {
	id, err := q.Add(f)
	if err != nil {
		panic("simulator: " + err.Error())
	}
	return id
}

// Add is Inject with an error in the place of the panic.
func (q *Queue) Add(f Fault) (string, error) {
	if err := f.validate(); err != nil {
		return "", err
	}
	if f.Operation != "" && !slices.Contains(q.operations, f.Operation) {
		return "", fmt.Errorf("no operation is called %q; there are %q", f.Operation, q.operations)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.injected++
	if f.ID == "" {
		f.ID = "fault-" + strconv.Itoa(q.injected)
	}
	if q.index(f.ID) >= 0 {
		return "", fmt.Errorf("a fault is already called %q", f.ID)
	}
	q.faults = append(q.faults, &Active{Fault: f, firstHeld: make(chan struct{}), released: make(chan struct{})})
	return f.ID, nil
}

// Faults returns the faults that are still there, in the order of injection.
func (q *Queue) Faults() []Status {
	q.mu.Lock()
	defer q.mu.Unlock()
	faults := make([]Status, 0, len(q.faults))
	for _, f := range q.faults {
		faults = append(faults, Status{Fault: f.Fault, Applied: f.applied, Held: f.held})
	}
	return faults
}

// ClearFaults removes every fault and releases what they hold.
func (q *Queue) ClearFaults() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, f := range q.faults {
		close(f.released)
	}
	q.faults = nil
}

// Release removes one fault and releases what it holds: a request held by Block is answered, one held by Hang is cut off. It reports
// whether there was such a fault.
func (q *Queue) Release(id string) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := q.index(id)
	if i < 0 {
		return false
	}
	close(q.faults[i].released)
	q.faults = slices.Delete(q.faults, i, i+1)
	return true
}

// WaitHeld waits until a request is held by the fault, which is of the kind Block or Hang. The request is in the log then, and its
// effect, if the kind has one, in the state.
func (q *Queue) WaitHeld(ctx context.Context, id string) error {
	q.mu.Lock()
	i := q.index(id)
	if i < 0 {
		q.mu.Unlock()
		return fmt.Errorf("no fault is called %q", id)
	}
	firstHeld := q.faults[i].firstHeld
	q.mu.Unlock()
	select {
	case <-firstHeld:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting for a request to meet the fault %q: %w", id, ctx.Err())
	}
}

func (q *Queue) index(id string) int {
	return slices.IndexFunc(q.faults, func(f *Active) bool { return f.ID == id })
}

// Hold keeps a request waiting until the fault is released or the client, whose context it is, gives up.
func (q *Queue) Hold(ctx context.Context, f *Active) {
	q.mu.Lock()
	f.held++
	select {
	case <-f.firstHeld:
	default:
		close(f.firstHeld)
	}
	q.mu.Unlock()
	select {
	case <-f.released:
	case <-ctx.Done():
	}
	q.mu.Lock()
	f.held--
	q.mu.Unlock()
}

// Request is what a fault looks at.
type Request struct {
	Operation string
	// List says that the operation knows pages, and Page which one is asked for, from 1.
	List bool
	Page int
	// Token says that the request carries an access token.
	Token bool
	// Address is path and query, Body the body; neither with a secret.
	Address, Body string
}

// Plan is what a request meets: at most one fault, and any latency beside.
type Plan struct {
	Fault   *Active
	Latency time.Duration
	Kinds   []Kind
}

// Pick chooses the faults that a request meets, and counts them.
func (q *Queue) Pick(r *Request) Plan {
	q.mu.Lock()
	defer q.mu.Unlock()
	var p Plan
	for _, f := range q.faults {
		if f.spent() || !f.fits(r) || (p.Fault != nil && f.Kind != Latency) {
			continue
		}
		f.seen++
		if f.seen <= f.Skip {
			continue
		}
		f.applied++
		p.add(f)
	}
	q.faults = slices.DeleteFunc(q.faults, (*Active).done)
	return p
}

func (p *Plan) add(f *Active) {
	p.Kinds = append(p.Kinds, f.Kind)
	if f.Kind == Latency {
		p.Latency += f.Delay
	} else {
		p.Fault = f
	}
}

func (f *Active) spent() bool { return f.Count > 0 && f.applied >= f.Count }

// done says that nobody needs the fault any more. One that holds requests stays until it is released, else nobody could release it.
func (f *Active) done() bool { return f.spent() && f.Kind != Block && f.Kind != Hang }

func (f *Active) fits(r *Request) bool {
	if f.Operation != "" && f.Operation != r.Operation {
		return false
	}
	if f.Page != 0 && f.Page != r.Page {
		return false
	}
	bendsList := f.Kind == EmptyList || f.Kind == ShortList || f.Kind == PartialList
	if (bendsList && !r.List) || (f.Kind == ExpireToken && !r.Token) {
		return false
	}
	return f.Match == "" || strings.Contains(r.Address, f.Match) || strings.Contains(r.Body, f.Match)
}
