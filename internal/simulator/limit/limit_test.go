package limit

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/internal/simulator/switches"
)

func TestABurstIsFollowedByTheRate(t *testing.T) {
	l := New(2)
	at := time.Date(2030, 1, 7, 9, 0, 0, 0, time.UTC)
	take := func(after time.Duration) bool {
		at = at.Add(after)
		_, ok := l.Take("a", at)
		return ok
	}
	got := []bool{take(0), take(0), take(0), take(500 * time.Millisecond), take(400 * time.Millisecond), take(100 * time.Millisecond)}
	if diff := cmp.Diff([]bool{true, true, false, true, false, true}, got); diff != "" {
		t.Error(diff)
	}
	if wait, ok := l.Take("a", at); ok || wait != 500*time.Millisecond {
		t.Errorf("got %s, %t; want to wait half a second", wait, ok)
	}
	if _, ok := l.Take("b", at); !ok {
		t.Error("what is counted apart is refused")
	}
	l.SetRate(NoRateLimit)
	if _, ok := l.Take("a", at); !ok {
		t.Error("refused without a limit")
	}
}

func TestWhatIsCountedTogether(t *testing.T) {
	mine := Who{API: "admin", Client: "c1", Token: "t1", User: "u1"}
	for name, other := range map[string]Who{
		"another API":    {API: "meeting", Client: "c1", Token: "t1", User: "u1"},
		"another client": {API: "admin", Client: "c2", Token: "t2", User: "u1"},
		"another token":  {API: "admin", Client: "c1", Token: "t2", User: "u1"},
		"another user":   {API: "admin", Client: "c1", Token: "t3", User: "u2"},
	} {
		for _, apis := range []string{"separate", "shared"} {
			for scope, same := range map[string]bool{"client": other.Client == mine.Client, "token": other.Token == mine.Token, "user": other.User == mine.User} {
				sw := switches.Default()
				sw.RateAPIs, sw.RateScope = apis, scope
				together := mine.Name(&sw) == other.Name(&sw)
				if want := same && (other.API == mine.API || apis == "shared"); together != want {
					t.Errorf("%s, %s, by %s: counted together: %t", name, apis, scope, together)
				}
			}
		}
	}
}
