package budget_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/goto-operator/goto-operator/internal/account/budget"
)

func TestLimiterNeverExceedsTenInASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := budget.NewLimiter(8)
		var at []time.Time
		for range 40 {
			if err := l.Wait(t.Context()); err != nil {
				t.Fatal(err)
			}
			at = append(at, time.Now())
		}
		for i := 10; i < len(at); i++ {
			if d := at[i].Sub(at[i-10]); d < time.Second {
				t.Fatalf("11 requests within %v", d)
			}
		}
		if d := at[39].Sub(at[0]); d > 5*time.Second {
			t.Errorf("40 requests took %v, want under 5 s", d)
		}
	})
}

func TestLimiterServesTheUrgentFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := budget.NewLimiter(1)
		_ = l.Wait(t.Context())
		var (
			mu    sync.Mutex
			order []budget.Priority
			wg    sync.WaitGroup
		)
		for _, p := range []budget.Priority{budget.Background, budget.Bulk, budget.Interactive} {
			wg.Go(func() {
				_ = l.Wait(budget.WithPriority(t.Context(), p))
				mu.Lock()
				defer mu.Unlock()
				order = append(order, p)
			})
			synctest.Wait()
		}
		wg.Wait()
		for i, p := range order {
			if p != budget.Priority(i) {
				t.Fatalf("order %v", order)
			}
		}
	})
}

func TestLimiterSlowsDownAndRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := budget.NewLimiter(8)
		l.Throttled(3 * time.Second)
		l.Throttled(0) // of the same moment
		if r := l.Rate(); r != 4 {
			t.Errorf("rate %v after a 429, want 4", r)
		}
		start := time.Now()
		_ = l.Wait(t.Context())
		if d := time.Since(start); d < 3*time.Second {
			t.Errorf("waited %v, GoTo asked for 3 s", d)
		}
		time.Sleep(time.Minute)
		if r := l.Rate(); r != 8 {
			t.Errorf("rate %v after a minute, want 8", r)
		}
	})
}

func TestLimiterGivesUpWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := budget.NewLimiter(1)
		_ = l.Wait(t.Context())
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if err := l.Wait(ctx); err == nil {
			t.Error("no error")
		}
		start := time.Now()
		_ = l.Wait(t.Context())
		if d := time.Since(start); d > time.Second {
			t.Errorf("waited %v: the one that gave up kept its place", d)
		}
	})
}

// A 429 right after the rate has risen says that the step was too much.
func TestA429RightAfterAStepHalves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := budget.NewLimiter(8)
		l.Throttled(0)
		time.Sleep(10*time.Second + 500*time.Millisecond)
		before := l.Rate()
		l.Throttled(0)
		if after := l.Rate(); after > before/2 {
			t.Errorf("rate %.1f before a 429, %.1f after", before, after)
		}
	})
}

// crowd waits for the budget again and again, as so many reconcilers do.
func crowd(ctx context.Context, n int, wait func(context.Context) error) {
	for range n {
		go func() {
			for wait(ctx) == nil {
				time.Sleep(100 * time.Millisecond)
			}
		}()
	}
}

// However much is urgent, reading the account and bulk work go on; at one request a second too.
func TestNobodyStarves(t *testing.T) {
	for _, rate := range []float64{1, 8} {
		synctest.Test(t, func(t *testing.T) {
			l := budget.NewLimiter(rate)
			ctx, stop := context.WithCancel(t.Context())
			crowd(budget.WithPriority(ctx, budget.Interactive), 50, l.Wait)
			time.Sleep(time.Second)
			for _, p := range []budget.Priority{budget.Background, budget.Bulk} {
				start := time.Now()
				if err := l.Wait(budget.WithPriority(t.Context(), p)); err != nil {
					t.Fatal(err)
				}
				if took, most := time.Since(start), time.Duration(16/rate*float64(time.Second)); took > most {
					t.Errorf("at %v a second, priority %d waited %v", rate, p, took)
				}
			}
			stop()
			synctest.Wait()
		})
	}
}

