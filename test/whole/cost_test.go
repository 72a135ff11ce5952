package whole

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// resyncs is three or four of the default intervals, with their jitter.
const resyncs = 35 * time.Minute

// settled lets bulk work come to its end.
func (w *World) settled() {
	w.Helper()
	for last := -1; last != w.gate.changed(); {
		last = w.gate.changed()
		w.Wait(time.Minute)
	}
}

// anew forgets what was counted.
func (w *World) anew() {
	w.Sim.ResetLog()
	w.gate.arm(0, strike{})
	w.reconciles.Store(0)
}

// readings fails unless resyncs cost readings of so many pages of users, of meetings if there are any, and nothing else.
func (w *World) readings(pages, meetings int) {
	w.Helper()
	w.betweenReadings()
	w.anew()
	w.Wait(resyncs)
	w.betweenReadings()
	calls := w.Sim.Calls()
	delete(calls, simulator.OpToken)
	n := calls[simulator.OpListGroups]
	want := map[string]int{simulator.OpListUsers: n * pages, simulator.OpListGroups: n, simulator.OpListLicenses: n, simulator.OpGetMe: n}
	if meetings > 0 {
		want[simulator.OpListUpcomingMeetings] = n
	}
	if n < 3 || n > 4 || !maps.Equal(calls, want) {
		w.Errorf("requests: %v, want %v", calls, want)
	}
	if n, m := w.gate.changed(), w.reconciles.Load(); n > 0 || m > 0 {
		w.Errorf("%d writes and %d reconciles while nothing changes:\n%s", n, m, w.gate.latest())
	}
}

// betweenReadings waits for the end of a reading under way, which would be counted in part.
func (w *World) betweenReadings() {
	w.Helper()
	seen := -1
	w.Until("no reading is under way", func() bool {
		before := seen
		seen = len(w.Sim.Requests())
		return seen == before
	})
}

// restart fails if an operator that begins anew writes anything.
func (w *World) restart() {
	w.Helper()
	w.Stop()
	w.anew()
	w.Start()
	w.settled()
	if made := w.gate.changed(); made > 0 {
		w.Errorf("%d writes after a restart:\n%s", made, w.gate.latest())
	}
}

// many are the names of n objects.
func many(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("object-%04d", i)
	}
	return out
}

// synced is how many of some objects are.
func (w *World) synced(names []string, is func(string) string) int {
	w.Helper()
	return len(slices.DeleteFunc(slices.Clone(names), func(name string) bool { return is(name) != "True/Synced" }))
}

// Users who exist are adopted without a request that changes anything, and cost nothing from then on, over a restart too.
func TestCostOfUsersThatExist(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 1000
		w := New(t)
		for _, name := range many(n) {
			w.Sim.AddUser(acct, simulator.User{Email: name + "@example.test", FirstName: "Fay", LastName: "Field"})
			w.create(newUser(name))
		}
		w.create(newAccount())
		w.Start()
		w.settled()
		if got := w.synced(many(n), w.userReady); got != n {
			t.Fatalf("%d of %d are ready", got, n)
		}
		for _, op := range []string{simulator.OpCreateUsers, simulator.OpUpdateUsers, simulator.OpDeleteUsers, simulator.OpGetUser} {
			if calls := w.Sim.Calls()[op]; calls > 0 {
				t.Errorf("%d requests of %s", calls, op)
			}
		}
		if made := w.gate.changed(); made > 2*n+20 {
			t.Errorf("%d writes: identity and status of each, and a few of the account's", made)
		}
		w.readings(2, 0)
		w.restart()
		w.Stop()
	})
}

