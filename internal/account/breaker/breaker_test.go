package breaker

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// unlimited is a budget without a limit.
type unlimited struct{}

func (unlimited) Wait(ctx context.Context) error { return ctx.Err() }
func (unlimited) Throttled(time.Duration)        {}
func (unlimited) Pause(time.Duration)            {}

// service is one that answers with a status, 0 for not at all.
type service struct {
	mu     sync.Mutex
	status int
	hangs  time.Duration
	asked  int
	fails  func(operation, id string) bool // with a 503, whatever the status
	sent   map[string]int                  // by operation
}

// does says how the service answers from now on.
func (s *service) does(status int, after time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status, s.hangs = status, after
}

// failsAt says which requests the service fails at from now on.
func (s *service) failsAt(fails func(operation, id string) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fails = fails
}

func (s *service) sentOf(operation string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sent[operation]
}

func (s *service) requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

func (s *service) RoundTrip(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.asked++
	status, hangs, name := s.status, s.hangs, operationOf(req.Context())
	if s.sent == nil {
		s.sent = map[string]int{}
	}
	s.sent[name]++
	if id, _ := req.Context().Value(idKey{}).(string); s.fails != nil && s.fails(name, id) {
		status = http.StatusServiceUnavailable
	}
	s.mu.Unlock()
	if hangs > 0 {
		select {
		case <-time.After(hangs):
		case <-req.Context().Done():
			return nil, req.Context().Err()
		}
	}
	if status == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	return &http.Response{StatusCode: status}, nil
}

var errBad = errors.New("bad answer")

// world is a breaker between requests and a service.
type world struct {
	*service

	*Breaker

	guard Guard
	line  http.RoundTripper
	told  told
}

// told is what was said of the service.
type told struct {
	mu   sync.Mutex
	open []bool
}

func (t *told) note(open bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.open = append(t.open, open)
}

func (t *told) all() []bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return slices.Clone(t.open)
}

func (w *world) row() int {
	w.mu().Lock()
	defer w.mu().Unlock()
	return w.failures
}

func (w *world) mu() *sync.Mutex { return &w.Breaker.mu }

func (w *world) send(ctx context.Context) error {
	if err := w.guard.Wait(ctx); err != nil {
		return err
	}
	id, _ := ctx.Value(idKey{}).(string)
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, "http://goto.test/users/"+id, strings.NewReader(id))
	if err != nil {
		return err
	}
	resp, err := w.line.RoundTrip(req)
	if err == nil && resp.StatusCode >= 500 {
		err = errBad
	}
	return err
}

// within runs f with a breaker that is in use.
func within(t *testing.T, f func(*testing.T, *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{service: &service{status: http.StatusOK}, Breaker: New(operationOf)}
		w.guard = Guard{unlimited{}, w.Breaker}
		w.line = w.Transport(w.service, func(*http.Request) bool { return false })
		go w.Run(t.Context(), w.send, w.told.note)
		synctest.Wait()
		f(t, w)
	})
}

type operationKey struct{}

func operationOf(ctx context.Context) string {
	name, _ := ctx.Value(operationKey{}).(string)
	return name
}

// request is the context of one that is unlike all others.
func request(ctx context.Context, operation, id string) context.Context {
	return context.WithValue(context.WithValue(ctx, operationKey{}, operation), idKey{}, id)
}

type idKey struct{}

// isOpen is true for the error of a request that was not sent.
func isOpen(err error) bool {
	var refused *OpenError
	return errors.As(err, &refused)
}

func TestOneProbeAsksForAll(t *testing.T) {
	for name, down := range map[string]int{"overloaded": 503, "gone": 0} {
		t.Run(name, func(t *testing.T) {
			within(t, func(t *testing.T, w *world) {
				t.Helper()
				w.does(down, 0)
				began := time.Now()
				var last error
				for range 600 { // objects that try ten times a second
					last = w.send(t.Context())
					time.Sleep(100 * time.Millisecond)
				}
				var refused *OpenError
				if !errors.As(last, &refused) || !refused.Since.Equal(began) || refused.Over() {
					t.Errorf("after a minute: %v", last)
				}
				if w.requests() < 10 || w.requests() > 20 {
					t.Errorf("%d requests in a minute", w.requests())
				}
				w.does(http.StatusOK, 0)
				time.Sleep(20 * time.Second)
				if err := w.send(t.Context()); err != nil || !refused.Over() {
					t.Errorf("20 s after it answers: %v", err)
				}
				if !slices.Equal(w.told.all(), []bool{true, false}) {
					t.Errorf("told %v", w.told.all())
				}
			})
		})
	}
}

