package breaker

import (
	"context"
	"sync"
	"time"

	"github.com/goto-operator/goto-operator/internal/backoff"
)

const (
	// suspicious is how many requests in a row have to fail before the service is asked whether it answers at all. One that does and
	// fails at a single thing stays in use.
	suspicious = 3
	// mostUnderWay is how many requests may be without an answer at a time. One that hangs would else be sent all that there is to send
	// before the first of them is given up. At 8 requests a second it is what answers of four seconds need.
	mostUnderWay = 32
	// longestPause between two probes.
	longestPause = time.Minute
	// probeTimeout bounds a probe of a service that hangs, from when it is sent.
	probeTimeout = 20 * time.Second
)

// OpenError says that a request was not sent, as the service does not answer, or fails at such requests.
type OpenError struct {
	// Since is when it was first found so.
	Since time.Time
	// Operation is what it fails at, by the id of the client; "" where it does not answer at all.
	Operation string
	// After is when to ask again at the latest; 0 for not before it is over.
	After time.Duration

	over <-chan struct{}
}

// Error says since when.
func (e *OpenError) Error() string {
	if e.Operation != "" {
		return "GoTo has failed at " + e.Operation + " since " + e.Since.UTC().Format(time.RFC3339) + "; one request tries now and then, until it works"
	}
	return "GoTo does not answer since " + e.Since.UTC().Format(time.RFC3339) + "; nothing is sent until it does"
}

// Over tells whether the service has answered since.
func (e *OpenError) Over() bool {
	select {
	case <-e.over:
		return true
	default:
		return false
	}
}

type state int

const (
	closed    state = iota // requests are sent
	suspected              // they wait for the first probe
	open                   // they are refused
)

// Breaker is that of one account. It opens only while Run is running.
type Breaker struct {
	operation func(context.Context) string

	mu         sync.Mutex
	armed      bool
	state      state
	failures   int // in a row
	underWay   int
	since      time.Time           // of the first failure of the row
	changed    chan struct{}       // is closed when who waits should look again
	answered   chan struct{}       // is closed when an open breaker closes
	operations map[string]*failing // that have failed since they were last answered
	trip       chan struct{}
	relief     chan struct{} // an operation works again
}

// New returns a breaker that lets everything pass. operation names what a request with a context asks of the service.
func New(operation func(context.Context) string) *Breaker {
	return &Breaker{
		operation: operation, changed: make(chan struct{}), answered: make(chan struct{}), operations: map[string]*failing{},
		trip: make(chan struct{}, 1), relief: make(chan struct{}, 1),
	}
}

// Open is the error that requests are refused with now; nil while they are not.
func (b *Breaker) Open() *OpenError {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.state != open {
		return nil
	}
	return b.refusal()
}

// Run asks the service by probe whenever requests fail, and goes on asking until it answers or ctx ends. It tells changed when requests
// begin to be refused, and when they no longer are, be it those of one operation. An answer to another request counts as well.
func (b *Breaker) Run(ctx context.Context, probe func(context.Context) error, changed func(open bool)) {
	b.arm(true)
	defer b.arm(false)
	for {
		select {
		case <-ctx.Done():
			return
		case <-b.trip:
			b.watch(ctx, probe, changed)
		case <-b.relief:
			changed(false)
		}
	}
}

// arm says whether there is somebody to ask the service. Without, nobody waits for an answer to that.
func (b *Breaker) arm(armed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.armed = armed
	if !armed {
		b.restore()
		b.recoverAll()
	}
}

// watch is the time from a suspicion to an answer.
func (b *Breaker) watch(ctx context.Context, probe func(context.Context) error, changed func(open bool)) {
	told := false
	for !b.up() && ctx.Err() == nil {
		if b.asks(ctx, probe) {
			b.note(true)
			break
		}
		refused := b.down()
		if refused == nil {
			break // another request was answered
		}
		if !told {
			told = true
			changed(true)
		}
		pause(ctx, refused)
	}
	if told && ctx.Err() == nil {
		changed(false)
	}
}

// asks makes a probe, and tells whether there was an answer.
func (b *Breaker) asks(ctx context.Context, probe func(context.Context) error) bool {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	q := &question{leaves: func() { time.AfterFunc(probeTimeout, cancel) }}
	return probe(context.WithValue(ctx, probeKey{}, q)) == nil
}

func (b *Breaker) up() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.state == closed
}

// down refuses requests from now on. It returns the error that they get, nil if there was an answer meanwhile.
func (b *Breaker) down() *OpenError {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.state == closed {
		return nil
	}
	b.state = open
	b.wake()
	return b.refusal()
}

func (b *Breaker) refusal() *OpenError { return &OpenError{Since: b.since, over: b.answered} }

// pause is the time to the next probe.
func pause(ctx context.Context, refused *OpenError) {
	timer := time.NewTimer(backoff.Next(time.Since(refused.Since), longestPause))
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-refused.over:
	case <-timer.C:
	}
}

// note takes in what came of a request.
func (b *Breaker) note(answered bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case answered:
		b.failures = 0
		b.restore()
	case b.failures == 0:
		b.since = time.Now()
		fallthrough
	default:
		if b.failures++; b.failures >= suspicious {
			b.suspect()
		}
	}
}

// restore lets requests pass again.
func (b *Breaker) restore() {
	if b.state == open {
		close(b.answered)
		b.answered = make(chan struct{})
		b.recoverAll() // it was not they that failed
	}
	if b.state != closed {
		b.state = closed
		b.wake()
	}
}

// suspect makes requests wait until it is known whether the service answers.
func (b *Breaker) suspect() {
	if !b.armed || b.state != closed {
		return
	}
	b.state = suspected
	select {
	case b.trip <- struct{}{}:
	default:
	}
}

// wake has those who wait look again.
func (b *Breaker) wake() {
	close(b.changed)
	b.changed = make(chan struct{})
}
