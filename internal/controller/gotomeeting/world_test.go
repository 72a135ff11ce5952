package gotomeeting

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

const acctKey = simulator.DefaultAccountKey

// epoch is when the worlds begin.
var epoch = time.Date(2030, 1, 7, 8, 0, 0, 0, time.UTC)

type (
	bubble = kindtest.World[*v1alpha1.GoToMeeting, Wants, Remote]
	change = func(*v1alpha1.GoToMeeting)
)

// with makes worlds in which GoTo is in some position of its switches.
func with(switches ...func(*simulator.Switches)) func(*testing.T) *bubble {
	return func(t *testing.T) *bubble {
		t.Helper()
		time.Sleep(time.Until(epoch))
		w := kindtest.New(t,
			func(i client.FieldIndexer) error {
				return errors.Join(addIndexes(i), engine.AddIndexes(i, NewKind(nil, nil, nil)))
			},
			func(c client.Client, _ *account.Registry) engine.Kind[*v1alpha1.GoToMeeting, Wants, Remote] {
				return NewKind(c, c, time.Now)
			})
		w.Waits = true
		for _, set := range switches {
			w.Sim.SetSwitches(set)
		}
		w.Quietly(func() { w.Restart(t) })
		return w
	}
}

// world is a world of meetings that look alike. At no time may there be more of them than objects.
type world struct {
	*bubble

	objects int // at most, and meetings that a person made
}

func newWorld(t *testing.T, switches ...func(*simulator.Switches)) *world {
	t.Helper()
	return counted(t, with(switches...)(t))
}

func counted(t *testing.T, w *bubble) *world {
	t.Helper()
	out := &world{bubble: w}
	w.AfterChange = func() {
		if all := w.Sim.Meetings(acctKey); len(all) > out.objects {
			t.Errorf("%d meetings of %d objects: %+v", len(all), out.objects, all)
		}
	}
	return out
}

func plan() v1alpha1.GoToMeetingSpec {
	return v1alpha1.GoToMeetingSpec{
		ManagedSpec: v1alpha1.ManagedSpec{AccountRef: v1alpha1.AccountReference{Name: kindtest.Account}, ManagementPolicy: v1alpha1.Manage},
		Subject:     "Weekly <sync>", Start: metav1.NewTime(epoch.Add(24 * time.Hour)), Duration: metav1.Duration{Duration: 30 * time.Minute},
		Type: v1alpha1.ScheduledMeeting, Audio: v1alpha1.MeetingAudio{Type: "Hybrid"}, Attendance: v1alpha1.NoAttendance, RecreatePolicy: v1alpha1.Recreate,
	}
}

func asIs(*v1alpha1.GoToMeeting) {}

func called(name string) *v1alpha1.GoToMeeting {
	return &v1alpha1.GoToMeeting{ObjectMeta: metav1.ObjectMeta{Name: name}}
}

// apply creates an object with first over the plan, or edits the one that exists.
func apply(t *testing.T, w *bubble, name string, first, edit change) *v1alpha1.GoToMeeting {
	t.Helper()
	return kindtest.Apply(t, w.Kube, called(name), func(m *v1alpha1.GoToMeeting) {
		if m.Generation == 1 {
			m.Spec = plan()
			first(m)
		}
		edit(m)
	})
}

func (w *world) apply(t *testing.T, name string, edit change) {
	t.Helper()
	if m := apply(t, w.bubble, name, asIs, edit); m.Generation == 1 {
		w.objects++
	}
}

// object returns the object, or nil if it is gone.
func (w *world) object(t *testing.T, name string) *v1alpha1.GoToMeeting {
	t.Helper()
	if m, there := kindtest.Object(t, w.Kube, called(name)); there {
		return m
	}
	return nil
}

func (w *world) remove(t *testing.T, name string) {
	t.Helper()
	if err := w.Kube.Delete(t.Context(), w.object(t, name)); client.IgnoreNotFound(err) != nil {
		t.Fatal(err)
	}
}

// goes deletes an object and waits until it is gone.
func (w *world) goes(t *testing.T, name string) {
	t.Helper()
	w.remove(t, name)
	w.until(t, gone, name)
}

func (w *world) until(t *testing.T, done func(*v1alpha1.GoToMeeting, bool) bool, names ...string) {
	t.Helper()
	var all []*v1alpha1.GoToMeeting
	for _, name := range names {
		all = append(all, called(name))
	}
	w.Until(t, all[0], done, all[1:]...)
}

