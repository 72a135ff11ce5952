package simulator

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// meetingTime shows a time; the zero one as the empty text (D).
func (s *Switches) meetingTime(t time.Time) string {
	switch {
	case t.IsZero():
		return ""
	case s.MeetingTimes == "legacy":
		return t.UTC().Format("2006-01-02T15:04:05.+0000")
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}

// meetingFlag shows a boolean.
func (s *Switches) meetingFlag(b bool) any {
	if s.MeetingFlags == "text" {
		return strconv.FormatBool(b)
	}
	return b
}

// subject shows a subject escaped as it came, or plain.
func (s *Switches) subject(text string) string {
	text = s.shown(text)
	if s.SubjectInReads == "unescaped" || s.StoredText == "escaped" {
		return text
	}
	return strings.NewReplacer("<", "&lt;", ">", "&gt;").Replace(text)
}

// joinURL is the address of a meeting for those who attend it.
func (s *Switches) joinURL(id string) string {
	if s.JoinURLHost == "global.gotomeeting.com" {
		return "https://global.gotomeeting.com/join/" + id
	}
	return "https://" + s.JoinURLHost + "/" + id
}

// uniqueID repeats the id (D), as a larger number once (L, old).
func (s *Switches) uniqueID(id string) json.Number {
	n, err := strconv.ParseInt(id, 10, 64)
	if s.UniqueMeetingID == "long" && err == nil && n < 1_000_000_000 {
		return json.Number(strconv.FormatInt(n+200_000_000_000_000_000, 10))
	}
	return json.Number(id)
}

func minutes(from, to time.Time) int { return int(to.Sub(from) / time.Minute) }

// meetingStatus says whether the meeting is going on (D).
func (a *account) meetingStatus(id string) string {
	if a.running(id) != nil {
		return "ACTIVE"
	}
	return "INACTIVE"
}

// meetingJSON shows a meeting read by its id (MeetingById, D).
func (s *Simulator) meetingJSON(a *account, m *Meeting) object {
	sw := &s.switches
	o := object{
		{"createTime", ""}, {"passwordRequired", sw.meetingFlag(m.PasswordRequired)}, {"status", a.meetingStatus(m.ID)},
		{"subject", sw.subject(m.Subject)}, {"startTime", sw.meetingTime(m.Start)}, {"endTime", sw.meetingTime(m.End)},
		{"conferenceCallInfo", sw.callInfo(m.ConferenceCallInfo, m.ID)}, {"duration", minutes(m.Start, m.End)},
		{"maxParticipants", maxParticipants}, {"meetingId", json.Number(m.ID)}, {"meetingKey", json.Number(m.ID)},
		{"meetingType", m.Type}, {"uniqueMeetingId", sw.uniqueID(m.ID)},
	}
	return sw.withCoorganizers(o, m)
}

func (s *Switches) withCoorganizers(o object, m *Meeting) object {
	if s.CoorganizersInReads == "no" || len(m.CoorganizerKeys) == 0 {
		return o
	}
	return append(o, member{"coorganizerKeys", m.CoorganizerKeys})
}

// plannedJSON shows a meeting as the deprecated lists do (MeetingScheduled, MeetingByOrganizer; D).
func (s *Simulator) plannedJSON(a *account, m *Meeting) object {
	sw := &s.switches
	return object{
		{"startTime", sw.meetingTime(m.Start)}, {"createTime", sw.meetingTime(m.CreateTime)}, {"meetingid", json.Number(m.ID)},
		{"maxParticipants", maxParticipants}, {"passwordRequired", sw.meetingFlag(m.PasswordRequired)},
		{"status", a.meetingStatus(m.ID)}, {"subject", sw.subject(m.Subject)}, {"meetingType", m.Type},
		{"endTime", sw.meetingTime(m.End)}, {"uniqueMeetingId", sw.uniqueID(m.ID)},
		{"conferenceCallInfo", sw.callInfo(m.ConferenceCallInfo, m.ID)},
	}
}

// heldJSON shows a session as the deprecated list of an organizer does, which has one form for both kinds of list (D).
func (s *Simulator) heldJSON(a *account, h *Session) object {
	m := Meeting{
		ID: h.MeetingID, Subject: h.Subject, Start: h.Start, End: h.End, Type: h.Type,
		PasswordRequired: h.PasswordRequired, ConferenceCallInfo: h.ConferenceCallInfo,
	}
	return s.plannedJSON(a, &m)
}

// organizerPart are the members about an organizer that most lists have.
func (s *Switches) organizerPart(u *User) object {
	return object{{"firstName", s.shown(u.FirstName)}, {"lastName", s.shown(u.LastName)}, {"email", u.Email}}
}

// upcomingJSON shows a meeting in upcomingMeetings; here the id is a string (D).
func (s *Simulator) upcomingJSON(a *account, m *Meeting) object {
	sw, u := &s.switches, a.byKey[m.OrganizerKey]
	o := append(sw.organizerPart(u), object{
		{"startTime", sw.meetingTime(m.Start)}, {"endTime", sw.meetingTime(m.End)}, {"accountKey", a.key},
		{"passwordRequired", sw.meetingFlag(m.PasswordRequired)}, {"status", a.meetingStatus(m.ID)},
		{"subject", sw.subject(m.Subject)}, {"locale", u.Locale}, {"organizerKey", u.Key}, {"meetingId", m.ID},
		{"meetingType", m.Type},
	}...)
	return append(o, member{"conferenceCallInfo", sw.callInfo(m.ConferenceCallInfo, m.ID)})
}

// groupUpcomingJSON shows a meeting in a group's upcomingMeetings, always INACTIVE (D, old) and without its audio (D).
func (s *Simulator) groupUpcomingJSON(a *account, m *Meeting) object {
	sw, u := &s.switches, a.byKey[m.OrganizerKey]
	return append(sw.organizerPart(u), object{
		{"startTime", sw.meetingTime(m.Start)}, {"endTime", sw.meetingTime(m.End)}, {"accountKey", a.key},
		{"passwordRequired", sw.meetingFlag(m.PasswordRequired)}, {"status", "INACTIVE"},
		{"subject", sw.subject(m.Subject)}, {"locale", u.Locale}, {"organizerKey", u.Key}, {"meetingId", m.ID},
		{"meetingType", m.Type}, {"groupName", sw.shown(a.groupName(u))},
	}...)
}

// groupPlannedJSON shows a meeting in the deprecated list of a group (ScheduledMeetingByGroup, D): without times, with a member
// that is never filled, and with the organizer's key twice, as two types.
func (s *Simulator) groupPlannedJSON(a *account, m *Meeting) object {
	sw, u := &s.switches, a.byKey[m.OrganizerKey]
	return append(sw.organizerPart(u), object{
		{"organizerkey", json.Number(u.Key)}, {"organizerKey", u.Key}, {"attendees", ""}, {"groupName", sw.shown(a.groupName(u))},
		{"passwordRequired", sw.meetingFlag(m.PasswordRequired)}, {"subject", sw.subject(m.Subject)}, {"meetingId", m.ID},
		{"meetingType", m.Type}, {"conferenceCallInfo", sw.callInfo(m.ConferenceCallInfo, m.ID)},
	}...)
}

// groupName is the name of the group that a user is in, or empty.
func (a *account) groupName(u *User) string {
	if g := a.group(u.GroupKey); g != nil {
		return g.Name
	}
	return ""
}

// historicalJSON shows a session in historicalMeetings (D), where numbers are texts. Of an erased one the meeting is left.
func (s *Simulator) historicalJSON(a *account, h *Session) object {
	sw, u := &s.switches, a.byKey[h.OrganizerKey]
	o := s.pastPart(a, h)
	if !h.Erased {
		o = append(o, member{"sessionId", h.ID})
	} else if sw.ErasedSession == "empty" {
		o = append(o, member{"sessionId", ""})
	}
	o = append(o, member{"accountKey", a.key}, member{"locale", u.Locale},
		member{"conferenceCallInfo", sw.callInfo(h.ConferenceCallInfo, h.MeetingID)})
	return withRecording(o, h)
}

// groupHistoricalJSON shows a session in a group's historicalMeetings (D).
func (s *Simulator) groupHistoricalJSON(a *account, h *Session) object {
	u := a.byKey[h.OrganizerKey]
	return append(s.pastPart(a, h), member{"accountKey", a.key}, member{"locale", u.Locale}, member{"groupName", s.switches.shown(a.groupName(u))})
}

// pastPart are the members that both kinds of historicalMeetings have.
func (s *Simulator) pastPart(a *account, h *Session) object {
	sw, u := &s.switches, a.byKey[h.OrganizerKey]
	return append(sw.organizerPart(u), object{
		{"startTime", sw.meetingTime(h.Start)}, {"endTime", sw.meetingTime(h.End)},
		{"duration", strconv.Itoa(minutes(h.Start, h.End))}, {"numAttendees", strconv.Itoa(len(h.Attendees))},
		{"subject", sw.subject(h.Subject)}, {"organizerKey", u.Key}, {"meetingId", h.MeetingID}, {"meetingType", h.Type},
	}...)
}

func withRecording(o object, h *Session) object {
	r := h.Recording
	if r == nil {
		return o
	}
	return append(o, member{"recording", object{
		{"recordingId", r.ID}, {"recordingName", r.Name}, {"downloadUrl", r.DownloadURL}, {"shareUrl", r.ShareURL},
		{"fileSize", r.Size},
	}})
}

// oldHistoryJSON shows a session in the deprecated history of the caller (MeetingHistory, D): declared a boolean, passwordRequired
// is an empty text, and so are status and groupName.
func (s *Simulator) oldHistoryJSON(a *account, h *Session) object {
	u := a.byKey[h.OrganizerKey]
	o := append(s.oldPart(a, h), object{
		{"groupName", ""}, {"passwordRequired", ""}, {"status", ""}, {"organizerkey", u.Key}, {"newOrganizerKey", u.Key},
		{"duration", minutes(h.Start, h.End)}, {"newMeetingId", spelled(h.MeetingID)}, {"meetingId", json.Number(h.MeetingID)},
		{"meetingKey", json.Number(h.MeetingID)}, {"uniqueMeetingId", s.switches.uniqueID(h.MeetingID)},
	}...)
	if !h.Erased {
		o = append(o, member{"sessionId", json.Number(h.ID)})
	}
	return withRecording(o, h)
}

// groupHistoryJSON shows a session in the deprecated history of a group (HistoryMeetingByGroup, D).
func (s *Simulator) groupHistoryJSON(a *account, h *Session) object {
	u := a.byKey[h.OrganizerKey]
	return append(s.oldPart(a, h), object{
		{"groupName", s.switches.shown(a.groupName(u))}, {"organizerkey", json.Number(u.Key)},
		{"duration", strconv.Itoa(minutes(h.Start, h.End))}, {"meetingId", h.MeetingID},
	}...)
}

// oldPart are the members that both deprecated histories have.
func (s *Simulator) oldPart(a *account, h *Session) object {
	sw, u := &s.switches, a.byKey[h.OrganizerKey]
	return append(sw.organizerPart(u), object{
		{"numAttendees", len(h.Attendees)}, {"subject", sw.subject(h.Subject)}, {"startTime", sw.meetingTime(h.Start)},
		{"endTime", sw.meetingTime(h.End)}, {"date", sw.meetingTime(h.Start)}, {"organizerKey", u.Key},
		{"conferenceCallInfo", sw.callInfo(h.ConferenceCallInfo, h.MeetingID)}, {"meetingInstanceKey", json.Number(h.ID)},
		{"meetingType", h.Type},
	}...)
}

// attendeeJSON shows one stay of one person (AttendeeByMeeting, D). The names without "attendee" are the organizer's; what the
// member called name holds is not known (U), here it is the attendee's.
func (s *Simulator) attendeeJSON(a *account, h *Session, who *Attendee) object {
	sw, u := &s.switches, a.byKey[h.OrganizerKey]
	return append(sw.organizerPart(u), object{
		{"numAttendees", len(h.Attendees)}, {"attendeeName", who.Name}, {"attendeeEmail", who.Email}, {"name", who.Name},
		{"subject", sw.subject(h.Subject)}, {"startTime", sw.meetingTime(h.Start)}, {"endTime", sw.meetingTime(h.End)},
		{"joinTime", sw.meetingTime(who.Join)}, {"leaveTime", sw.meetingTime(who.Leave)},
		{"conferenceCallInfo", sw.callInfo(h.ConferenceCallInfo, h.MeetingID)}, {"organizerkey", json.Number(u.Key)},
		{"meetingInstanceKey", json.Number(h.ID)}, {"duration", minutes(who.Join, who.Leave)}, {"meetingType", h.Type},
	}...)
}