// A service that fails at one thing and does all else stays in use: it is asked, and answers.
func TestOneThingThatFails(t *testing.T) {
	within(t, func(t *testing.T, w *world) {
		t.Helper()
		probe := w.Transport(&service{status: 200}, func(*http.Request) bool { return false })
		w.Breaker = New(operationOf)
		w.guard.Breaker = w.Breaker
		w.line = w.Transport(&service{status: 500}, func(*http.Request) bool { return false })
		go w.Run(t.Context(), func(ctx context.Context) error {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://goto.test", http.NoBody)
			if err == nil {
				_, err = probe.RoundTrip(req)
			}
			return err
		}, w.told.note)
		synctest.Wait()
		for i := range 20 {
			if err := w.send(t.Context()); !errors.Is(err, errBad) {
				t.Fatalf("the %dth is refused: %v", i, err)
			}
		}
		if len(w.told.all()) > 0 {
			t.Errorf("told %v", w.told.all())
		}
	})
}

// What begins while it is not known whether the service answers waits until it is.
func TestASuspicionHoldsRequestsUp(t *testing.T) {
	within(t, func(t *testing.T, w *world) {
		t.Helper()
		w.does(500, 0)
		for range suspicious {
			_ = w.send(t.Context())
		}
		w.does(http.StatusOK, 5*time.Second)
		began := time.Now()
		if err := w.send(t.Context()); err != nil || time.Since(began) < 5*time.Second || len(w.told.all()) > 0 {
			t.Errorf("after %v: %v, told %v", time.Since(began), err, w.told.all())
		}
	})
}

// Of a service that hangs, no more is asked than would be under way if it answered.
func TestAServiceThatHangs(t *testing.T) {
	within(t, func(t *testing.T, w *world) {
		t.Helper()
		w.does(http.StatusOK, 24*time.Hour)
		for range 500 {
			go func() {
				ctx, cancel := context.WithTimeoutCause(t.Context(), 30*time.Second, os.ErrDeadlineExceeded) // as the client does
				defer cancel()
				_ = w.send(ctx)
			}()
		}
		time.Sleep(time.Minute)
		if w.requests() > mostUnderWay+5 || !isOpen(w.send(t.Context())) {
			t.Errorf("%d requests to a service that hangs; then %v", w.requests(), w.send(t.Context()))
		}
		w.does(http.StatusOK, 0)
		time.Sleep(time.Minute)
		if err := w.send(t.Context()); err != nil {
			t.Errorf("it answers: %v", err)
		}
	})
}

func TestAProbeIsNotRepeated(t *testing.T) {
	g := Guard{unlimited{}, New(operationOf)}
	b := g.Breaker
	tries := 0
	b.asks(t.Context(), func(ctx context.Context) error {
		for g.Wait(ctx) == nil {
			tries++
		}
		return errBad
	})
	if tries != 1 {
		t.Errorf("%d requests of one probe", tries)
	}
}

// Who gives up, and an answer of the token endpoint, say nothing of the service.
func TestWhatSaysNothing(t *testing.T) {
	within(t, func(t *testing.T, w *world) {
		t.Helper()
		w.does(http.StatusOK, time.Hour)
		ctx, cancel := context.WithCancel(t.Context())
		for range 2 * suspicious {
			go func() { _ = w.send(ctx) }()
		}
		synctest.Wait()
		cancel()
		synctest.Wait()
		w.does(http.StatusOK, 0)
		if w.row() > 0 || !w.up() {
			t.Errorf("%d failures counted", w.row())
		}
		w.does(http.StatusOK, 5*time.Second)
		before := w.requests()
		for range 2 * suspicious {
			go func() {
				ctx, cancel := context.WithTimeout(t.Context(), time.Second) // its own time, and not the client's limit
				defer cancel()
				_ = w.send(ctx)
			}()
		}
		time.Sleep(10 * time.Second)
		if n := w.requests() - before; n != 2*suspicious {
			t.Errorf("%d requests of %d callers who have no more time", n, 2*suspicious)
		}
		w.does(500, 0)
		for range suspicious - 1 {
			_ = w.send(t.Context())
		}
		w.does(200, 0)
		w.line = w.Transport(w.service, func(*http.Request) bool { return true })
		if _ = w.send(t.Context()); w.row() != suspicious-1 {
			t.Errorf("%d failures after an answer of another service", w.row())
		}
	})
}

