package budget

// flow is what takes turns: the requests of one priority of one who shares the budget. Those for which others wait have turns of their own:
// the pages of a list come one after the other, and each would stand behind all that came before it.
type flow struct {
	owner    string
	priority Priority
	shared   bool
}

type waiter struct {
	granted chan struct{}
	done    bool // it was granted
	of      flow
}

// fair decides who is served next: the flow that has had the least for its share, so that what is urgent goes first and all else moves.
// Within a flow the newest and the oldest take turns, so that one change does not wait behind six hundred others, nor those behind it.
type fair struct {
	queues map[flow]*queue
	now    float64 // the turn of the flow that was served last
}

type queue struct {
	waiters []*waiter
	turn    float64
	newest  bool
}

func (f *fair) empty() bool { return len(f.queues) == 0 }

func (f *fair) add(of flow, w *waiter) {
	if f.queues == nil {
		f.queues = map[flow]*queue{}
	}
	q := f.queues[of]
	if q == nil {
		q = &queue{turn: f.now + 1/share[of.priority], newest: true}
		f.queues[of] = q
	}
	w.of = of
	q.waiters = append(q.waiters, w)
}

// next takes out the waiter whose turn it is; nil if nobody waits.
func (f *fair) next() *waiter {
	var first *queue
	var of flow
	for key, q := range f.queues {
		if first == nil || q.turn < first.turn || q.turn == first.turn && before(key, of) {
			first, of = q, key
		}
	}
	if first == nil {
		return nil
	}
	f.now = first.turn
	first.turn += 1 / share[of.priority]
	w := first.take()
	f.drop(of)
	return w
}

func before(a, b flow) bool {
	if a.priority != b.priority {
		return a.priority < b.priority
	}
	if a.shared != b.shared {
		return a.shared
	}
	return a.owner < b.owner
}

func (q *queue) take() *waiter {
	last := len(q.waiters) - 1
	w := q.waiters[0]
	if q.newest {
		w = q.waiters[last]
		q.waiters = q.waiters[:last]
	} else {
		q.waiters = q.waiters[1:]
	}
	q.newest = !q.newest
	return w
}

func (f *fair) remove(w *waiter) {
	q := f.queues[w.of]
	for i := range q.waiters {
		if q.waiters[i] == w {
			q.waiters = append(q.waiters[:i], q.waiters[i+1:]...)
			break
		}
	}
	f.drop(w.of)
}

// drop forgets a flow in which nobody waits: who comes back later has no claim to the turns that it did not use.
func (f *fair) drop(of flow) {
	if len(f.queues[of].waiters) == 0 {
		delete(f.queues, of)
	}
}
