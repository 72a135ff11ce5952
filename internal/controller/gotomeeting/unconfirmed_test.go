package gotomeeting

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

// TestHiddenTypes lose the answer of a create of a type that the list does not show. Nothing is created again until a person
// says so.
func TestHiddenTypes(t *testing.T) {
	t.Parallel()
	hidden := func(s *simulator.Switches) { s.RecurringInUpcoming = "hidden" }
	stalled := func(m *v1alpha1.GoToMeeting, _ bool) bool {
		return kindtest.Reason(m) == "False CreateUnconfirmed" && conditionOf(m, "Stalled") != ""
	}
	for _, kind := range []v1alpha1.MeetingType{v1alpha1.RecurringMeeting, v1alpha1.ImmediateMeeting} {
		for _, effect := range []kindtest.Strike{kindtest.FailedBefore, kindtest.AnswerLost, kindtest.KilledBefore, kindtest.KilledAfter} {
			t.Run(string(kind)+", "+string(effect), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, hidden)
					w.Strike(3, effect)
					w.apply(t, "a", func(m *v1alpha1.GoToMeeting) { m.Spec.Type = kind })
					w.until(t, stalled, "a")
					if w.Points()[2] != "POST /G2M/rest/meetings" {
						t.Fatalf("the third point is %s", w.Points()[2])
					}
					w.quietButLists(t, "a")
					made := map[kindtest.Strike]int{kindtest.AnswerLost: 1, kindtest.KilledAfter: 1}[effect]
					if n := len(w.Sim.Meetings(acctKey)); n != made {
						t.Fatalf("%d meetings, want %d", n, made)
					}
					for _, m := range w.Sim.Meetings(acctKey) { // a person follows the message
						deleteInGoTo(w.Sim, m.ID)
					}
					m := w.object(t, "a")
					delete(m.Annotations, v1alpha1.IdentityAnnotation)
					if err := w.Kube.Update(t.Context(), m); err != nil {
						t.Fatal(err)
					}
					w.steady(t, "a")
					agree(t, w, "a")
				})
			})
		}
	}
}

// quietButLists fails if a reconcile does more than look.
func (w *world) quietButLists(t *testing.T, name string) {
	t.Helper()
	w.Forget()
	for range 3 {
		time.Sleep(time.Hour / 60)
		w.once(t, name)
	}
	calls := w.Sim.Calls()
	delete(calls, gotoclient.OpListUpcomingMeetings)
	delete(calls, gotoclient.OpToken)
	if len(calls) > 0 || w.Writes > 0 {
		t.Errorf("%d writes, calls %v", w.Writes, calls)
	}
}

func TestHiddenTypeIsToldByAnotherOfItsKind(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Sim.AddMeeting(acctKey, simulator.Meeting{OrganizerKey: simulator.DefaultAdminKey, Subject: "x", Type: "recurring", Start: epoch, End: epoch.Add(time.Hour)})
		w.objects++
		w.Strike(3, kindtest.KilledBefore)
		w.apply(t, "a", func(m *v1alpha1.GoToMeeting) { m.Spec.Type = v1alpha1.RecurringMeeting })
		w.until(t, ready, "a")
		if n := len(w.Sim.Meetings(acctKey)); n != 2 {
			t.Errorf("%d meetings", n)
		}
	})
}

func TestUnconfirmedHiddenMeetingHoldsTheDeletion(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Strike(3, kindtest.KilledAfter)
		w.apply(t, "a", func(m *v1alpha1.GoToMeeting) { m.Spec.Type = v1alpha1.ImmediateMeeting })
		_ = w.Reconcile(t, "a")
		w.remove(t, "a")
		w.until(t, func(m *v1alpha1.GoToMeeting, _ bool) bool { return kindtest.Reason(m) == "False CreateUnconfirmed" }, "a")
		w.apply(t, "a", func(m *v1alpha1.GoToMeeting) { m.Spec.DeletionPolicy = v1alpha1.DeletionPolicyOrphan })
		w.until(t, gone, "a")
	})
}