// A breaker that nobody runs holds nothing up: not before its account is in use, and not after.
func TestABreakerThatIsNotInUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{service: &service{status: 500}, Breaker: New(operationOf)}
		w.guard = Guard{unlimited{}, w.Breaker}
		w.line = w.Transport(w.service, func(*http.Request) bool { return false })
		fails := func(when string) {
			t.Helper()
			for range 2 * suspicious {
				if err := w.send(t.Context()); !errors.Is(err, errBad) {
					t.Errorf("%s: %v", when, err)
				}
			}
		}
		fails("before")
		ctx, stop := context.WithCancel(t.Context())
		go w.Run(ctx, w.send, func(bool) {})
		synctest.Wait()
		for range suspicious {
			_ = w.send(t.Context())
		}
		if synctest.Wait(); w.Open() == nil {
			t.Error("not open")
		}
		stop()
		synctest.Wait()
		fails("after")
	})
}

// While the budget is paused a probe is not sent, and so is not without an answer.
func TestAPauseOfTheBudgetIsNoSilence(t *testing.T) {
	within(t, func(t *testing.T, w *world) {
		t.Helper()
		until := time.Now().Add(time.Minute)
		w.guard.Limiter = paused{until}
		for range suspicious {
			w.note(false)
		}
		time.Sleep(2 * probeTimeout)
		if refused := w.Open(); refused != nil || w.requests() > 0 {
			t.Errorf("%v after %d requests", refused, w.requests())
		}
		time.Sleep(time.Until(until) + time.Second)
		if !w.up() || w.requests() != 1 {
			t.Errorf("after the pause: up %t after %d requests", w.up(), w.requests())
		}
	})
}

type paused struct{ until time.Time }

func (p paused) Wait(ctx context.Context) error {
	select {
	case <-time.After(time.Until(p.until)):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (paused) Throttled(time.Duration) {}
func (paused) Pause(time.Duration)     {}

// Where a service fails at one operation, few requests of it are sent, and all others as if nothing were. When it works again they are told
// who were refused.
func TestAnOperationThatFails(t *testing.T) {
	within(t, func(t *testing.T, w *world) {
		t.Helper()
		w.failsAt(func(operation, _ string) bool { return operation == "change" })
		var waiting atomic.Int64
		var last atomic.Pointer[OpenError]
		began := time.Now()
		for i := range 1000 { // one in a fifth of a second
			go func() {
				waiting.Add(1)
				defer waiting.Add(-1)
				if refused := (*OpenError)(nil); errors.As(w.send(request(t.Context(), "change", strconv.Itoa(i))), &refused) {
					last.Store(refused)
				}
			}()
			synctest.Wait()
			before := time.Now()
			if err := w.send(request(t.Context(), "read", "")); err != nil || time.Since(before) > 0 {
				t.Fatalf("another operation after %v: %v", time.Since(before), err)
			}
			if n := waiting.Load(); n > mostTrying {
				t.Fatalf("%d wait", n)
			}
			time.Sleep(200 * time.Millisecond)
		}
		if n := w.sentOf("change"); n < 10 || n > 30 {
			t.Errorf("%d requests in %v", n, time.Since(began))
		}
		refused := last.Load()
		if refused == nil || refused.Operation != "change" || refused.After == 0 || refused.Over() || w.Open() != nil {
			t.Errorf("refused by %+v; open %v", refused, w.Open())
		}
		w.failsAt(nil)
		time.Sleep(longestPause * 5 / 4)
		synctest.Wait()
		if told := w.told.all(); !refused.Over() || waiting.Load() > 0 || len(told) == 0 || told[len(told)-1] {
			t.Errorf("it works: over %t, %d wait, told %v", refused.Over(), waiting.Load(), told)
		}
	})
}

// A 502 to several keys may be about those: as many of them as there are say nothing of the operation.
func TestA502ToSeveralKeysIsNoOutage(t *testing.T) {
	for keys, down := range map[string]bool{"1,2": false, "1": true} {
		within(t, func(t *testing.T, w *world) {
			t.Helper()
			for i := range suspicious {
				w.does(http.StatusBadGateway, 0)
				_ = w.send(request(t.Context(), "change", keys+strconv.Itoa(i)))
				w.does(http.StatusOK, 0)
				_ = w.send(request(t.Context(), "read", ""))
			}
			if o := w.operations["change"]; (o != nil && !o.works()) != down {
				t.Errorf("%s: taken for down: %t", keys, !down)
			}
		})
	}
}

// A request that fails again and again is what is wrong, and not its operation: others of it need not wait for a try.
func TestARequestThatFailsIsNoOperation(t *testing.T) {
	within(t, func(t *testing.T, w *world) {
		t.Helper()
		w.failsAt(func(_, id string) bool { return id == "poison" })
		for i := range 100 {
			_ = w.send(request(t.Context(), "change", "poison"))
			if i%10 > 0 {
				continue
			}
			before := time.Now()
			if err := w.send(request(t.Context(), "change", strconv.Itoa(i))); err != nil || time.Since(before) > 0 {
				t.Fatalf("another after %v: %v", time.Since(before), err)
			}
		}
	})
}
