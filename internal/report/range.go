package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Range is the days that a report is about, as people say it: From and To as 2030-01-31, both of which count, or Last as 30d, so many
// whole days before the day for which the report is due. Of planned meetings Last are so many days from that day on.
type Range struct{ From, To, Last string }

// Times are the range of a report that is due at a time, from midnight to midnight in its zone. Its error is one of ErrRange.
func (r Range) Times(kind Kind, due time.Time, zone *time.Location) (from, to time.Time, err error) {
	if r.Last == "" {
		return r.fixed(zone)
	}
	n, err := strconv.Atoi(strings.TrimSuffix(r.Last, "d"))
	if err != nil {
		return from, to, fmt.Errorf("%w: last is a number of days, such as 30d", ErrRange)
	}
	year, month, day := due.In(zone).Date()
	midnight := func(days int) time.Time { return time.Date(year, month, day+days, 0, 0, 0, 0, zone) }
	if kind == ScheduledMeetings {
		return midnight(0), midnight(n), nil
	}
	return midnight(-n), midnight(0), nil
}

func (r Range) fixed(zone *time.Location) (from, to time.Time, err error) {
	from, err = time.ParseInLocation(time.DateOnly, r.From, zone)
	if err == nil {
		to, err = time.ParseInLocation(time.DateOnly, r.To, zone)
	}
	if err != nil {
		return from, to, fmt.Errorf("%w: %w", ErrRange, err)
	}
	return from, to.AddDate(0, 0, 1), nil
}
