package meeting

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/goto-operator/goto-operator/internal/simulator/call"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
	"github.com/goto-operator/goto-operator/internal/simulator/switches"
	"github.com/goto-operator/goto-operator/internal/simulator/wire"
)

// Limits of a meeting, in characters (D).
const (
	maxSubject  = 100
	maxCallInfo = 255
)

// maxParticipants is what the plan of a meeting's organizer allows (D); the number is a choice.
const maxParticipants = 150

// createMeeting serves POST /meetings. The meeting belongs to the caller: the request has no member for an organizer (D).
func createMeeting(c *call.Call) wire.Response {
	if c.Switches.UnlicensedOrganizer == "403" && len(c.Account.Products(c.Caller)) == 0 {
		return answer(c, wire.Refuse(http.StatusForbidden, wire.CodeMeetingForbidden, c.Caller.Key))
	}
	m := &state.Meeting{OrganizerKey: c.Caller.Key, CreateTime: c.Arrived, VisibleFrom: c.Arrived.Add(c.Switches.MeetingVisibilityLag)}
	if failure := readMeeting(c, m); failure != nil {
		return answer(c, failure)
	}
	m.ID = c.Store.NewKey(state.MeetingIDs)
	if err := c.Account.Plan(m); err != nil {
		panic(err) // readMeeting has looked at everything that could be wrong
	}
	c.Changed = true
	return wire.JSON(http.StatusCreated, []wire.Object{{
		wire.M("joinURL", joinURL(c, m.ID)), wire.M("meetingid", json.Number(m.ID)), wire.M("maxParticipants", maxParticipants),
		wire.M("uniqueMeetingId", uniqueID(c, m.ID)), wire.M("conferenceCallInfo", showCallInfo(c, m.ConferenceCallInfo, m.ID)),
	}})
}

// getMeeting serves GET /meetings/{meetingId}, with an array of one (D).
func getMeeting(c *call.Call) wire.Response {
	m, failure := targetMeeting(c, c.Switches.ForeignMeeting)
	if failure != nil {
		return answer(c, failure)
	}
	if c.Switches.EndedMeetingRead == "404" && m.Type == state.MeetingScheduled && m.End.Before(c.Now) {
		return answer(c, wire.Refuse(http.StatusNotFound, wire.CodeMeetingNotFound, m.ID))
	}
	return wire.JSON(http.StatusOK, []wire.Object{meetingJSON(c, m)})
}

// updateMeeting serves PUT /meetings/{meetingId}, which replaces all that a request can say (D).
func updateMeeting(c *call.Call) wire.Response {
	m, failure := targetMeeting(c, c.Switches.ForeignMeeting)
	if failure != nil {
		return answer(c, failure)
	}
	if failure := readMeeting(c, m); failure != nil {
		return answer(c, failure)
	}
	c.Changed = true
	return wire.Response{Status: http.StatusNoContent}
}

// deleteMeeting serves DELETE /meetings/{meetingId}. What was held of it stays in the history.
func deleteMeeting(c *call.Call) wire.Response {
	m, failure := targetMeeting(c, c.Switches.ForeignMeeting)
	if failure != nil {
		return answer(c, failure)
	}
	c.Account.RemoveMeetings(func(other *state.Meeting) bool { return other == m })
	c.Changed = true
	return wire.Response{Status: http.StatusNoContent}
}

// getStartURL serves GET /meetings/{meetingId}/start. The URL leads nowhere; only its form follows an old capture (L).
func getStartURL(c *call.Call) wire.Response {
	m, failure := targetMeeting(c, c.Switches.StartRefusal)
	if failure != nil {
		if failure.Code == wire.CodeMeetingNotFound {
			failure.Status = switches.Status(c.Switches.StartRefusal)
		}
		return answer(c, failure)
	}
	return wire.JSON(http.StatusOK, wire.Object{wire.M("hostURL",
		"https://start.example.test/host?startMode=Start&meetingId="+m.ID+"&authenticationToken="+state.HostToken)})
}

// targetMeeting returns the caller's meeting that the path names. A meeting of somebody else is refused with the status given.
func targetMeeting(c *call.Call, foreign string) (*state.Meeting, *wire.Refusal) {
	id := c.PathValue("meeting")
	if !state.IsKey(id) {
		return nil, wire.Refuse(http.StatusBadRequest, wire.CodeMeetingInvalid, id)
	}
	if m := c.Account.Meeting(id); m != nil && m.OrganizerKey == c.Caller.Key {
		return m, nil
	}
	for _, a := range c.Store.Accounts {
		if a.Meeting(id) != nil {
			return nil, wire.Refuse(switches.Status(foreign), wire.CodeMeetingForbidden, id)
		}
	}
	return nil, c.Absent(wire.CodeMeetingNotFound, id)
}

// meetingRequest is the body of POST and PUT of a meeting.
type meetingRequest struct {
	Subject            string     `json:"subject"`
	StartTime          string     `json:"starttime"`
	EndTime            string     `json:"endtime"`
	PasswordRequired   wire.Flag  `json:"passwordrequired"`
	ConferenceCallInfo string     `json:"conferencecallinfo"`
	TimeZoneKey        string     `json:"timezonekey"`
	MeetingType        string     `json:"meetingtype"`
	CoorganizerKeys    []wire.Key `json:"coorganizerKeys"`
}

