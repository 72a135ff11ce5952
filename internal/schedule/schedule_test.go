package schedule_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/internal/schedule"
)

func parse(t *testing.T, spec, zone string) *schedule.Schedule {
	t.Helper()
	location, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	s, err := schedule.Parse(spec, location)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func at(t *testing.T, text string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// Clocks are put forward on 29 March 2026 from 2 to 3, and back on 25 October from 3 to 2, in Berlin.
func TestNextOverTheChangeOfClocks(t *testing.T) {
	for name, row := range map[string]struct {
		spec, zone, from string
		want             []string
	}{
		"left out, an hour later": {"30 2 * * *", "Europe/Berlin", "2026-03-27T12:00:00Z",
			[]string{"2026-03-28T02:30:00+01:00", "2026-03-29T03:30:00+02:00", "2026-03-30T02:30:00+02:00"}},
		"twice, the first": {"30 2 * * *", "Europe/Berlin", "2026-10-23T12:00:00Z",
			[]string{"2026-10-24T02:30:00+02:00", "2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"}},
		"from between the two": {"30 2 * * *", "Europe/Berlin", "2026-10-25T02:15:00+01:00", []string{"2026-10-26T02:30:00+01:00"}},
		"hours over the change forward": {"0 * * * *", "Europe/Berlin", "2026-03-29T00:30:00+01:00",
			[]string{"2026-03-29T01:00:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-29T04:00:00+02:00"}},
		"hours over the change back": {"0 * * * *", "Europe/Berlin", "2026-10-25T01:30:00+02:00",
			[]string{"2026-10-25T02:00:00+02:00", "2026-10-25T03:00:00+01:00"}},
		"half an hour of Lord Howe":       {"15 2 * * *", "Australia/Lord_Howe", "2026-10-03T12:00:00Z", []string{"2026-10-04T02:45:00+11:00"}},
		"midnight that is left out":       {"@daily", "America/Santiago", "2026-09-05T12:00:00Z", []string{"2026-09-06T01:00:00-03:00"}},
		"west of Greenwich, in the fall":  {"30 1 * * *", "America/New_York", "2026-10-31T12:00:00Z", []string{"2026-11-01T01:30:00-04:00", "2026-11-02T01:30:00-05:00"}},
		"the first or a Monday, as usual": {"0 0 1 * MON", "UTC", "2026-06-02T00:00:00Z", []string{"2026-06-08T00:00:00Z"}},
		"never":                           {"0 0 30 2 *", "UTC", "2026-01-01T00:00:00Z", []string{"0001-01-01T00:00:00Z"}},
	} {
		t.Run(name, func(t *testing.T) {
			s, now := parse(t, row.spec, row.zone), at(t, row.from)
			var got []string
			for range row.want {
				now = s.Next(now)
				got = append(got, now.Format(time.RFC3339))
			}
			if d := cmp.Diff(row.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// What was missed is due once, at its latest time, however long ago anybody looked.
func TestLast(t *testing.T) {
	for name, row := range map[string]struct{ spec, since, now, want string }{
		"none yet":           {"30 2 * * *", "2026-06-01T12:00:00Z", "2026-06-02T02:29:59Z", ""},
		"now":                {"30 2 * * *", "2026-06-01T12:00:00Z", "2026-06-02T02:30:00Z", "2026-06-02T02:30:00Z"},
		"not the same again": {"30 2 * * *", "2026-06-02T02:30:00Z", "2026-06-02T02:31:00Z", ""},
		"one of many days":   {"30 2 * * *", "2026-06-01T12:00:00Z", "2026-08-20T00:00:00Z", "2026-08-19T02:30:00Z"},
		"one of two years":   {"* * * * *", "2024-06-01T12:00:00Z", "2026-08-20T00:00:30Z", "2026-08-20T00:00:00Z"},
		"yearly":             {"@yearly", "2020-06-01T12:00:00Z", "2026-08-20T00:00:30Z", "2026-01-01T00:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			got := parse(t, row.spec, "UTC").Last(at(t, row.since), at(t, row.now))
			if row.want == "" && !got.IsZero() || row.want != "" && !got.Equal(at(t, row.want)) {
				t.Errorf("%s, want %q", got, row.want)
			}
		})
	}
}

func TestParseRefuses(t *testing.T) {
	for _, spec := range []string{"", "* * * *", "61 * * * *", "TZ=Europe/Berlin 0 0 * * *", "CRON_TZ=", "@every 1s", "@often", "0 0 * * * *"} {
		if _, err := schedule.Parse(spec, time.UTC); err == nil {
			t.Errorf("%q is taken", spec)
		}
	}
}
