package gotomeeting

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

func withHost(m *v1alpha1.GoToMeeting) { m.Spec.HostURLSecretRef.Name = m.Name + "-host" }

func reschedule(m *v1alpha1.GoToMeeting) {
	m.Spec.Subject, m.Spec.Start = "Monthly sync", metav1.NewTime(m.Spec.Start.Add(time.Hour))
	m.Spec.Audio.Type, m.Spec.Coorganizers = "VoIP", []v1alpha1.Coorganizer{{Key: simulator.DefaultAdminKey}}
}

// agree fails unless each object has a meeting of its own, as its spec says, and there is no other.
func agree(t *testing.T, w *world, names ...string) {
	t.Helper()
	all := w.Sim.Meetings(acctKey)
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
			if s := secretOf(t, w.bubble, m.Spec.HostURLSecretRef.Name); string(s.Data[v1alpha1.SecretKeyMeetingID]) != r.ID || len(s.Data[v1alpha1.SecretKeyHostURL]) == 0 {
				t.Errorf("the Secret is %+v", s)
			}
		}
	}
}

// named are meetings that are told apart by their subject, in worlds that build makes, of one object each.
func named(build func(*testing.T) *bubble) kindtest.Named[*v1alpha1.GoToMeeting, Wants, Remote] {
	return kindtest.Named[*v1alpha1.GoToMeeting, Wants, Remote]{
		Build: func(t *testing.T) *bubble {
			t.Helper()
			w := counted(t, build(t))
			w.objects = 1
			return w.bubble
		},
		Apply: func(t *testing.T, w *bubble, name string, edit func(*v1alpha1.GoToMeeting)) *v1alpha1.GoToMeeting {
			t.Helper()
			return apply(t, w, name, func(m *v1alpha1.GoToMeeting) { withHost(m); m.Spec.Subject = name }, edit)
		},
		Plant: func(w *bubble, name string) {
			w.Sim.AddMeeting(acctKey, planted(func(m *simulator.Meeting) { m.Subject = name }))
		},
		All: func(w *bubble) []kindtest.Counterpart {
			return kindtest.CounterpartsOf(w.Sim.Meetings(acctKey), func(m *simulator.Meeting) kindtest.Counterpart {
				return kindtest.Counterpart{Key: m.ID, Name: m.Subject}
			})
		},
		Rename: func(m *v1alpha1.GoToMeeting, name string) { reschedule(m); m.Spec.Subject = name },
		Agrees: func(t *testing.T, w *bubble, m *v1alpha1.GoToMeeting) {
			t.Helper()
			agree(t, &world{bubble: w}, m.Name)
		},
		Lists: gotoclient.OpListUpcomingMeetings, Creates: gotoclient.OpCreateMeeting, Updates: gotoclient.OpUpdateMeeting, Deletes: gotoclient.OpDeleteMeeting,
	}
}

func TestFaults(t *testing.T) { t.Parallel(); named(with()).Faults(t) }

// scripts are lives of some objects that nobody can tell apart, from nothing to nothing.
var scripts = map[string]func(*testing.T, *world){
	"changed at once": func(t *testing.T, w *world) {
		t.Helper()
		w.apply(t, "a", asIs)
		_ = w.Reconcile(t, "a")
		w.apply(t, "a", reschedule)
		w.until(t, ready, "a")
		agree(t, w, "a")
		w.goes(t, "a")
		none(t, w)
	},
	"deleted at once": func(t *testing.T, w *world) {
		t.Helper()
		w.apply(t, "a", asIs)
		_ = w.Reconcile(t, "a")
		w.goes(t, "a")
		none(t, w)
	},
	"deleted in GoTo": func(t *testing.T, w *world) {
		t.Helper()
		w.apply(t, "a", asIs)
		w.until(t, ready, "a")
		id := w.one(t).ID
		deleteInGoTo(w.Sim, id)
		w.Run(t, 2*kindtest.Resync) // the first reading may fail
		w.until(t, func(m *v1alpha1.GoToMeeting, there bool) bool {
			return ready(m, there) && string(m.Status.MeetingID) != id
		}, "a")
		agree(t, w, "a")
		w.goes(t, "a")
		none(t, w)
	},
	"two of a kind": func(t *testing.T, w *world) {
		t.Helper()
		twoOfAKind(t, w)
		w.goes(t, "a")
		agree(t, w, "b")
		w.goes(t, "b")
		none(t, w)
	},
}

