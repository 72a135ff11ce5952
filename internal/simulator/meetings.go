package simulator

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of a meeting, in characters (D).
const (
	maxSubject  = 100
	maxCallInfo = 255
)

// maxParticipants is what the plan of a meeting's organizer allows (D); the number is a choice.
const maxParticipants = 150

// createMeeting serves POST /meetings. The meeting belongs to the caller: the request has no member for an organizer (D).
func (s *Simulator) createMeeting(c *call) response {
	if s.switches.UnlicensedOrganizer == "403" && len(c.account.products(c.caller)) == 0 {
		return s.meetingAnswer(refuse(http.StatusForbidden, codeMeetingForbidden, c.caller.Key))
	}
	m := &Meeting{OrganizerKey: c.caller.Key, CreateTime: c.arrive, VisibleFrom: c.arrive.Add(s.switches.MeetingVisibilityLag)}
	if failure := s.readMeeting(c, m); failure != nil {
		return s.meetingAnswer(failure)
	}
	m.ID = s.newKey(meetingIDs)
	if err := c.account.addMeeting(m); err != nil {
		panic(err) // readMeeting has looked at everything that could be wrong
	}
	c.changed = true
	return jsonResponse(http.StatusCreated, []object{{
		{"joinURL", s.switches.joinURL(m.ID)}, {"meetingid", json.Number(m.ID)}, {"maxParticipants", maxParticipants},
		{"uniqueMeetingId", s.switches.uniqueID(m.ID)}, {"conferenceCallInfo", s.switches.callInfo(m.ConferenceCallInfo, m.ID)},
	}})
}

// getMeeting serves GET /meetings/{meetingId}, with an array of one (D).
func (s *Simulator) getMeeting(c *call) response {
	m, failure := s.targetMeeting(c, s.switches.ForeignMeeting)
	if failure != nil {
		return s.meetingAnswer(failure)
	}
	if s.switches.EndedMeetingRead == "404" && m.Type == MeetingScheduled && m.End.Before(s.time()) {
		return s.meetingAnswer(refuse(http.StatusNotFound, codeMeetingNotFound, m.ID))
	}
	return jsonResponse(http.StatusOK, []object{s.meetingJSON(c.account, m)})
}

// updateMeeting serves PUT /meetings/{meetingId}, which replaces all that a request can say (D).
func (s *Simulator) updateMeeting(c *call) response {
	m, failure := s.targetMeeting(c, s.switches.ForeignMeeting)
	if failure != nil {
		return s.meetingAnswer(failure)
	}
	if failure := s.readMeeting(c, m); failure != nil {
		return s.meetingAnswer(failure)
	}
	c.changed = true
	return response{status: http.StatusNoContent}
}

// deleteMeeting serves DELETE /meetings/{meetingId}. What was held of it stays in the history.
func (s *Simulator) deleteMeeting(c *call) response {
	m, failure := s.targetMeeting(c, s.switches.ForeignMeeting)
	if failure != nil {
		return s.meetingAnswer(failure)
	}
	c.account.meetings = slices.DeleteFunc(c.account.meetings, func(other *Meeting) bool { return other == m })
	c.changed = true
	return response{status: http.StatusNoContent}
}

// getStartURL serves GET /meetings/{meetingId}/start. The URL leads nowhere; only its form follows an old capture (L).
func (s *Simulator) getStartURL(c *call) response {
	m, failure := s.targetMeeting(c, s.switches.StartRefusal)
	if failure != nil {
		if failure.code == codeMeetingNotFound {
			failure.status = statusOf(s.switches.StartRefusal)
		}
		return s.meetingAnswer(failure)
	}
	return jsonResponse(http.StatusOK, object{{"hostURL",
		"https://start.example.test/host?startMode=Start&meetingId=" + m.ID + "&authenticationToken=" + HostToken}})
}

// targetMeeting returns the caller's meeting that the path names. A meeting of somebody else is refused with the status given.
func (s *Simulator) targetMeeting(c *call, foreign string) (*Meeting, *apiError) {
	id := c.r.PathValue("meeting")
	if !isKey(id) {
		return nil, refuse(http.StatusBadRequest, codeMeetingInvalid, id)
	}
	if m := c.account.meeting(id); m != nil && m.OrganizerKey == c.caller.Key {
		return m, nil
	}
	for _, a := range s.accounts {
		if a.meeting(id) != nil {
			return nil, refuse(statusOf(foreign), codeMeetingForbidden, id)
		}
	}
	return nil, s.absent(codeMeetingNotFound, id)
}

