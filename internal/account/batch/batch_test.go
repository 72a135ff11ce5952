package batch_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/goto-operator/goto-operator/internal/account/batch"
	"github.com/goto-operator/goto-operator/internal/account/budget"
)

// world is a batcher whose requests wait for a budget, and what was sent.
type world struct {
	*batch.Batcher[string, string]

	ready chan struct{} // one for each request that may leave

	mu   sync.Mutex
	sent []string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{ready: make(chan struct{}, 100)}
	w.Batcher = batch.New(batch.Options[string, string]{
		Context: t.Context(), Idle: 100 * time.Millisecond, Longest: time.Second, Size: 3, Run: w.run,
		Of: func(item string) string { thing, _, _ := strings.Cut(item, "="); return thing },
	})
	return w
}

func (w *world) run(ctx context.Context, items []string) []batch.Result[string] {
	<-w.ready
	if err := batch.Check(ctx); err != nil {
		return batch.FailAll[string, string](items, err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sent = append(w.sent, strings.Join(items, "+"))
	out := make([]batch.Result[string], len(items))
	for i := range items {
		out[i].Value = items[i]
	}
	return out
}

func (w *world) submit(ctx context.Context, item string) <-chan error {
	done := make(chan error, 1)
	go func() {
		got, err := w.Submit(ctx, "", item)
		if err == nil && got != item {
			err = errors.New("the result of " + got)
		}
		done <- err
	}()
	synctest.Wait()
	return done
}

func (w *world) want(t *testing.T, sent ...string) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if !slices.Equal(w.sent, sent) {
		t.Errorf("sent %q, want %q", w.sent, sent)
	}
}

func TestWhatArrivesTogetherIsSentTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ready <- struct{}{}
		w.ready <- struct{}{}
		var all []<-chan error
		for _, item := range []string{"a=1", "b=1", "c=1", "d=1"} {
			all = append(all, w.submit(t.Context(), item))
		}
		for _, done := range all {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		w.want(t, "a=1+b=1+c=1", "d=1")
	})
}

// prompt returns a batcher to which more is always about to come, for so many items and so long.
func prompt(t *testing.T, size int, held time.Duration) *batch.Batcher[int, int] {
	t.Helper()
	return batch.New(batch.Options[int, int]{
		Context: t.Context(), Idle: 100 * time.Millisecond, Longest: 5 * time.Second, Size: size,
		Hold: func(int) bool { return true }, Held: held, Prompt: true,
		Run: func(_ context.Context, items []int) []batch.Result[int] { return make([]batch.Result[int], len(items)) },
	})
}

// More is known to come for ever. Who is urgent does not wait for it; few wait as long as always, and many until the end.
func TestWhatIsPromptIsNotHeld(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name     string
		items    int
		priority budget.Priority
		after    time.Duration
	}{
		{"urgent", 1, budget.Interactive, 100 * time.Millisecond},
		{"few", 2, budget.Bulk, 5 * time.Second},
		{"many", batch.Many, budget.Bulk, 20 * time.Second},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := prompt(t, 100, 20*time.Second)
				began := time.Now()
				var all sync.WaitGroup
				for i := range row.items {
					all.Go(func() {
						if _, err := b.Submit(budget.WithPriority(t.Context(), row.priority), "", i); err != nil {
							t.Error(err)
						}
					})
				}
				all.Wait()
				if took := time.Since(began); took != row.after {
					t.Errorf("sent after %v, want %v", took, row.after)
				}
			})
		})
	}
}

// asked counts how often a caller is asked for anything, such as how urgent it is.
type asked struct {
	context.Context //nolint:containedctx // it is one

	times *atomic.Int64
}

func (a asked) Value(key any) any {
	a.times.Add(1)
	return a.Context.Value(key)
}

// Thousands who wait are not all asked for each who comes.
func TestEachWhoComesIsAskedAFewTimes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const many = 3000
		b := prompt(t, 2*many, 20*time.Second)
		var times atomic.Int64
		var told sync.WaitGroup
		told.Add(many)
		for i := range many {
			b.Put(asked{t.Context(), &times}, "", i, func(batch.Result[int]) { told.Done() })
			time.Sleep(time.Millisecond)
		}
		told.Wait()
		if each := times.Load() / many; each > 100 {
			t.Errorf("each was asked %d times", each)
		}
	})
}

