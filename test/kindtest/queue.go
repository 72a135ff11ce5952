package kindtest

import (
	"sync"
	"time"

	ctrl "sigs.k8s.io/controller-runtime"
)

// queue is when which object is to be reconciled, as a manager's queue knows it.
type queue struct {
	mu       sync.Mutex
	due      map[string]time.Time
	failures map[string]int
}

func (q *queue) reset() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.due, q.failures = map[string]time.Time{}, map[string]int{}
}

func (q *queue) add(name string, after time.Duration) {
	q.mu.Lock()
	defer q.mu.Unlock()
	at := time.Now().Add(after)
	if due, is := q.due[name]; !is || at.Before(due) {
		q.due[name] = at
	}
}

// take is the beginning of a reconcile: what comes up during it starts another one.
func (q *queue) take(name string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.due, name)
}

// settle notes what a reconcile has said about the next one.
func (q *queue) settle(name string, result ctrl.Result, err error) {
	if err != nil {
		q.failures[name]++
		q.add(name, min(time.Second<<min(q.failures[name], 12), 15*time.Minute))
		return
	}
	delete(q.failures, name)
	if result.RequeueAfter > 0 {
		q.add(name, result.RequeueAfter)
	}
}

// next is the object that is to be reconciled first, and when; the zero time for none.
func (q *queue) next() (name string, at time.Time) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for n, due := range q.due {
		if at.IsZero() || due.Before(at) || due.Equal(at) && n < name {
			name, at = n, due
		}
	}
	return name, at
}