// meetingMembers are those that a request must have (D), timezonekey apart.
var meetingMembers = []string{"subject", "starttime", "endtime", "passwordrequired", "conferencecallinfo", "meetingtype"}

// readMeeting fills a meeting from the request, or leaves it alone and says what is wrong.
func readMeeting(c *call.Call, m *state.Meeting) *wire.Refusal {
	var members map[string]json.RawMessage
	var body meetingRequest
	if json.Unmarshal(c.Body, &members) != nil || json.Unmarshal(c.Body, &body) != nil {
		return wire.Refuse(http.StatusBadRequest, wire.CodeMeetingInvalid, "body")
	}
	if !c.Accepts(body.PasswordRequired) {
		return wire.Refuse(http.StatusBadRequest, wire.CodeMeetingInvalid, "passwordrequired")
	}
	required := meetingMembers
	if c.Switches.TimeZoneKeyOmitted == "refused" {
		required = append(slices.Clone(required), "timezonekey")
	}
	for _, name := range required { // encoding/json itself takes any case of a name
		if _, found := members[name]; !found {
			return c.Invalid(wire.CodeMeetingInvalid, name)
		}
	}
	start, end, failure := readTimes(c, &body)
	if failure != nil {
		return failure
	}
	subject, failure := readSubject(c, body.Subject)
	if failure != nil {
		return failure
	}
	if failure := checkCallInfo(c, body.ConferenceCallInfo); failure != nil {
		return failure
	}
	if !slices.Contains(state.MeetingTypes(), body.MeetingType) {
		return c.Invalid(wire.CodeMeetingInvalid, "meetingtype")
	}
	helpers := wire.PlainKeys(body.CoorganizerKeys)
	for _, key := range helpers {
		if c.Switches.UnknownCoorganizer == "refused" && c.Account.User(key) == nil {
			return c.Invalid(wire.CodeOrganizerNotFound, key)
		}
	}
	subject, info := c.Switches.Stored(subject), body.ConferenceCallInfo
	if m.ID != "" && c.Switches.Ignores("subject") {
		subject = m.Subject
	}
	if m.ID != "" && c.Switches.Ignores("conferenceCallInfo") {
		info = m.ConferenceCallInfo
	}
	m.Subject, m.Start, m.End, m.Type = subject, start, end, body.MeetingType
	m.PasswordRequired, m.ConferenceCallInfo, m.CoorganizerKeys = body.PasswordRequired.Set, info, helpers
	return nil
}

// readTimes reads when a meeting is. An immediate one is always now, so that its start is not held against it.
func readTimes(c *call.Call, body *meetingRequest) (start, end time.Time, failure *wire.Refusal) {
	start, err1 := readTime(body.StartTime)
	end, err2 := readTime(body.EndTime)
	past := start.Before(c.Arrived) && body.MeetingType != state.MeetingImmediate
	switch {
	case err1 != nil, past && c.Switches.PastStart == "refused":
		return start, end, c.Invalid(wire.CodeMeetingInvalid, "starttime")
	case err2 != nil, end.Before(start):
		return start, end, c.Invalid(wire.CodeMeetingInvalid, "endtime")
	}
	return start, end, nil
}

// readTime reads a time of a request: UTC (D), whose numbers need not be padded (C).
func readTime(text string) (time.Time, error) { return time.Parse("2006-1-2T15:4:5Z", text) }

// readSubject takes a subject out of the escapes in which it has to come (D).
func readSubject(c *call.Call, text string) (string, *wire.Refusal) {
	subject := strings.NewReplacer("&lt;", "<", "&gt;", ">").Replace(text)
	if strings.ContainsAny(text, "<>") || subject == "" || utf8.RuneCountInString(subject) > maxSubject {
		return "", c.Invalid(wire.CodeMeetingInvalid, "subject")
	}
	return subject, nil
}

// callInfos are the kinds of audio that have a name (D); every other text is taken for numbers to call.
var callInfos = []string{"PSTN", "Free", "Hybrid", "Private", "VoIP"}

func checkCallInfo(c *call.Call, text string) *wire.Refusal {
	if utf8.RuneCountInString(text) > maxCallInfo || (strings.EqualFold(text, "PTSN") && c.Switches.PTSN == "refused") {
		return c.Invalid(wire.CodeMeetingInvalid, "conferencecallinfo")
	}
	return nil
}

// showCallInfo shows the audio of a meeting as it came, or as the text that invitations have (L).
func showCallInfo(c *call.Call, text, meetingID string) string {
	i := slices.IndexFunc(callInfos, func(name string) bool { return strings.EqualFold(name, text) })
	if c.Switches.ConferenceCallInfo == "verbatim" || i < 0 {
		return text
	}
	switch callInfos[i] {
	case "VoIP":
		return "VoIP only"
	case "Private":
		return text
	}
	return fmt.Sprintf("United States: +1 (555) 010-0199\nGermany: +49 30 5550 0199\nAccess code: %s\nAudio PIN: shown after joining",
		spelled(meetingID))
}

// spelled writes a meeting's id as people are told it.
func spelled(id string) string {
	if len(id) != 9 {
		return id
	}
	return id[:3] + "-" + id[3:6] + "-" + id[6:]
}