// One more change is not made to wait behind six hundred that came before it; nor do these wait for ever.
func TestTheNewestAndTheOldestTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := budget.NewLimiter(8)
		start := time.Now()
		var wg sync.WaitGroup
		for range 600 {
			wg.Go(func() { _ = l.Wait(budget.WithPriority(t.Context(), budget.Interactive)) })
		}
		time.Sleep(10 * time.Second)
		asked := time.Now()
		_ = l.Wait(budget.WithPriority(t.Context(), budget.Interactive))
		if took := time.Since(asked); took > 500*time.Millisecond {
			t.Errorf("waited %v", took)
		}
		wg.Wait()
		if took := time.Since(start); took > 80*time.Second {
			t.Errorf("600 requests took %v", took)
		}
	})
}

// What waits already goes where its Level does: forward when somebody urgent lends it a priority, and back when that is taken back.
func TestWhatWaitsGoesWithItsLevel(t *testing.T) {
	for name, row := range map[string]struct {
		lent        time.Duration
		least, most time.Duration
	}{"it stays": {time.Hour, 0, 3 * time.Second}, "it is taken back": {100 * time.Millisecond, 5 * time.Second, 15 * time.Second}} {
		synctest.Test(t, func(t *testing.T) {
			l := budget.NewLimiter(1)
			ctx, stop := context.WithCancel(t.Context())
			crowd(budget.WithPriority(ctx, budget.Interactive), 50, l.Wait)
			crowd(budget.WithPriority(ctx, budget.Bulk), 50, l.Wait)
			time.Sleep(time.Second)
			level, done := budget.NewLevel(budget.Background), make(chan time.Time)
			go func() {
				_ = l.Wait(budget.WithLevel(t.Context(), level))
				done <- time.Now()
			}()
			synctest.Wait()
			began, back := time.Now(), level.Lend(budget.Interactive)
			time.AfterFunc(row.lent, back)
			if took := (<-done).Sub(began); took < row.least || took > row.most {
				t.Errorf("%s: waited %v", name, took)
			}
			stop()
			synctest.Wait()
		})
	}
}

// The pages of a list that somebody waits for come one after the other: none of them stands behind all the single requests before it.
func TestAListMovesBesideManySingleRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const pages = 30
		l := budget.NewLimiter(1)
		ctx, stop := context.WithCancel(t.Context())
		crowd(budget.WithPriority(ctx, budget.Interactive), 50, l.Wait)
		time.Sleep(time.Second)
		level := budget.NewLevel(budget.Background)
		defer level.Lend(budget.Interactive)()
		began := time.Now()
		for range pages {
			_ = l.Wait(budget.WithLevel(t.Context(), level))
		}
		if took := time.Since(began); took > 3*pages*time.Second {
			t.Errorf("%d pages took %v at 1 request a second", pages, took)
		}
		stop()
		synctest.Wait()
	})
}

// A Level that rises makes what is asked for from then on more urgent.
func TestALevelRises(t *testing.T) {
	level := budget.NewLevel(budget.Background)
	ctx := budget.WithLevel(t.Context(), level)
	level.Raise(budget.Interactive)
	level.Raise(budget.Bulk)
	level.Lend(budget.Bulk)()
	if p := budget.PriorityOf(ctx); p != budget.Interactive {
		t.Errorf("priority %d", p)
	}
}

// A pause is not a sign that the rate is too high. Who cannot wait for its end is told so at once, and until when.
func TestAPauseIsWaitedForByThoseWhoCan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := budget.NewLimiter(8)
		began := time.Now()
		within := func(d time.Duration) error {
			ctx, cancel := context.WithTimeout(t.Context(), d)
			defer cancel()
			return l.Wait(ctx)
		}
		queued := make(chan error)
		for l.Wait(t.Context()) == nil && time.Since(began) == 0 {
			continue // until the bucket is empty
		}
		start := time.Now()
		for range 2 {
			go func() { queued <- within(10 * time.Second) }()
		}
		synctest.Wait()
		l.Pause(5 * time.Minute)
		until := start.Add(5 * time.Minute)
		var paused *budget.PausedError
		if err := within(20 * time.Second); !errors.As(err, &paused) || !paused.Until.Equal(until) || !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 0 {
			t.Errorf("after %s: %v", time.Since(start), err)
		}
		for range 2 {
			if err := <-queued; !errors.As(err, &paused) || time.Since(start) != 10*time.Second {
				t.Errorf("of one that waited before, after %s: %v", time.Since(start), err)
			}
		}
		l.Pause(time.Second) // which is over sooner
		if err := within(time.Hour); err != nil || time.Since(start) != 5*time.Minute || l.Rate() != 8 {
			t.Errorf("after %s, at %v a second: %v", time.Since(start), l.Rate(), err)
		}
	})
}
