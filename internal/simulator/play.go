package simulator

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// AddMeeting plans a meeting for the user whom it names as its organizer, as if it had always been there, and returns its id,
// chosen when empty. An empty type is "scheduled", an empty ConferenceCallInfo "VoIP". It panics when the account or the organizer
// is unknown, or the meeting makes no sense.
func (s *Simulator) AddMeeting(accountKey string, m Meeting) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, err := s.addMeeting(s.mustAccount(accountKey), m)
	s.played(err)
	return id
}

func (s *Simulator) addMeeting(a *account, m Meeting) (string, error) {
	m = cloneMeeting(&m)
	if m.ID == "" {
		m.ID = s.newKey(meetingIDs)
	}
	if m.Type == "" {
		m.Type = MeetingScheduled
	}
	if m.ConferenceCallInfo == "" {
		m.ConferenceCallInfo = "VoIP"
	}
	if err := a.addMeeting(&m); err != nil {
		return "", err
	}
	noteKey(s.lastKey, meetingIDs, m.ID)
	return m.ID, nil
}

// Meetings returns a copy of every planned meeting of the account, in the order of their ids. It panics when the account is
// unknown.
func (s *Simulator) Meetings(accountKey string) []Meeting {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mustAccount(accountKey).copyMeetings()
}

// RemoveMeeting cancels a meeting as its organizer would in the service's own console. It reports whether there was such a meeting,
// and panics when the account is unknown.
func (s *Simulator) RemoveMeeting(accountKey, id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.mustAccount(accountKey)
	before := len(a.meetings)
	a.meetings = slices.DeleteFunc(a.meetings, func(m *Meeting) bool { return m.ID == id })
	s.persist()
	return len(a.meetings) < before
}

// Sessions returns a copy of every session of the account, the running and the erased ones included, in the order of their
// beginning. It panics when the account is unknown.
func (s *Simulator) Sessions(accountKey string) []Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mustAccount(accountKey).copySessions()
}

// StartMeeting has the organizer open a meeting, which is ACTIVE from now on, and returns the id of the session. It panics when
// there is no such meeting, or it runs already.
func (s *Simulator) StartMeeting(accountKey, meetingID string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, err := s.startSession(s.mustAccount(accountKey), meetingID)
	s.played(err)
	return id
}

func (s *Simulator) startSession(a *account, meetingID string) (string, error) {
	m := a.meeting(meetingID)
	if m == nil || a.running(meetingID) != nil {
		return "", fmt.Errorf("meeting %q does not exist, or runs already: %w", meetingID, errNothing)
	}
	h := &Session{
		ID: s.newKey(sessionKeys), MeetingID: m.ID, OrganizerKey: m.OrganizerKey, Subject: m.Subject, Type: m.Type,
		PasswordRequired: m.PasswordRequired, ConferenceCallInfo: m.ConferenceCallInfo, Start: s.time(),
	}
	a.sessions = append(a.sessions, h)
	return h.ID, nil
}

// JoinMeeting lets somebody enter a running meeting, now unless the attendee says when. It panics when the meeting does not run.
func (s *Simulator) JoinMeeting(accountKey, meetingID string, who Attendee) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.played(s.joinSession(s.mustAccount(accountKey), meetingID, who))
}

func (s *Simulator) joinSession(a *account, meetingID string, who Attendee) error {
	h, err := a.mustRun(meetingID)
	if err != nil {
		return err
	}
	if who.Join.IsZero() {
		who.Join = s.time()
	}
	h.Attendees = append(h.Attendees, who)
	return nil
}

// LeaveMeeting lets those of that e-mail leave a running meeting. It panics when the meeting does not run, or nobody of that
// e-mail is in it.
func (s *Simulator) LeaveMeeting(accountKey, meetingID, email string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.played(s.leaveSession(s.mustAccount(accountKey), meetingID, email))
}

func (s *Simulator) leaveSession(a *account, meetingID, email string) error {
	h, err := a.mustRun(meetingID)
	if err != nil {
		return err
	}
	left := h.dismiss(s.time(), func(who Attendee) bool { return foldEmail(who.Email) == foldEmail(email) })
	if left == 0 {
		return fmt.Errorf("nobody of that e-mail is in meeting %s: %w", meetingID, errNothing)
	}
	return nil
}

// EndMeeting ends a running meeting; whoever is in it leaves. From now on it is history. It panics when the meeting does not run.
func (s *Simulator) EndMeeting(accountKey, meetingID string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.played(s.endSession(s.mustAccount(accountKey), meetingID))
}

func (s *Simulator) endSession(a *account, meetingID string) error {
	h, err := a.mustRun(meetingID)
	if err != nil {
		return err
	}
	h.End = s.time()
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

// AttachRecording adds a recording to a session, in place of the one that it has, and returns its id, chosen when empty. It panics
// when there is no such session.
func (s *Simulator) AttachRecording(accountKey, sessionID string, r Recording) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, err := s.attachRecording(s.mustAccount(accountKey), sessionID, r)
	s.played(err)
	return id
}

func (s *Simulator) attachRecording(a *account, sessionID string, r Recording) (string, error) {
	h := a.session(sessionID)
	if h == nil || h.Erased {
		return "", fmt.Errorf("session %q: %w", sessionID, errNothing)
	}
	if r.ID == "" {
		r.ID = s.newKey(recordingKeys)
	}
	h.Recording = &r
	return r.ID, nil
}

// AcceptInvitation has a user set a password, as the invitation mail asks for: INVITED becomes ACTIVE. It reports whether there is
// such a user, and panics when the account is unknown.
func (s *Simulator) AcceptInvitation(accountKey, userKey string) bool {
	return s.UpdateUser(accountKey, userKey, func(u *User) { u.PasswordCreated = true })
}

// SetFree makes an account a free one, or one that pays. It panics when the account is unknown.
func (s *Simulator) SetFree(accountKey string, free bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.mustAccount(accountKey).free = free
	s.persist()
}

// AddPersonalAccessToken gives a user a token that can be swapped, so that a test can act as somebody else. It panics when nobody
// has the key, or the token is taken or empty.
func (s *Simulator) AddPersonalAccessToken(t PersonalAccessToken) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.played(s.addPAT(t))
}

func (s *Simulator) addPAT(t PersonalAccessToken) error {
	taken := slices.ContainsFunc(s.oauth.PATs, func(old PersonalAccessToken) bool { return old.Token == t.Token })
	if t.Token == "" || taken || s.userOf(t.UserKey) == nil {
		return errors.New("the personal access token is empty or taken, or its user does not exist")
	}
	s.oauth.PATs = append(s.oauth.PATs, t)
	return nil
}

// AdvanceTo sets the simulator's clock to a later time; see [Simulator.Advance]. It panics when that would turn it back.
func (s *Simulator) AdvanceTo(t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.advanceTo(t); err != nil {
		panic("simulator: " + err.Error())
	}
}

func (s *Simulator) advanceTo(t time.Time) error {
	d := t.Sub(s.time())
	if d < 0 {
		return fmt.Errorf("the clock stands at %s and is not turned back", s.time().UTC().Format(time.RFC3339))
	}
	s.offset += d
	return nil
}

// mustRun returns the session that a meeting is in, or says that it is in none.
func (a *account) mustRun(meetingID string) (*Session, error) {
	if h := a.running(meetingID); h != nil {
		return h, nil
	}
	return nil, fmt.Errorf("meeting %q does not run: %w", meetingID, errNothing)
}

// played keeps what a test has done, or panics with the test's mistake.
func (s *Simulator) played(err error) {
	if err != nil {
		panic("simulator: " + err.Error())
	}
	s.persist()
}
