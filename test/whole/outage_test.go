package whole

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// down makes every request fail, as a service that is down does, until the faults are cleared.
func (w *World) down() {
	w.Helper()
	w.Sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Status: 503})
}

// requests is how many were made.
func (w *World) requests() int {
	n := 0
	for _, calls := range w.Sim.Calls() {
		n += calls
	}
	return n
}

// Users who cannot be created, since the list that allows it cannot be read, are tried again at distances that double, also where each try
// writes what it is about to make and takes it back, and the cache shows that late.
func TestCreatesThatFailBackOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := New(t)
		w.create(newAccount())
		w.Start()
		w.Wait(3 * time.Minute) // so that the list is to be read again before a create
		w.API.Lag(300 * time.Millisecond)
		w.Sim.Inject(simulator.Fault{Kind: simulator.FaultHTML, Operation: simulator.OpListUsers})
		w.anew()
		for _, name := range names {
			w.create(newUser(name))
		}
		w.Wait(10 * time.Minute)
		if got, most := w.gate.changed(), 40*len(names); got > most {
			t.Errorf("%d changes in ten minutes, the last of which\n%s", got, w.gate.latest())
		}
		w.Stop()
	})
}

// While GoTo is down one probe asks whether it answers, and not every object that has something to do. Whoever looks sees why nothing
// happens, and when it answers all is done.
func TestAnOutage(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]simulator.Fault{
		"refuses":       {Kind: simulator.FaultErrorBefore, Status: 503},
		"cuts":          {Kind: simulator.FaultCutBefore},
		"never answers": {Kind: simulator.FaultHang},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const n = 250
				w := New(t)
				w.team(n, []string{"sales"})
				w.Sim.Inject(fault)
				w.anew()
				for i, name := range many(n) { // all differ, so that none share a request
					edit(w, newUser(name), func(u *v1alpha1.GoToUser) { u.Spec.LastName = fmt.Sprintf("Name %d", i) })
				}
				w.Wait(2 * time.Minute)
				if got, most := w.requests(), 60; got > most {
					t.Errorf("%d requests in two minutes: %v", got, w.Sim.Calls())
				}
				if got := w.reconciles.Load(); got > 2*n {
					t.Errorf("%d reconciles", got)
				}
				if ga, u := w.ready(newAccount()), w.ready(newUser(many(n)[n-1])); ga != "False/Unreachable" || u != "False/Unreachable" {
					t.Errorf("the account is %s, a user %s", ga, u)
				}
				w.Sim.ClearFaults()
				ended := time.Now()
				w.Until("the account is ready", func() bool { return w.ready(newAccount()) == "True/Connected" })
				if took := time.Since(ended); took > 40*time.Second {
					t.Errorf("it took %v to see that GoTo answers", took)
				}
				w.Wait(3 * time.Minute)
				w.allSynced(n)
				if got := w.reconciles.Load(); got > 4*n {
					t.Errorf("%d reconciles", got)
				}
				w.Stop()
			})
		})
	}
}

// What of GoTo is down is asked by few, also where all else works, and holds nothing up that works. When it works again all is done.
func TestAnOutageOfAPart(t *testing.T) {
	t.Parallel()
	for name, operations := range map[string][]string{
		"changes of users": {simulator.OpUpdateUsers},
		"tokens":           {simulator.OpToken},
		"meetings":         {simulator.OpCreateMeeting, simulator.OpListUpcomingMeetings, simulator.OpGetMeeting, simulator.OpUpdateMeeting},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				const n = 250
				w := New(t)
				var meetings []*v1alpha1.GoToMeeting
				for i := range n {
					meetings = append(meetings, newMeeting(fmt.Sprintf("meeting-%d", i), time.Date(2040, 1, 2, 9, i, 0, 0, time.UTC)))
				}
				w.team(n, []string{"sales"})
				for _, m := range meetings {
					w.create(m)
				}
				w.settled()
				for _, op := range operations {
					w.Sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Status: 503, Operation: op})
				}
				if name == "tokens" {
					w.Sim.ExpireAccessTokens()
				}
				w.anew()
				for i, object := range many(n) {
					if name == "meetings" {
						edit(w, meetings[i], func(m *v1alpha1.GoToMeeting) { m.Spec.End = metav1.NewTime(m.Spec.Start.Add(30 * time.Minute)) })
					} else {
						edit(w, newUser(object), func(u *v1alpha1.GoToUser) { u.Spec.LastName = fmt.Sprintf("Name %d", i) })
					}
				}
				w.Wait(2 * time.Minute)
				if got, most := w.requests(), 70; got > most {
					t.Errorf("%d requests in two minutes: %v", got, w.Sim.Calls())
				}
				if name != "tokens" {
					w.create(newUser("another"))
					w.Wait(15 * time.Second)
					if got := w.ready(newUser("another")); got != "True/Synced" {
						t.Errorf("a user to be created, which works, is %s", got)
					}
				}
				w.Sim.ClearFaults()
				w.Wait(5 * time.Minute)
				w.allSynced(n)
				if got := w.ready(meetings[n-1]); got != "True/Synced" {
					t.Errorf("a meeting is %s", got)
				}
				w.Stop()
			})
		})
	}
}

