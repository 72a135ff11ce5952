package gotomeeting

import (
	"context"
	"sync"
	"time"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/turn"
)

// holds remembers which object has come by which meeting in this process: a status that says so may not be written yet, or
// not have reached the cache. And it lets meetings that nobody can tell apart be created and looked for one at a time.
type holds struct {
	mu    sync.Mutex
	by    map[gotoclient.Key]hold
	locks map[string]*queue
}

type hold struct {
	owner string    // namespace and name of the object
	at    time.Time // of the intent; zero for one that was adopted
}

// queue are those who wait for their turn, and who has it.
type queue struct {
	turn.Turn

	waiting int
}

func newHolds() *holds {
	return &holds{by: map[gotoclient.Key]hold{}, locks: map[string]*queue{}}
}

// lock waits for the turn among meetings of the same signature, and returns what ends it.
func (h *holds) lock(ctx context.Context, signature string) (unlock func(), err error) {
	h.mu.Lock()
	q := h.locks[signature]
	if q == nil {
		q = &queue{}
		h.locks[signature] = q
	}
	q.waiting++
	h.mu.Unlock()
	if err := q.Take(ctx); err != nil {
		h.gone(signature, q)
		return nil, err
	}
	return func() {
		q.Leave()
		h.gone(signature, q)
	}, nil
}

func (h *holds) gone(signature string, q *queue) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if q.waiting--; q.waiting == 0 {
		delete(h.locks, signature)
	}
}

func (h *holds) take(id gotoclient.Key, owner string, at time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.by[id] = hold{owner, at}
}

// mine is the meeting that an object came by with the intent of that time.
func (h *holds) mine(owner string, at time.Time) (gotoclient.Key, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for id, by := range h.by {
		if by.owner == owner && by.at.Equal(at) {
			return id, true
		}
	}
	return "", false
}

// others tells whether another object has come by the meeting.
func (h *holds) others(id gotoclient.Key, owner string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	by, ok := h.by[id]
	return ok && by.owner != owner
}

// release forgets a meeting that is no more.
func (h *holds) release(id gotoclient.Key) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.by, id)
}
