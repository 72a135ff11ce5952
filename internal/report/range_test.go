package report_test

import (
	"errors"
	"testing"
	"time"

	"github.com/goto-operator/goto-operator/internal/report"
)

// Days are whole ones on the clock of the zone, also where one of them has 23 hours.
func TestTimesOfARange(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	due := time.Date(2026, 3, 29, 22, 30, 0, 0, time.UTC) // half past midnight of the 30th
	for name, row := range map[string]struct {
		of       report.Range
		kind     report.Kind
		from, to string
	}{
		"the day before":   {report.Range{Last: "1d"}, report.MeetingHistory, "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00"},
		"the month before": {report.Range{Last: "30d"}, report.Attendees, "2026-02-28T00:00:00+01:00", "2026-03-30T00:00:00+02:00"},
		"what is planned":  {report.Range{Last: "2d"}, report.ScheduledMeetings, "2026-03-30T00:00:00+02:00", "2026-04-01T00:00:00+02:00"},
		"dates":            {report.Range{From: "2026-03-29", To: "2026-03-29"}, report.MeetingHistory, "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00"},
		"no such day":      {report.Range{From: "2026-02-30", To: "2026-03-29"}, report.MeetingHistory, "", ""},
		"no number":        {report.Range{Last: "a month"}, report.MeetingHistory, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			from, to, err := row.of.Times(row.kind, due, berlin)
			if errors.Is(err, report.ErrRange) != (row.from == "") {
				t.Fatal(err)
			}
			if got := [2]string{from.Format(time.RFC3339), to.Format(time.RFC3339)}; err == nil && got != [2]string{row.from, row.to} {
				t.Error(got)
			}
		})
	}
}
