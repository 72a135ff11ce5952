package report

import (
	"time"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

const (
	// longestWindow is the longest range of a history that was ever documented (D, old).
	longestWindow = 60 * 24 * time.Hour
	// shortestWindow is when a refusal is believed to be about something else than the range.
	shortestWindow = 7 * 24 * time.Hour
	// overlap is by how much a window reaches back, since whether a meeting that begins at its end is within is U.
	overlap = time.Second
)

// window is a part of a range of time: from is within, to is not. The windows of a range share no instant.
type window struct{ from, to time.Time }

func (w window) has(t time.Time) bool { return !t.Before(w.from) && t.Before(w.to) }

// asked is what has to be asked for to learn of all in the window, whatever the ends of a range mean.
func (w window) asked() gotoclient.TimeRange {
	return gotoclient.TimeRange{Start: w.from.Add(-overlap), End: w.to}
}

// windows cuts a range into windows that are asked for in at most the given length, oldest first.
func windows(from, to time.Time, length time.Duration) []window {
	var out []window
	for step := length - overlap; from.Before(to); from = from.Add(step) {
		w := window{from, from.Add(step)}
		if w.to.After(to) {
			w.to = to
		}
		out = append(out, w)
	}
	return out
}
