package simulator

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Types of meetings (D).
const (
	MeetingImmediate = "immediate"
	MeetingRecurring = "recurring"
	MeetingScheduled = "scheduled"
)

// Meeting is a meeting that somebody has planned. It belongs to the user who made it (D) and stays until it, or the user, is
// deleted.
type Meeting struct {
	// ID is the nine-digit number that people type in (D).
	ID           string `json:"id"`
	OrganizerKey string `json:"organizerKey"`
	// Subject is plain text, whatever requests and answers escape.
	Subject            string    `json:"subject"`
	Start              time.Time `json:"start"`
	End                time.Time `json:"end"`
	Type               string    `json:"type"`
	PasswordRequired   bool      `json:"passwordRequired,omitempty"`
	ConferenceCallInfo string    `json:"conferenceCallInfo"`
	CoorganizerKeys    []string  `json:"coorganizerKeys,omitempty"`
	CreateTime         time.Time `json:"createTime,omitzero"`
	// VisibleFrom hides the meeting from upcomingMeetings until then; see Switches.MeetingVisibilityLag.
	VisibleFrom time.Time `json:"visibleFrom,omitzero"`
}

// Session is one time that a meeting was held. It outlives its meeting, so it says again what the meeting was.
type Session struct {
	ID                 string `json:"id"`
	MeetingID          string `json:"meetingId"`
	OrganizerKey       string `json:"organizerKey"`
	Subject            string `json:"subject"`
	Type               string `json:"type"`
	PasswordRequired   bool   `json:"passwordRequired,omitempty"`
	ConferenceCallInfo string `json:"conferenceCallInfo"`
	// Start and End are when people met; End is zero while they do.
	Start     time.Time  `json:"start"`
	End       time.Time  `json:"end,omitzero"`
	Attendees []Attendee `json:"attendees,omitempty"`
	Recording *Recording `json:"recording,omitempty"`
	// Erased says that the session was deleted; the meeting stays in the history without it (D).
	Erased bool `json:"erased,omitempty"`
}

// Attendee is one stay of one person in a session.
type Attendee struct {
	Name  string    `json:"name"`
	Email string    `json:"email"`
	Join  time.Time `json:"join,omitzero"`
	// Leave is zero while the person is there.
	Leave time.Time `json:"leave,omitzero"`
}

// Recording is the recording of a session.
type Recording struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	DownloadURL string `json:"downloadUrl,omitempty"`
	ShareURL    string `json:"shareUrl,omitempty"`
	Size        int64  `json:"size,omitempty"` // in bytes
}

func cloneMeeting(m *Meeting) Meeting {
	c := *m
	c.CoorganizerKeys = slices.Clone(m.CoorganizerKeys)
	return c
}

func cloneSession(h *Session) Session {
	c := *h
	c.Attendees = slices.Clone(h.Attendees)
	if h.Recording != nil {
		r := *h.Recording
		c.Recording = &r
	}
	return c
}

func (a *account) copyMeetings() []Meeting { return copies(a.meetings, cloneMeeting) }

func (a *account) copySessions() []Session { return copies(a.sessions, cloneSession) }

func copies[T any](items []*T, clone func(*T) T) []T {
	out := make([]T, 0, len(items))
	for _, item := range items {
		out = append(out, clone(item))
	}
	return out
}

// takeMeetings fills a new account with the meetings and sessions of a state.
func (a *account) takeMeetings(in Account) error {
	for i := range in.Meetings {
		m := cloneMeeting(&in.Meetings[i])
		if err := a.addMeeting(&m); err != nil {
			return err
		}
	}
	for i := range in.Sessions {
		h := cloneSession(&in.Sessions[i])
		if !isKey(h.ID) || a.session(h.ID) != nil || !isKey(h.MeetingID) || !a.knows(h.OrganizerKey) {
			return fmt.Errorf("session %q: it is there twice, or a key of it is none", h.ID)
		}
		a.sessions = append(a.sessions, &h)
	}
	return nil
}

// knows says whether the account has, or had, the user.
func (a *account) knows(key string) bool {
	if a.byKey[key] != nil {
		return true
	}
	for _, u := range a.deleted {
		if u.Key == key {
			return true
		}
	}
	return false
}

// addMeeting puts a meeting in.
func (a *account) addMeeting(m *Meeting) error {
	switch {
	case !isKey(m.ID) || a.meeting(m.ID) != nil:
		return fmt.Errorf("meeting %q: the id is none, or taken", m.ID)
	case !a.knows(m.OrganizerKey):
		return fmt.Errorf("meeting %s: the account has no organizer %q", m.ID, m.OrganizerKey)
	case !slices.Contains(meetingTypes, m.Type):
		return fmt.Errorf("meeting %s: no meetings are of the type %q", m.ID, m.Type)
	case m.Start.IsZero() || m.End.Before(m.Start):
		return fmt.Errorf("meeting %s: it has no start, or ends before it", m.ID)
	}
	a.meetings = append(a.meetings, m)
	slices.SortFunc(a.meetings, func(x, y *Meeting) int { return compareKeys(x.ID, y.ID) })
	return nil
}

var meetingTypes = []string{MeetingImmediate, MeetingRecurring, MeetingScheduled}

func (a *account) meeting(id string) *Meeting {
	for _, m := range a.meetings {
		if m.ID == id {
			return m
		}
	}
	return nil
}

func (a *account) session(id string) *Session {
	for _, h := range a.sessions {
		if h.ID == id {
			return h
		}
	}
	return nil
}

// running returns the session that a meeting is in, nil if it is in none.
func (a *account) running(meetingID string) *Session {
	for _, h := range a.sessions {
		if h.MeetingID == meetingID && h.End.IsZero() {
			return h
		}
	}
	return nil
}

// noteMeetings remembers the ids of a state, so that generated ones never meet them.
func noteMeetings(last map[keyKind]uint64, in Account) {
	for _, m := range in.Meetings {
		noteKey(last, meetingIDs, m.ID)
	}
	for _, h := range in.Sessions {
		noteKey(last, meetingIDs, h.MeetingID)
		noteKey(last, sessionKeys, h.ID)
		if h.Recording != nil {
			noteKey(last, recordingKeys, h.Recording.ID)
		}
	}
}

// byStart orders meetings by their beginning, and those that begin together by id.
func byStart(meetings []*Meeting) {
	slices.SortFunc(meetings, func(x, y *Meeting) int {
		return cmp.Or(x.Start.Compare(y.Start), compareKeys(x.ID, y.ID))
	})
}
