package gotomeeting

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account/brake"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// editInGoTo is what a person does to a meeting in GoTo.
func (w *world) editInGoTo(t *testing.T, id string, edit func(*simulator.Meeting)) {
	t.Helper()
	s := w.sim.State()
	for i := range s.Accounts {
		for j := range s.Accounts[i].Meetings {
			if m := &s.Accounts[i].Meetings[j]; m.ID == id {
				edit(m)
			}
		}
	}
	if err := w.sim.Load(s); err != nil {
		t.Fatal(err)
	}
}

// quiet fails unless a reconcile calls GoTo for nothing and writes nothing.
func (w *world) quiet(t *testing.T, name string) {
	t.Helper()
	w.forget()
	if _, err := w.reconcile(t, name); err != nil {
		t.Fatal(err)
	}
	if calls := w.sim.Calls(); len(calls) > 0 || w.gate.writes > 0 {
		t.Errorf("%d writes, calls %v", w.gate.writes, calls)
	}
}

// calls fails unless these were the calls since they were last forgotten.
func (w *world) calls(t *testing.T, want map[string]int) {
	t.Helper()
	if d := cmp.Diff(want, w.sim.Calls()); d != "" {
		t.Errorf("calls: %s", d)
	}
}

// is fails unless Ready has this status and reason.
func (w *world) is(t *testing.T, name, want string) {
	t.Helper()
	if got := readyIs(w.object(t, name)); got != want {
		t.Errorf("Ready is %s, want %s: %+v", got, want, w.object(t, name).Status.Conditions)
	}
}

// once reconciles, and wants no error.
func (w *world) once(t *testing.T, name string) time.Duration {
	t.Helper()
	r, err := w.reconcile(t, name)
	if err != nil {
		t.Fatal(err)
	}
	return r.RequeueAfter
}

func TestNewMeetingCostsThreeWritesAndThenNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(t, "a", asIs)
	w.forget()
	after := w.once(t, "a")
	m := w.object(t, "a")
	w.calls(t, map[string]int{gotoclient.OpListUpcomingMeetings: 1, gotoclient.OpCreateMeeting: 1})
	if w.gate.writes != 3 || readyIs(m) != "True Synced" || after != 24*time.Hour {
		t.Errorf("%d writes, Ready is %s, again after %s", w.gate.writes, readyIs(m), after)
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
}

func TestReadingIsOneListAndReportsWhatChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	names := []string{"a", "b", "c"}
	for _, n := range names {
		w.apply(t, n, func(m *v1alpha1.GoToMeeting) { m.Spec.Subject = n })
	}
	w.until(t, ready, names...)
	w.forget()
	for range 3 {
		if err := w.acct.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := w.sim.Calls()[gotoclient.OpListUpcomingMeetings]; n != 3 || w.sim.Calls()[gotoclient.OpGetMeeting] > 0 {
		t.Errorf("calls: %v", w.sim.Calls())
	}
	for _, n := range names {
		if err := w.kube.Delete(t.Context(), w.object(t, n)); err != nil {
			t.Fatal(err)
		}
	}
	w.until(t, gone, names...)
	w.forget()
	if err := w.acct.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := w.sim.Calls()[gotoclient.OpListUpcomingMeetings]; n != 0 {
		t.Errorf("%d lists of meetings, and no object uses them", n)
	}
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
			w := newWorld(t)
			w.apply(t, "a", func(m *v1alpha1.GoToMeeting) { m.Spec.PasswordRequired = &yes })
			w.steady(t, "a")
			before := w.one(t)
			w.editInGoTo(t, before.ID, edit)
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
	}
}

