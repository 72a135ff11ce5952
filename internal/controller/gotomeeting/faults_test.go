package gotomeeting

import (
	"fmt"
	"slices"
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
	m.Spec.ConferenceCall, m.Spec.Coorganizers = "VoIP", []v1alpha1.Coorganizer{{Key: simulator.DefaultAdminKey}}
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
		if r.Subject != m.Spec.Subject || !r.Start.Equal(m.Spec.Start.Time) || !r.End.Equal(specEnd(m)) || r.ConferenceCallInfo != m.Spec.ConferenceCall {
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

// TestWalkOfTwoStrikes has two things go wrong while two meetings that nobody can tell apart are created.
func TestWalkOfTwoStrikes(t *testing.T) {
	t.Parallel()
	create := func(t *testing.T, w *world) {
		t.Helper()
		w.apply(t, "a", asIs)
		w.apply(t, "b", asIs)
		w.until(t, ready, "a", "b")
		agree(t, w, "a", "b")
	}
	quiet := newWorld(t)
	create(t, quiet)
	points := len(quiet.gate.points)
	worst := []mode{failBefore, loseAnswer, killAfter}
	for _, first := range worst {
		for _, second := range worst {
			t.Run(string(first+", then "+second), func(t *testing.T) {
				t.Parallel()
				for i := 1; i <= points; i++ {
					for j := i + 1; j <= points+4; j++ {
						w := newWorld(t)
						w.gate.strike[i], w.gate.strike[j] = first, second
						create(t, w)
						if t.Failed() {
							t.Fatalf("at %d and %d: %v", i, j, w.gate.points)
						}
					}
				}
			})
		}
	}
}
