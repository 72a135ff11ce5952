package reading_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/goto-operator/goto-operator/internal/account/budget"
	"github.com/goto-operator/goto-operator/internal/account/reading"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// library takes ten seconds to read, and counts.
type library struct {
	*reading.Reader

	mu       sync.Mutex
	begun    []time.Duration // since start
	ended    []error
	urgency  []budget.Priority // at the end
	told     []bool            // of "mine"
	start    time.Time
	failures int
}

func newLibrary(t *testing.T) *library {
	t.Helper()
	l := &library{start: time.Now()}
	l.Reader = reading.NewReader(t.Context(), time.Now, l.read)
	return l
}

func (l *library) read(ctx context.Context, began time.Time, told func(gotoclient.Key) bool) error {
	l.mu.Lock()
	l.begun = append(l.begun, began.Sub(l.start))
	l.mu.Unlock()
	err := sleep(ctx, 10*time.Second)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failures--; l.failures >= 0 {
		err = errors.New("no")
	}
	l.ended, l.urgency, l.told = append(l.ended, err), append(l.urgency, budget.PriorityOf(ctx)), append(l.told, told("mine"))
	return err
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ask asks at a time for a reading that began after that, and tells when it came.
func (l *library) ask(ctx context.Context, at time.Duration, about ...gotoclient.Key) (came time.Duration, err error) {
	time.Sleep(at - time.Since(l.start))
	err = l.After(ctx, time.Now(), about...)
	return time.Since(l.start), err
}

// Who asks while a reading is under way waits for the one after it, together with all others who do.
func TestReadingsAreShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLibrary(t)
		came := make([]time.Duration, 5)
		var wg sync.WaitGroup
		for i := range came {
			wg.Go(func() { came[i], _ = l.ask(t.Context(), time.Duration(i)*time.Second) })
		}
		wg.Wait()
		if len(l.begun) != 2 || came[0] != 10*time.Second || came[1] != 20*time.Second || came[4] != 20*time.Second {
			t.Errorf("begun %v, came %v", l.begun, came)
		}
		if err := l.After(t.Context(), l.start.Add(9*time.Second)); err != nil || len(l.begun) != 2 {
			t.Error("what is there is read again")
		}
	})
}

// caller asks at a time for a reading that began after that, or for any, and may give up at another.
type caller struct {
	budget.Priority

	at, until int // seconds from the start; it does not give up at 0
	any       bool
}

// A reading is as urgent as the most urgent of those who wait for it, or for the one after it, for as long as they do.
func TestAReadingIsAsUrgentAsItsWaiters(t *testing.T) {
	calm := caller{Priority: budget.Background}
	for name, row := range map[string]struct {
		callers []caller
		want    []budget.Priority // at the end of each reading
	}{
		"alone":                      {[]caller{calm}, []budget.Priority{budget.Background}},
		"shared":                     {[]caller{calm, {budget.Bulk, 2, 0, true}, {budget.Interactive, 3, 0, true}}, []budget.Priority{budget.Interactive}},
		"the next is urgent":         {[]caller{calm, {budget.Interactive, 2, 0, false}}, []budget.Priority{budget.Interactive, budget.Interactive}},
		"who was urgent has gone":    {[]caller{calm, {budget.Bulk, 2, 0, true}, {budget.Interactive, 3, 5, true}}, []budget.Priority{budget.Bulk}},
		"who wanted the next is off": {[]caller{calm, {budget.Bulk, 2, 0, false}, {budget.Interactive, 3, 5, false}}, []budget.Priority{budget.Bulk, budget.Bulk}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLibrary(t)
				var wg sync.WaitGroup
				for _, c := range row.callers {
					wg.Go(func() { l.serve(t.Context(), c) })
				}
				wg.Wait()
				if !slices.Equal(l.urgency, row.want) {
					t.Errorf("priorities %d, want %d", l.urgency, row.want)
				}
			})
		})
	}
}

func (l *library) serve(ctx context.Context, c caller) {
	if c.until > 0 {
		limited, cancel := context.WithTimeout(ctx, time.Duration(c.until)*time.Second)
		defer cancel()
		ctx = limited
	}
	ctx = budget.WithPriority(ctx, c.Priority)
	time.Sleep(time.Duration(c.at) * time.Second)
	after := time.Now()
	if c.any {
		after = l.start.Add(-1)
	}
	_ = l.After(ctx, after)
}

// Those who wait are not told of what they look at.
func TestWhoWaitsIsNotToldOfWhatItLooksAt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLibrary(t)
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = l.ask(t.Context(), 0) })
		wg.Go(func() { _, _ = l.ask(t.Context(), time.Second) })
		wg.Go(func() { _, _ = l.ask(t.Context(), 2*time.Second, "mine") })
		wg.Wait()
		if l.told[0] || !l.told[1] {
			t.Errorf("told %v", l.told)
		}
	})
}

// A reading ends when the last of those who wait has given up, and one that nobody waits for does not begin.
func TestAReadingEndsWithItsWaiters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLibrary(t)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := l.ask(ctx, 0); !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		})
		sooner, cancelSooner := context.WithTimeout(t.Context(), 4*time.Second)
		defer cancelSooner()
		wg.Go(func() { _, _ = l.ask(sooner, time.Second) })
		wg.Wait()
		if err := l.After(t.Context(), l.start.Add(-time.Hour)); err != nil {
			t.Errorf("who asks at that moment shares the one that ends: %v", err)
		}
		if len(l.begun) != 2 || !errors.Is(l.ended[0], context.Canceled) || l.begun[1] != 5*time.Second {
			t.Errorf("begun %v, ended %v", l.begun, l.ended)
		}
	})
}

// What is called before a reading begins can have others ask for that one, though not for what happens after it began.
func TestWhoIsToldBeforeAReadingBegins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLibrary(t)
		var wg sync.WaitGroup
		times := 0
		l.BeforeEach(func() {
			if times++; times == 1 {
				wg.Go(func() { _ = l.After(t.Context(), l.start) })
			}
		})
		if _, err := l.ask(t.Context(), time.Second); err != nil {
			t.Error(err)
		}
		wg.Go(func() { _, _ = l.ask(t.Context(), 12*time.Second) })
		time.Sleep(2 * time.Second)
		if !l.Shows(l.start) || !l.Shows(l.start.Add(11*time.Second)) || l.Shows(l.start.Add(12*time.Second)) {
			t.Error("it does not know which reading there is")
		}
		wg.Wait()
		if times != 2 || len(l.begun) != 2 {
			t.Errorf("%d times before %v", times, l.begun)
		}
	})
}

// One that fails is nobody's reading: its waiters are told why, and the next who asks has another.
func TestAReadingThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLibrary(t)
		l.failures = 1
		if _, err := l.ask(t.Context(), 0); err == nil {
			t.Error("a failure is hidden")
		}
		if err := l.After(t.Context(), l.start.Add(-time.Hour)); err != nil || len(l.begun) != 2 {
			t.Errorf("%v, begun %v", err, l.begun)
		}
	})
}