func TestWhatTheSpecDoesNotManageIsCarriedOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(t, "a", asIs)
	w.steady(t, "a")
	w.editInGoTo(t, w.one(t).ID, func(m *simulator.Meeting) {
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
}

func TestAudioIsNeverWrittenForItsExpandedText(t *testing.T) {
	t.Parallel()
	for _, call := range []string{"PSTN", "Free", "Hybrid", "Private", "VoIP", "Call +49 30 5550 0100"} {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(s *simulator.Switches) { s.ConferenceCallInfo = "expanded" })
			w.apply(t, "a", func(m *v1alpha1.GoToMeeting) { m.Spec.Audio = audio(call) })
			w.steady(t, "a")
			for range 3 {
				w.sim.Advance(10 * time.Minute)
				w.resync(t)
				w.quiet(t, "a")
			}
			w.boot(t)
			w.forget()
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
			if calls := w.sim.Calls(); len(calls) > 0 {
				t.Errorf("calls %v", calls)
			}
			w.resync(t)
			w.quiet(t, "a")
		})
	}
}

func TestCoorganizers(t *testing.T) {
	t.Parallel()
	for _, shown := range []string{"yes", "no"} {
		t.Run(shown, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(s *simulator.Switches) { s.CoorganizersInReads = shown })
			key := w.sim.AddUser(acctKey, simulator.User{Email: "max@example.test", FirstName: "Max", LastName: "M"})
			w.apply(t, "a", func(m *v1alpha1.GoToMeeting) {
				m.Spec.Coorganizers = []v1alpha1.Coorganizer{{UserRef: v1alpha1.GoToUserReference{Name: "max"}}, {Key: simulator.DefaultAdminKey}}
			})
			w.once(t, "a")
			w.is(t, "a", "False CoorganizerNotFound")
			u := &v1alpha1.GoToUser{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "max"}}
			u.Spec.AccountRef.Name = "main"
			if err := w.kube.Create(t.Context(), u); err != nil {
				t.Fatal(err)
			}
			w.once(t, "a")
			w.is(t, "a", "False CoorganizerNotReady")
			none(t, w)
			u.Status.UserKey = v1alpha1.Key(key)
			if err := w.kube.Status().Update(t.Context(), u); err != nil {
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
			w.boot(t)
			w.once(t, "a")
			w.quiet(t, "a")
		})
	}
}

// positions are all positions of the switches that make a difference to a meeting.
func positions() map[string]func(*simulator.Switches) {
	return map[string]func(*simulator.Switches){
		"default":                     func(*simulator.Switches) {},
		"immediateInUpcoming shown":   func(s *simulator.Switches) { s.ImmediateInUpcoming = "shown" },
		"recurringInUpcoming hidden":  func(s *simulator.Switches) { s.RecurringInUpcoming = "hidden" },
		"upcomingAfterEnd all":        func(s *simulator.Switches) { s.UpcomingAfterEnd = "all" },
		"upcomingAfterEnd none":       func(s *simulator.Switches) { s.UpcomingAfterEnd = "none" },
		"endedMeetingRead 404":        func(s *simulator.Switches) { s.EndedMeetingRead = "404" },
		"conferenceCallInfo expanded": func(s *simulator.Switches) { s.ConferenceCallInfo = "expanded" },
		"subjectInReads unescaped":    func(s *simulator.Switches) { s.SubjectInReads = "unescaped" },
		"coorganizersInReads no":      func(s *simulator.Switches) { s.CoorganizersInReads = "no" },
		"pastStart refused":           func(s *simulator.Switches) { s.PastStart = "refused" },
		"joinUrlHost gotomeet.me":     func(s *simulator.Switches) { s.JoinURLHost = "gotomeet.me" },
		"joinUrlHost global":          func(s *simulator.Switches) { s.JoinURLHost = "global.gotomeeting.com" },
		"foreignMeeting 403":          func(s *simulator.Switches) { s.ForeignMeeting = "403" },
		"meetingVisibilityLag":        func(s *simulator.Switches) { s.MeetingVisibilityLag = 2 * time.Second },
		"meetingVisibilityLag, long":  func(s *simulator.Switches) { s.MeetingVisibilityLag = 100 * time.Second },
		"emptyHistory 404":            func(s *simulator.Switches) { s.EmptyHistory = "404" },
		"meetingErrorBody errorCode":  func(s *simulator.Switches) { s.MeetingErrorBody = "errorCode" },
		"meetingErrorBody empty":      func(s *simulator.Switches) { s.MeetingErrorBody = "empty" },
		"meetingTimes legacy":         func(s *simulator.Switches) { s.MeetingTimes = "legacy" },
		"meetingFlags text":           func(s *simulator.Switches) { s.MeetingFlags = "text" },
		"uniqueMeetingId long":        func(s *simulator.Switches) { s.UniqueMeetingID = "long" },
		"historyWindow 60":            func(s *simulator.Switches) { s.HistoryWindow = 60 },
		"startRefusal 403":            func(s *simulator.Switches) { s.StartRefusal = "403" },
		"timeZoneKeyOmitted refused":  func(s *simulator.Switches) { s.TimeZoneKeyOmitted = "refused" },
		"meetingScopeAnswer 403":      func(s *simulator.Switches) { s.MeetingScopeAnswer = "403InvalidToken" },
		"unknownCoorganizer accepted": func(s *simulator.Switches) { s.UnknownCoorganizer = "accepted" },
		"everything hidden, and slow": func(s *simulator.Switches) { s.RecurringInUpcoming, s.MeetingVisibilityLag = "hidden", time.Minute },
		"everything shown for ever":   func(s *simulator.Switches) { s.ImmediateInUpcoming, s.UpcomingAfterEnd = "shown", "none" },
		"old forms of everything": func(s *simulator.Switches) {
			s.MeetingTimes, s.MeetingFlags, s.UniqueMeetingID = "legacy", "text", "long"
		},
		"nothing of what ended, empty": func(s *simulator.Switches) {
			s.EndedMeetingRead, s.EmptyHistory, s.UpcomingAfterEnd = "404", "404", "all"
		},
	}
}

