// Package schedule says when something is due that is done by a schedule as cron has it, in a time zone. It is about times of
// day as people read them from a clock: what comes twice when clocks are put back counts once, at its first coming, and what is left
// out when they are put forward counts as much later, so that what is daily is done every day.
//
// It is pure, and imports nothing of the project.
package schedule

import (
	"errors"
	"fmt"
	"strings"
	"time"

	cron "github.com/netresearch/go-cron"
)

// Schedule is when something is due.
type Schedule struct {
	clock cron.Schedule // in UTC, which stands for the clock on the wall
	zone  *time.Location
}

// parser takes five fields, or @daily and the like. Where day of month and day of week are both said, either counts, as everywhere.
var parser = cron.MustNewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor | cron.DowOrDom)

var errForm = errors.New("a schedule has five fields, or is one of @hourly, @daily, @weekly, @monthly and @yearly")

// Parse reads a schedule. Its error says what is wrong with it.
func Parse(spec string, zone *time.Location) (*Schedule, error) {
	if strings.Contains(spec, "TZ=") || strings.HasPrefix(spec, "@every") {
		return nil, fmt.Errorf("%q: %w", spec, errForm)
	}
	clock, err := parser.Parse(spec)
	if err != nil {
		return nil, fmt.Errorf("%q: %w", spec, err)
	}
	return &Schedule{clock, zone}, nil
}

// Next is the first time after t at which it is due; zero if there is none in years, as for the 30th of February.
func (s *Schedule) Next(t time.Time) time.Time {
	wall := onTheWall(t.In(s.zone), time.UTC)
	for {
		if wall = s.clock.Next(wall); wall.IsZero() {
			return time.Time{}
		}
		if at := s.inTheZone(wall); at.After(t) {
			return at
		}
	}
}

// Last is the latest time at which it was due, after since and not after now; zero if there was none.
func (s *Schedule) Last(since, now time.Time) time.Time {
	for span := time.Hour; ; span *= 8 {
		from := now.Add(-span)
		whole := !from.After(since)
		if whole {
			from = since
		}
		if at := s.lastIn(from, now); !at.IsZero() || whole {
			return at
		}
	}
}

func (s *Schedule) lastIn(from, now time.Time) (last time.Time) {
	for at := s.Next(from); !at.IsZero() && !at.After(now); at = s.Next(at) {
		last = at
	}
	return last
}

// onTheWall is the time in another zone at which clocks show the same.
func onTheWall(t time.Time, zone *time.Location) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), zone)
}

// inTheZone is when clocks in the zone show that time first. Where they never do, since they are put forward over it, it is as long after
// that as it would have been otherwise.
func (s *Schedule) inTheZone(wall time.Time) time.Time {
	before := wall.Add(-24 * time.Hour)
	_, offset := onTheWall(before, s.zone).Zone()
	if at := wall.Add(-time.Duration(offset) * time.Second).In(s.zone); shows(at, wall) {
		return at
	}
	at := onTheWall(wall, s.zone)
	if shows(at, wall) {
		return at
	}
	return wall.Add(-time.Duration(offset) * time.Second).In(s.zone)
}

// shows is true if clocks show at a time what another one says.
func shows(at, wall time.Time) bool { return onTheWall(at, time.UTC).Equal(wall) }
