package brake

import (
	"slices"
	"time"
)

// Allotment is what is recorded of deletions of one kind: no more than Count, the last no later than Time. They count
// against the limit until Time is a window ago.
type Allotment struct {
	Kind  Kind
	Time  time.Time
	Count int
}

// allotmentSize bounds what a crash can lose of the limit, and how often the record is written.
const allotmentSize = 10

// allotment is a number of places for deletions, recorded before the first is used. A place is taken by a ticket, which
// waits and is then used; what is spare when the term is over can no longer be used, so that no deletion is made later
// than the record says.
type allotment struct {
	until                time.Time // end of the term
	count, waiting, used int
	last                 time.Time // of the last use
}

func (a *allotment) open(now time.Time) bool { return now.Before(a.until) }

func (a *allotment) spare(now time.Time) int {
	if !a.open(now) {
		return 0
	}
	return a.count - a.waiting - a.used
}

// counts is what stands against the limit: all of it while it may be used, then what was used until the window has moved
// on, and whoever still waits with a place.
func (a *allotment) counts(now time.Time, window time.Duration) int {
	switch {
	case a.open(now):
		return a.count
	case now.Sub(a.last) < window:
		return a.waiting + a.used
	}
	return a.waiting
}

// leave takes a ticket out of its place.
func (a *allotment) leave(used bool) {
	if used {
		a.used--
	} else {
		a.waiting--
	}
}

// ledger counts the deletions of one kind.
type ledger struct {
	allotments []*allotment
	base       int // the largest total seen since nothing counted: our own deletions do not lower the limit
}

func (l *ledger) forget(now time.Time, window time.Duration) {
	l.allotments = slices.DeleteFunc(l.allotments, func(a *allotment) bool { return a.counts(now, window) == 0 })
}

// restore takes a deletion back into the count that it was taken out of.
func (l *ledger) restore(a *allotment) {
	a.used++
	if !slices.Contains(l.allotments, a) {
		l.allotments = append(l.allotments, a)
	}
}

func (l *ledger) counting(now time.Time, window time.Duration) int {
	n := 0
	for _, a := range l.allotments {
		n += a.counts(now, window)
	}
	return n
}

// made counts what was used until the window has moved on.
func (l *ledger) made(now time.Time, window time.Duration) int {
	n := 0
	for _, a := range l.allotments {
		if now.Sub(a.last) < window {
			n += a.used
		}
	}
	return n
}

// close takes spare places away until no more count than the limit is, or none is left.
func (l *ledger) close(now time.Time, window time.Duration, limit int) {
	excess := max(0, l.counting(now, window)-limit)
	for _, a := range l.allotments {
		closed := max(0, min(a.spare(now), excess))
		a.count -= closed
		excess -= closed
	}
}

// limit is the number that may count, in an account that now has so many. To ask for it changes nothing.
func (l *ledger) limit(limit Limit, total int) int { return limit.Of(l.largest(total)) }

// largest is what base is once there are so many.
func (l *ledger) largest(total int) int {
	if len(l.allotments) == 0 {
		return total
	}
	return max(l.base, total)
}

// spare is an allotment with a place to take, nil if there is none.
func (l *ledger) spare(now time.Time) *allotment {
	for _, a := range l.allotments {
		if a.spare(now) > 0 {
			return a
		}
	}
	return nil
}

// retryAt is when the first of the deletions that count does so no more.
func (l *ledger) retryAt(now time.Time, window time.Duration) time.Time {
	at := now.Add(window)
	for _, a := range l.allotments {
		if end := a.last.Add(window); a.used > 0 && end.Before(at) {
			at = end
		}
	}
	return at
}

// record is what has to be known after a restart. Those who still wait are not in it: they are recorded again when they
// are used.
func (l *ledger) record(kind Kind, now time.Time, window time.Duration) []Allotment {
	var out []Allotment
	for _, a := range l.allotments {
		switch {
		case a.open(now):
			out = append(out, Allotment{kind, a.until, a.count})
		case a.used > 0 && now.Sub(a.last) < window:
			out = append(out, Allotment{kind, a.last, a.used})
		}
	}
	return compact(out, window/100)
}

// compact joins allotments whose times are so close that little is lost by counting all of them as long as the last. It
// bounds the record, whatever the limit.
func compact(in []Allotment, span time.Duration) []Allotment {
	slices.SortFunc(in, func(a, b Allotment) int { return a.Time.Compare(b.Time) })
	var out []Allotment
	var start time.Time
	for _, a := range in {
		if n := len(out) - 1; n >= 0 && a.Time.Sub(start) <= span {
			out[n].Time, out[n].Count = a.Time, out[n].Count+a.Count
			continue
		}
		start = a.Time
		out = append(out, a)
	}
	return out
}
