package state

import "time"

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
	// VisibleFrom hides the meeting from upcomingMeetings until then; see the switch meetingVisibilityLag.
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

// MeetingTypes returns every type of meeting (D).
func MeetingTypes() []string { return []string{MeetingImmediate, MeetingRecurring, MeetingScheduled} }
