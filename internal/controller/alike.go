package controller

import (
	"hash/maphash"
	"maps"
	"slices"

	"k8s.io/utils/lru"
)

// mostLists is how many lists are remembered, the last ones. What is alike comes at the same time: the conditions of users who were made in the same
// second, by one batch, or whom a start reads one after the other.
const mostLists = 1024

// lists keeps one of lists and of labels that are alike, for objects that nobody changes.
type lists struct {
	seed maphash.Seed
	last *lru.Cache // by hash
}

func newLists() *lists { return &lists{maphash.MakeSeed(), lru.New(mostLists)} }

// oneOf returns what was kept first of what has a hash and is the same, and keeps it if there is none.
func oneOf[T any](l *lists, hash uint64, made T, same func(a, b T) bool) T {
	kept, _ := l.last.Get(hash)
	if kept, is := kept.(T); is && same(kept, made) {
		return kept
	}
	l.last.Add(hash, made)
	return made
}

// oneText returns the one copy of a text.
func oneText(l *lists, text string) string {
	return oneOf(l, maphash.String(l.seed, text), text, func(a, b string) bool { return a == b })
}

// oneSet returns the one copy of labels.
func oneSet(l *lists, set map[string]string) map[string]string {
	if len(set) == 0 {
		return set
	}
	hash := uint64(0)
	for name, value := range set {
		hash += maphash.Comparable(l.seed, [2]string{name, value}) // in whichever order they come
	}
	return oneOf(l, hash, set, maps.Equal)
}

// oneList returns the one copy of a list.
func oneList[T comparable](l *lists, list []T) []T {
	if len(list) == 0 {
		return list
	}
	var h maphash.Hash
	h.SetSeed(l.seed)
	for _, v := range list {
		maphash.WriteComparable(&h, v)
	}
	return oneOf(l, h.Sum64(), list, slices.Equal)
}
