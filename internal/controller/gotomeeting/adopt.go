package gotomeeting

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// adopt finds a meeting that exists and that nobody's object stands for: the one that the spec names, else the only one that
// is like what the spec asks for.
func (k Kind) adopt(ctx context.Context, acct *account.Account, m *v1alpha1.GoToMeeting, now time.Time) (*Remote, error) {
	if id := gotoclient.Key(m.Spec.MeetingID); id != "" {
		found, err := known(ctx, acct, m, id, now)
		if err == nil && found == nil {
			err = &engine.StalledError{Reason: v1alpha1.ReasonMeetingNotFound,
				Message: fmt.Sprintf("the credentials' user has no meeting %s", id)}
		}
		return adopted(m, found), err
	}
	if yes, err := k.adopts(ctx, m); err != nil || !yes || passed(m, specEnd(m), now) {
		return nil, err
	}
	if err := read(ctx, acct, now.Add(-lookalikeAge)); err != nil {
		return nil, err
	}
	return k.lookalike(ctx, acct, m)
}

// adopts is true where the account lets the object adopt what it does not name. Where it does not, a meeting that looks the same
// is somebody else's, and the object gets one of its own.
func (k Kind) adopts(ctx context.Context, m *v1alpha1.GoToMeeting) (bool, error) {
	var ga v1alpha1.GoToAccount
	if err := k.Client.Get(ctx, engine.AccountName(m), &ga); err != nil {
		return false, client.IgnoreNotFound(err)
	}
	switch ga.Spec.Adoption {
	case v1alpha1.AdoptNever:
		return false, nil
	case v1alpha1.AdoptAnnotated:
		return m.Annotations[v1alpha1.AdoptAnnotation] == "true", nil
	default:
		return true, nil
	}
}

// lookalike is the only free meeting with the subject, start, end and type of the spec; nil if there is none. Of several
// none is taken, and none is made beside them: a person has to say which it is.
func (k Kind) lookalike(ctx context.Context, acct *account.Account, m *v1alpha1.GoToMeeting) (*Remote, error) {
	in := newIntent(m, Wants{})
	in.Replaces = ""
	unlock, err := k.holds.lock(ctx, in.signature())
	if err != nil {
		return nil, err
	}
	defer unlock()
	free, err := k.free(ctx, acct, m, in)
	switch {
	case err != nil || len(free) == 0:
		return nil, err
	case len(free) > 1:
		return nil, &engine.StalledError{Reason: v1alpha1.ReasonMeetingAmbiguous, Message: fmt.Sprintf(
			"%d meetings in GoTo have this subject, start, end and type, and no object stands for them: name one of them in spec.meetingId", len(free))}
	}
	k.holds.take(free[0].ID, owner(m), time.Time{})
	return adopted(m, &Remote{Meeting: free[0]}), nil
}

// free are the meetings that match and that no other object has, or may have made.
func (k Kind) free(ctx context.Context, acct *account.Account, m *v1alpha1.GoToMeeting, in intent) ([]gotoclient.Meeting, error) {
	free := slices.DeleteFunc(acct.Meetings().All(), func(c gotoclient.Meeting) bool { return !in.matches(c) || k.holds.others(c.ID, owner(m)) })
	if len(free) == 0 {
		return nil, nil
	}
	held, _, err := k.rivals(ctx, m, in)
	if err != nil {
		return nil, err
	}
	wanted, err := k.wanted(ctx, m, in)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(free, func(c gotoclient.Meeting) bool { return held[c.ID] || wanted(c) }), nil
}

// wanted tells of a meeting whether an unconfirmed attempt of another object may have made it.
func (k Kind) wanted(ctx context.Context, m *v1alpha1.GoToMeeting, in intent) (func(gotoclient.Meeting) bool, error) {
	var all v1alpha1.GoToMeetingList
	if err := k.Client.List(ctx, &all, client.UnsafeDisableDeepCopy); err != nil {
		return nil, err
	}
	var open []intent
	for _, o := range all.Items {
		if other, is := openIntent(o); is && owner(o) != owner(m) && other.signature() == in.signature() {
			open = append(open, other)
		}
	}
	return func(c gotoclient.Meeting) bool {
		return slices.ContainsFunc(open, func(other intent) bool { return other.matches(c) })
	}, nil
}

// adopted is a meeting that the operator did not make. What GoTo does not show as it was written is taken for written where it
// can be what the spec asks for.
func adopted(m *v1alpha1.GoToMeeting, found *Remote) *Remote {
	if found == nil {
		return nil
	}
	found.origin = v1alpha1.Adopted
	if m.Status.Origin == "" && m.Status.Applied.Audio == "" {
		found.applied = &v1alpha1.AppliedMeeting{CoorganizerKeys: appliedKeys(found.CoorganizerKeys)}
		if audio := audioText(m.Spec.Audio); gotoclient.SameConferenceCall(audio, found.ConferenceCallInfo) {
			found.applied.Audio = audio
		}
	}
	return found
}

// memory is what of a meeting's status GoTo cannot tell again.
type memory struct {
	JoinURL   string                  `json:"joinURL,omitempty"`
	Organizer v1alpha1.Key            `json:"organizer,omitempty"`
	Applied   v1alpha1.AppliedMeeting `json:"applied,omitzero"`
}

// Memory is the join URL, whose the meeting is, and what was written of the fields that GoTo does not show.
func (Kind) Memory(m *v1alpha1.GoToMeeting) any {
	return memory{m.Status.JoinURL, m.Status.OrganizerKey, m.Status.Applied}
}

// Recall adds what the status lacks.
func (Kind) Recall(m *v1alpha1.GoToMeeting, data json.RawMessage) {
	var kept memory
	if json.Unmarshal(data, &kept) != nil {
		return
	}
	s := &m.Status
	if s.JoinURL == "" {
		s.JoinURL = engine.Bounded(kept.JoinURL, 2048)
	}
	if s.OrganizerKey == "" {
		s.OrganizerKey = kept.Organizer
	}
	if s.Applied.Audio == "" && s.Applied.CoorganizerKeys == nil {
		s.Applied = kept.Applied
	}
}
