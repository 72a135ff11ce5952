package backoff

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

var errBroken = errors.New("broken")

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

// What fails in a row is tried at distances that grow; something else may be tried at once, and begins anew.
func TestSetback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s Setback[string]
		var lasted []time.Duration
		fail := func(of string) {
			s = s.Again(of, errBroken, func(d time.Duration) time.Duration {
				lasted = append(lasted, d)
				return time.Minute
			})
		}
		if s.Holds("") != nil {
			t.Error("nothing has failed, and it waits")
		}
		for _, of := range []string{"a", "a", "b"} {
			fail(of)
			if !errors.Is(s.Holds(of), errBroken) || s.Holds("c") != nil {
				t.Errorf("after %s: %+v", of, s)
			}
			if time.Sleep(time.Minute); s.Holds(of) != nil {
				t.Errorf("%s is not tried again", of)
			}
		}
		if d := cmp.Diff([]time.Duration{0, time.Minute, 0}, lasted); d != "" {
			t.Error(d)
		}
	})
}
