package simulator

import (
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"
)

// DefaultRate is the documented limit of requests per second (D); the burst is the same number.
const DefaultRate = 10

// NoRateLimit switches the limit off.
const NoRateLimit = -1

// defaultLogLimit bounds the request log of a simulator that runs for days.
const defaultLogLimit = 10_000

// Options configure a simulator. The zero value is usable.
type Options struct {
	// Switches are the initial positions; fields left at zero take their default.
	Switches Switches
	// Now is the clock, time.Now by default. Faults that wait do so in real time.
	Now func() time.Time
	// Logger gets one line per request at debug level, and errors. It never sees a token, a secret or a body. Default: none.
	Logger *slog.Logger
	// StateFile, when set, is written after every change of the state, by renaming a complete new file over the old one. It is not
	// read; see [Simulator.LoadFile].
	StateFile string
	// Rate is the limit in requests per second and the burst: DefaultRate if 0, no limit if negative.
	Rate float64
	// LogLimit is how many requests [Simulator.Requests] remembers at most: 10,000 if 0. Beyond it the oldest tenth is forgotten.
	LogLimit int
}

// Simulator is one GoTo service. Its methods may be called at any time from any goroutine.
type Simulator struct {
	now       func() time.Time
	logger    *slog.Logger
	stateFile string
	logLimit  int

	mu       sync.Mutex
	offset   time.Duration
	switches Switches
	rate     float64
	buckets  map[string]*bucket

	accounts []*account
	oauth    OAuth
	outbox   []Mail
	lastKey  map[keyKind]uint64

	incidents int
	faults    []*activeFault
	injected  int

	log       []Request
	calls     map[string]int
	throttled map[string]int
	hooks     []*func(Request)
}

// New returns a simulator that holds [DefaultState]. It panics when a switch is in no position that it has.
func New(o Options) *Simulator {
	switches, err := o.Switches.normalized()
	if err != nil {
		panic("simulator: " + err.Error())
	}
	s := &Simulator{
		now: o.Now, logger: o.Logger, stateFile: o.StateFile, logLimit: o.LogLimit,
		switches: switches, rate: o.Rate, buckets: map[string]*bucket{},
		calls: map[string]int{}, throttled: map[string]int{},
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.logger == nil {
		s.logger = slog.New(slog.DiscardHandler)
	}
	if s.logLimit == 0 {
		s.logLimit = defaultLogLimit
	}
	if s.rate == 0 {
		s.rate = DefaultRate
	}
	if err := s.replaceState(DefaultState()); err != nil {
		panic("simulator: " + err.Error()) // the default state contradicts itself
	}
	return s
}

// Switches returns the present positions.
func (s *Simulator) Switches() Switches {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.switches
}

// SetSwitches lets change edit the switches. It panics when one ends up in no position that it has, so that a misspelt position in
// a test does not pass for the default; [Switches.Set] reports an error instead.
func (s *Simulator) SetSwitches(change func(*Switches)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := s.switches
	change(&next)
	next, err := next.normalized()
	if err != nil {
		panic("simulator: " + err.Error())
	}
	s.switches = next
}

// SetRate changes the rate limit; see Options.Rate. The bursts start full.
func (s *Simulator) SetRate(perSecond float64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if perSecond == 0 {
		perSecond = DefaultRate
	}
	s.rate = perSecond
	clear(s.buckets)
}

// Now returns the simulator's time: that of its clock plus what it was advanced by.
func (s *Simulator) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.time()
}

// Advance shifts the simulator's clock forward: tokens age, the rate limit refills, lagging users become visible.
func (s *Simulator) Advance(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offset += d
}

// time is Now for callers that hold the lock.
func (s *Simulator) time() time.Time { return s.now().Add(s.offset) }

// Outbox returns the e-mails that would have been sent, oldest first.
func (s *Simulator) Outbox() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.outbox)
}

// account returns the account of that key, nil if there is none.
func (s *Simulator) account(key string) *account {
	for _, a := range s.accounts {
		if a.key == key {
			return a
		}
	}
	return nil
}

// mustAccount is account for the methods that tests call: an unknown account is a mistake in the test.
func (s *Simulator) mustAccount(key string) *account {
	a := s.account(key)
	if a == nil {
		panic(fmt.Sprintf("simulator: no account has the key %q", key))
	}
	return a
}
