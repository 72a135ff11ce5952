package records

import (
	"slices"
	"time"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// entry is what is known of one key beyond the last reading.
type entry[T any] struct {
	before []*T // what a read that lags may still show; nil among them for nothing
	now    *T   // nil if it is not there
	at     time.Time
	own    bool // a write of ours, rather than a read
}

// longestBefore bounds what is kept of a record that is written again and again within the lag.
const longestBefore = 8

// Write lays a write of ours over what is known. Nil for a record that was deleted.
func (r *Records[T]) Write(key gotoclient.Key, now *T, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := &entry[T]{before: r.before(key), now: now, at: at, own: true}
	if was := r.get(key); !slices.Contains(e.before, was) {
		e.before = append(e.before, was)
	}
	if more := len(e.before) - longestBefore; more > 0 { // never what the last reading has shown, which is the first
		e.before = slices.Delete(e.before, 1, 1+more)
	}
	r.put(key, e)
}

// Correct lays over what is known what GoTo shows of one record, in place of our own writes: they have not come about, or not as they
// were sent. Nil for a record that is surely gone, until a reading shows it again.
func (r *Records[T]) Correct(key gotoclient.Key, seen *T, at time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fill(key, seen)
	r.put(key, &entry[T]{before: r.before(key), now: seen, at: at})
}

// Show lays over what is known what a read of one record has shown, but for writes of ours that it does not show yet. It returns what is
// known then.
func (r *Records[T]) Show(key gotoclient.Key, seen *T, at time.Time) *T {
	r.mu.Lock()
	defer r.mu.Unlock()
	e := r.over[key]
	r.fill(key, seen)
	if e == nil || e.now == nil || !e.own {
		r.put(key, &entry[T]{before: r.before(key), now: seen, at: at})
		return seen
	}
	now, lags := r.opts.Merge(e.before, e.now, seen, false)
	if !lags { // it has come about: from now on, what a later list shows instead is somebody else's
		e = &entry[T]{before: e.before, at: at}
	}
	r.put(key, &entry[T]{before: e.before, now: now, at: e.at, own: e.own})
	return now
}

// before is what a read that lags may show of a key.
func (l *layers[T]) before(key gotoclient.Key) []*T {
	if e := l.over[key]; e != nil {
		return slices.Clone(e.before)
	}
	return []*T{l.base.list[key]}
}

// put lays an entry over, or takes it away where it says no more than the last reading.
func (l *layers[T]) put(key gotoclient.Key, e *entry[T]) {
	was, base := l.get(key), l.base.list[key]
	if old := l.over[key]; old != nil {
		l.names.remove(l.nameOf(old.now), key)
	}
	switch {
	case !e.own && (e.now == base || e.now != nil && base != nil && l.opts.Same(e.now, base)):
		delete(l.over, key)
	default:
		l.over[key] = e
		l.names.add(l.nameOf(e.now), key)
	}
	l.tally(was, l.get(key))
}

// tally counts a record in the place of what was there.
func (l *layers[T]) tally(was, now *T) {
	l.has.add(l.hasOf(was), -1)
	l.has.add(l.hasOf(now), 1)
	switch {
	case was == nil && now != nil:
		l.count++
	case was != nil && now == nil:
		l.count--
	}
}

// fill completes a record that was read by what is known of it.
func (l *layers[T]) fill(key gotoclient.Key, read *T) {
	known := l.get(key)
	if known == nil && l.known != nil {
		known = l.known.Get(key)
	}
	if known != nil && read != nil && l.opts.Fill != nil {
		l.opts.Fill(read, known)
	}
}

// Merge lays a record as we wrote it over one that was read: field by field, what was written counts where the read shows what was there
// before, or where it is older than the write. It tells whether there is such a field.
func (fields Fields[T]) Merge(before []*T, now, read *T, older bool) (merged *T, lags bool) {
	out := *read
	for _, f := range fields {
		if f.Same(read, now) {
			continue
		}
		written := func(b *T) bool { return b != nil && !f.Same(b, now) && (older || f.Same(b, read)) }
		if slices.ContainsFunc(before, written) {
			f.Set(&out, now)
			lags = true
		}
	}
	if !lags {
		return read, false
	}
	return &out, true
}
