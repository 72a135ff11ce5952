package gotomeeting

import (
	"math"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

var wireTypes = map[v1alpha1.MeetingType]gotoclient.MeetingType{
	v1alpha1.ScheduledMeeting: gotoclient.MeetingScheduled,
	v1alpha1.RecurringMeeting: gotoclient.MeetingRecurring,
	v1alpha1.ImmediateMeeting: gotoclient.MeetingImmediate,
}

// toSpec is all of the meeting that should be. What the spec does not manage is taken from the meeting that is there, since a
// write replaces everything; where GoTo does not show the co-organizers, those that were last written are written again.
func toSpec(m *v1alpha1.GoToMeeting, want Wants, now gotoclient.Meeting) gotoclient.MeetingSpec {
	spec := gotoclient.MeetingSpec{
		Subject: m.Spec.Subject, Start: m.Spec.Start.UTC(), End: specEnd(m), Type: wireTypes[m.Spec.Type],
		ConferenceCallInfo: audioText(m.Spec.Audio), CoorganizerKeys: want.coorganizers,
	}
	switch {
	case m.Spec.PasswordRequired != nil:
		spec.PasswordRequired = *m.Spec.PasswordRequired
	case now.PasswordRequired != nil:
		spec.PasswordRequired = *now.PasswordRequired
	}
	if want.coorganizers == nil {
		spec.CoorganizerKeys = now.CoorganizerKeys
		if now.CoorganizerKeys == nil {
			spec.CoorganizerKeys = keysOf(m.Status.Applied.CoorganizerKeys)
		}
	}
	return spec
}

// audioText is the audio as GoTo takes it: the name of a type, or a text (D).
func audioText(a v1alpha1.MeetingAudio) string {
	switch a.Type {
	case v1alpha1.AudioCustom:
		return a.Text
	case "":
		return string(v1alpha1.AudioHybrid)
	default:
		return string(a.Type)
	}
}

func appliedOf(spec gotoclient.MeetingSpec) *v1alpha1.AppliedMeeting {
	return &v1alpha1.AppliedMeeting{Audio: spec.ConferenceCallInfo, CoorganizerKeys: appliedKeys(spec.CoorganizerKeys)}
}

// mostCoorganizers are those that a spec can name, and that status has room for.
const mostCoorganizers = 50

func appliedKeys(keys []gotoclient.Key) []v1alpha1.Key {
	var out []v1alpha1.Key
	for _, key := range slices.Sorted(slices.Values(keys)) {
		out = append(out, v1alpha1.Key(key))
	}
	out = slices.Compact(out)
	return out[:min(len(out), mostCoorganizers)]
}

func keysOf(keys []v1alpha1.Key) []gotoclient.Key {
	out := make([]gotoclient.Key, 0, len(keys))
	for _, key := range keys {
		out = append(out, gotoclient.Key(key))
	}
	return out
}

// report copies what GoTo says into the status. Endpoints show different parts: what is not said stays, unless it is of
// another meeting.
func report(m *v1alpha1.GoToMeeting, seen Remote) {
	s := &m.Status
	if string(s.MeetingID) != string(seen.ID) {
		s.MeetingID, s.JoinURL, s.MaxParticipants, s.AudioInfo = v1alpha1.Key(seen.ID), "", 0, ""
		s.OrganizerKey, s.Start, s.End = "", metav1.Time{}, metav1.Time{}
		s.Applied, s.Attendance, s.LastSession = v1alpha1.AppliedMeeting{}, v1alpha1.MeetingAttendance{}, metav1.Time{}
	}
	if seen.JoinURL != "" && len(seen.JoinURL) <= 2048 {
		s.JoinURL = seen.JoinURL
	}
	if seen.OrganizerKey != "" {
		s.OrganizerKey = v1alpha1.Key(seen.OrganizerKey)
	}
	if !seen.Start.IsZero() {
		s.Start = metav1.NewTime(seen.Start)
	}
	if !seen.End.IsZero() {
		s.End = metav1.NewTime(seen.End)
	}
	if seen.MaxParticipants > 0 && seen.MaxParticipants <= math.MaxInt32 {
		s.MaxParticipants = int32(seen.MaxParticipants)
	}
	if info := shorten(strings.TrimSpace(seen.ConferenceCallInfo)); info != "" {
		s.AudioInfo = info
	}
	if seen.applied != nil {
		s.Applied = *seen.applied
	}
}
