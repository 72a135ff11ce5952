package engine

import (
	"testing"
	"time"
)

func TestConflictsAreWaitedForLongerAndLonger(t *testing.T) {
	var c Conflicts
	for i, milliseconds := range []int{200, 400, 800, 1600, 3200, 6400, 10_000, 10_000} {
		want := time.Duration(milliseconds) * time.Millisecond
		if got := c.Next("a"); got < want*9/10 || got > want*11/10 {
			t.Errorf("after the %dth: %s, want %s", i+1, got, want)
		}
	}
	if got := c.Next("b"); got > conflictRetry*11/10 {
		t.Errorf("another object waits %s", got)
	}
	c.Reset("a")
	if got := c.Next("a"); got > conflictRetry*11/10 {
		t.Errorf("after a success: %s", got)
	}
	c.Reset("a")
	c.Reset("b")
	if len(c.m) > 0 {
		t.Errorf("%v is kept", c.m)
	}
}
