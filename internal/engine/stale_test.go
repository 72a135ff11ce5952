package engine

import (
	"testing"
	"time"
)

func TestWhatTheCacheDoesNotShowYetIsWaitedFor(t *testing.T) {
	now := time.Date(2030, 1, 7, 8, 0, 0, 0, time.UTC)
	var w ownWrites
	u := object("fay", 0)
	at := func(version string) bool {
		u.ResourceVersion = version
		return w.ahead(u)
	}
	if at("10") {
		t.Error("nothing was written")
	}
	u.ResourceVersion = "12"
	w.note(u, now)
	for version, want := range map[string]bool{"9": true, "11": true, "12": false, "13": false, "100": false, "odd": false} {
		if at(version) != want {
			t.Errorf("at %s: %t", version, !want)
		}
	}
	// It is remembered for half a minute at least, and not for ever.
	for i := range 3 {
		if i < 2 && !at("11") || i == 2 && at("11") {
			t.Errorf("after %d half minutes: %t", i, at("11"))
		}
		other := object("max", 0)
		other.ResourceVersion = "50"
		w.note(other, now.Add(time.Duration(i+1)*(remembersFor+time.Second)))
	}
}
