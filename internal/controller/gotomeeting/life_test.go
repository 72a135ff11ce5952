package gotomeeting

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

func TestNewMeetingCostsThreeWritesAndThenNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.apply(t, "a", asIs)
		w.Forget()
		after := w.once(t, "a")
		m := w.object(t, "a")
		w.calls(t, map[string]int{gotoclient.OpListUpcomingMeetings: 1, gotoclient.OpCreateMeeting: 1})
		if w.Writes != 3 || kindtest.Reason(m) != "True Synced" || after != 24*time.Hour {
			t.Errorf("%d writes, Ready is %s, again after %s", w.Writes, kindtest.Reason(m), after)
		}
		r := w.one(t)
		want := v1alpha1.GoToMeetingStatus{
			MeetingID: v1alpha1.Key(r.ID), JoinURL: "https://meet.goto.com/" + r.ID, OrganizerKey: simulator.DefaultAdminKey, MaxParticipants: 150,
			AudioInfo: "Hybrid", Start: metav1.NewTime(r.Start), End: metav1.NewTime(r.End), NextSession: metav1.NewTime(r.Start),
			Applied: v1alpha1.AppliedMeeting{Audio: "Hybrid"},
		}
		got := m.Status
		got.ManagedStatus = v1alpha1.ManagedStatus{}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
		for kind, want := range map[string]string{"Upcoming": "True Planned", "Running": "False Inactive", "Ended": "False Planned", "JoinURLKnown": "True ToldByCreate"} {
			if got := conditionOf(m, kind); got != want {
				t.Errorf("%s is %s", kind, got)
			}
		}
		w.quiet(t, "a")
		for range 3 {
			w.resync(t)
			w.quiet(t, "a")
		}
	})
}

func TestReadingIsOneListAndReportsWhatChanged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		names := []string{"a", "b", "c"}
		for _, n := range names {
			w.apply(t, n, func(m *v1alpha1.GoToMeeting) { m.Spec.Subject = n })
		}
		w.until(t, ready, names...)
		w.Forget()
		for range 3 {
			if err := w.Acct.Refresh(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if n := w.Sim.Calls()[gotoclient.OpListUpcomingMeetings]; n != 3 || w.Sim.Calls()[gotoclient.OpGetMeeting] > 0 {
			t.Errorf("calls: %v", w.Sim.Calls())
		}
		for _, n := range names {
			if err := w.Kube.Delete(t.Context(), w.object(t, n)); err != nil {
				t.Fatal(err)
			}
		}
		w.until(t, gone, names...)
		w.Forget()
		if err := w.Acct.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := w.Sim.Calls()[gotoclient.OpListUpcomingMeetings]; n != 0 {
			t.Errorf("%d lists of meetings, and no object uses them", n)
		}
	})
}

func TestDriftIsCorrected(t *testing.T) {
	t.Parallel()
	yes := true
	rows := map[string]func(*simulator.Meeting){
		"subject":  func(m *simulator.Meeting) { m.Subject = "Other" },
		"start":    func(m *simulator.Meeting) { m.Start = m.Start.Add(time.Minute) },
		"end":      func(m *simulator.Meeting) { m.End = m.End.Add(time.Second) },
		"audio":    func(m *simulator.Meeting) { m.ConferenceCallInfo = "VoIP" },
		"password": func(m *simulator.Meeting) { m.PasswordRequired = false },
		"all": func(m *simulator.Meeting) {
			m.Subject, m.Start, m.End, m.ConferenceCallInfo = "x", m.Start.Add(time.Hour), m.End.Add(2*time.Hour), "Free"
		},
	}
	for row, edit := range rows {
		t.Run(row, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.apply(t, "a", func(m *v1alpha1.GoToMeeting) { m.Spec.PasswordRequired = &yes })
				w.steady(t, "a")
				before := w.one(t)
				editMeeting(w.Sim, before.ID, edit)
				w.resync(t)
				w.once(t, "a")
				w.calls(t, map[string]int{gotoclient.OpGetMeeting: 1, gotoclient.OpUpdateMeeting: 1})
				after := w.one(t)
				after.CoorganizerKeys = nil
				if d := cmp.Diff(before, after); d != "" {
					t.Errorf("not as before: %s", d)
				}
				w.resync(t)
				w.quiet(t, "a")
			})
		})
	}
}

func TestWhatTheSpecDoesNotManageIsCarriedOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.apply(t, "a", asIs)
		w.steady(t, "a")
		editMeeting(w.Sim, w.one(t).ID, func(m *simulator.Meeting) {
			m.PasswordRequired, m.CoorganizerKeys = true, []string{simulator.DefaultAdminKey}
		})
		w.resync(t)
		w.apply(t, "a", func(m *v1alpha1.GoToMeeting) { m.Spec.Subject = "New" })
		w.steady(t, "a")
		if r := w.one(t); r.Subject != "New" || !r.PasswordRequired || !slices.Equal(r.CoorganizerKeys, []string{simulator.DefaultAdminKey}) {
			t.Errorf("GoTo holds %+v", r)
		}
		w.resync(t)
		w.quiet(t, "a")
	})
}

