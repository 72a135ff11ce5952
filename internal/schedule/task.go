package schedule

import (
	"fmt"
	"time"
)

// Task is what is done once, or by a schedule.
type Task struct {
	// Schedule is as Parse reads it; empty for what is done once.
	Schedule string
	// TimeZone is that of the schedule, by its name; UTC when empty.
	TimeZone string
	// Asked is when it was asked for: what is done once is due then.
	Asked time.Time
	// Last is the time for which it was done last; zero for never.
	Last time.Time
	// Changed is true if something else is asked for than what was done last: what is done once is done again.
	Changed bool
}

// Times are when a task is due.
type Times struct {
	Now  time.Time
	Due  time.Time // of what is to be done now; zero for nothing
	Next time.Time // of what comes after that; zero for nothing
	Zone *time.Location
}

// Times says when the task is due. Runs that were missed are made up for by one. The error says what of the task cannot be read.
func (t Task) Times(now time.Time) (Times, error) {
	zone, err := time.LoadLocation(t.TimeZone)
	if err != nil {
		return Times{}, fmt.Errorf("there is no time zone %q", t.TimeZone)
	}
	out := Times{Now: now, Zone: zone}
	if t.Schedule == "" {
		if t.Last.IsZero() || t.Changed {
			out.Due = t.Asked
		}
		return out, nil
	}
	s, err := Parse(t.Schedule, zone)
	if err != nil {
		return Times{}, err
	}
	since := t.Last
	if since.IsZero() {
		since = t.Asked
	}
	out.Due, out.Next = s.Last(since, now), s.Next(now)
	if out.Due.IsZero() && out.Next.IsZero() {
		return Times{}, fmt.Errorf("%q: there is no such time in years", t.Schedule)
	}
	return out, nil
}