// Who becomes urgent while it waits is not held any longer, though others go on to come.
func TestWhoBecomesUrgentIsNotHeld(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := prompt(t, 1000, time.Minute)
		level, done := budget.NewLevel(budget.Bulk), make(chan time.Time, 1)
		b.Put(budget.WithLevel(t.Context(), level), "", 0, func(batch.Result[int]) { done <- time.Now() })
		bulk := budget.WithPriority(t.Context(), budget.Bulk)
		var raised time.Time
		for i := range 400 {
			b.Put(bulk, "", i, func(batch.Result[int]) {})
			time.Sleep(50 * time.Millisecond)
			if i == 200 {
				level.Raise(budget.Interactive)
				raised = time.Now()
			}
		}
		if waited := (<-done).Sub(raised); waited > time.Second {
			t.Errorf("it was held for %v more", waited)
		}
	})
}

// Who gives up while the request waits is taken out of it; the others are served.
func TestWhoGivesUpIsTakenOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, when := range []string{"open", "waiting"} {
			w := newWorld(t)
			ctx, giveUp := context.WithCancel(t.Context())
			first, second := w.submit(ctx, "a=1"), w.submit(t.Context(), "b=1")
			if when == "waiting" {
				time.Sleep(time.Second)
			}
			giveUp()
			if err := <-first; !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", when, err)
			}
			for range 3 {
				w.ready <- struct{}{}
			}
			if err := <-second; err != nil {
				t.Errorf("%s: %v", when, err)
			}
			w.want(t, "b=1")
		}
	})
}

// A change is not sent before an earlier one of the same thing is done, and an earlier one that was given up not at all.
func TestOneChangeOfAThingAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ctx, giveUp := context.WithCancel(t.Context())
		first := w.submit(ctx, "a=1")
		time.Sleep(time.Second)
		giveUp()
		if err := <-first; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		second, third := w.submit(t.Context(), "a=2"), w.submit(t.Context(), "b=1")
		time.Sleep(time.Minute)
		w.want(t)
		for range 3 {
			w.ready <- struct{}{}
		}
		if err := errors.Join(<-second, <-third); err != nil {
			t.Error(err)
		}
		if len(w.sent) != 2 || slices.Contains(w.sent, "a=1") {
			t.Errorf("sent %q", w.sent)
		}
	})
}

// Changes of one thing are sent in the order in which they came, whoever of them gives up meanwhile.
func TestChangesOfAThingKeepTheirOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		ctx, giveUp := context.WithCancel(t.Context())
		var all []<-chan error
		for _, item := range []string{"a=0", "a=1", "a=2", "a=3", "a=4", "a=5", "a=6", "a=7"} {
			caller := t.Context()
			if item == "a=1" || item == "a=4" {
				caller = ctx
			}
			all = append(all, w.submit(caller, item))
		}
		time.Sleep(time.Second)
		giveUp()
		for range all {
			w.ready <- struct{}{}
		}
		for i, done := range all {
			if err := <-done; (err != nil) != (i == 1 || i == 4) {
				t.Errorf("a=%d: %v", i, err)
			}
		}
		w.want(t, "a=0", "a=2", "a=3", "a=5", "a=6", "a=7")
		if last := w.submit(t.Context(), "a=8"); <-last != nil { // nothing of the line is left
			t.Error("the next one is not sent")
		}
	})
}

// A request is as urgent as the most urgent of those who wait for it.
func TestABatchIsAsUrgentAsTheMostUrgentOfIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got budget.Priority
		b := batch.New(batch.Options[int, int]{Context: t.Context(), Idle: time.Second, Longest: time.Second, Size: 2,
			Run: func(ctx context.Context, items []int) []batch.Result[int] {
				got = budget.PriorityOf(ctx)
				return make([]batch.Result[int], len(items))
			}})
		var wg sync.WaitGroup
		for _, p := range []budget.Priority{budget.Background, budget.Interactive} {
			wg.Go(func() { _, _ = b.Submit(budget.WithPriority(t.Context(), p), "", 1) })
		}
		wg.Wait()
		if got != budget.Interactive {
			t.Errorf("priority %d", got)
		}
	})
}

// Who does not wait is told, and so is who has gone before the batch was sent.
func TestWhoDoesNotWaitIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.ready <- struct{}{}
		gone, leave := context.WithCancel(t.Context())
		told := map[string]error{}
		for item, ctx := range map[string]context.Context{"a=1": t.Context(), "b=1": gone} {
			w.Put(ctx, "", item, func(r batch.Result[string]) { told[item] = r.Err })
		}
		leave()
		time.Sleep(time.Second)
		synctest.Wait()
		if err, is := told["a=1"]; !is || err != nil || !errors.Is(told["b=1"], context.Canceled) {
			t.Errorf("%v", told)
		}
	})
}
