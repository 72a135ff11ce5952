package gotomeeting

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

func TestTheOnlyMeetingThatIsLikeItIsAdopted(t *testing.T) {
	t.Parallel()
	for row, c := range map[string]struct {
		there   []func(*simulator.Meeting)
		edit    change
		adopted bool
		want    string
		remain  int
	}{
		"the only one":       {[]func(*simulator.Meeting){like}, asIs, true, "True Synced", 1},
		"escaped":            {[]func(*simulator.Meeting){func(m *simulator.Meeting) { m.Subject = "Weekly &lt;sync&gt;" }}, asIs, true, "True Synced", 1},
		"of several none":    {[]func(*simulator.Meeting){like, like}, asIs, false, "False MeetingAmbiguous", 2},
		"another subject":    {[]func(*simulator.Meeting){func(m *simulator.Meeting) { m.Subject = "Other" }}, asIs, false, "True Synced", 1},
		"another start":      {[]func(*simulator.Meeting){func(m *simulator.Meeting) { m.Start = m.Start.Add(-time.Minute) }}, asIs, false, "True Synced", 1},
		"another end":        {[]func(*simulator.Meeting){func(m *simulator.Meeting) { m.End = m.End.Add(time.Minute) }}, asIs, false, "True Synced", 1},
		"another organizer":  {[]func(*simulator.Meeting){func(m *simulator.Meeting) { m.OrganizerKey = simulator.OtherAdminKey }}, asIs, false, "True Synced", 1},
		"recurring, by type": {[]func(*simulator.Meeting){like}, func(m *v1alpha1.GoToMeeting) { m.Spec.Type = v1alpha1.RecurringMeeting }, false, "True Synced", 1},
	} {
		t.Run(row, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				ids := map[string]bool{}
				for _, change := range c.there {
					key := acctKey
					if row == "another organizer" {
						key = simulator.OtherAccountKey
					}
					ids[w.Sim.AddMeeting(key, planted(change))] = true
					w.objects++
				}
				w.apply(t, "a", c.edit)
				w.until(t, func(m *v1alpha1.GoToMeeting, _ bool) bool { return kindtest.Reason(m) == c.want }, "a")
				m := w.object(t, "a")
				if got := ids[string(m.Status.MeetingID)]; got != c.adopted || c.adopted != (m.Status.Origin == v1alpha1.Adopted) {
					t.Errorf("adopted: %t, origin %q", got, m.Status.Origin)
				}
				if c.adopted && w.Sim.Calls()["updateMeeting"] > 0 {
					t.Error("a meeting that is as it should be was written")
				}
				w.goes(t, "a")
				left := len(w.Sim.Meetings(acctKey)) + len(w.Sim.Meetings(simulator.OtherAccountKey))
				if left != c.remain {
					t.Errorf("%d meetings are left, want %d", left, c.remain)
				}
			})
		})
	}
}

func TestAMeetingIsImportedByItsID(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		id := w.theirs(func(m *simulator.Meeting) { m.Subject = "As it was" })
		w.apply(t, "a", func(m *v1alpha1.GoToMeeting) { m.Spec.MeetingID = v1alpha1.Key(id) })
		m := w.steady(t, "a")
		if string(m.Status.MeetingID) != id || m.Status.Origin != v1alpha1.Adopted || w.one(t).Subject != plan().Subject {
			t.Errorf("%+v, %+v", m.Status, w.one(t))
		}
		w.apply(t, "b", func(m *v1alpha1.GoToMeeting) { m.Spec.MeetingID = v1alpha1.Key(id) })
		w.once(t, "b")
		w.is(t, "b", "False Conflict")
		w.apply(t, "c", func(m *v1alpha1.GoToMeeting) { m.Spec.MeetingID = "123456789" })
		w.once(t, "c")
		w.is(t, "c", "False MeetingNotFound")
		w.goes(t, "a")
		w.one(t) // it was there before
	})
}

// Two objects of the same words, and one meeting that a person made: one adopts it, the other has one of its own.
func TestOneMeetingIsAdoptedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		id := w.theirs(like)
		w.apply(t, "a", asIs)
		w.apply(t, "b", asIs)
		w.until(t, ready, "a", "b")
		a, b := w.object(t, "a").Status, w.object(t, "b").Status
		if a.MeetingID == b.MeetingID || string(a.MeetingID) != id || len(w.Sim.Meetings(acctKey)) != 2 {
			t.Errorf("%s %s, %s %s", a.MeetingID, a.Origin, b.MeetingID, b.Origin)
		}
	})
}
