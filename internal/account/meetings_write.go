package account

import (
	"context"
	"time"

	"github.com/goto-operator/goto-operator/internal/account/brake"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/turn"
)

// CreateMeeting creates a meeting and returns it as it was sent, with what the answer says. An error of IsAmbiguous leaves
// open whether there is a meeting.
func (a *Account) CreateMeeting(ctx context.Context, spec gotoclient.MeetingSpec) (gotoclient.Meeting, error) {
	made, err := a.opts.Client.Meetings().Create(ctx, spec)
	if err != nil {
		return gotoclient.Meeting{}, err
	}
	m := meetingAsSent(*made, spec)
	m.OrganizerKey = a.Me().Key
	a.noteMeeting(m)
	return m, nil
}

// UpdateMeeting replaces all of a meeting. It returns ErrGone for one that is not there.
func (a *Account) UpdateMeeting(ctx context.Context, m gotoclient.Meeting, spec gotoclient.MeetingSpec) (gotoclient.Meeting, error) {
	err := a.opts.Client.Meetings().Update(ctx, m.ID, spec)
	if isMissing(err) {
		gone, cause := a.meetingGone(ctx, m.ID, err)
		if err = cause; gone {
			err = ErrGone
		}
	}
	if err != nil {
		return m, err
	}
	m = meetingAsSent(m, spec)
	a.noteMeeting(m)
	return m, nil
}

func meetingAsSent(m gotoclient.Meeting, spec gotoclient.MeetingSpec) gotoclient.Meeting {
	password := spec.PasswordRequired
	m.Subject, m.Start, m.End, m.Type = spec.Subject, spec.Start, spec.End, spec.Type
	m.PasswordRequired, m.CoorganizerKeys = &password, sorted(spec.CoorganizerKeys)
	if m.ConferenceCallInfo == "" || !gotoclient.SameConferenceCall(spec.ConferenceCallInfo, m.ConferenceCallInfo) {
		m.ConferenceCallInfo = spec.ConferenceCallInfo
	}
	return m
}

// DeleteMeeting deletes a meeting if the brake allows it, or returns a *BlockedError. One that is not there is deleted.
func (a *Account) DeleteMeeting(ctx context.Context, id gotoclient.Key) error {
	ticket, err := a.TakeFromBrake(ctx, brake.Meetings)
	if err != nil {
		return err
	}
	err = a.opts.Client.Meetings().Delete(brake.With(ctx, ticket), id)
	SettleTicket(ticket, err)
	if err != nil {
		if gone, cause := a.meetingGone(ctx, id, err); !gone {
			return cause
		}
	}
	s := &a.meetings
	s.mu.Lock()
	defer s.mu.Unlock()
	s.init()
	s.forget(id)
	s.deleted[id] = a.opts.Now()
	return nil
}

// PlannedMeetings reads the meetings to come by the other call that there is for them, which GoTo has deprecated (D). Where
// it is refused, it says nothing.
func (a *Account) PlannedMeetings(ctx context.Context) ([]gotoclient.Meeting, error) {
	list, err := a.opts.Client.Meetings().Scheduled(ctx)
	if gotoclient.IsRefused(err) {
		return nil, nil
	}
	return list, err
}

// HostURL returns the address by which whoever has it runs the meeting.
func (a *Account) HostURL(ctx context.Context, id gotoclient.Key) (gotoclient.HostURL, error) {
	return a.opts.Client.Meetings().HostURL(ctx, id)
}

// Attendees are all stays in all sessions of a meeting; none of one that was not held.
func (a *Account) Attendees(ctx context.Context, id gotoclient.Key) ([]gotoclient.Attendance, error) {
	list, err := a.opts.Client.Meetings().Attendees(ctx, id)
	if gotoclient.IsNotFound(err) {
		return nil, nil
	}
	return list, err
}

const (
	// historyFresh is how long a reading of the history serves others that ask for it.
	historyFresh = 30 * time.Second
	// historyDays is the longest range that was ever documented (D, old).
	historyDays = 60
)

// history is the last reading of what was held.
type history struct {
	turn turn.Turn // one reading at a time
	from time.Time
	at   time.Time
	list []gotoclient.PastMeeting
}

// PastMeetings are the caller's meetings that began at or after from and are over. Meetings that end together share one
// request: it begins at midnight (UTC), and serves for half a minute.
func (a *Account) PastMeetings(ctx context.Context, from time.Time) ([]gotoclient.PastMeeting, error) {
	h, now := &a.meetings.past, a.opts.Now()
	if err := h.turn.Take(ctx); err != nil {
		return nil, err
	}
	defer h.turn.Leave()
	if !h.at.IsZero() && now.Sub(h.at) < historyFresh && !from.Before(h.from) {
		return h.list, nil
	}
	if from.After(now) {
		return nil, nil
	}
	from = from.UTC().Truncate(24 * time.Hour)
	list, err := gotoclient.InWindows(ctx, gotoclient.TimeRange{Start: from, End: now}, historyDays, a.opts.Client.Meetings().Historical)
	if err != nil {
		return nil, err
	}
	h.from, h.at, h.list = from, now, list
	return list, nil
}
