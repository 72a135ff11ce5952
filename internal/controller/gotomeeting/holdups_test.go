package gotomeeting

import (
	"testing"
	"testing/synctest"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account/brake"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

func TestDeletedInGoToIsReported(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.apply(t, "a", func(m *v1alpha1.GoToMeeting) { m.Spec.RecreatePolicy = v1alpha1.ReportMissing })
		w.steady(t, "a")
		deleteInGoTo(w.Sim, w.one(t).ID)
		time.Sleep(5 * time.Minute)
		w.resync(t)
		w.once(t, "a")
		w.is(t, "a", "False DeletedInGoTo")
		none(t, w)
		w.goes(t, "a")
	})
}

func TestOverIsLeftInPeace(t *testing.T) {
	t.Parallel()
	for position, set := range positions() {
		t.Run(position, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, set)
				w.apply(t, "a", asIs)
				w.steady(t, "a")
				time.Sleep(25 * time.Hour)
				w.resync(t)
				w.Restart(t)
				w.once(t, "a")
				m := w.object(t, "a")
				if conditionOf(m, "Ended") != "True Over" || conditionOf(m, "Upcoming") != "False Started" || !m.Status.NextSession.IsZero() || kindtest.Reason(m) != "True Synced" {
					t.Errorf("%s: %+v", kindtest.Reason(m), m.Status)
				}
				w.quiet(t, "a")
				w.apply(t, "a", func(m *v1alpha1.GoToMeeting) { m.Spec.Start = metav1.NewTime(epoch.Add(100 * time.Hour)) })
				w.once(t, "a")
				w.is(t, "a", "False MeetingOver")
				w.remove(t, "a")
				w.Forget()
				w.until(t, gone, "a")
				w.calls(t, map[string]int{})
				w.one(t)
			})
		})
	}
}

func TestWhatWouldBeOverIsNotCreated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.apply(t, "a", func(m *v1alpha1.GoToMeeting) { m.Spec.Start = metav1.NewTime(epoch.Add(-time.Hour)) })
		w.once(t, "a")
		w.is(t, "a", "False MeetingOver")
		none(t, w)
		w.Sim.SetSwitches(func(s *simulator.Switches) { s.PastStart = "refused" })
		w.apply(t, "a", func(m *v1alpha1.GoToMeeting) { m.Spec.Start = metav1.NewTime(epoch.Add(-time.Minute)) })
		w.once(t, "a")
		w.is(t, "a", "False RefusedByGoTo")
		w.Sim.SetSwitches(func(s *simulator.Switches) { s.PastStart = "accepted" })
		w.apply(t, "a", asIs)
		w.steady(t, "a")
	})
}

func TestChangesWaitWhileItRuns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.apply(t, "a", func(m *v1alpha1.GoToMeeting) { m.Spec.Type = v1alpha1.RecurringMeeting })
		w.steady(t, "a")
		id := w.one(t).ID
		time.Sleep(24*time.Hour + time.Minute)
		w.Sim.StartMeeting(acctKey, id)
		w.resync(t)
		w.once(t, "a")
		if m := w.object(t, "a"); conditionOf(m, "Running") != "True Active" || conditionOf(m, "Upcoming") != "False Started" {
			t.Errorf("%+v", m.Status.Conditions)
		}
		w.apply(t, "a", func(m *v1alpha1.GoToMeeting) { m.Spec.Subject = "New" })
		if after := w.once(t, "a"); after != runningRecheck {
			t.Errorf("again after %s", after)
		}
		w.is(t, "a", "False MeetingRunning")
		w.remove(t, "a")
		w.once(t, "a")
		w.is(t, "a", "False MeetingRunning")
		w.one(t)
		w.Sim.EndMeeting(acctKey, id)
		w.until(t, gone, "a")
		none(t, w)
	})
}

func TestAccountThatMayNot(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{"403", "403InvalidToken"} {
		t.Run(answer, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, func(s *simulator.Switches) { s.MeetingScopeAnswer = answer })
				w.Switch(t, acctKey, simulator.NoMeetingScopePersonalAccessToken)
				w.apply(t, "a", asIs)
				w.once(t, "a")
				w.is(t, "a", "False MeetingScopeMissing")
				w.quiet(t, "a")
				if err := w.Acct.Refresh(t.Context()); err != nil {
					t.Errorf("the account fails for it: %v", err)
				}
			})
		})
	}
	t.Run("free", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t)
			w.Sim.SetFree(acctKey, true)
			w.apply(t, "a", asIs)
			w.once(t, "a")
			w.is(t, "a", "False MeetingsNotEntitled")
			w.Sim.SetFree(acctKey, false)
			if err := w.Acct.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
			w.steady(t, "a")
		})
	})
}

func TestCredentialsOfAnotherUser(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.apply(t, "a", asIs)
		w.steady(t, "a")
		key := w.Sim.AddUser(acctKey, simulator.User{Email: "max@example.test", FirstName: "Max", LastName: "M", AdminRoles: []string{"SUPER_USER"}})
		w.Sim.AddPersonalAccessToken(simulator.PersonalAccessToken{Token: "another-token", UserKey: key, Scope: simulator.ScopeAdmin + " " + simulator.ScopeCollab + " " + simulator.ScopeProfile})
		w.Switch(t, acctKey, "another-token")
		w.once(t, "a")
		w.is(t, "a", "False OrganizerChanged")
		w.one(t)
	})
}

func TestBrakeHoldsMeetings(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.apply(t, "a", asIs)
		w.steady(t, "a")
		w.Acct.Deletions().Brake().SetLimits(brake.Limits{Window: time.Hour})
		w.remove(t, "a")
		w.once(t, "a")
		w.is(t, "a", "False DeletionBrake")
		w.one(t)
	})
}
