package gotoclient

import (
	"context"
	"strings"
	"time"
)

// MeetingType is when a meeting takes place (D).
type MeetingType string

// The types of meetings (D).
const (
	MeetingImmediate MeetingType = "immediate"
	MeetingRecurring MeetingType = "recurring"
	MeetingScheduled MeetingType = "scheduled"
)

// MeetingStatus says whether a meeting is going on (D).
type MeetingStatus string

// The values of MeetingStatus (D).
const (
	MeetingActive   MeetingStatus = "ACTIVE"
	MeetingInactive MeetingStatus = "INACTIVE"
)

// MeetingSpec is all that can be said of a meeting; creates and updates take the
// whole of it (D).
type MeetingSpec struct {
	Subject string // plain text, at most 100 characters (D)
	// Start and End are sent in UTC and to the second. Whether a start in the past is
	// refused is UNVERIFIED; a sister API does so (L).
	Start, End time.Time
	Type       MeetingType
	// PasswordRequired asks attendees for a password, which the API neither takes nor
	// shows (D).
	PasswordRequired bool
	// ConferenceCallInfo is one of the Call constants, or a text with numbers to
	// call.
	ConferenceCallInfo string
	// CoorganizerKeys are keys of users (D); none takes all away.
	CoorganizerKeys []Key
}

// meetingBody is MeetingSpec as requests have it: in lower case, with timezonekey
// required and empty (D).
type meetingBody struct {
	Subject            string      `json:"subject"`
	StartTime          string      `json:"starttime"`
	EndTime            string      `json:"endtime"`
	PasswordRequired   bool        `json:"passwordrequired"`
	ConferenceCallInfo string      `json:"conferencecallinfo"`
	TimeZoneKey        string      `json:"timezonekey"`
	MeetingType        MeetingType `json:"meetingtype"`
	CoorganizerKeys    []Key       `json:"coorganizerKeys"`
}

func (s MeetingSpec) body() meetingBody {
	keys := s.CoorganizerKeys
	if keys == nil {
		keys = []Key{}
	}
	return meetingBody{
		Subject: subjectEscaper.Replace(s.Subject), StartTime: formatTime(s.Start), EndTime: formatTime(s.End),
		PasswordRequired: s.PasswordRequired, ConferenceCallInfo: s.ConferenceCallInfo, MeetingType: s.Type, CoorganizerKeys: keys,
	}
}

// Meeting is a meeting, from whichever endpoint it came. Each of them shows a part
// of the fields (D); what one does not show is zero.
type Meeting struct {
	ID       Key // the nine digits that people type in (D)
	UniqueID Key // repeats ID, as a longer number in old answers (L)
	// Subject is plain text; compare it with SameSubject.
	Subject string
	// Start, End and Created are in UTC; zero if the service did not say. Created is
	// always so when a meeting is read by its id (D).
	Start, End, Created time.Time
	Type                MeetingType
	Status              MeetingStatus
	PasswordRequired    *bool // nil if the service did not say
	MaxParticipants     int
	// ConferenceCallInfo is as it came; compare it with SameConferenceCall.
	ConferenceCallInfo string
	// CoorganizerKeys is nil if the service did not say; whether it ever does is
	// UNVERIFIED, so nil does not mean none.
	CoorganizerKeys []Key
	// JoinURL is for attendees. Only Create has it (D); its host is UNVERIFIED.
	JoinURL string

	// Who the meeting belongs to, as lists have it.
	AccountKey         Key
	OrganizerKey       Key
	OrganizerEmail     string
	OrganizerFirstName string
	OrganizerLastName  string
	Locale             string
	GroupName          string // lists of a group alone (D)
}