// TestEveryPositionOfTheSwitches takes a meeting of each type through its life: created, steady, restarted, changed, deleted.
func TestEveryPositionOfTheSwitches(t *testing.T) {
	t.Parallel()
	for position, set := range positions() {
		for _, kind := range []v1alpha1.MeetingType{v1alpha1.ScheduledMeeting, v1alpha1.RecurringMeeting, v1alpha1.ImmediateMeeting} {
			t.Run(position+"/"+string(kind), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, set)
				w.apply(t, "a", func(m *v1alpha1.GoToMeeting) { m.Spec.Type = kind; withHost(m) })
				m := w.steady(t, "a")
				agree(t, w, "a")
				if m.Status.JoinURL == "" {
					t.Error("no join URL")
				}
				for range 3 {
					w.sim.Advance(5 * time.Minute)
					w.resync(t)
					if _, err := w.reconcile(t, "a"); err != nil {
						t.Fatal(err)
					}
					if n := w.sim.Calls()[gotoclient.OpUpdateMeeting] + w.sim.Calls()[gotoclient.OpCreateMeeting]; n > 0 || w.gate.writes > 0 {
						t.Errorf("%d writes, calls %v", w.gate.writes, w.sim.Calls())
					}
				}
				w.boot(t)
				w.apply(t, "a", reschedule)
				w.steady(t, "a")
				agree(t, w, "a")
				w.remove(t, "a")
				w.until(t, gone, "a")
				none(t, w)
			})
		}
	}
}

// TestHiddenTypes lose the answer of a create of a type that the list does not show. Nothing is created again until a person
// says so.
func TestHiddenTypes(t *testing.T) {
	t.Parallel()
	hidden := func(s *simulator.Switches) { s.RecurringInUpcoming = "hidden" }
	stalled := func(m *v1alpha1.GoToMeeting) bool {
		return readyIs(m) == "False CreateUnconfirmed" && conditionOf(m, "Stalled") != ""
	}
	for _, kind := range []v1alpha1.MeetingType{v1alpha1.RecurringMeeting, v1alpha1.ImmediateMeeting} {
		for _, effect := range []mode{failBefore, loseAnswer, killBefore, killAfter} {
			t.Run(string(kind)+", "+string(effect), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, hidden)
				w.gate.strike[3] = effect
				w.apply(t, "a", func(m *v1alpha1.GoToMeeting) { m.Spec.Type = kind })
				w.until(t, stalled, "a")
				if w.gate.points[2] != "POST /G2M/rest/meetings" {
					t.Fatalf("the third point is %s", w.gate.points[2])
				}
				w.quietButLists(t, "a")
				made := map[mode]int{loseAnswer: 1, killAfter: 1}[effect]
				if n := len(w.sim.Meetings(acctKey)); n != made {
					t.Fatalf("%d meetings, want %d", n, made)
				}
				for _, m := range w.sim.Meetings(acctKey) { // a person follows the message
					deleteInGoTo(t, w, m.ID)
				}
				m := w.object(t, "a")
				delete(m.Annotations, v1alpha1.IdentityAnnotation)
				if err := w.kube.Update(t.Context(), m); err != nil {
					t.Fatal(err)
				}
				w.steady(t, "a")
				agree(t, w, "a")
			})
		}
	}
}