// Users who are new are made by the hundred, and read back with no more requests than making them took, however many there are beside
// them: once, if the list is longer than that. That an API server takes its time over their objects changes little.
func TestCostOfNewUsers(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		existing, n  int
		slow         time.Duration // each write
		making, most int           // requests
	}{{0, 1000, 0, 10, 2}, {4000, 1000, 0, 10, 6}, {4000, 1000, 15 * time.Millisecond, 11, 10}} {
		synctest.Test(t, func(t *testing.T) {
			const page = 1000
			w := New(t)
			w.crowd(row.existing)
			w.create(newAccount())
			w.Start()
			w.settled()
			w.anew()
			w.hire(many(row.n))
			w.gate.slows(row.slow)
			w.settled()
			if got := w.synced(many(row.n), w.userReady); got != row.n {
				t.Fatalf("%d of %d are ready", got, row.n)
			}
			calls := w.Sim.Calls()
			before, after := 2*(row.existing/page+1), (row.existing+row.n)/page+1 // a resync and the reading that allows the creates; the resync after
			if n := calls[simulator.OpCreateUsers]; n > row.making {
				t.Errorf("%d users beside %d: %d creates", row.n, row.existing, n)
			}
			if n := calls[simulator.OpListUsers]; n > before+row.most+after || calls[simulator.OpGetUser] > 0 {
				t.Errorf("%d users beside %d: %d pages, and %d readings of one", row.n, row.existing, n, calls[simulator.OpGetUser])
			}
			if n := w.reconciles.Load(); n > int64(row.n)+20 {
				t.Errorf("%d users: %d reconciles", row.n, n)
			}
			w.Stop()
		})
	}
}

// A licence for all is given, narrowed and taken back in requests of a hundred.
func TestCostOfALicenceForMany(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n, batch = 1000, 100
		w := New(t)
		for i, name := range many(n) {
			w.Sim.AddUser(acct, simulator.User{Email: name + "@example.test", FirstName: "Fay", LastName: "Field"})
			u := newUser(name)
			u.Labels = map[string]string{"half": fmt.Sprint(i % 2)}
			w.create(u)
		}
		ga := newAccount()
		all, most := int32(100), int32(10_000)
		ga.Spec.Brake.Licenses = v1alpha1.BrakeLimit{Percent: &all, Minimum: &most, Maximum: &most}
		w.create(ga)
		w.Start()
		w.settled()
		holders := func() int {
			return len(slices.DeleteFunc(w.Sim.Users(acct), func(u simulator.User) bool { return !slices.Contains(u.LicenseKeys, ofMeets) }))
		}
		b := newBinding("all", ofMeets, everybody)
		for _, step := range []struct {
			name           string
			act            func()
			holders, users int // who have it then, and for whom something changes
		}{
			{"given", func() { w.create(b) }, n, n},
			{"narrowed", func() {
				half := []v1alpha1.LicenseSubject{{Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"half": "0"}}}}
				edit(w, b, func(b *v1alpha1.GoToLicenseBinding) { b.Spec.Subjects = half })
			}, n / 2, n / 2},
			{"taken back", func() { w.remove(b) }, 0, n / 2},
		} {
			w.anew()
			step.act()
			w.settled()
			if got := holders(); got != step.holders {
				t.Errorf("%s: %d have the licence, want %d", step.name, got, step.holders)
			}
			calls := w.Sim.Calls()
			if got, most := calls[simulator.OpUpdateUsers], step.users/batch; got > most {
				t.Errorf("%s: %d requests, want %d", step.name, got, most)
			}
			// Read again before the first of them, and back after those of which it is not known what they do.
			if got := calls[simulator.OpListUsers]; got > 8*step.users/n+4 {
				t.Errorf("%s: %d pages were read: %v", step.name, got, calls)
			}
		}
		if w.there(b) {
			t.Error("the binding is not gone")
		}
		w.Stop()
	})
}

// All users of a group go into another by the hundred, and are read back no more often than that, beside a slow API server too: once a
// reading has shown that one request moves many, what GoTo accepted is believed until the next resync.
func TestCostOfAGroupOfAllChanged(t *testing.T) {
	t.Parallel()
	for _, slow := range []time.Duration{0, 15 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			const existing, n, batch, page = 4000, 1000, 100, 1000
			w := New(t)
			w.crowd(existing)
			w.create(newAccount())
			w.create(newGroup("blue"))
			w.create(newGroup("green"))
			for _, name := range many(n) {
				w.Sim.AddUser(acct, simulator.User{Email: name + "@example.test", FirstName: "Fay", LastName: "Field"})
				u := newUser(name)
				u.Spec.GroupRef.Name = "blue"
				w.create(u)
			}
			w.Start()
			w.settled()
			w.anew()
			w.gate.slows(slow)
			for _, name := range many(n) {
				edit(w, newUser(name), func(u *v1alpha1.GoToUser) { u.Spec.GroupRef.Name = "green" })
			}
			w.settled()
			if got := w.synced(many(n), w.userReady); got != n {
				t.Fatalf("%d of %d are ready", got, n)
			}
			green := newGroup("green")
			w.there(green)
			if left := slices.DeleteFunc(w.Sim.Users(acct), func(u simulator.User) bool { return u.GroupKey == string(green.Status.GroupKey) }); len(left) != existing+1 { // the administrator
				t.Errorf("%d are in no group or another", len(left))
			}
			calls, of := w.Sim.Calls(), (existing+n)/page+1
			resyncs := calls[simulator.OpListGroups]
			if got := calls[simulator.OpMoveUsers] + calls[simulator.OpUpdateUsers]; got > n/batch+1 {
				t.Errorf("%d requests: %v", got, calls)
			}
			if got := calls[simulator.OpListUsers] - resyncs*of; got > n/batch || calls[simulator.OpGetUser] > 1 {
				t.Errorf("%d pages beside %d resyncs: %v", got, resyncs, calls)
			}
			w.Stop()
		})
	}
}

