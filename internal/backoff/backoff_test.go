package backoff

import (
	"testing"
	"time"
)

func TestNext(t *testing.T) {
	rows := map[string]struct{ lasted, longest, want time.Duration }{
		"just failed":    {0, time.Hour, 2 * time.Second},
		"ten seconds":    {10 * time.Second, time.Hour, 2500 * time.Millisecond},
		"a minute":       {time.Minute, time.Hour, 15 * time.Second},
		"a day":          {24 * time.Hour, 10 * time.Minute, 10 * time.Minute},
		"a short resync": {0, time.Second, time.Second},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			for range 100 {
				if got := Next(row.lasted, row.longest); got < row.want*9/10 || got > row.want*11/10 {
					t.Errorf("%s, want %s give or take a tenth", got, row.want)
				}
			}
		})
	}
}

// Of an outage of any length, a quarter is added at most, and the tries stay few.
func TestAnOutageIsFollowedClosely(t *testing.T) {
	for _, outage := range []time.Duration{10 * time.Second, time.Minute, 10 * time.Minute, time.Hour} {
		var now time.Duration
		tries := 0
		for now < outage {
			now += Next(now, time.Hour)
			tries++
		}
		if late := now - outage; late > max(outage*3/10, 3*time.Second) || tries > 40 {
			t.Errorf("after %s: %s late, %d tries", outage, late, tries)
		}
	}
}
