package gotoaccount

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/goto-operator/goto-operator/internal/account/budget"
)

// silence says for how long GoTo did not answer.
type silence time.Duration

func (s silence) Error() string { return fmt.Sprintf("GoTo has not answered for %s", time.Duration(s)) }

// watch is an account's share of a budget, and ends what is done with it when GoTo has not answered for a time. Waiting for the budget is no
// silence: accounts that share an OAuth client have it in turns, and if together they needed longer than that time, each of them would be
// given up and begin anew.
type watch struct {
	*budget.Share

	mu      sync.Mutex
	waiting int // for the budget
	most    time.Duration
	timer   *time.Timer // runs while nobody waits; nil while nothing is watched
}

// Wait blocks until one more request may be sent, or returns the error of ctx. The silence begins anew with each.
func (w *watch) Wait(ctx context.Context) error {
	w.note(1)
	defer w.note(-1)
	return w.Share.Wait(ctx)
}

func (w *watch) note(more int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waiting += more
	switch {
	case w.timer == nil:
	case w.waiting > 0:
		w.timer.Stop()
	default:
		w.timer.Reset(w.most)
	}
}

// during does something, and ends it with a silence of so long.
func (w *watch) during(ctx context.Context, most time.Duration, do func(context.Context) error) error {
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	w.start(most, func() { end(silence(most)) })
	defer w.stop()
	err := do(ctx)
	var silent silence
	if err != nil && errors.As(context.Cause(ctx), &silent) {
		return silent
	}
	return err
}

func (w *watch) start(most time.Duration, silent func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.most, w.timer = most, time.AfterFunc(most, silent)
}

func (w *watch) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timer.Stop()
	w.timer = nil
}
