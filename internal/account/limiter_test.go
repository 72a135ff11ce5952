package account_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/goto-operator/goto-operator/internal/account"
)

func TestLimiterNeverExceedsTenInASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := account.NewLimiter(8)
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
		l := account.NewLimiter(1)
		_ = l.Wait(t.Context())
		var (
			mu    sync.Mutex
			order []account.Priority
			wg    sync.WaitGroup
		)
		for _, p := range []account.Priority{account.Background, account.Bulk, account.Interactive} {
			wg.Go(func() {
				_ = l.Wait(account.WithPriority(t.Context(), p))
				mu.Lock()
				defer mu.Unlock()
				order = append(order, p)
			})
			synctest.Wait()
		}
		wg.Wait()
		for i, p := range order {
			if p != account.Priority(i) {
				t.Fatalf("order %v", order)
			}
		}
	})
}

func TestLimiterSlowsDownAndRecovers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := account.NewLimiter(8)
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
		l := account.NewLimiter(1)
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
