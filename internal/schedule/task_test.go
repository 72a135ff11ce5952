package schedule_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/internal/schedule"
)

// What has no schedule is due once, as of when it was asked for; what has one, at its latest time since it was asked for or last done.
func TestWhenATaskIsDue(t *testing.T) {
	asked, now := at(t, "2026-06-01T12:00:00Z"), at(t, "2026-06-05T12:00:00Z")
	for name, row := range map[string]struct {
		task      schedule.Task
		due, next string
		bad       bool
	}{
		"once":                       {schedule.Task{}, "2026-06-01T12:00:00Z", "", false},
		"once, done":                 {schedule.Task{Last: asked}, "", "", false},
		"once, done, and otherwise":  {schedule.Task{Last: asked, Changed: true}, "2026-06-01T12:00:00Z", "", false},
		"daily":                      {schedule.Task{Schedule: "@daily"}, "2026-06-05T00:00:00Z", "2026-06-06T00:00:00Z", false},
		"daily in Tokyo":             {schedule.Task{Schedule: "@daily", TimeZone: "Asia/Tokyo"}, "2026-06-04T15:00:00Z", "2026-06-05T15:00:00Z", false},
		"daily, done":                {schedule.Task{Schedule: "@daily", Last: at(t, "2026-06-05T00:00:00Z")}, "", "2026-06-06T00:00:00Z", false},
		"daily, done, and otherwise": {schedule.Task{Schedule: "@daily", Last: at(t, "2026-06-05T00:00:00Z"), Changed: true}, "", "2026-06-06T00:00:00Z", false},
		"by one from a backup":       {schedule.Task{Schedule: "@daily", Last: at(t, "2026-05-01T00:00:00Z")}, "2026-06-05T00:00:00Z", "2026-06-06T00:00:00Z", false},
		"yearly, not yet":            {schedule.Task{Schedule: "@yearly"}, "", "2027-01-01T00:00:00Z", false},
		"never":                      {schedule.Task{Schedule: "0 0 30 2 *"}, "", "", true},
		"no schedule":                {schedule.Task{Schedule: "every now and then"}, "", "", true},
		"no time zone":               {schedule.Task{TimeZone: "Atlantis/City"}, "", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			row.task.Asked = asked
			got, err := row.task.Times(now)
			if (err != nil) != row.bad {
				t.Fatal(err)
			}
			if d := cmp.Diff([2]string{row.due, row.next}, [2]string{text(got.Due), text(got.Next)}); d != "" {
				t.Error(d)
			}
		})
	}
}

func text(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}
