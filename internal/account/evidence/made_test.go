package evidence_test

import (
	"testing"
	"time"

	"github.com/goto-operator/goto-operator/internal/account/evidence"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

func TestInvitedAfter(t *testing.T) {
	at := time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
	for row, c := range map[string]struct {
		invited    time.Time
		yes, known bool
	}{
		"never":               {time.Time{}, false, false},
		"then":                {at, true, true},
		"later":               {at.Add(time.Hour), true, true},
		"a slow clock":        {at.Add(-2 * time.Minute), true, true},
		"before":              {at.Add(-2*time.Minute - time.Millisecond), false, true},
		"a thousand hours":    {at.Add(-1000 * time.Hour), false, true},
		"to the millisecond":  {at.Add(-time.Millisecond), true, true},
		"in the days of yore": {time.UnixMilli(1), false, true},
	} {
		u := &gotoclient.User{}
		if !c.invited.IsZero() {
			u.InvitedDate = c.invited.UnixMilli()
		}
		if yes, known := evidence.InvitedAfter(u, at); yes != c.yes || known != c.known {
			t.Errorf("%s: %t, %t", row, yes, known)
		}
	}
}