// decodeMeeting reads a meeting of any endpoint.
func decodeMeeting(o *wireObject) Meeting {
	m := Meeting{
		ID: o.key("meetingId", "meetingid", "meetingKey"), UniqueID: o.key("uniqueMeetingId"),
		Subject: subjectUnescaper.Replace(o.text("subject")),
		Start:   o.time("startTime"), End: o.time("endTime"), Created: o.time("createTime"),
		Type:             MeetingType(strings.ToLower(o.text("meetingType"))),
		Status:           MeetingStatus(strings.ToUpper(o.text("status"))),
		PasswordRequired: o.flag("passwordRequired"), MaxParticipants: int(o.number("maxParticipants")),
		ConferenceCallInfo: o.text("conferenceCallInfo"), CoorganizerKeys: o.keys("coorganizerKeys"),
		JoinURL:    o.text("joinURL"),
		AccountKey: o.key("accountKey"), OrganizerKey: o.key("organizerKey", "newOrganizerKey"),
		OrganizerEmail: o.text("email"), OrganizerFirstName: o.text("firstName"), OrganizerLastName: o.text("lastName"),
		Locale: o.text("locale"), GroupName: o.text("groupName"),
	}
	if m.ID == "" && o.err == nil {
		o.err = unreadable("a meeting has no id")
	}
	return m
}

// MeetingsService reads and writes the meetings of the user to whom the access
// token belongs; this API cannot write those of anybody else (D). The token needs
// the scope "collab:" (D, L).
//
// Errors of a free account are those of IsNotEntitled (L).
type MeetingsService struct {
	client *Client
}

// Meetings returns the service for the caller's meetings.
func (c *Client) Meetings() *MeetingsService { return &MeetingsService{c} }

// Create plans a meeting (D). Of the result ID, UniqueID, JoinURL, MaxParticipants
// and ConferenceCallInfo are filled in (D). On an error of IsAmbiguous the meeting
// may have been created; the service has no idempotency keys, so look among
// Upcoming before trying again. How soon a new meeting is listed there is
// UNVERIFIED.
func (s *MeetingsService) Create(ctx context.Context, spec MeetingSpec) (*Meeting, error) {
	return s.one(ctx, request{operation: OpCreateMeeting, body: spec.body()})
}

// Get returns a meeting (D). An error of IsNotFound means that there is none of
// the id, or that it is somebody else's: which of 403 and 404 that gets is
// UNVERIFIED. So is whether a meeting can be read after its end.
func (s *MeetingsService) Get(ctx context.Context, id Key) (*Meeting, error) {
	m, err := s.one(ctx, request{operation: OpGetMeeting, keys: []Key{id}})
	if err == nil && m.ID != id {
		return nil, newDecodeError(OpGetMeeting, errOtherKey)
	}
	return m, err
}

// one sends a request that is answered with an array of one meeting (D).
func (s *MeetingsService) one(ctx context.Context, r request) (*Meeting, error) {
	meetings, err := list(ctx, s.client, r, decodeMeeting)
	if err != nil {
		return nil, err
	}
	if len(meetings) != 1 {
		return nil, newDecodeError(r.operation, unreadable("expected an array of one meeting"))
	}
	return &meetings[0], nil
}

// Update replaces all of a meeting (D). For a meeting that is gone or somebody
// else's see Get.
func (s *MeetingsService) Update(ctx context.Context, id Key, spec MeetingSpec) error {
	_, err := s.client.do(ctx, request{operation: OpUpdateMeeting, keys: []Key{id}, body: spec.body()})
	return err
}

// Delete removes a meeting (D). That it is already gone is an error of IsNotFound,
// also where an earlier attempt of this very call may have removed it.
func (s *MeetingsService) Delete(ctx context.Context, id Key) error {
	return s.client.remove(ctx, request{operation: OpDeleteMeeting, keys: []Key{id}})
}

// remove sends a DELETE to the GoToMeeting API. A repetition that finds nothing may
// have done its work before, or met a gateway: of the codes that tell none is known.
// It is an error of IsNotFound and of IsAmbiguous then, and the caller has to look.
func (c *Client) remove(ctx context.Context, r request) error {
	_, err := c.do(ctx, r)
	return err
}

// HostURL returns an address by which whoever has it starts the meeting (D). The
// errors are UNVERIFIED: for a meeting that does not exist or is somebody else's,
// one of IsNotFound or IsForbidden.
func (s *MeetingsService) HostURL(ctx context.Context, id Key) (HostURL, error) {
	objects, err := s.client.array(ctx, request{operation: OpGetStartURL, keys: []Key{id}})
	if err != nil {
		return HostURL{}, err
	}
	if len(objects) == 1 {
		if url := objects[0].text("hostURL"); url != "" {
			return HostURL{&url}, nil
		}
	}
	return HostURL{}, newDecodeError(OpGetStartURL, unreadable("it has no URL"))
}
