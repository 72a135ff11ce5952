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
