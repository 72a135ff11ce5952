package breaker

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"sync"
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
}

// does says how the service answers from now on.
func (s *service) does(status int, after time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status, s.hangs = status, after
}

func (s *service) requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.asked
}

func (s *service) RoundTrip(req *http.Request) (*http.Response, error) {
	s.mu.Lock()
	s.asked++
	status, hangs := s.status, s.hangs
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
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://goto.test", http.NoBody)
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
		w := &world{service: &service{status: http.StatusOK}, Breaker: New()}
		w.guard = Guard{unlimited{}, w.Breaker}
		w.line = w.Transport(w.service, func(*http.Request) bool { return false })
		go w.Run(t.Context(), w.send, w.told.note)
		synctest.Wait()
		f(t, w)
	})
}

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
		w.Breaker = New()
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
				ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
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
	g := Guard{unlimited{}, New()}
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
		w := &world{service: &service{status: 500}, Breaker: New()}
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
