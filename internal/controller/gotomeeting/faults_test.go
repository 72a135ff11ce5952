package gotomeeting

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// script is a life of some objects, from nothing to nothing.
type script func(t *testing.T, w *world)

func withHost(m *v1alpha1.GoToMeeting) { m.Spec.HostURLSecretRef.Name = m.Name + "-host" }

func reschedule(m *v1alpha1.GoToMeeting) {
	m.Spec.Subject, m.Spec.Start = "Monthly sync", metav1.NewTime(m.Spec.Start.Add(time.Hour))
	m.Spec.Audio.Type, m.Spec.Coorganizers = "VoIP", []v1alpha1.Coorganizer{{Key: simulator.DefaultAdminKey}}
}

// agree fails unless each object has a meeting of its own, as its spec says, and there is no other.
func agree(t *testing.T, w *world, names ...string) {
	t.Helper()
	all := w.sim.Meetings(acctKey)
	if len(all) != len(names) {
		t.Fatalf("%d meetings of %d objects: %+v", len(all), len(names), all)
	}
	for _, name := range names {
		m := w.object(t, name)
		i := slices.IndexFunc(all, func(r simulator.Meeting) bool { return r.ID == string(m.Status.MeetingID) })
		if i < 0 {
			t.Fatalf("%s has no meeting of its own: %+v, %+v", name, m.Status, all)
		}
		r := all[i]
		all = slices.Delete(all, i, i+1)
		if r.Subject != m.Spec.Subject || !r.Start.Equal(m.Spec.Start.Time) || !r.End.Equal(specEnd(m)) || r.ConferenceCallInfo != audioText(m.Spec.Audio) {
			t.Errorf("GoTo holds %+v, the spec says %+v", r, m.Spec)
		}
		if m.Spec.HostURLSecretRef.Name != "" {
			if s := w.secret(t, m.Spec.HostURLSecretRef.Name); s == nil || string(s.Data[v1alpha1.SecretKeyMeetingID]) != r.ID || len(s.Data[v1alpha1.SecretKeyHostURL]) == 0 {
				t.Errorf("the Secret is %+v", s)
			}
		}
	}
}

func none(t *testing.T, w *world) {
	t.Helper()
	if all := w.sim.Meetings(acctKey); len(all) > 0 {
		t.Errorf("left behind: %+v", all)
	}
}

var scripts = map[string]script{
	"created, changed, deleted": func(t *testing.T, w *world) {
		t.Helper()
		w.apply(t, "a", withHost)
		w.until(t, ready, "a")
		agree(t, w, "a")
		w.apply(t, "a", reschedule)
		w.until(t, ready, "a")
		agree(t, w, "a")
		w.remove(t, "a")
		w.until(t, gone, "a")
		none(t, w)
	},
	"changed at once": func(t *testing.T, w *world) {
		t.Helper()
		w.apply(t, "a", asIs)
		_, _ = w.reconcile(t, "a")
		if w.gate.isDead() {
			w.boot(t)
		}
		w.apply(t, "a", reschedule)
		w.until(t, ready, "a")
		agree(t, w, "a")
		w.remove(t, "a")
		w.until(t, gone, "a")
		none(t, w)
	},
	"deleted at once": func(t *testing.T, w *world) {
		t.Helper()
		w.apply(t, "a", asIs)
		_, _ = w.reconcile(t, "a")
		if w.gate.isDead() {
			w.boot(t)
		}
		w.remove(t, "a")
		w.until(t, gone, "a")
		none(t, w)
	},
	"deleted in GoTo": func(t *testing.T, w *world) {
		t.Helper()
		w.apply(t, "a", asIs)
		w.until(t, ready, "a")
		id := w.one(t).ID
		deleteInGoTo(t, w, id)
		for range 2 { // the first may fail; the next one is due ten minutes later
			w.sim.Advance(10 * time.Minute)
			_ = w.acct.Refresh(t.Context())
			if w.gate.isDead() {
				w.boot(t)
			}
		}
		w.until(t, func(m *v1alpha1.GoToMeeting) bool { return ready(m) && string(m.Status.MeetingID) != id }, "a")
		agree(t, w, "a")
		w.remove(t, "a")
		w.until(t, gone, "a")
		none(t, w)
	},
	"two of a kind": func(t *testing.T, w *world) {
		t.Helper()
		w.apply(t, "a", asIs)
		w.apply(t, "b", asIs)
		w.until(t, ready, "a", "b")
		agree(t, w, "a", "b")
		w.remove(t, "a")
		w.until(t, gone, "a")
		agree(t, w, "b")
		w.remove(t, "b")
		w.until(t, gone, "b")
		none(t, w)
	},
}

// deleteInGoTo is what a person does.
func deleteInGoTo(t *testing.T, w *world, id string) {
	t.Helper()
	w.gate.mu.Lock()
	w.gate.open = true
	w.gate.mu.Unlock()
	// Another meeting takes the next id: the simulator counts on from what its state holds, and ids are not given again.
	w.sim.AddMeeting(simulator.OtherAccountKey, simulator.Meeting{OrganizerKey: simulator.OtherAdminKey, Subject: "Other", Start: epoch, End: epoch.Add(time.Hour)})
	s := w.sim.State()
	for i := range s.Accounts {
		s.Accounts[i].Meetings = slices.DeleteFunc(s.Accounts[i].Meetings, func(m simulator.Meeting) bool { return m.ID == id })
	}
	if err := w.sim.Load(s); err != nil {
		t.Fatal(err)
	}
	w.gate.mu.Lock()
	w.gate.open = false
	w.gate.mu.Unlock()
}

