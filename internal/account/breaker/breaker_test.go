package breaker

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// unlimited is a budget without a limit.
type unlimited struct{}

func (unlimited) Wait(ctx context.Context) error { return ctx.Err() }
func (unlimited) Throttled(time.Duration)        {}

// service is one that answers with a status, 0 for not at all.
type service struct {
	status int
	hangs  time.Duration
	asked  int
}

func (s *service) RoundTrip(req *http.Request) (*http.Response, error) {
	s.asked++
	if s.hangs > 0 {
		select {
		case <-time.After(s.hangs):
		case <-req.Context().Done():
			return nil, req.Context().Err()
		}
	}
	if s.status == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	return &http.Response{StatusCode: s.status}, nil
}

var errBad = errors.New("bad answer")

// world is a breaker between requests and a service.
type world struct {
	*service

	*Breaker

	guard Guard
	line  http.RoundTripper
	told  []bool
}

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
		go w.Run(t.Context(), w.send, func(open bool) { w.told = append(w.told, open) })
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
	for name, down := range map[string]service{"overloaded": {status: 503}, "gone": {status: 0}} {
		t.Run(name, func(t *testing.T) {
			within(t, func(t *testing.T, w *world) {
				w.status = down.status
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
				if w.asked < 10 || w.asked > 20 {
					t.Errorf("%d requests in a minute", w.asked)
				}
				w.status = http.StatusOK
				time.Sleep(20 * time.Second)
				if err := w.send(t.Context()); err != nil || !refused.Over() {
					t.Errorf("20 s after it answers: %v", err)
				}
				if !slices.Equal(w.told, []bool{true, false}) {
					t.Errorf("told %v", w.told)
				}
			})
		})
	}
}

// A service that fails at one thing and does all else stays in use: it is asked, and answers.
func TestOneThingThatFails(t *testing.T) {
	within(t, func(t *testing.T, w *world) {
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
		}, func(open bool) { w.told = append(w.told, open) })
		synctest.Wait()
		for i := range 20 {
			if err := w.send(t.Context()); !errors.Is(err, errBad) {
				t.Fatalf("the %dth is refused: %v", i, err)
			}
		}
		if len(w.told) > 0 {
			t.Errorf("told %v", w.told)
		}
	})
}

// What begins while it is not known whether the service answers waits until it is.
func TestASuspicionHoldsRequestsUp(t *testing.T) {
	within(t, func(t *testing.T, w *world) {
		w.status = 500
		for range suspicious {
			_ = w.send(t.Context())
		}
		w.status, w.hangs = http.StatusOK, 5*time.Second
		began := time.Now()
		if err := w.send(t.Context()); err != nil || time.Since(began) < 5*time.Second || len(w.told) > 0 {
			t.Errorf("after %v: %v, told %v", time.Since(began), err, w.told)
		}
	})
}

// Of a service that hangs, no more is asked than would be under way if it answered.
func TestAServiceThatHangs(t *testing.T) {
	within(t, func(t *testing.T, w *world) {
		w.hangs = 24 * time.Hour
		for range 500 {
			go func() {
				ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
				defer cancel()
				_ = w.send(ctx)
			}()
		}
		time.Sleep(time.Minute)
		if w.asked > mostUnderWay+5 || !isOpen(w.send(t.Context())) {
			t.Errorf("%d requests to a service that hangs; then %v", w.asked, w.send(t.Context()))
		}
		w.hangs = 0
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
		w.hangs = time.Hour
		ctx, cancel := context.WithCancel(t.Context())
		for range 2 * suspicious {
			go func() { _ = w.send(ctx) }()
		}
		synctest.Wait()
		cancel()
		synctest.Wait()
		w.hangs = 0
		if w.failures > 0 || !w.up() {
			t.Errorf("%d failures counted", w.failures)
		}
		w.status = 500
		for range suspicious - 1 {
			_ = w.send(t.Context())
		}
		w.status = 200
		w.line = w.Transport(w.service, func(*http.Request) bool { return true })
		if _ = w.send(t.Context()); w.failures != suspicious-1 {
			t.Errorf("%d failures after an answer of another service", w.failures)
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
