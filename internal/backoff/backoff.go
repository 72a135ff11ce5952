// Package backoff says when to try again what has failed and may pass.
//
// It imports nothing of the project.
package backoff

import (
	"math/rand/v2"
	"time"
)

// least is the shortest distance between two tries.
const least = 2 * time.Second

// Next is the distance to the next try of what has failed for so long: a quarter of that, at least two seconds and at most longest, give or
// take a tenth. An outage is over for us when it has lasted a quarter longer than for everybody else, and however long it lasts the tries
// are few.
func Next(lasted, longest time.Duration) time.Duration {
	return Jittered(min(max(lasted/4, least), longest))
}

// Jittered is a time that differs from d by a tenth at most, so that what failed together does not come back together.
func Jittered(d time.Duration) time.Duration {
	return d + time.Duration(float64(d)*(rand.Float64()-0.5)/5) //nolint:gosec // jitter, not a secret
}

// Setback is the last failure of what is tried again; the zero value is none.
type Setback[K comparable] struct {
	// Of says what failed: something else may be tried at once.
	Of  K
	Err error
	// Next is when the same may be tried again.
	Next time.Time

	since time.Time // of the first failure of it in a row
}

// Again is the setback once something has failed, maybe as before. Pause says how long that is left alone which has failed for so long.
func (s Setback[K]) Again(of K, err error, pause func(lasted time.Duration) time.Duration) Setback[K] {
	now := time.Now()
	if s.Of != of || s.since.IsZero() {
		s.since = now
	}
	return Setback[K]{of, err, now.Add(pause(now.Sub(s.since))), s.since}
}

// Holds is why something is not tried yet; nil when it may be.
func (s Setback[K]) Holds(of K) error {
	if s.Of != of || !time.Now().Before(s.Next) {
		return nil
	}
	return s.Err
}