// quietButLists fails if a reconcile does more than look.
func (w *world) quietButLists(t *testing.T, name string) {
	t.Helper()
	w.forget()
	for range 3 {
		w.sim.Advance(time.Hour / 60)
		w.once(t, name)
	}
	calls := w.sim.Calls()
	delete(calls, gotoclient.OpListUpcomingMeetings)
	delete(calls, gotoclient.OpToken)
	if len(calls) > 0 || w.gate.writes > 0 {
		t.Errorf("%d writes, calls %v", w.gate.writes, calls)
	}
}

func TestHiddenTypeIsToldByAnotherOfItsKind(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sim.AddMeeting(acctKey, simulator.Meeting{OrganizerKey: simulator.DefaultAdminKey, Subject: "x", Type: "recurring", Start: epoch, End: epoch.Add(time.Hour)})
	w.objects++
	w.gate.strike[3] = killBefore
	w.apply(t, "a", func(m *v1alpha1.GoToMeeting) { m.Spec.Type = v1alpha1.RecurringMeeting })
	w.until(t, ready, "a")
	if n := len(w.sim.Meetings(acctKey)); n != 2 {
		t.Errorf("%d meetings", n)
	}
}

func TestUnconfirmedHiddenMeetingHoldsTheDeletion(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.gate.strike[3] = killAfter
	w.apply(t, "a", func(m *v1alpha1.GoToMeeting) { m.Spec.Type = v1alpha1.ImmediateMeeting })
	_, _ = w.reconcile(t, "a")
	w.boot(t)
	w.remove(t, "a")
	w.until(t, func(m *v1alpha1.GoToMeeting) bool { return readyIs(m) == "False CreateUnconfirmed" }, "a")
	w.apply(t, "a", func(m *v1alpha1.GoToMeeting) { m.Spec.DeletionPolicy = v1alpha1.DeletionPolicyOrphan })
	w.until(t, gone, "a")
}

// Where the account does not let it adopt, a meeting that a person made and that looks the same is never taken, whatever
// becomes of the request.
func TestMeetingOfAPersonIsNotTaken(t *testing.T) {
	t.Parallel()
	for _, m := range modes {
		t.Run(string(m), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			theirs := w.sim.AddMeeting(acctKey, simulator.Meeting{
				OrganizerKey: simulator.DefaultAdminKey, Subject: plan().Subject, Start: plan().Start.Time, End: plan().Start.Add(30 * time.Minute), ConferenceCallInfo: "Hybrid",
			})
			w.objects++
			w.adoption(t, v1alpha1.AdoptNever)
			w.gate.strike[3] = m
			w.apply(t, "a", asIs)
			got := w.steady(t, "a")
			if string(got.Status.MeetingID) == theirs || len(w.sim.Meetings(acctKey)) != 2 {
				t.Errorf("took %s: %+v", theirs, w.sim.Meetings(acctKey))
			}
			w.remove(t, "a")
			w.until(t, gone, "a")
			if w.one(t).ID != theirs {
				t.Error("the person's meeting was deleted")
			}
		})
	}
}

