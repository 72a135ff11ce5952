package meetings

import (
	"context"
	"slices"

	"github.com/goto-operator/goto-operator/internal/account/brake"
	"github.com/goto-operator/goto-operator/internal/account/evidence"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Create creates a meeting and returns it as it was sent, with what the answer says. An error of IsAmbiguous leaves
// open whether there is a meeting.
func (m *Meetings) Create(ctx context.Context, spec gotoclient.MeetingSpec) (gotoclient.Meeting, error) {
	made, err := m.opts.API.Create(ctx, spec)
	if err != nil {
		return gotoclient.Meeting{}, err
	}
	sent := asSent(*made, spec)
	sent.OrganizerKey = m.opts.Organizer
	m.records.Write(sent.ID, &sent, m.opts.Now())
	return sent, nil
}

// Update replaces all of a meeting. It returns evidence.ErrGone for one that is not there.
func (m *Meetings) Update(ctx context.Context, known gotoclient.Meeting, spec gotoclient.MeetingSpec) (gotoclient.Meeting, error) {
	err := m.opts.API.Update(ctx, known.ID, spec)
	if evidence.IsMissing(err) {
		gone, cause := m.lookup.Gone(ctx, known.ID, err)
		if err = cause; gone {
			err = evidence.ErrGone
		}
	}
	if err != nil {
		return known, err
	}
	sent := asSent(known, spec)
	m.records.Write(sent.ID, &sent, m.opts.Now())
	return sent, nil
}

func asSent(m gotoclient.Meeting, spec gotoclient.MeetingSpec) gotoclient.Meeting {
	password := spec.PasswordRequired
	m.Subject, m.Start, m.End, m.Type = spec.Subject, spec.Start, spec.End, spec.Type
	m.PasswordRequired, m.CoorganizerKeys = &password, slices.Sorted(slices.Values(spec.CoorganizerKeys))
	if m.ConferenceCallInfo == "" || !gotoclient.SameConferenceCall(spec.ConferenceCallInfo, m.ConferenceCallInfo) {
		m.ConferenceCallInfo = spec.ConferenceCallInfo
	}
	return m
}

// Delete deletes a meeting if the brake allows it, or returns a *brake.BlockedError. One that is not there is deleted.
func (m *Meetings) Delete(ctx context.Context, id gotoclient.Key) error {
	err := evidence.Braked(ctx, m.opts.Brake, brake.Meetings, m.Len(), func(ctx context.Context) error { return m.opts.API.Delete(ctx, id) })
	if err != nil {
		if gone, cause := m.lookup.Gone(ctx, id, err); !gone {
			return cause
		}
	}
	m.records.Write(id, nil, m.opts.Now())
	return nil
}

// Planned reads the meetings to come by the other call that there is for them, which GoTo has deprecated (D). Where
// it is refused, it says nothing.
func (m *Meetings) Planned(ctx context.Context) ([]gotoclient.Meeting, error) {
	list, err := m.opts.API.Scheduled(ctx)
	if gotoclient.IsRefused(err) {
		return nil, nil
	}
	return list, err
}

// HostURL returns the address by which whoever has it runs the meeting.
func (m *Meetings) HostURL(ctx context.Context, id gotoclient.Key) (gotoclient.HostURL, error) {
	return m.opts.API.HostURL(ctx, id)
}

// Attendees are all stays in all sessions of a meeting; none of one that was not held.
func (m *Meetings) Attendees(ctx context.Context, id gotoclient.Key) ([]gotoclient.Attendance, error) {
	list, err := m.opts.API.Attendees(ctx, id)
	if gotoclient.IsNotFound(err) {
		return nil, nil
	}
	return list, err
}