// Where the account does not let it adopt, a meeting that a person made and that looks the same is never taken, whatever
// becomes of the request.
func TestMeetingOfAPersonIsNotTaken(t *testing.T) {
	t.Parallel()
	for _, m := range kindtest.RequestStrikes {
		t.Run(string(m), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				theirs := w.theirs(like)
				w.Policy(t, func(s *v1alpha1.GoToAccountSpec) { s.Adoption = v1alpha1.AdoptNever })
				w.Strike(3, m)
				w.apply(t, "a", asIs)
				got := w.steady(t, "a")
				if string(got.Status.MeetingID) == theirs || len(w.Sim.Meetings(acctKey)) != 2 {
					t.Errorf("took %s: %+v", theirs, w.Sim.Meetings(acctKey))
				}
				w.goes(t, "a")
				if w.one(t).ID != theirs {
					t.Error("the person's meeting was deleted")
				}
			})
		})
	}
}

func TestJoinURLOfALostAnswerIsUnknownAndSaidSo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Strike(3, kindtest.KilledAfter)
		w.apply(t, "a", asIs)
		m := w.steady(t, "a")
		if m.Status.JoinURL != "" || conditionOf(m, v1alpha1.ConditionJoinURLKnown) != "False AnswerLost" || kindtest.Reason(m) != "True Synced" {
			t.Errorf("%q, %s", m.Status.JoinURL, conditionOf(m, v1alpha1.ConditionJoinURLKnown))
		}
		if m.Status.Origin != v1alpha1.Created {
			t.Errorf("origin %q", m.Status.Origin)
		}
	})
}

// The answer arrived and the write of the status failed: this process still knows the join URL.
func TestJoinURLSurvivesAFailedStatusWrite(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Strike(4, kindtest.FailedBefore)
		w.apply(t, "a", asIs)
		if m := w.steady(t, "a"); m.Status.JoinURL == "" {
			t.Errorf("lost: %+v, %v", m.Status, w.Points())
		}
	})
}

// Nothing that is done after the create may cost the join URL.
func TestJoinURLSurvivesADeathAtTheHostURL(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.apply(t, "a", withHost)
		w.Strike(5, kindtest.KilledBefore)
		if m := w.steady(t, "a"); m.Status.JoinURL == "" || !strings.HasSuffix(w.Points()[4], "/start") {
			t.Errorf("lost: %+v, %v", m.Status, w.Points())
		}
	})
}

// A meeting that the list does not show was created, and its status could not be written for longer than our own writes are
// believed. This process still knows which it is.
func TestHiddenMeetingSurvivesALongFailureOfKubernetes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.apply(t, "a", func(m *v1alpha1.GoToMeeting) { m.Spec.Type = v1alpha1.ImmediateMeeting })
		w.Strike(4, kindtest.FailedBefore)
		_ = w.Reconcile(t, "a")
		time.Sleep(10 * time.Minute)
		w.resync(t)
		w.steady(t, "a")
		agree(t, w, "a")
	})
}

func TestListThatLacksMeetingsIsNotBelieved(t *testing.T) {
	t.Parallel()
	for _, fault := range []simulator.FaultKind{simulator.FaultEmptyList, simulator.FaultPartialList, simulator.FaultHTML, simulator.FaultTruncate} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.apply(t, "a", func(m *v1alpha1.GoToMeeting) { m.Spec.Subject = "a" })
				w.apply(t, "b", func(m *v1alpha1.GoToMeeting) { m.Spec.Subject = "b" })
				w.until(t, ready, "a", "b")
				time.Sleep(10 * time.Minute)
				w.Sim.Inject(simulator.Fault{Kind: fault, Operation: simulator.OpListUpcomingMeetings})
				w.resync(t)
				w.once(t, "a")
				w.once(t, "b")
				w.Sim.ClearFaults()
				w.resync(t)
				w.once(t, "a")
				w.once(t, "b")
				agree(t, w, "a", "b")
				if n := w.Sim.Calls()[gotoclient.OpCreateMeeting]; n > 0 {
					t.Errorf("%d created", n)
				}
			})
		})
	}
}

// The second list is a witness: the first alone, wrong in a way that nobody can see, does not lead to a second meeting.
func TestPartialListAfterALostAnswerMakesNoSecondMeeting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.Sim.Inject(simulator.Fault{Kind: simulator.FaultPartialList, Operation: simulator.OpListUpcomingMeetings})
		w.Strike(3, kindtest.KilledAfter)
		w.apply(t, "a", asIs)
		w.until(t, ready, "a")
		agree(t, w, "a")
	})
}