// One user of whom GoTo fails to change anything is no outage: all others are changed.
func TestOneUserThatFailsIsNoOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 20
		w := New(t)
		w.team(n, []string{"sales"})
		w.Sim.Inject(simulator.Fault{Kind: simulator.FaultErrorBefore, Status: 500, Operation: simulator.OpUpdateUsers, Match: "Poison"})
		edit(w, newUser(many(n)[0]), func(u *v1alpha1.GoToUser) { u.Spec.LastName = "Poison" })
		for range 10 {
			w.Wait(time.Minute)
			if got := w.ready(newAccount()); got != "True/Connected" {
				t.Errorf("the account is %s", got)
			}
		}
		for i, name := range many(n)[1:] {
			edit(w, newUser(name), func(u *v1alpha1.GoToUser) { u.Spec.LastName = fmt.Sprintf("Name %d", i) })
		}
		w.Wait(time.Minute)
		if got := w.synced(many(n), w.userReady); got != n-1 {
			t.Errorf("%d of %d are ready", got, n)
		}
		w.Stop()
	})
}

// request asks for a reading.
func (w *World) request(what string) {
	w.Helper()
	edit(w, newAccount(), func(ga *v1alpha1.GoToAccount) {
		if ga.Annotations == nil {
			ga.Annotations = map[string]string{}
		}
		ga.Annotations[v1alpha1.ReconcileRequestedAtAnnotation] = what
	})
}

// A reading that was asked for while GoTo was down is made up for soon after it answers, and not at the next resync.
func TestAReadingThatFailedIsMadeUpForSoon(t *testing.T) {
	t.Parallel()
	for _, outage := range []time.Duration{10 * time.Second, time.Minute, 10 * time.Minute} {
		t.Run(outage.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := New(t)
				w.connected()
				w.down()
				w.anew()
				w.request("now")
				w.Wait(outage)
				if got := w.requests(); got > 40 {
					t.Errorf("%d requests in %s", got, outage)
				}
				w.Sim.ClearFaults()
				ended := time.Now()
				w.Until("the account is ready", func() bool { return w.ready(newAccount()) == "True/Connected" })
				if took := time.Since(ended); took > outage/3+5*time.Second {
					t.Errorf("an outage of %s lasts %v longer", outage, took)
				}
				w.Stop()
			})
		})
	}
}

// A reading that is asked for is made once, however late the watches are, and the account says so when it has been made.
func TestAReadingThatIsAskedForIsMadeOnce(t *testing.T) {
	t.Parallel()
	for _, lag := range []time.Duration{0, 300 * time.Millisecond, 5 * time.Second} {
		t.Run(lag.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := New(t)
				w.connected()
				w.API.Lag(lag)
				w.anew()
				w.slow(simulator.OpListUsers, 7*time.Second)
				w.request("now")
				w.Wait(5 * time.Second)
				if ga := newAccount(); w.there(ga) && ga.Status.LastHandledReconcileAt == "now" {
					t.Error("said to be done while it is made")
				}
				w.Wait(time.Minute)
				if calls := w.Sim.Calls(); calls[simulator.OpListUsers] != 1 || calls[simulator.OpGetMe] != 1 || w.requests() != 4 {
					t.Errorf("requests: %v", calls)
				}
				if ga := newAccount(); w.there(ga) && ga.Status.LastHandledReconcileAt != "now" {
					t.Errorf("not said to be done: %q", ga.Status.LastHandledReconcileAt)
				}
				w.Stop()
			})
		})
	}
}