// meetingRequest is the body of POST and PUT of a meeting.
type meetingRequest struct {
	Subject            string    `json:"subject"`
	StartTime          string    `json:"starttime"`
	EndTime            string    `json:"endtime"`
	PasswordRequired   bool      `json:"passwordrequired"`
	ConferenceCallInfo string    `json:"conferencecallinfo"`
	TimeZoneKey        string    `json:"timezonekey"`
	MeetingType        string    `json:"meetingtype"`
	CoorganizerKeys    []wireKey `json:"coorganizerKeys"`
}

// meetingMembers are those that a request must have (D), timezonekey apart.
var meetingMembers = []string{"subject", "starttime", "endtime", "passwordrequired", "conferencecallinfo", "meetingtype"}

// readMeeting fills a meeting from the request, or leaves it alone and says what is wrong.
func (s *Simulator) readMeeting(c *call, m *Meeting) *apiError {
	var members map[string]json.RawMessage
	var body meetingRequest
	if json.Unmarshal(c.body, &members) != nil || json.Unmarshal(c.body, &body) != nil {
		return refuse(http.StatusBadRequest, codeMeetingInvalid, "body")
	}
	required := meetingMembers
	if s.switches.TimeZoneKeyOmitted == "refused" {
		required = append(slices.Clone(required), "timezonekey")
	}
	for _, name := range required { // encoding/json itself takes any case of a name
		if _, found := members[name]; !found {
			return refuse(http.StatusBadRequest, codeMeetingInvalid, name)
		}
	}
	start, end, failure := s.readTimes(c, &body)
	if failure != nil {
		return failure
	}
	subject, failure := readSubject(body.Subject)
	if failure != nil {
		return failure
	}
	if failure := s.checkCallInfo(body.ConferenceCallInfo); failure != nil {
		return failure
	}
	if !slices.Contains(meetingTypes, body.MeetingType) {
		return refuse(http.StatusBadRequest, codeMeetingInvalid, "meetingtype")
	}
	helpers := plainKeys(body.CoorganizerKeys)
	for _, key := range helpers {
		if s.switches.UnknownCoorganizer == "refused" && c.account.byKey[key] == nil {
			return refuse(http.StatusBadRequest, codeOrganizerNotFound, key)
		}
	}
	subject, info := s.switches.stored(subject), body.ConferenceCallInfo
	if m.ID != "" && s.switches.ignores("subject") {
		subject = m.Subject
	}
	if m.ID != "" && s.switches.ignores("conferenceCallInfo") {
		info = m.ConferenceCallInfo
	}
	m.Subject, m.Start, m.End, m.Type = subject, start, end, body.MeetingType
	m.PasswordRequired, m.ConferenceCallInfo, m.CoorganizerKeys = body.PasswordRequired, info, helpers
	return nil
}

// readTimes reads when a meeting is. An immediate one is always now, so that its start is not held against it.
func (s *Simulator) readTimes(c *call, body *meetingRequest) (start, end time.Time, failure *apiError) {
	start, err1 := readTime(body.StartTime)
	end, err2 := readTime(body.EndTime)
	past := start.Before(c.arrive) && body.MeetingType != MeetingImmediate
	switch {
	case err1 != nil, past && s.switches.PastStart == "refused":
		return start, end, refuse(http.StatusBadRequest, codeMeetingInvalid, "starttime")
	case err2 != nil, end.Before(start):
		return start, end, refuse(http.StatusBadRequest, codeMeetingInvalid, "endtime")
	}
	return start, end, nil
}

// readTime reads a time of a request: UTC (D), whose numbers need not be padded (C).
func readTime(text string) (time.Time, error) { return time.Parse("2006-1-2T15:4:5Z", text) }

// readSubject takes a subject out of the escapes in which it has to come (D).
func readSubject(text string) (string, *apiError) {
	subject := strings.NewReplacer("&lt;", "<", "&gt;", ">").Replace(text)
	if strings.ContainsAny(text, "<>") || subject == "" || utf8.RuneCountInString(subject) > maxSubject {
		return "", refuse(http.StatusBadRequest, codeMeetingInvalid, "subject")
	}
	return subject, nil
}

// callInfos are the kinds of audio that have a name (D); every other text is taken for numbers to call.
var callInfos = []string{"PSTN", "Free", "Hybrid", "Private", "VoIP"}

func (s *Simulator) checkCallInfo(text string) *apiError {
	if utf8.RuneCountInString(text) > maxCallInfo || (strings.EqualFold(text, "PTSN") && s.switches.PTSN == "refused") {
		return refuse(http.StatusBadRequest, codeMeetingInvalid, "conferencecallinfo")
	}
	return nil
}

// callInfo shows the audio of a meeting as it came, or as the text that invitations have (L).
func (s *Switches) callInfo(text, meetingID string) string {
	i := slices.IndexFunc(callInfos, func(name string) bool { return strings.EqualFold(name, text) })
	if s.ConferenceCallInfo == "verbatim" || i < 0 {
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