var (
	ready = kindtest.Ready[*v1alpha1.GoToMeeting]
	gone  = kindtest.Gone[*v1alpha1.GoToMeeting]
)

// conditionOf is status and reason of a condition.
func conditionOf(m *v1alpha1.GoToMeeting, kind string) string {
	c := meta.FindStatusCondition(m.Status.Conditions, kind)
	if c == nil {
		return ""
	}
	return string(c.Status) + " " + c.Reason
}

// steady brings an object to Ready and forgets what that cost.
func (w *world) steady(t *testing.T, name string) *v1alpha1.GoToMeeting {
	t.Helper()
	w.until(t, ready, name)
	w.Forget()
	return w.object(t, name)
}

// resync reads the account again, and forgets what that cost.
func (w *world) resync(t *testing.T) {
	t.Helper()
	if err := w.Acct.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.Sim.ResetLog()
}

// once reconciles, wants no error, and tells when the object asks for the next.
func (w *world) once(t *testing.T, name string) time.Duration {
	t.Helper()
	if err := w.Reconcile(t, name); err != nil {
		t.Fatal(err)
	}
	after, is := w.Due(name)
	if !is {
		return 0
	}
	return after
}

// quiet fails unless a reconcile calls GoTo for nothing and writes nothing.
func (w *world) quiet(t *testing.T, name string) {
	t.Helper()
	w.Forget()
	w.once(t, name)
	if calls := w.Sim.Calls(); len(calls) > 0 || w.Writes > 0 {
		t.Errorf("%d writes, calls %v", w.Writes, calls)
	}
}

// calls fails unless these were the calls since they were last forgotten.
func (w *world) calls(t *testing.T, want map[string]int) {
	t.Helper()
	if d := cmp.Diff(want, w.Sim.Calls()); d != "" {
		t.Errorf("calls: %s", d)
	}
}

// is fails unless Ready has this status and reason.
func (w *world) is(t *testing.T, name, want string) {
	t.Helper()
	if m := w.object(t, name); kindtest.Reason(m) != want {
		t.Errorf("Ready is %s, want %s: %+v", kindtest.Reason(m), want, m.Status.Conditions)
	}
}

// one is the only meeting.
func (w *world) one(t *testing.T) simulator.Meeting {
	t.Helper()
	all := w.Sim.Meetings(acctKey)
	if len(all) != 1 {
		t.Fatalf("%d meetings: %+v", len(all), all)
	}
	return all[0]
}

func none(t *testing.T, w *world) {
	t.Helper()
	if all := w.Sim.Meetings(acctKey); len(all) > 0 {
		t.Errorf("left behind: %+v", all)
	}
}

// secretOf is a Secret that has to be there.
func secretOf(t *testing.T, w *bubble, name string) *corev1.Secret {
	t.Helper()
	s, there := kindtest.Object(t, w.Kube, &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: name}})
	if !there {
		t.Fatalf("there is no Secret %s", name)
	}
	return s
}

// planted is a meeting that a person made and that is like the plan.
func planted(edit func(*simulator.Meeting)) simulator.Meeting {
	m := simulator.Meeting{
		OrganizerKey: simulator.DefaultAdminKey, Subject: plan().Subject, Start: plan().Start.Time, End: plan().Start.Add(30 * time.Minute), ConferenceCallInfo: "Hybrid",
	}
	edit(&m)
	return m
}

func like(*simulator.Meeting) {}

// theirs puts such a meeting into GoTo.
func (w *world) theirs(edit func(*simulator.Meeting)) string {
	w.objects++
	return w.Sim.AddMeeting(acctKey, planted(edit))
}

// inGoTo is what a person does in GoTo.
func inGoTo(sim *simulator.Simulator, edit func(*simulator.Account)) {
	s := sim.State()
	for i := range s.Accounts {
		edit(&s.Accounts[i])
	}
	if err := sim.Load(s); err != nil {
		panic(err)
	}
}

// editMeeting is what a person does to a meeting in GoTo.
func editMeeting(sim *simulator.Simulator, id string, edit func(*simulator.Meeting)) {
	inGoTo(sim, func(a *simulator.Account) {
		for i := range a.Meetings {
			if a.Meetings[i].ID == id {
				edit(&a.Meetings[i])
			}
		}
	})
}
