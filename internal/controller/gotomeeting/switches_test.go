package gotomeeting

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

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
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, set)
					w.apply(t, "a", func(m *v1alpha1.GoToMeeting) { m.Spec.Type = kind; withHost(m) })
					m := w.steady(t, "a")
					agree(t, w, "a")
					if m.Status.JoinURL == "" {
						t.Error("no join URL")
					}
					for range 3 {
						time.Sleep(5 * time.Minute)
						w.resync(t)
						if err := w.Reconcile(t, "a"); err != nil {
							t.Fatal(err)
						}
						if n := w.Sim.Calls()[gotoclient.OpUpdateMeeting] + w.Sim.Calls()[gotoclient.OpCreateMeeting]; n > 0 || w.Writes > 0 {
							t.Errorf("%d writes, calls %v", w.Writes, w.Sim.Calls())
						}
					}
					w.Restart(t)
					w.apply(t, "a", reschedule)
					w.steady(t, "a")
					agree(t, w, "a")
					w.goes(t, "a")
					none(t, w)
				})
			})
		}
	}
}

// The life of a meeting in every position of the switches that are about its requests as well as about those of users.
func TestSwitchesOfBothAPIs(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"clientAuthentication", "invalidStatus", "textBooleans", "organizerWithoutGroup", "rateScope"} {
		for _, position := range simulator.SwitchPositions()[name] {
			t.Run(name+"="+position, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := newWorld(t, func(s *simulator.Switches) {
						if err := s.Set(name, position); err != nil {
							t.Error(err)
						}
					})
					w.apply(t, "a", asIs)
					w.until(t, ready, "a")
					w.apply(t, "a", func(m *v1alpha1.GoToMeeting) { m.Spec.Subject = "Monthly" })
					w.until(t, ready, "a")
					if got := w.one(t).Subject; got != "Monthly" {
						t.Errorf("the subject is %q", got)
					}
					w.goes(t, "a")
					if left := w.Sim.Meetings(acctKey); len(left) > 0 {
						t.Errorf("left: %+v", left)
					}
				})
			})
		}
	}
}