func TestJoinURLOfALostAnswerIsUnknownAndSaidSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.gate.strike[3] = killAfter
	w.apply(t, "a", asIs)
	m := w.steady(t, "a")
	if m.Status.JoinURL != "" || conditionOf(m, v1alpha1.ConditionJoinURLKnown) != "False AnswerLost" || readyIs(m) != "True Synced" {
		t.Errorf("%q, %s", m.Status.JoinURL, conditionOf(m, v1alpha1.ConditionJoinURLKnown))
	}
	if m.Status.Origin != v1alpha1.Created {
		t.Errorf("origin %q", m.Status.Origin)
	}
}

// The answer arrived and the write of the status failed: this process still knows the join URL.
func TestJoinURLSurvivesAFailedStatusWrite(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.gate.strike[4] = failBefore
	w.apply(t, "a", asIs)
	if m := w.steady(t, "a"); m.Status.JoinURL == "" {
		t.Errorf("lost: %+v, %v", m.Status, w.gate.points)
	}
}

// Nothing that is done after the create may cost the join URL.
func TestJoinURLSurvivesADeathAtTheHostURL(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(t, "a", withHost)
	w.gate.strike[5] = killBefore
	if m := w.steady(t, "a"); m.Status.JoinURL == "" || !strings.HasSuffix(w.gate.points[4], "/start") {
		t.Errorf("lost: %+v, %v", m.Status, w.gate.points)
	}
}

// A meeting that the list does not show was created, and its status could not be written for longer than our own writes are
// believed. This process still knows which it is.
func TestHiddenMeetingSurvivesALongFailureOfKubernetes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(t, "a", func(m *v1alpha1.GoToMeeting) { m.Spec.Type = v1alpha1.ImmediateMeeting })
	w.gate.strike[4] = failBefore
	_, _ = w.reconcile(t, "a")
	w.sim.Advance(10 * time.Minute)
	w.resync(t)
	w.steady(t, "a")
	agree(t, w, "a")
}

func TestDeletedInGoToIsReported(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(t, "a", func(m *v1alpha1.GoToMeeting) { m.Spec.RecreatePolicy = v1alpha1.ReportMissing })
	w.steady(t, "a")
	deleteInGoTo(t, w, w.one(t).ID)
	w.sim.Advance(5 * time.Minute)
	w.resync(t)
	w.once(t, "a")
	w.is(t, "a", "False DeletedInGoTo")
	none(t, w)
	w.remove(t, "a")
	w.until(t, gone, "a")
}

func TestListThatLacksMeetingsIsNotBelieved(t *testing.T) {
	t.Parallel()
	for _, fault := range []simulator.FaultKind{simulator.FaultEmptyList, simulator.FaultPartialList, simulator.FaultHTML, simulator.FaultTruncate} {
		t.Run(string(fault), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.apply(t, "a", func(m *v1alpha1.GoToMeeting) { m.Spec.Subject = "a" })
			w.apply(t, "b", func(m *v1alpha1.GoToMeeting) { m.Spec.Subject = "b" })
			w.until(t, ready, "a", "b")
			w.sim.Advance(10 * time.Minute)
			w.sim.Inject(simulator.Fault{Kind: fault, Operation: simulator.OpListUpcomingMeetings})
			w.resync(t)
			w.once(t, "a")
			w.once(t, "b")
			w.sim.ClearFaults()
			w.resync(t)
			w.once(t, "a")
			w.once(t, "b")
			agree(t, w, "a", "b")
			if n := w.sim.Calls()[gotoclient.OpCreateMeeting]; n > 0 {
				t.Errorf("%d created", n)
			}
		})
	}
}

// The second list is a witness: the first alone, wrong in a way that nobody can see, does not lead to a second meeting.
func TestPartialListAfterALostAnswerMakesNoSecondMeeting(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sim.Inject(simulator.Fault{Kind: simulator.FaultPartialList, Operation: simulator.OpListUpcomingMeetings})
	w.gate.strike[3] = killAfter
	w.apply(t, "a", asIs)
	w.until(t, ready, "a")
	agree(t, w, "a")
}