// audio is the audio of a spec for what GoTo is to be told.
func audio(call string) v1alpha1.MeetingAudio {
	for _, kind := range []v1alpha1.AudioType{"PSTN", "Free", "Hybrid", "Private", "VoIP"} {
		if string(kind) == call {
			return v1alpha1.MeetingAudio{Type: kind}
		}
	}
	return v1alpha1.MeetingAudio{Type: v1alpha1.AudioCustom, Text: call}
}

func TestAudioIsNeverWrittenForItsExpandedText(t *testing.T) {
	t.Parallel()
	for _, call := range []string{"PSTN", "Free", "Hybrid", "Private", "VoIP", "Call +49 30 5550 0100"} {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, func(s *simulator.Switches) { s.ConferenceCallInfo = "expanded" })
				w.apply(t, "a", func(m *v1alpha1.GoToMeeting) { m.Spec.Audio = audio(call) })
				w.steady(t, "a")
				for range 3 {
					time.Sleep(10 * time.Minute)
					w.resync(t)
					w.quiet(t, "a")
				}
				w.Restart(t)
				w.Forget()
				w.once(t, "a")
				w.calls(t, map[string]int{gotoclient.OpListUpcomingMeetings: 1})
				next := map[bool]string{true: "VoIP", false: "Hybrid"}[call != "VoIP"]
				w.apply(t, "a", func(m *v1alpha1.GoToMeeting) { m.Spec.Audio = audio(next) })
				w.steady(t, "a")
				if r := w.one(t); r.ConferenceCallInfo != next {
					t.Errorf("a changed spec was not written: %+v", r)
				}
				w.resync(t)
				w.once(t, "a") // the text that the list has now is news for the status
				if calls := w.Sim.Calls(); len(calls) > 0 {
					t.Errorf("calls %v", calls)
				}
				w.resync(t)
				w.quiet(t, "a")
			})
		})
	}
}

func TestCoorganizers(t *testing.T) {
	t.Parallel()
	for _, shown := range []string{"yes", "no"} {
		t.Run(shown, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, func(s *simulator.Switches) { s.CoorganizersInReads = shown })
				key := w.Sim.AddUser(acctKey, simulator.User{Email: "max@example.test", FirstName: "Max", LastName: "M"})
				w.apply(t, "a", func(m *v1alpha1.GoToMeeting) {
					m.Spec.Coorganizers = []v1alpha1.Coorganizer{{UserRef: v1alpha1.GoToUserReference{Name: "max"}}, {Key: simulator.DefaultAdminKey}}
				})
				w.once(t, "a")
				w.is(t, "a", "False CoorganizerNotFound")
				u := &v1alpha1.GoToUser{ObjectMeta: metav1.ObjectMeta{Namespace: kindtest.Namespace, Name: "max"}}
				u.Spec.AccountRef.Name = "main"
				if err := w.Kube.Create(t.Context(), u); err != nil {
					t.Fatal(err)
				}
				w.once(t, "a")
				w.is(t, "a", "False CoorganizerNotReady")
				none(t, w)
				u.Status.UserKey = v1alpha1.Key(key)
				if err := w.Kube.Status().Update(t.Context(), u); err != nil {
					t.Fatal(err)
				}
				w.steady(t, "a")
				if r := w.one(t); !slices.Equal(r.CoorganizerKeys, []string{simulator.DefaultAdminKey, key}) {
					t.Errorf("GoTo holds %+v", r)
				}
				w.resync(t)
				w.quiet(t, "a")
				w.apply(t, "a", func(m *v1alpha1.GoToMeeting) { m.Spec.Coorganizers = []v1alpha1.Coorganizer{} })
				w.steady(t, "a")
				if r := w.one(t); len(r.CoorganizerKeys) > 0 {
					t.Errorf("GoTo holds %+v", r)
				}
				w.Restart(t)
				w.once(t, "a")
				w.quiet(t, "a")
			})
		})
	}
}

func TestObserveAndSuspend(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.apply(t, "a", func(m *v1alpha1.GoToMeeting) { m.Spec.ManagementPolicy = v1alpha1.Observe })
		w.once(t, "a")
		w.is(t, "a", "False NotFound")
		none(t, w)
		w.apply(t, "a", func(m *v1alpha1.GoToMeeting) { m.Spec.ManagementPolicy = v1alpha1.Manage })
		w.steady(t, "a")
		w.apply(t, "a", func(m *v1alpha1.GoToMeeting) {
			m.Spec.ManagementPolicy, m.Spec.Subject = v1alpha1.Observe, "New"
		})
		w.once(t, "a")
		if d := cmp.Diff([]v1alpha1.FieldDrift{{Field: "subject", Current: "Weekly <sync>", Desired: "New", Reason: v1alpha1.ReasonObserved}}, w.object(t, "a").Status.Drift); d != "" {
			t.Error(d)
		}
		w.apply(t, "a", func(m *v1alpha1.GoToMeeting) { m.Spec.Suspend = true })
		w.once(t, "a")
		w.is(t, "a", "False Suspended")
		if r := w.one(t); strings.Contains(fmt.Sprint(r), "New") {
			t.Errorf("written: %+v", r)
		}
	})
}
