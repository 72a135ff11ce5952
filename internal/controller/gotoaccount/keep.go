package gotoaccount

import (
	"context"
	"sync"
	"time"

	"github.com/goto-operator/goto-operator/internal/backoff"
)

// keeper reads an account again and again: at each resync, at once when somebody asks for it, and sooner after a failure, at distances that
// grow with the time that it lasts. It alone does, so that a reading is made once for all who ask.
type keeper struct {
	read   func(context.Context) error
	resync time.Duration
	// hopeless tells a failure that passes only when a person does something: then nobody but that person starts a reading.
	hopeless func(error) bool

	wake chan struct{}

	mu           sync.Mutex
	begun, ended int // readings
}

func newKeeper(resync time.Duration, hopeless func(error) bool, read func(context.Context) error) *keeper {
	return &keeper{read: read, resync: resync, hopeless: hopeless, wake: make(chan struct{}, 1)}
}

// ask has the account read, and returns the number of the first reading that begins after now.
func (k *keeper) ask() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	select {
	case k.wake <- struct{}{}:
	default: // it is asked for already
	}
	return k.begun + 1
}

// done tells whether a reading has ended.
func (k *keeper) done(reading int) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.ended >= reading
}

// run reads until ctx ends. The first reading has been made.
func (k *keeper) run(ctx context.Context) {
	var failing time.Time
	wait := backoff.Jittered(k.resync)
	for k.sleep(ctx, wait) {
		k.note(&k.begun)
		err := k.read(ctx)
		k.note(&k.ended)
		switch {
		case err == nil:
			failing, wait = time.Time{}, backoff.Jittered(k.resync)
		case k.hopeless(err):
			wait = never
		default:
			if failing.IsZero() {
				failing = time.Now()
			}
			wait = backoff.Next(time.Since(failing), k.resync)
		}
	}
}

// never is the time to a reading that only somebody who asks for it starts.
const never = time.Duration(0)

func (k *keeper) note(n *int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	*n++
}

// sleep waits for the next reading; false when there is none.
func (k *keeper) sleep(ctx context.Context, d time.Duration) bool {
	var due <-chan time.Time
	if d != never {
		timer := time.NewTimer(d)
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-ctx.Done():
		return false
	case <-due:
	case <-k.wake:
	}
	return true
}
