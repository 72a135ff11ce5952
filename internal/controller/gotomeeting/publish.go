package gotomeeting

import (
	"context"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/published"
)

// Publish keeps the Secrets of a meeting: the host URL until it is over, the attendees afterwards.
func (k Kind) Publish(ctx context.Context, acct *account.Account, m *v1alpha1.GoToMeeting, want Wants, seen Remote) error {
	if seen.over {
		return k.attendance(ctx, acct, m, want, seen)
	}
	name := m.Spec.HostURLSecretRef.Name
	if name == "" {
		return nil
	}
	secret, err := k.secrets().Get(ctx, m, name)
	if err != nil {
		return err
	}
	current := string(secret.Data[v1alpha1.SecretKeyMeetingID]) == string(seen.ID) && len(secret.Data[v1alpha1.SecretKeyHostURL]) > 0
	if current && !engine.Asked(m) {
		return nil
	}
	url, err := acct.Meetings().HostURL(ctx, seen.ID)
	if err != nil {
		return err
	}
	return k.secrets().Write(ctx, secret, map[string][]byte{
		v1alpha1.SecretKeyHostURL: []byte(url.Reveal()), v1alpha1.SecretKeyMeetingID: []byte(seen.ID), v1alpha1.SecretKeyJoinURL: []byte(m.Status.JoinURL),
	})
}

// secrets are those that meetings make.
func (k Kind) secrets() published.Secrets {
	return published.Secrets{Client: k.Client, Reader: k.Secrets}
}

// attendance reads who attended a meeting that is over, once. While the history does not have it, it is asked again later;
// a look that finds nothing a day after the end is the last.
func (k Kind) attendance(ctx context.Context, acct *account.Account, m *v1alpha1.GoToMeeting, want Wants, seen Remote) error {
	policy := m.Spec.Attendance
	if policy == v1alpha1.NoAttendance || policy == "" || m.Status.Attendance.Policy == policy && !engine.Asked(m) {
		return nil
	}
	held, err := acct.Meetings().Past(ctx, m.Status.Start.Add(-earlyBird))
	if err != nil {
		return err
	}
	found, last := summary(held, seen.ID)
	switch {
	case found.Sessions > 0:
		m.Status.LastSession = metav1.NewTime(last)
	case want.now.Before(endedAt(m, seen.Meeting).Add(attendancePatience)):
		return nil
	}
	if found.Sessions > 0 && policy == v1alpha1.FullAttendance {
		if err := k.list(ctx, acct, m, seen.ID, &found); err != nil {
			return err
		}
	}
	found.Policy = policy
	m.Status.Attendance = found
	return nil
}

// list writes the attendees into their Secret.
func (k Kind) list(ctx context.Context, acct *account.Account, m *v1alpha1.GoToMeeting, id gotoclient.Key, found *v1alpha1.MeetingAttendance) error {
	secret, err := k.secrets().Get(ctx, m, m.Spec.AttendanceSecretRef.Name)
	if err != nil {
		return err
	}
	stays, err := acct.Meetings().Attendees(ctx, id)
	if err != nil {
		return err
	}
	csv, json, listed := encode(stays, secretSize)
	found.Listed, found.Omitted = count(listed), count(len(stays)-listed)
	return k.secrets().Write(ctx, secret, map[string][]byte{
		v1alpha1.SecretKeyAttendeesCSV: []byte(csv), v1alpha1.SecretKeyAttendeesJSON: []byte(json), v1alpha1.SecretKeyMeetingID: []byte(id),
	})
}
