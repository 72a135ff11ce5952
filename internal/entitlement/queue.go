package entitlement

import (
	"cmp"
	"slices"

	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// unplaced is the place of a want that no queue has looked at.
const unplaced = -1

// queue are those who want a licence and have it not, who comes first first. Most of it stays as it is from one change to
// the next: what is new is merged into it.
type queue struct {
	order, added []*want
	free, used   int  // seats
	changed      bool // since it was last ordered
}

func (q *queue) add(w *want) { q.added, q.changed = append(q.added, w), true }

func (q *queue) drop(w *want) { w.dropped, q.changed = true, true }

// serve gives the free seats to those who come first, and the others their places. It calls move before somebody's place is
// another one.
func (q *queue) serve(move func(*want)) {
	q.changed = false
	gone := func(w *want) bool { return w.dropped }
	q.added = slices.DeleteFunc(q.added, gone)
	slices.SortFunc(q.added, compareWants)
	q.order = merge(slices.DeleteFunc(q.order, gone), q.added)
	q.added = nil
	for i, w := range q.order {
		place := int32(0)
		if i >= q.free {
			place = int32(rounded(i - q.free + 1)) //nolint:gosec // there are not as many users
		}
		if w.place != place {
			move(w)
			w.place = place
		}
	}
}

// queues are those of all licences for which somebody waits.
type queues struct {
	of    map[gotoclient.Key]*queue
	seats map[gotoclient.Key]account.Seats
}

func (q *queues) add(w *want) {
	to := q.of[w.license]
	if to == nil {
		seats := q.seats[w.license]
		to = &queue{free: seats.Free, used: seats.Used}
		q.of[w.license] = to
	}
	to.add(w)
}

// drop takes a user out of all of them.
func (q *queues) drop(u *user) {
	if u.open == nil {
		return
	}
	for i := range u.open.wants {
		w := &u.open.wants[i]
		if from := q.of[w.license]; from != nil {
			from.drop(w)
		}
	}
}

// serve gives out the seats of all queues that have changed.
func (q *queues) serve(move func(*want)) {
	for key, one := range q.of {
		if one.changed {
			one.serve(move)
		}
		if len(one.order) == 0 {
			delete(q.of, key)
		}
	}
}

// recount takes in how many seats are free and used now. It calls look with those who wait where that is different.
func (q *queues) recount(now map[gotoclient.Key]account.Seats, look func(*user)) {
	for key, one := range q.of {
		if now := now[key]; one.free != now.Free || one.used != now.Used {
			one.free, one.used, one.changed = now.Free, now.Used, true
			for _, w := range one.order {
				if !w.dropped {
					look(w.user)
				}
			}
		}
	}
}

// listed is true for a licence that the account has.
func (q *queues) listed(license gotoclient.Key) bool {
	_, ok := q.seats[license]
	return ok
}

func merge(a, b []*want) []*want {
	if len(b) == 0 {
		return a
	}
	out := make([]*want, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if compareWants(a[0], b[0]) <= 0 {
			out, a = append(out, a[0]), a[1:]
		} else {
			out, b = append(out, b[0]), b[1:]
		}
	}
	return append(append(out, a...), b...)
}

// compareWants orders a queue. Those who cannot take a seat come last, so that none is kept for them.
func compareWants(a, b *want) int {
	return cmp.Or(
		first(a.able, b.able), cmp.Compare(b.priority, a.priority), cmp.Compare(a.user.created, b.user.created),
		cmp.Compare(a.user.name.Namespace, b.user.name.Namespace), cmp.Compare(a.user.name.Name, b.user.name.Name),
	)
}

// rounded is exact up to 100, and beyond it a multiple of 100, or of 1000.
func rounded(place int) int {
	switch {
	case place <= 100:
		return place
	case place <= 1000:
		return (place + 99) / 100 * 100
	}
	return (place + 999) / 1000 * 1000
}