// Meetings cost a request and three writes each, and then one list a reading for all.
func TestCostOfManyMeetings(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 500
		w := New(t)
		w.Sim.SetSwitches(func(s *simulator.Switches) { s.ConferenceCallInfo = "expanded" })
		w.create(newAccount())
		for i, name := range many(n) {
			w.create(newMeeting(name, time.Date(2040, 1, 2, 9, i, 0, 0, time.UTC)))
		}
		w.Start()
		w.settled()
		calls, made := w.Sim.Calls(), w.gate.changed()
		if len(w.Sim.Meetings(acct)) != n || calls[simulator.OpCreateMeeting] != n || calls[simulator.OpListUpcomingMeetings] > 3 {
			t.Errorf("%d meetings: %v", len(w.Sim.Meetings(acct)), calls)
		}
		if made > 4*n+20 {
			t.Errorf("%d changes: a create, intent, status and identity of each, and a few of the account's", made)
		}
		w.Wait(resyncs) // the list has the text of the audio, and the account how many there are
		w.readings(1, n)
		w.restart()
		w.Stop()
	})
}

// Organizers cost a request each, and then one list a reading for all.
func TestCostOfManyOrganizers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 100
		w := New(t)
		ga := newAccount()
		ga.Spec.Provisioning = v1alpha1.ProvisioningOrganizers
		w.create(ga)
		for _, name := range many(n) {
			u := newUser(name)
			u.Spec.Products = []v1alpha1.Product{"G2M"}
			w.create(u)
		}
		w.Start()
		w.settled()
		if got := w.synced(many(n), w.userReady); got != n || w.Sim.Calls()[simulator.OpCreateOrganizer] != n {
			t.Fatalf("%d of %d are ready: %v", got, n, w.Sim.Calls())
		}
		w.anew()
		w.Wait(resyncs)
		w.betweenReadings()
		calls := w.Sim.Calls()
		if lists := calls[simulator.OpListOrganizers]; lists < 3 || lists > 4 || lists != calls[simulator.OpGetMe] || w.gate.changed() > 0 || w.reconciles.Load() > 0 {
			t.Errorf("%v, %d writes, %d reconciles", calls, w.gate.changed(), w.reconciles.Load())
		}
		w.restart()
		w.Stop()
	})
}

// That an API server takes its time over what is written before each change makes no request smaller.
func TestCostOfALicenceBesideASlowServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n, batch, late = 500, 100, 10 // a few come after the last full request
		w := New(t)
		for _, name := range many(n) {
			w.Sim.AddUser(acct, simulator.User{Email: name + "@example.test", FirstName: "Fay", LastName: "Field"})
			w.create(newUser(name))
		}
		w.create(newAccount())
		w.Start()
		w.settled()
		w.anew()
		w.gate.slows(60 * time.Millisecond)
		w.create(newBinding("all", ofMeets, everybody))
		w.settled()
		for range 10 { // a write in a minute is no standstill
			w.settled()
		}
		if got := w.synced(many(n), w.userReady); got != n {
			t.Fatalf("%d of %d are ready", got, n)
		}
		if got := w.Sim.Calls()[simulator.OpUpdateUsers]; got > n/batch+late {
			t.Errorf("%d requests for %d users", got, n)
		}
		w.Stop()
	})
}
