package state

import (
	"errors"
	"fmt"
	"time"
)

// ErrNothing is the error of an act on something that does not exist.
var ErrNothing = errors.New("there is no such thing")

// AddMeeting plans a meeting for the user whom it names as its organizer and returns its id, chosen when empty. An empty type is
// "scheduled", an empty ConferenceCallInfo "VoIP". It fails as Plan does.
func (s *Store) AddMeeting(d *Directory, m Meeting) (string, error) {
	m = m.clone()
	if m.ID == "" {
		m.ID = s.NewKey(MeetingIDs)
	}
	if m.Type == "" {
		m.Type = MeetingScheduled
	}
	if m.ConferenceCallInfo == "" {
		m.ConferenceCallInfo = "VoIP"
	}
	if err := d.Plan(&m); err != nil {
		return "", err
	}
	s.keys.note(MeetingIDs, m.ID)
	return m.ID, nil
}

// Start has the organizer open a meeting now and returns the id of the session. It fails when there is no such meeting, or it runs
// already.
func (s *Store) Start(d *Directory, meetingID string, now time.Time) (string, error) {
	m := d.Meeting(meetingID)
	if m == nil || d.Running(meetingID) != nil {
		return "", fmt.Errorf("meeting %q does not exist, or runs already: %w", meetingID, ErrNothing)
	}
	h := &Session{
		ID: s.NewKey(SessionKeys), MeetingID: m.ID, OrganizerKey: m.OrganizerKey, Subject: m.Subject, Type: m.Type,
		PasswordRequired: m.PasswordRequired, ConferenceCallInfo: m.ConferenceCallInfo, Start: now,
	}
	d.Sessions = append(d.Sessions, h)
	return h.ID, nil
}

// Join lets somebody enter a running meeting, now unless the attendee says when. It fails when the meeting does not run.
func (c *Calendar) Join(meetingID string, who Attendee, now time.Time) error {
	h, err := c.mustRun(meetingID)
	if err != nil {
		return err
	}
	if who.Join.IsZero() {
		who.Join = now
	}
	h.Attendees = append(h.Attendees, who)
	return nil
}

// Leave lets those of that e-mail leave a running meeting now. It fails when the meeting does not run, or nobody of that e-mail is in
// it.
func (c *Calendar) Leave(meetingID, email string, now time.Time) error {
	h, err := c.mustRun(meetingID)
	if err != nil {
		return err
	}
	left := h.dismiss(now, func(who Attendee) bool { return FoldEmail(who.Email) == FoldEmail(email) })
	if left == 0 {
		return fmt.Errorf("nobody of that e-mail is in meeting %s: %w", meetingID, ErrNothing)
	}
	return nil
}

// End ends a running meeting now; whoever is in it leaves. It fails when the meeting does not run.
func (c *Calendar) End(meetingID string, now time.Time) error {
	h, err := c.mustRun(meetingID)
	if err != nil {
		return err
	}
	h.End = now
	h.dismiss(h.End, func(Attendee) bool { return true })
	return nil
}

// dismiss lets those leave who are still there, and counts them.
func (h *Session) dismiss(at time.Time, who func(Attendee) bool) int {
	left := 0
	for i := range h.Attendees {
		if present := &h.Attendees[i]; present.Leave.IsZero() && who(*present) {
			present.Leave = at
			left++
		}
	}
	return left
}

// Attach adds a recording to a session, in place of the one that it has, and returns its id, chosen when empty. It fails when there
// is no such session.
func (s *Store) Attach(d *Directory, sessionID string, r Recording) (string, error) {
	h := d.Session(sessionID)
	if h == nil || h.Erased {
		return "", fmt.Errorf("session %q: %w", sessionID, ErrNothing)
	}
	if r.ID == "" {
		r.ID = s.NewKey(RecordingKeys)
	}
	h.Recording = &r
	return r.ID, nil
}

// mustRun returns the session that a meeting is in, or says that it is in none.
func (c *Calendar) mustRun(meetingID string) (*Session, error) {
	if h := c.Running(meetingID); h != nil {
		return h, nil
	}
	return nil, fmt.Errorf("meeting %q does not run: %w", meetingID, ErrNothing)
}