func twoOfAKind(t *testing.T, w *world) {
	t.Helper()
	w.apply(t, "a", asIs)
	w.apply(t, "b", asIs)
	w.until(t, ready, "a", "b")
	agree(t, w, "a", "b")
}

// deleteInGoTo is what a person does.
func deleteInGoTo(sim *simulator.Simulator, id string) {
	// Another meeting takes the next id: the simulator counts on from what its state holds, and ids are not given again.
	sim.AddMeeting(simulator.OtherAccountKey, simulator.Meeting{OrganizerKey: simulator.OtherAdminKey, Subject: "Other", Start: epoch, End: epoch.Add(time.Hour)})
	inGoTo(sim, func(a *simulator.Account) {
		a.Meetings = slices.DeleteFunc(a.Meetings, func(m simulator.Meeting) bool { return m.ID == id })
	})
}

// in is a script of a world that a walk has built.
func in(play func(*testing.T, *world)) func(*testing.T, *bubble) {
	return func(t *testing.T, w *bubble) { t.Helper(); play(t, counted(t, w)) }
}

// TestWalk lets something go wrong at every request and every write. Whatever happens, there is exactly one meeting of each
// object, and none once it is deleted.
func TestWalk(t *testing.T) {
	t.Parallel()
	for _, lag := range []time.Duration{0, 90 * time.Second} {
		build := with(func(s *simulator.Switches) { s.MeetingVisibilityLag = lag })
		t.Run(fmt.Sprintf("lag %s", lag), func(t *testing.T) {
			t.Parallel()
			named(build).Walk(t)
		})
		for name, play := range scripts {
			t.Run(fmt.Sprintf("%s, lag %s", name, lag), func(t *testing.T) {
				t.Parallel()
				kindtest.Walk(t, build, in(play))
			})
		}
	}
}

// TestWalkOfTwoStrikes has two things go wrong: while two meetings that nobody can tell apart are created, and while a
// meeting whose creation may be unconfirmed is changed.
func TestWalkOfTwoStrikes(t *testing.T) {
	t.Parallel()
	for name, play := range map[string]func(*testing.T, *world){"two of a kind": twoOfAKind, "changed at once": scripts["changed at once"]} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kindtest.WalkTwice(t, with(), in(play))
		})
	}
}

// TestWalkAfterTheEnd takes a meeting that was held through its attendance and the deletion of its object. The list is whole in
// the end, the object goes, and meeting and history stay.
func TestWalkAfterTheEnd(t *testing.T) {
	t.Parallel()
	ttl := int32(7200)
	build := func(t *testing.T) *bubble {
		t.Helper()
		w := newWorld(t)
		held(t, w, func(m *v1alpha1.GoToMeeting) {
			withAttendance(v1alpha1.FullAttendance)(m)
			m.Spec.TTLSecondsAfterEnd = &ttl
		})
		return w.bubble
	}
	kindtest.Walk(t, build, func(t *testing.T, b *bubble) {
		t.Helper()
		w := &world{bubble: b}
		w.until(t, func(m *v1alpha1.GoToMeeting, _ bool) bool {
			return conditionOf(m, "AttendanceRecorded") == "True Recorded"
		}, "a")
		if a := w.object(t, "a").Status.Attendance; a.Listed != 3 || a.Minutes != 25 || len(secretOf(t, b, "a-attendees").Data) != 3 {
			t.Errorf("%+v", a)
		}
		time.Sleep(2 * time.Hour)
		w.until(t, gone, "a")
		w.one(t)
		if len(w.Sim.Sessions(acctKey)) != 1 {
			t.Error("the history is gone")
		}
	})
}

// Objects that nobody can tell apart are worked on at once, while answers are lost and the operator is killed and started
// again: each comes by a meeting of its own.
func TestManyAlikeAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		var names []string
		for i := range 12 {
			names = append(names, fmt.Sprintf("m%02d", i))
			w.apply(t, names[i], asIs)
		}
		w.Sim.Inject(simulator.Fault{Kind: simulator.FaultCutAfter, Operation: simulator.OpCreateMeeting, Skip: 1, Count: 2})
		w.Sim.Inject(simulator.Fault{Kind: simulator.FaultCutBefore, Operation: simulator.OpCreateMeeting, Skip: 2, Count: 2})
		w.Strike(40, kindtest.KilledAfter)
		for round := range 40 {
			w.AtOnce(t, names...)
			if round == 3 {
				w.Restart(t)
			}
			time.Sleep(12 * time.Second)
		}
		if n := len(w.Points()); n < 40 {
			t.Errorf("nothing was killed: %d points", n)
		}
		agree(t, w, names...)
	})
}
