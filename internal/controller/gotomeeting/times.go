package gotomeeting

import (
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// specEnd is when the meeting should end.
func specEnd(m *v1alpha1.GoToMeeting) time.Time {
	if !m.Spec.End.IsZero() {
		return m.Spec.End.UTC()
	}
	return m.Spec.Start.UTC().Add(m.Spec.Duration.Duration)
}

// passed is true once an end has passed. A recurring meeting has none.
func passed(m *v1alpha1.GoToMeeting, end, now time.Time) bool {
	return m.Spec.Type != v1alpha1.RecurringMeeting && !end.IsZero() && !now.Before(end)
}

// gotoEnd is the end that GoTo holds: as last seen, or as it was when the status was written.
func gotoEnd(m *v1alpha1.GoToMeeting, seen gotoclient.Meeting) time.Time {
	if !seen.End.IsZero() {
		return seen.End
	}
	return m.Status.End.Time
}

// over is true once a meeting has ended, in GoTo or by its spec: it is never moved into the past, and never brought back. It
// is not while GoTo says that people are still in it. For an object that is being deleted only GoTo's end counts: what its
// spec says may never have been written.
func over(m *v1alpha1.GoToMeeting, seen gotoclient.Meeting, now time.Time) bool {
	if seen.Status == gotoclient.MeetingActive {
		return false
	}
	return passed(m, gotoEnd(m, seen), now) || m.DeletionTimestamp.IsZero() && passed(m, specEnd(m), now)
}

// endedAt is the end that a meeting that is over had.
func endedAt(m *v1alpha1.GoToMeeting, seen gotoclient.Meeting) time.Time {
	if end := gotoEnd(m, seen); !end.IsZero() {
		return end
	}
	return specEnd(m)
}

// judge says how the meeting stands in time. That the spec asks for other times of a meeting that is over is an error.
func judge(m *v1alpha1.GoToMeeting, want Wants, seen Remote) ([]metav1.Condition, error) {
	active := seen.Status == gotoclient.MeetingActive
	begun := !want.now.Before(m.Status.Start.Time) && m.Spec.Type != v1alpha1.RecurringMeeting
	m.Status.NextSession = metav1.Time{}
	if !seen.over && !active && want.now.Before(m.Status.Start.Time) {
		m.Status.NextSession = m.Status.Start
	}
	conditions := []metav1.Condition{
		state(v1alpha1.ConditionUpcoming, !seen.over && !active && !begun, v1alpha1.ReasonPlanned, "the meeting is to come",
			v1alpha1.ReasonStarted, "the start has passed"),
		state(v1alpha1.ConditionRunning, active, v1alpha1.ReasonActive, "GoTo says that the meeting runs",
			v1alpha1.ReasonInactive, "GoTo does not say that the meeting runs"),
		state(v1alpha1.ConditionEnded, seen.over, v1alpha1.ReasonOver, "the end has passed",
			v1alpha1.ReasonPlanned, "the end is to come"),
		state(v1alpha1.ConditionJoinURLKnown, m.Status.JoinURL != "", v1alpha1.ReasonToldByCreate, "status.joinURL has it",
			v1alpha1.ReasonAnswerLost, "GoTo tells the join URL only when a meeting is created, and that answer was lost; people can join with status.meetingId"),
	}
	conditions = append(conditions, attendanceConditions(m, seen)...)
	if seen.over && (!m.Status.Start.Time.Equal(m.Spec.Start.Time) || !m.Status.End.Time.Equal(specEnd(m))) {
		return conditions, &engine.StalledError{Reason: v1alpha1.ReasonMeetingOver,
			Message: fmt.Sprintf("the meeting is over and left as GoTo holds it, from %s to %s; make a new GoToMeeting for other times",
				moment(m.Status.Start.Time), moment(m.Status.End.Time))}
	}
	return conditions, nil
}

// state is a condition that is true or false.
func state(kind string, on bool, whenTrue, saysTrue, whenFalse, saysFalse string) metav1.Condition {
	if on {
		return metav1.Condition{Type: kind, Status: metav1.ConditionTrue, Reason: whenTrue, Message: saysTrue}
	}
	return metav1.Condition{Type: kind, Status: metav1.ConditionFalse, Reason: whenFalse, Message: saysFalse}
}

// attendanceConditions say whether the attendance was recorded, once the meeting is over.
func attendanceConditions(m *v1alpha1.GoToMeeting, seen Remote) []metav1.Condition {
	recorded := metav1.Condition{Type: v1alpha1.ConditionAttendanceRecorded, Status: metav1.ConditionUnknown}
	truncated := metav1.Condition{Type: v1alpha1.ConditionAttendanceTruncated, Status: metav1.ConditionUnknown}
	a := &m.Status.Attendance
	switch {
	case !seen.over || m.Spec.Attendance == v1alpha1.NoAttendance || m.Spec.Attendance == "":
	case a.Policy == m.Spec.Attendance && a.Sessions > 0:
		recorded.Status, recorded.Reason, recorded.Message = metav1.ConditionTrue, v1alpha1.ReasonRecorded, "status.attendance has the numbers"
	case a.Policy == m.Spec.Attendance:
		recorded.Status, recorded.Reason, recorded.Message = metav1.ConditionFalse, v1alpha1.ReasonNothingHeld,
			"GoTo's history did not have the meeting a day after its end: it was not held"
	default:
		recorded.Status, recorded.Reason, recorded.Message = metav1.ConditionFalse, v1alpha1.ReasonAttendancePending,
			"GoTo's history does not have the meeting yet; it is looked for for a day"
	}
	if a.Omitted > 0 {
		truncated.Status, truncated.Reason = metav1.ConditionTrue, v1alpha1.ReasonTooLarge
		truncated.Message = fmt.Sprintf("%d of %d stays did not fit into the Secret", a.Omitted, a.Omitted+a.Listed)
	}
	return []metav1.Condition{recorded, truncated}
}

// earlyBird is how long before its start a meeting may have begun, and still be counted.
const earlyBird = time.Hour

// attendancePatience is how long after its end a meeting is looked for in the history (how soon it is there is UNVERIFIED).
const attendancePatience = 24 * time.Hour

// attendanceRetry is the time until the next look: longer, the longer ago the meeting ended.
func attendanceRetry(since time.Duration) time.Duration {
	switch {
	case since < 30*time.Minute:
		return 5 * time.Minute
	case since < 4*time.Hour:
		return 30 * time.Minute
	}
	return 4 * time.Hour
}

// next is when time alone makes the next difference: at the start, at the end, when the attendance is looked for again, and
// when the object has served its time.
func next(m *v1alpha1.GoToMeeting, want Wants, seen Remote) (after time.Duration, expired bool) {
	at := func(t time.Time) {
		if d := t.Sub(want.now); d > 0 && (after == 0 || d < after) {
			after = d
		}
	}
	end := endedAt(m, seen.Meeting)
	if !seen.over {
		at(m.Status.Start.Time)
		if m.Spec.Type != v1alpha1.RecurringMeeting {
			at(end)
			at(specEnd(m))
		}
		return after, false
	}
	if ttl := m.Spec.TTLSecondsAfterEnd; ttl != nil {
		expiry := end.Add(time.Duration(*ttl) * time.Second)
		if !want.now.Before(expiry) {
			return 0, true
		}
		at(expiry)
	}
	if c := meta.FindStatusCondition(attendanceConditions(m, seen), v1alpha1.ConditionAttendanceRecorded); c.Reason == v1alpha1.ReasonAttendancePending {
		at(want.now.Add(min(attendanceRetry(want.now.Sub(end)), end.Add(attendancePatience).Sub(want.now))))
	}
	return after, false
}
