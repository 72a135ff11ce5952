package records

import (
	"maps"
	"time"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Difference is a record before and after a reading; nil where there was or is none.
type Difference[T any] struct {
	Key      gotoclient.Key
	Was, Now *T
}

// Keep returns what is to be kept of a record that is being read: the one from the reading before, if it says the same.
func (r *Records[T]) Keep(key gotoclient.Key, read *T) *T {
	r.mu.RLock()
	defer r.mu.RUnlock()
	r.fill(key, read)
	if was := r.base.list[key]; was != nil && r.opts.Same(was, read) {
		return was
	}
	kept := *read // and not the page that it is a part of
	return &kept
}

// Read puts a reading in place of the last one, and returns what is different from what was known; of the first, nothing. What is laid
// over stays where the list lags behind it. Records that were kept by Keep are not compared.
func (r *Records[T]) Read(began time.Time, list map[gotoclient.Key]*T) []Difference[T] {
	r.mu.RLock()
	was := r.base
	r.mu.RUnlock()
	keys := changed(was.list, list) // off the lock: one goroutine reads, and neither of the two is changed
	next := &reading[T]{began: began, list: list, names: r.index(was, list, keys), has: r.holders(was, list, keys)}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.swap(next, keys)
}

// Since returns what is different from what other records of the same things know.
func (r *Records[T]) Since(before *Records[T]) []Difference[T] {
	was, now := maps.Collect(before.All()), maps.Collect(r.All())
	var out []Difference[T]
	for _, key := range changed(was, now) {
		if was[key] == nil || now[key] == nil || !r.opts.Same(was[key], now[key]) {
			out = append(out, Difference[T]{key, was[key], now[key]})
		}
	}
	return out
}

func (l *layers[T]) swap(next *reading[T], keys []gotoclient.Key) []Difference[T] {
	over := l.laid()
	before := make(map[gotoclient.Key]*T, len(keys)+len(over))
	for _, key := range append(keys, over...) {
		before[key] = l.get(key)
	}
	first := l.base.began.IsZero()
	l.base, l.count, l.has, l.known = next, len(next.list), maps.Clone(next.has), nil
	for _, key := range over {
		l.relay(key, next.began)
	}
	if first {
		return nil
	}
	var out []Difference[T]
	for key, was := range before {
		if now := l.get(key); was != now && (was == nil || now == nil || !l.opts.Same(was, now)) {
			out = append(out, Difference[T]{key, was, now})
		}
	}
	return out
}

// relay lays an entry over the new reading, as far as that may lag behind it.
func (l *layers[T]) relay(key gotoclient.Key, began time.Time) {
	e, read := l.over[key], l.base.list[key]
	l.names.remove(l.nameOf(e.now), key)
	left := l.left(key, began)
	if left == nil {
		delete(l.over, key)
		return
	}
	l.names.add(l.nameOf(left.now), key)
	l.over[key] = left
	l.tally(read, left.now)
}

// left is what an entry still says after a reading; nil for nothing.
func (l *layers[T]) left(key gotoclient.Key, began time.Time) *entry[T] {
	e, read := l.over[key], l.base.list[key]
	older := e.at.After(began)
	switch {
	case e.at.Before(began.Add(-l.opts.Lag)):
		return nil
	case e.now == nil: // one that was found gone is there again if a later list shows it
		if e.own || older {
			return e
		}
		return nil
	case read == nil:
		if l.yields(key, e.now) {
			return nil
		}
		return e
	case !e.own && !older: // a read of one is no more than a later list
		return nil
	}
	merged, lags := l.opts.Merge(e.before, e.now, read, older)
	if !lags {
		return nil
	}
	return &entry[T]{before: e.before, now: merged, at: e.at, own: e.own}
}

// yields tells a record in place of which the list shows another.
func (l *layers[T]) yields(key gotoclient.Key, now *T) bool {
	return l.opts.Yields != nil && l.opts.Yields(key) && len(l.base.names.of(l.nameOf(now))) > 0
}