func TestOverIsLeftInPeace(t *testing.T) {
	t.Parallel()
	for position, set := range positions() {
		t.Run(position, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, set)
			w.apply(t, "a", asIs)
			w.steady(t, "a")
			w.sim.Advance(25 * time.Hour)
			w.resync(t)
			w.boot(t)
			w.once(t, "a")
			m := w.object(t, "a")
			if conditionOf(m, "Ended") != "True Over" || conditionOf(m, "Upcoming") != "False Started" || !m.Status.NextSession.IsZero() || readyIs(m) != "True Synced" {
				t.Errorf("%s: %+v", readyIs(m), m.Status)
			}
			w.quiet(t, "a")
			w.apply(t, "a", func(m *v1alpha1.GoToMeeting) { m.Spec.Start = metav1.NewTime(epoch.Add(100 * time.Hour)) })
			w.once(t, "a")
			w.is(t, "a", "False MeetingOver")
			w.remove(t, "a")
			w.forget()
			w.until(t, gone, "a")
			w.calls(t, map[string]int{})
			w.one(t)
		})
	}
}

func TestWhatWouldBeOverIsNotCreated(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(t, "a", func(m *v1alpha1.GoToMeeting) { m.Spec.Start = metav1.NewTime(epoch.Add(-time.Hour)) })
	w.once(t, "a")
	w.is(t, "a", "False MeetingOver")
	none(t, w)
	w.sim.SetSwitches(func(s *simulator.Switches) { s.PastStart = "refused" })
	w.apply(t, "a", func(m *v1alpha1.GoToMeeting) { m.Spec.Start = metav1.NewTime(epoch.Add(-time.Minute)) })
	w.once(t, "a")
	w.is(t, "a", "False RefusedByGoTo")
	w.sim.SetSwitches(func(s *simulator.Switches) { s.PastStart = "accepted" })
	w.apply(t, "a", asIs)
	w.steady(t, "a")
}

func TestChangesWaitWhileItRuns(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(t, "a", func(m *v1alpha1.GoToMeeting) { m.Spec.Type = v1alpha1.RecurringMeeting })
	w.steady(t, "a")
	id := w.one(t).ID
	w.sim.Advance(24*time.Hour + time.Minute)
	w.sim.StartMeeting(acctKey, id)
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
	w.sim.EndMeeting(acctKey, id)
	w.until(t, gone, "a")
	none(t, w)
}

func TestAccountThatMayNot(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{"403", "403InvalidToken"} {
		t.Run(answer, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(s *simulator.Switches) { s.MeetingScopeAnswer = answer })
			w.boot(t, simulator.NoMeetingScopePersonalAccessToken)
			w.apply(t, "a", asIs)
			w.once(t, "a")
			w.is(t, "a", "False MeetingScopeMissing")
			w.quiet(t, "a")
			if err := w.acct.Refresh(t.Context()); err != nil {
				t.Errorf("the account fails for it: %v", err)
			}
		})
	}
	t.Run("free", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.sim.SetFree(acctKey, true)
		w.apply(t, "a", asIs)
		w.once(t, "a")
		w.is(t, "a", "False MeetingsNotEntitled")
		w.sim.SetFree(acctKey, false)
		if err := w.acct.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.steady(t, "a")
	})
}

func TestCredentialsOfAnotherUser(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(t, "a", asIs)
	w.steady(t, "a")
	key := w.sim.AddUser(acctKey, simulator.User{Email: "max@example.test", FirstName: "Max", LastName: "M", AdminRoles: []string{"SUPER_USER"}})
	w.sim.AddPersonalAccessToken(simulator.PersonalAccessToken{Token: "another-token", UserKey: key, Scope: simulator.ScopeAdmin + " " + simulator.ScopeCollab + " " + simulator.ScopeProfile})
	w.boot(t, "another-token")
	w.once(t, "a")
	w.is(t, "a", "False OrganizerChanged")
	w.one(t)
}

func TestBrakeHoldsMeetings(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.apply(t, "a", asIs)
	w.steady(t, "a")
	w.acct.Brake().SetLimits(brake.Limits{Window: time.Hour})
	w.remove(t, "a")
	w.once(t, "a")
	w.is(t, "a", "False DeletionBrake")
	w.one(t)
}

func TestObserveAndSuspend(t *testing.T) {
	t.Parallel()
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
}
