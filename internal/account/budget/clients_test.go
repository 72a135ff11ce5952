package budget_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/goto-operator/goto-operator/internal/account/budget"
)

// Two accounts with one OAuth client make no more requests together than one alone, and each has its share of them.
func TestAccountsShareTheBudgetOfAClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var clients budget.Clients
		ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
		defer stop()
		var counts [3]atomic.Int64
		for i, s := range []*budget.Share{clients.Join("a", "busy", 8), clients.Join("a", "calm", 8), clients.Join("b", "other", 8)} {
			crowd(ctx, []int{200, 5, 50}[i], func(ctx context.Context) error {
				err := s.Wait(ctx)
				if err == nil {
					counts[i].Add(1)
				}
				return err
			})
		}
		<-ctx.Done()
		synctest.Wait()
		busy, calm, other := counts[0].Load(), counts[1].Load(), counts[2].Load()
		if busy+calm > 84 || calm < 35 || other < 78 {
			t.Errorf("in 10 seconds at 8 a second: %d and %d of one client, %d of another", busy, calm, other)
		}
	})
}

// However often GoTo has answered 429, and whoever joins with a smaller rate, half a request a second is left.
func TestTheLeastRateHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var clients budget.Clients
		a := clients.Join("a", "one", 8)
		for range 10 {
			a.Throttled(0)
			time.Sleep(1100 * time.Millisecond)
		}
		before := a.Rate()
		if after := clients.Join("a", "two", 1).Rate(); before != 0.5 || after != 0.5 {
			t.Errorf("rate %v, and %v beside an account that allows 1", before, after)
		}
	})
}

// What one account is told of a client's rate holds for the others; the least that one of them allows counts for all.
func TestAClientHasOneRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var clients budget.Clients
		a, b := clients.Join("a", "one", 8), clients.Join("a", "two", 4)
		if r := a.Rate(); r != 4 {
			t.Errorf("rate %v beside an account that allows 4", r)
		}
		a.Throttled(0)
		if r := b.Rate(); r != 2 {
			t.Errorf("rate %v after the other account's 429", r)
		}
		b.Leave()
		time.Sleep(time.Minute + 40*time.Second)
		if r := a.Rate(); r != 8 {
			t.Errorf("rate %v once the other has left", r)
		}
		a.Throttled(0)
		a.Leave()
		if r := clients.Join("a", "again", 8).Rate(); r != 4 {
			t.Errorf("rate %v: the 429 is forgotten with the connection", r)
		}
	})
}
