package account

import (
	"context"
	"iter"
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/goto-operator/goto-operator/internal/account/batch"
	"github.com/goto-operator/goto-operator/internal/account/budget"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

const (
	// movesAtOnce is how many of our own writes that make the list longer or shorter are under way at once.
	movesAtOnce = 8
	// longestMoves is how long a reading waits for those that are under way.
	longestMoves = 5 * time.Second
)

// steady keeps the list of users as it is while it is read. A user whom we create or delete between two pages makes the list contradict
// itself, and then it is read again from its beginning; while thousands are created or deleted, one reading would follow another. What a
// person has just changed waits for nothing, unless that is so of many at once.
type steady struct {
	userAPI

	moves *semaphore.Weighted
	list  *atomic.Pointer[budget.Level] // of the reading that is under way, or waits to be
}

func keepSteady(api userAPI) steady {
	return steady{api, semaphore.NewWeighted(movesAtOnce), &atomic.Pointer[budget.Level]{}}
}

// Pages reads the list when what is under way has ended.
func (s steady) Pages(ctx context.Context, opts gotoclient.ListOptions, reduce func(*gotoclient.User)) iter.Seq2[*gotoclient.Page[gotoclient.User], error] {
	return func(yield func(*gotoclient.Page[gotoclient.User], error) bool) {
		s.list.Store(budget.LevelOf(ctx))
		defer s.list.Store(nil)
		if s.quiet(ctx) {
			defer s.moves.Release(movesAtOnce)
		}
		s.userAPI.Pages(ctx, opts, reduce)(yield)
	}
}

// quiet is true once nothing is under way, and keeps it so until it is released.
func (s steady) quiet(ctx context.Context) bool {
	if budget.PriorityOf(ctx) == budget.Interactive {
		return s.moves.TryAcquire(movesAtOnce)
	}
	ctx, cancel := context.WithTimeout(ctx, longestMoves)
	defer cancel()
	return s.moves.Acquire(ctx, movesAtOnce) == nil
}

// Create creates users while nobody reads the list.
func (s steady) Create(ctx context.Context, users gotoclient.CreateUsers) (made []gotoclient.CreatedUser, err error) {
	return made, s.move(ctx, len(users.Users), func() error {
		made, err = s.userAPI.Create(ctx, users)
		return err
	})
}

// Delete deletes users while nobody reads the list.
func (s steady) Delete(ctx context.Context, keys []gotoclient.Key) error {
	return s.move(ctx, len(keys), func() error { return s.userAPI.Delete(ctx, keys) })
}

func (s steady) move(ctx context.Context, users int, do func() error) error {
	if users >= batch.Many || budget.PriorityOf(ctx) != budget.Interactive {
		if err := s.enter(ctx); err != nil {
			return err
		}
		defer s.moves.Release(1)
	}
	return do()
}

// enter waits until nobody reads the list. A reading is as urgent as those who wait for its end: thousands of pages of the background may
// stand behind everything else.
func (s steady) enter(ctx context.Context) error {
	if list := s.list.Load(); list != nil {
		defer list.Lend(budget.PriorityOf(ctx))()
	}
	return s.moves.Acquire(ctx, 1)
}
