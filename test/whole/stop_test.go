package whole

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/goto-operator/goto-operator/internal/simulator"
)

// slow makes each request of an operation take a while, after which it has taken effect.
func (w *World) slow(operation string, by time.Duration) {
	w.Helper()
	w.Sim.Inject(simulator.Fault{Kind: simulator.FaultLatency, Operation: operation, Delay: by})
}

// connected starts the operator with an account, and lets everything come to rest.
func (w *World) connected() {
	w.Helper()
	w.create(newAccount())
	w.Start()
	w.Until("the account is ready", func() bool { return w.ready(newAccount()) == "True/Connected" })
	w.Wait(time.Minute)
}

// underWay waits until the simulator is working on a request of an operation.
func (w *World) underWay(path string) {
	w.Helper()
	w.Until(path+" is under way", func() bool {
		w.gate.mu.Lock()
		defer w.gate.mu.Unlock()
		return slices.ContainsFunc(w.gate.last, func(said string) bool { return strings.Contains(said, "POST") && strings.Contains(said, path+" ") })
	})
}

// A stop in the middle of a batch lets it finish: the process that sent it writes down what it made, begins nothing else, and the
// next one finds nothing left of it to do.
func TestAStopInTheMiddleOfABatch(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := New(t)
		w.connected()
		w.Sim.ResetLog()
		w.slow(simulator.OpCreateUsers, 10*time.Second)
		sent, late := []string{"ann", "ben", "cem"}, "dot"
		for _, name := range sent {
			w.create(newUser(name))
		}
		w.underWay("/users")
		w.Wait(2 * time.Second)
		w.create(newUser(late))
		time.Sleep(100 * time.Millisecond) // it is in a batch that is still open
		began := time.Now()
		w.Stop()
		if took := time.Since(began); took > 15*time.Second {
			t.Errorf("the stop took %v, more than what was under way", took)
		}
		w.Sim.ClearFaults()
		for _, name := range sent {
			u := newUser(name)
			if ready := w.ready(u); ready != "True/Synced" || u.Status.UserKey == "" {
				t.Errorf("%s is %s, with key %q, when its process has ended", name, ready, u.Status.UserKey)
			}
		}
		if calls := w.Sim.Calls(); calls[simulator.OpCreateUsers] != 1 || len(w.Sim.Users(acct)) != len(sent)+1 {
			t.Errorf("%d users after %v: something began while the operator stopped", len(w.Sim.Users(acct)), calls)
		}
		w.anew()
		w.Start()
		w.Until("the late one is ready", func() bool { return w.ready(newUser(late)) == "True/Synced" })
		w.Wait(time.Minute)
		if calls := w.Sim.Calls(); calls[simulator.OpCreateUsers] != 1 || len(w.Sim.Users(acct)) != len(sent)+2 {
			t.Errorf("%d users after %v", len(w.Sim.Users(acct)), calls)
		}
		w.Stop()
	})
}

// A meeting has no natural key: its id is written down by the process that made it.
func TestAStopInTheMiddleOfAMeeting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := New(t)
		w.connected()
		w.slow(simulator.OpCreateMeeting, 10*time.Second)
		start := w.Sim.Now().Add(100 * 24 * time.Hour).Truncate(time.Minute)
		m := newMeeting("sync", start)
		w.create(m)
		w.underWay("/meetings")
		w.Wait(2 * time.Second)
		w.Stop()
		w.Sim.ClearFaults()
		w.there(m)
		if meetings := w.Sim.Meetings(acct); len(meetings) != 1 || string(m.Status.MeetingID) != meetings[0].ID {
			t.Errorf("meetings %v, and status knows %q", meetings, m.Status.MeetingID)
		}
		w.anew()
		w.Start()
		w.Until("it is ready", func() bool { return w.ready(m) == "True/Synced" })
		w.Wait(time.Minute)
		if n := len(w.Sim.Meetings(acct)); n != 1 || w.Sim.Calls()[simulator.OpCreateMeeting] > 0 {
			t.Errorf("%d meetings after a restart: %v", n, w.Sim.Calls())
		}
		w.Stop()
	})
}
