package records

import (
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Options of Records.
type Options[T any] struct {
	// Name is what a record is looked up by beside its key, "" for none. Nil if there is no such thing.
	Name func(*T) string
	// Has is what a record has that is counted, each once: see Holders. Nil if there is no such thing.
	Has func(*T) []Held
	// Same tells whether two records say the same.
	Same func(a, b *T) bool
	// Merge lays what we wrote over a record that was read: see Fields.Merge.
	Merge func(before []*T, now, read *T, older bool) (merged *T, lags bool)
	// Fill gives a record that was read what reads may lack and is known from before. Nil for nothing.
	Fill func(read, known *T)
	// Lag is how long a list may go on showing what was there before a write.
	Lag time.Duration
	// Yields tells a key that stands for another, of which nothing is kept once the list shows a record of the same name. Nil for none.
	Yields func(gotoclient.Key) bool
}

// Held is something that records have, of one of several sorts.
type Held struct {
	Sort string
	Key  gotoclient.Key
}

// Field is a part of a record that changes as a whole.
type Field[T any] struct {
	Same func(a, b *T) bool
	Set  func(to, from *T)
}

// Fields are those that our own writes change.
type Fields[T any] []Field[T]

// Records are the things of one kind. No record is changed once it is in there: who has one may keep it.
type Records[T any] struct {
	mu sync.RWMutex
	layers[T]
}

// layers are what is known, without a lock: the last reading, and what is laid over it.
type layers[T any] struct {
	opts  Options[T]
	base  *reading[T]
	over  map[gotoclient.Key]*entry[T]
	names names // of what is laid over
	count int
	has   holders
	known *Records[T] // by an earlier connection, until the first reading; nil for nothing
}

// reading is a list as it was read.
type reading[T any] struct {
	began time.Time // zero before the first
	list  map[gotoclient.Key]*T
	names names
	has   holders
}

// holders are how many records have something.
type holders map[Held]int

func (h holders) add(of []Held, n int) {
	for _, held := range of {
		if h[held] += n; h[held] == 0 {
			delete(h, held)
		}
	}
}

// New returns records of which nothing is known.
func New[T any](opts Options[T]) *Records[T] {
	return &Records[T]{layers: layers[T]{opts: opts, base: &reading[T]{}, over: map[gotoclient.Key]*entry[T]{}, names: newNames(0), has: holders{}}}
}

// Inherit has the first reading filled up by what other records know of the same things.
func (r *Records[T]) Inherit(known *Records[T]) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.known = known
}

// Get returns the record of a key, nil if there is none.
func (r *Records[T]) Get(key gotoclient.Key) *T {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.get(key)
}

func (l *layers[T]) get(key gotoclient.Key) *T {
	if e := l.over[key]; e != nil {
		return e.now
	}
	return l.base.list[key]
}

// ByName returns the record of a name, of several the one of the lowest key; nil if there is none.
func (r *Records[T]) ByName(name string) *T {
	r.mu.RLock()
	defer r.mu.RUnlock()
	found := r.names.of(name)
	for _, key := range r.base.names.of(name) {
		if r.over[key] == nil {
			found = append(found, key)
		}
	}
	if len(found) == 0 {
		return nil
	}
	return r.get(slices.Min(found))
}

// All are the records as they are now. Nothing is held while they are looked at.
func (r *Records[T]) All() iter.Seq2[gotoclient.Key, *T] {
	r.mu.RLock()
	base, over := r.base.list, make(map[gotoclient.Key]*T, len(r.over))
	for key, e := range r.over {
		over[key] = e.now
	}
	r.mu.RUnlock()
	return func(yield func(gotoclient.Key, *T) bool) {
		for key, record := range base {
			if _, is := over[key]; !is && !yield(key, record) {
				return
			}
		}
		for key, record := range over {
			if record != nil && !yield(key, record) {
				return
			}
		}
	}
}

// Len is the number of records.
func (r *Records[T]) Len() int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.count
}

// Holders is how many records have something, by what it is. It looks at none of them.
func (r *Records[T]) Holders() map[Held]int {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return maps.Clone(r.has)
}

// ReadAt is when the last reading of the list began; zero before the first.
func (r *Records[T]) ReadAt() time.Time {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.base.began
}

