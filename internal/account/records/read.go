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
	next := &reading[T]{began: began, list: list, names: r.index(was, list, keys)}
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

func (r *Records[T]) swap(next *reading[T], keys []gotoclient.Key) []Difference[T] {
	over := r.laid()
	before := make(map[gotoclient.Key]*T, len(keys)+len(over))
	for _, key := range append(keys, over...) {
		before[key] = r.get(key)
	}
	first := r.base.began.IsZero()
	r.base, r.count, r.known = next, len(next.list), nil
	for _, key := range over {
		r.relay(key, next.began)
	}
	if first {
		return nil
	}
	var out []Difference[T]
	for key, was := range before {
		if now := r.get(key); was != now && (was == nil || now == nil || !r.opts.Same(was, now)) {
			out = append(out, Difference[T]{key, was, now})
		}
	}
	return out
}

// relay lays an entry over the new reading, as far as that may lag behind it.
func (r *Records[T]) relay(key gotoclient.Key, began time.Time) {
	e, read := r.over[key], r.base.list[key]
	r.names.remove(r.nameOf(e.now), key)
	left := r.left(key, began)
	if left == nil {
		delete(r.over, key)
		return
	}
	r.names.add(r.nameOf(left.now), key)
	r.over[key] = left
	r.tally(read, left.now)
}

// left is what an entry still says after a reading; nil for nothing.
func (r *Records[T]) left(key gotoclient.Key, began time.Time) *entry[T] {
	e, read := r.over[key], r.base.list[key]
	older := e.at.After(began)
	switch {
	case e.at.Before(began.Add(-r.opts.Lag)):
		return nil
	case e.now == nil: // one that was found gone is there again if a later list shows it
		if e.own || older {
			return e
		}
		return nil
	case read == nil:
		if r.yields(key, e.now) {
			return nil
		}
		return e
	case !e.own && !older: // a read of one is no more than a later list
		return nil
	}
	merged, lags := r.merge(e, read, older)
	if !lags {
		return nil
	}
	return &entry[T]{before: e.before, now: merged, at: e.at, own: e.own}
}

// yields tells a record in place of which the list shows another.
func (r *Records[T]) yields(key gotoclient.Key, now *T) bool {
	return r.opts.Yields != nil && r.opts.Yields(key) && len(r.base.names[r.nameOf(now)]) > 0
}
