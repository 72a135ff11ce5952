package reading_test

import (
	"context"
	"errors"
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

// A reading is as urgent as the most urgent of those who wait, from when they do, and those who wait are not told of what they look at.
func TestAReadingIsAsUrgentAsItsWaiters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLibrary(t)
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = l.ask(budget.WithPriority(t.Context(), budget.Background), 0) })
		wg.Go(func() { _, _ = l.ask(budget.WithPriority(t.Context(), budget.Background), time.Second) })
		wg.Go(func() { _, _ = l.ask(budget.WithPriority(t.Context(), budget.Interactive), 2*time.Second, "mine") })
		wg.Wait()
		if l.urgency[0] != budget.Background || l.urgency[1] != budget.Interactive || l.told[0] || !l.told[1] {
			t.Errorf("urgency %v, told %v", l.urgency, l.told)
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