// Listed tells whether the last reading has shown a key, whatever is laid over it, unless it was found gone since.
func (r *Records[T]) Listed(key gotoclient.Key) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.base.list[key] != nil && r.get(key) != nil
}

// Known tells whether anything is known of a key: the last reading has shown it, or a write or a read since. Before the first reading
// everything counts as known.
func (r *Records[T]) Known(key gotoclient.Key) bool {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.base.began.IsZero() || r.base.list[key] != nil || r.over[key] != nil
}

// AsRead is the record of a key as the last reading has shown it; nil if that lacked it.
func (r *Records[T]) AsRead(key gotoclient.Key) *T {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.base.list[key]
}

// Laid tells whether the record of a key is more than what the last reading has shown, and whether that is our own write.
func (r *Records[T]) Laid(key gotoclient.Key) (laid, own bool, at time.Time) {
	r.mu.RLock()
	defer r.mu.RUnlock()
	e := r.over[key]
	if e == nil {
		return false, false, time.Time{}
	}
	return true, e.own, e.at
}

// names are keys by the name of their records: hardly any two have the same.
type names struct {
	one  map[string]gotoclient.Key
	more map[string][]gotoclient.Key // the others of the same name
}

func newNames(room int) names {
	return names{make(map[string]gotoclient.Key, room), map[string][]gotoclient.Key{}}
}

func (n names) of(name string) []gotoclient.Key {
	first, is := n.one[name]
	if !is {
		return nil
	}
	return append([]gotoclient.Key{first}, n.more[name]...)
}

func (n names) add(name string, key gotoclient.Key) {
	if name != "" {
		n.put(name, append(n.of(name), key))
	}
}

func (n names) remove(name string, key gotoclient.Key) {
	n.put(name, slices.DeleteFunc(n.of(name), func(k gotoclient.Key) bool { return k == key }))
}

func (n names) put(name string, keys []gotoclient.Key) {
	delete(n.one, name)
	delete(n.more, name)
	if len(keys) > 0 {
		n.one[name] = keys[0]
	}
	if len(keys) > 1 {
		n.more[name] = keys[1:]
	}
}

func (n names) copy(room int) names {
	out := newNames(room)
	maps.Copy(out.one, n.one)
	maps.Copy(out.more, n.more)
	return out
}

func (l *layers[T]) nameOf(record *T) string {
	if record == nil || l.opts.Name == nil {
		return ""
	}
	return l.opts.Name(record)
}

// index makes the names of a list out of those of the one before: few have changed, so little is made anew.
func (l *layers[T]) index(was *reading[T], list map[gotoclient.Key]*T, changed []gotoclient.Key) names {
	if len(changed) == 0 && was.names.one != nil {
		return was.names
	}
	out := was.names.copy(len(list))
	for _, key := range changed {
		before, now := l.nameOf(was.list[key]), l.nameOf(list[key])
		if before != now {
			out.remove(before, key)
			out.add(now, key)
		}
	}
	return out
}

// hasOf is what a record has that is counted.
func (l *layers[T]) hasOf(record *T) []Held {
	if record == nil || l.opts.Has == nil {
		return nil
	}
	return l.opts.Has(record)
}

// holders counts those of a list, from those of the one before.
func (l *layers[T]) holders(was *reading[T], list map[gotoclient.Key]*T, changed []gotoclient.Key) holders {
	out := maps.Clone(was.has)
	if out == nil {
		out = holders{}
	}
	for _, key := range changed {
		out.add(l.hasOf(was.list[key]), -1)
		out.add(l.hasOf(list[key]), 1)
	}
	return out
}

// changed are the keys whose record is not the same one in two lists.
func changed[T any](was, now map[gotoclient.Key]*T) []gotoclient.Key {
	var out []gotoclient.Key
	both := 0
	for key, record := range now {
		before := was[key]
		if before != nil {
			both++
		}
		if before != record {
			out = append(out, key)
		}
	}
	if both == len(was) {
		return out
	}
	for key := range was {
		if now[key] == nil {
			out = append(out, key)
		}
	}
	return out
}

// keys of what is laid over.
func (l *layers[T]) laid() []gotoclient.Key { return slices.Collect(maps.Keys(l.over)) }