var lags = []time.Duration{0, 90 * time.Second}

// TestWalk takes each script as often as there are points at which it reaches out, and at each of them in every mode. Whatever
// happens, there is exactly one meeting of each object, and none once it is deleted.
func TestWalk(t *testing.T) {
	t.Parallel()
	for name, play := range scripts {
		for _, lag := range lags {
			t.Run(fmt.Sprintf("%s, lag %s", name, lag), func(t *testing.T) {
				t.Parallel()
				set := func(s *simulator.Switches) { s.MeetingVisibilityLag = lag }
				quiet := newWorld(t, set)
				play(t, quiet)
				points := quiet.gate.points
				t.Logf("%d points: %v", len(points), points)
				for at := range points {
					for _, m := range modes {
						t.Run(fmt.Sprintf("%d %s %s", at+1, points[at], m), func(t *testing.T) {
							w := newWorld(t, set)
							w.gate.strike[at+1] = m
							play(t, w)
							if w.gate.n < at+1 {
								t.Errorf("the point was not reached")
							}
						})
					}
				}
			})
		}
	}
}

// TestWalkOfTwoStrikes has two things go wrong: while two meetings that nobody can tell apart are created, and while a
// meeting whose creation may be unconfirmed is changed.
func TestWalkOfTwoStrikes(t *testing.T) {
	t.Parallel()
	pairs := map[string]script{
		"two of a kind": func(t *testing.T, w *world) {
			t.Helper()
			w.apply(t, "a", asIs)
			w.apply(t, "b", asIs)
			w.until(t, ready, "a", "b")
			agree(t, w, "a", "b")
		},
		"changed at once": scripts["changed at once"],
	}
	worst := []mode{failBefore, loseAnswer, killAfter}
	for name, play := range pairs {
		quiet := newWorld(t)
		play(t, quiet)
		points := len(quiet.gate.points)
		for _, first := range worst {
			for _, second := range worst {
				t.Run(name+": "+string(first+", then "+second), func(t *testing.T) {
					t.Parallel()
					for i := 1; i <= points; i++ {
						for j := i + 1; j <= points+4; j++ {
							w := newWorld(t)
							w.gate.strike[i], w.gate.strike[j] = first, second
							play(t, w)
							if t.Failed() {
								t.Fatalf("at %d and %d: %v", i, j, w.gate.points)
							}
						}
					}
				})
			}
		}
	}
}

// TestWalkAfterTheEnd takes a meeting that was held through its attendance and the deletion of its object, with every point
// failing in every mode. The list is whole in the end, the object goes, and meeting and history stay.
func TestWalkAfterTheEnd(t *testing.T) {
	t.Parallel()
	play := func(t *testing.T, at int, m mode) *gate {
		t.Helper()
		w := newWorld(t)
		ttl := int32(7200)
		held(t, w, func(m *v1alpha1.GoToMeeting) {
			withAttendance(v1alpha1.FullAttendance)(m)
			m.Spec.TTLSecondsAfterEnd = &ttl
		})
		w.gate.n, w.gate.points = 0, nil
		w.gate.strike[at] = m
		w.until(t, func(m *v1alpha1.GoToMeeting) bool { return conditionOf(m, "AttendanceRecorded") == "True Recorded" }, "a")
		if a := w.object(t, "a").Status.Attendance; a.Listed != 3 || a.Minutes != 25 || len(w.secret(t, "a-attendees").Data) != 3 {
			t.Errorf("%+v", a)
		}
		w.sim.Advance(2 * time.Hour)
		w.until(t, gone, "a")
		w.one(t)
		if len(w.sim.Sessions(acctKey)) != 1 {
			t.Error("the history is gone")
		}
		return w.gate
	}
	points := play(t, 0, "").points
	t.Logf("%d points: %v", len(points), points)
	for at := range points {
		for _, m := range modes {
			t.Run(fmt.Sprintf("%d %s %s", at+1, points[at], m), func(t *testing.T) {
				t.Parallel()
				play(t, at+1, m)
			})
		}
	}
}

// Objects that nobody can tell apart are worked on at once, while answers are lost and the operator is killed and started
// again: each comes by a meeting of its own.
func TestManyAlikeAtOnce(t *testing.T) {
	t.Parallel()
	const n = 12
	w := newWorld(t)
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf("m%02d", i))
		w.apply(t, names[i], asIs)
	}
	w.sim.Inject(simulator.Fault{Kind: simulator.FaultCutAfter, Operation: simulator.OpCreateMeeting, Skip: 1, Count: 2})
	w.sim.Inject(simulator.Fault{Kind: simulator.FaultCutBefore, Operation: simulator.OpCreateMeeting, Skip: 2, Count: 2})
	w.gate.strike[40] = killAfter
	for round := range patience {
		var all sync.WaitGroup
		for _, name := range names {
			all.Go(func() { _, _ = w.reconcile(t, name) })
		}
		all.Wait()
		if w.gate.isDead() || round == 3 {
			w.boot(t)
		}
		if held := len(w.sim.Meetings(acctKey)); held > n {
			t.Fatalf("%d meetings of %d objects", held, n)
		}
		w.sim.Advance(12 * time.Second)
	}
	agree(t, w, names...)
}
