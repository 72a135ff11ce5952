package gotomeeting

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
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
	secret, err := k.secret(ctx, m, name)
	if err != nil {
		return err
	}
	current := string(secret.Data[v1alpha1.SecretKeyMeetingID]) == string(seen.ID) && len(secret.Data[v1alpha1.SecretKeyHostURL]) > 0
	if current && !requested(m) {
		return nil
	}
	url, err := acct.Meetings().HostURL(ctx, seen.ID)
	if err != nil {
		return err
	}
	return k.write(ctx, secret, map[string]string{
		v1alpha1.SecretKeyHostURL: url.Reveal(), v1alpha1.SecretKeyMeetingID: string(seen.ID), v1alpha1.SecretKeyJoinURL: m.Status.JoinURL,
	})
}

// requested is true if a person has asked for a reconcile that has not taken place yet.
func requested(m *v1alpha1.GoToMeeting) bool {
	return m.Annotations[v1alpha1.ReconcileRequestedAtAnnotation] != m.Status.LastHandledReconcileAt
}

// secret reads a Secret of the object, past the cache, or prepares it. One that is not the object's is not touched; one of
// the same object before it was restored is taken over.
func (k Kind) secret(ctx context.Context, m *v1alpha1.GoToMeeting, name string) (*corev1.Secret, error) {
	secret := &corev1.Secret{}
	err := k.Secrets.Get(ctx, client.ObjectKey{Namespace: m.Namespace, Name: name}, secret)
	switch {
	case apierrors.IsNotFound(err):
		secret = &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: m.Namespace, Name: name}}
		publish(secret, m)
		return secret, nil
	case err != nil:
		return nil, err
	case metav1.IsControlledBy(secret, m):
		return secret, nil
	case publishedBy(secret, m):
		publish(secret, m)
		return secret, k.Client.Update(ctx, secret)
	}
	return nil, &engine.StalledError{Reason: v1alpha1.ReasonSecretNotOwned,
		Message: fmt.Sprintf("Secret %s exists and does not belong to this object; name another, or delete it", name)}
}

// publish makes the Secret the object's: it goes with it, and says whose it is in words that a restore keeps.
func publish(secret *corev1.Secret, m *v1alpha1.GoToMeeting) {
	yes := true
	secret.OwnerReferences = slices.DeleteFunc(secret.OwnerReferences, func(o metav1.OwnerReference) bool { return isOf(o, m) })
	secret.OwnerReferences = append(secret.OwnerReferences, metav1.OwnerReference{
		APIVersion: v1alpha1.GroupVersion.String(), Kind: kindName, Name: m.Name, UID: m.UID, Controller: &yes, BlockOwnerDeletion: &yes,
	})
	if secret.Annotations == nil {
		secret.Annotations = map[string]string{}
	}
	secret.Annotations[v1alpha1.PublishedByAnnotation] = kindName + "/" + m.Name
}

// publishedBy is true for a Secret that an object of this kind and name has published, whatever UID it had, and that
// nobody else owns.
func publishedBy(secret *corev1.Secret, m *v1alpha1.GoToMeeting) bool {
	if owner := metav1.GetControllerOf(secret); owner != nil {
		return isOf(*owner, m)
	}
	return secret.Annotations[v1alpha1.PublishedByAnnotation] == kindName+"/"+m.Name
}

const kindName = "GoToMeeting"

func isOf(owner metav1.OwnerReference, m *v1alpha1.GoToMeeting) bool {
	return owner.APIVersion == v1alpha1.GroupVersion.String() && owner.Kind == kindName && owner.Name == m.Name
}

// write sets keys of a Secret, and takes those away that are empty. It writes only if that changes something.
func (k Kind) write(ctx context.Context, secret *corev1.Secret, values map[string]string) error {
	before := maps.Clone(secret.Data)
	if secret.Data == nil {
		secret.Data = map[string][]byte{}
	}
	for key, value := range values {
		if value == "" {
			delete(secret.Data, key)
		} else {
			secret.Data[key] = []byte(value)
		}
	}
	if secret.ResourceVersion == "" {
		return k.Client.Create(ctx, secret)
	}
	if maps.EqualFunc(before, secret.Data, bytes.Equal) {
		return nil
	}
	return k.Client.Update(ctx, secret)
}

// attendance reads who attended a meeting that is over, once. While the history does not have it, it is asked again later;
// a look that finds nothing a day after the end is the last.
func (k Kind) attendance(ctx context.Context, acct *account.Account, m *v1alpha1.GoToMeeting, want Wants, seen Remote) error {
	policy := m.Spec.Attendance
	if policy == v1alpha1.NoAttendance || policy == "" || m.Status.Attendance.Policy == policy && !requested(m) {
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
	secret, err := k.secret(ctx, m, m.Spec.AttendanceSecretRef.Name)
	if err != nil {
		return err
	}
	stays, err := acct.Meetings().Attendees(ctx, id)
	if err != nil {
		return err
	}
	csv, json, listed := encode(stays, secretSize)
	found.Listed, found.Omitted = count(listed), count(len(stays)-listed)
	return k.write(ctx, secret, map[string]string{
		v1alpha1.SecretKeyAttendeesCSV: csv, v1alpha1.SecretKeyAttendeesJSON: json, v1alpha1.SecretKeyMeetingID: string(id),
	})
}
