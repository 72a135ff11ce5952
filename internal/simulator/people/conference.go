package people

import (
	"github.com/goto-operator/goto-operator/internal/simulator/live"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
)

// Conference is what organizers and attendees do. Its methods may be called at any time from any goroutine.
type Conference struct{ world *live.World }

// NewConference returns the meetings of a world.
func NewConference(w *live.World) *Conference { return &Conference{w} }

// AddMeeting plans a meeting for the user whom it names as its organizer, as if it had always been there, and returns its id,
// chosen when empty. An empty type is "scheduled", an empty ConferenceCallInfo "VoIP". It panics when the account or the organizer
// is unknown, or the meeting makes no sense.
func (c *Conference) AddMeeting(accountKey string, m state.Meeting) (id string) {
	within(c.world, accountKey, func(v live.View, d *state.Directory) (err error) {
		id, err = v.Store.AddMeeting(d, m)
		return err
	})
	return id
}

// Meetings returns a copy of every planned meeting of the account, in the order of their ids. It panics when the account is
// unknown.
func (c *Conference) Meetings(accountKey string) (list []state.Meeting) {
	look(c.world, accountKey, func(d *state.Directory) { list = d.CopyMeetings() })
	return list
}

// RemoveMeeting cancels a meeting as its organizer would in the service's own console. It reports whether there was such a meeting,
// and panics when the account is unknown.
func (c *Conference) RemoveMeeting(accountKey, id string) (found bool) {
	within(c.world, accountKey, func(_ live.View, d *state.Directory) error {
		found = d.Meeting(id) != nil
		d.RemoveMeetings(func(m *state.Meeting) bool { return m.ID == id })
		return nil
	})
	return found
}

// Sessions returns a copy of every session of the account, the running and the erased ones included, in the order of their
// beginning. It panics when the account is unknown.
func (c *Conference) Sessions(accountKey string) (list []state.Session) {
	look(c.world, accountKey, func(d *state.Directory) { list = d.CopySessions() })
	return list
}

// StartMeeting has the organizer open a meeting, which is ACTIVE from now on, and returns the id of the session. It panics when
// there is no such meeting, or it runs already.
func (c *Conference) StartMeeting(accountKey, meetingID string) (id string) {
	within(c.world, accountKey, func(v live.View, d *state.Directory) (err error) {
		id, err = v.Store.Start(d, meetingID, v.Now)
		return err
	})
	return id
}

// JoinMeeting lets somebody enter a running meeting, now unless the attendee says when. It panics when the meeting does not run.
func (c *Conference) JoinMeeting(accountKey, meetingID string, who state.Attendee) {
	within(c.world, accountKey, func(v live.View, d *state.Directory) error { return d.Join(meetingID, who, v.Now) })
}

// LeaveMeeting lets those of that e-mail leave a running meeting. It panics when the meeting does not run, or nobody of that
// e-mail is in it.
func (c *Conference) LeaveMeeting(accountKey, meetingID, email string) {
	within(c.world, accountKey, func(v live.View, d *state.Directory) error { return d.Leave(meetingID, email, v.Now) })
}

// EndMeeting ends a running meeting; whoever is in it leaves. From now on it is history. It panics when the meeting does not run.
func (c *Conference) EndMeeting(accountKey, meetingID string) {
	within(c.world, accountKey, func(v live.View, d *state.Directory) error { return d.End(meetingID, v.Now) })
}

// AttachRecording adds a recording to a session, in place of the one that it has, and returns its id, chosen when empty. It panics
// when there is no such session.
func (c *Conference) AttachRecording(accountKey, sessionID string, r state.Recording) (id string) {
	within(c.world, accountKey, func(v live.View, d *state.Directory) (err error) {
		id, err = v.Store.Attach(d, sessionID, r)
		return err
	})
	return id
}
