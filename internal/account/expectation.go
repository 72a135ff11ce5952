package account

import (
	"sync"
	"time"

	"github.com/goto-operator/goto-operator/internal/account/batch"
)

// Expectation is the number of changes that have been announced and have not come yet.
type Expectation struct {
	now     func() time.Time
	mu      sync.Mutex
	pending int
	until   time.Time
}

// longestExpectation bounds how long an announcement holds others up while nothing of it comes.
const longestExpectation = 20 * time.Second

// Expect announces changes of so many users, in place of what was announced before, so that requests wait until they are
// full; Arrived takes one back.
func (e *Expectation) Expect(users int) {
	if users < batch.Many {
		users = 0
	}
	e.set(func(int) int { return users })
}

// Arrived says that a user who was announced is about to be changed, or will not be.
func (e *Expectation) Arrived() {
	e.set(func(pending int) int { return max(0, pending-1) })
}

func (e *Expectation) set(pending func(int) int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.pending = pending(e.pending)
	e.until = e.now().Add(longestExpectation)
}

// some is true while more of what was announced is to come.
func (e *Expectation) some() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.now().After(e.until) {
		e.pending = 0
	}
	return e.pending > 0
}
