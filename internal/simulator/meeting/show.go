package meeting

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/goto-operator/goto-operator/internal/simulator/call"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
	"github.com/goto-operator/goto-operator/internal/simulator/wire"
)

// showTime shows a time; the zero one as the empty text (D).
func showTime(c *call.Call, t time.Time) string {
	switch {
	case t.IsZero():
		return ""
	case c.Switches.MeetingTimes == "legacy":
		return t.UTC().Format("2006-01-02T15:04:05.+0000")
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}

// showFlag shows a boolean.
func showFlag(c *call.Call, b bool) any {
	if c.Switches.MeetingFlags == "text" {
		return strconv.FormatBool(b)
	}
	return b
}

// showSubject shows a subject escaped as it came, or plain.
func showSubject(c *call.Call, text string) string {
	text = c.Switches.Shown(text)
	if c.Switches.SubjectInReads == "unescaped" || c.Switches.StoredText == "escaped" {
		return text
	}
	return strings.NewReplacer("<", "&lt;", ">", "&gt;").Replace(text)
}

// joinURL is the address of a meeting for those who attend it.
func joinURL(c *call.Call, id string) string {
	if c.Switches.JoinURLHost == "global.gotomeeting.com" {
		return "https://global.gotomeeting.com/join/" + id
	}
	return "https://" + c.Switches.JoinURLHost + "/" + id
}

// uniqueID repeats the id (D), as a larger number once (L, old).
func uniqueID(c *call.Call, id string) json.Number {
	n, err := strconv.ParseInt(id, 10, 64)
	if c.Switches.UniqueMeetingID == "long" && err == nil && n < 1_000_000_000 {
		return json.Number(strconv.FormatInt(n+200_000_000_000_000_000, 10))
	}
	return json.Number(id)
}

func minutes(from, to time.Time) int { return int(to.Sub(from) / time.Minute) }

// meetingStatus says whether the meeting is going on (D).
func meetingStatus(c *call.Call, id string) string {
	if c.Account.Running(id) != nil {
		return "ACTIVE"
	}
	return "INACTIVE"
}

// meetingJSON shows a meeting read by its id (MeetingById, D).
func meetingJSON(c *call.Call, m *state.Meeting) wire.Object {
	o := wire.Object{
		wire.M("createTime", ""), wire.M("passwordRequired", showFlag(c, m.PasswordRequired)), wire.M("status", meetingStatus(c, m.ID)),
		wire.M("subject", showSubject(c, m.Subject)), wire.M("startTime", showTime(c, m.Start)), wire.M("endTime", showTime(c, m.End)),
		wire.M("conferenceCallInfo", showCallInfo(c, m.ConferenceCallInfo, m.ID)), wire.M("duration", minutes(m.Start, m.End)),
		wire.M("maxParticipants", maxParticipants), wire.M("meetingId", json.Number(m.ID)), wire.M("meetingKey", json.Number(m.ID)),
		wire.M("meetingType", m.Type), wire.M("uniqueMeetingId", uniqueID(c, m.ID)),
	}
	return withCoorganizers(c, o, m)
}

func withCoorganizers(c *call.Call, o wire.Object, m *state.Meeting) wire.Object {
	if c.Switches.CoorganizersInReads == "no" || len(m.CoorganizerKeys) == 0 {
		return o
	}
	return append(o, wire.M("coorganizerKeys", m.CoorganizerKeys))
}

// plannedJSON shows a meeting as the deprecated list of the caller does (MeetingScheduled, D).
func plannedJSON(c *call.Call, m *state.Meeting) wire.Object {
	return wire.Object{
		wire.M("startTime", showTime(c, m.Start)), wire.M("createTime", showTime(c, m.CreateTime)), wire.M("meetingid", json.Number(m.ID)),
		wire.M("maxParticipants", maxParticipants), wire.M("passwordRequired", showFlag(c, m.PasswordRequired)),
		wire.M("status", meetingStatus(c, m.ID)), wire.M("subject", showSubject(c, m.Subject)), wire.M("meetingType", m.Type),
		wire.M("endTime", showTime(c, m.End)), wire.M("uniqueMeetingId", uniqueID(c, m.ID)),
		wire.M("conferenceCallInfo", showCallInfo(c, m.ConferenceCallInfo, m.ID)),
	}
}

// organizerPlannedJSON shows a meeting in the deprecated list of an organizer, where createTime is empty (MeetingByOrganizer, D).
func organizerPlannedJSON(c *call.Call, m *state.Meeting) wire.Object {
	planned := *m
	planned.CreateTime = time.Time{}
	return plannedJSON(c, &planned)
}

// heldJSON shows a session as the deprecated list of an organizer does, which has one form for both kinds of list (D).
func heldJSON(c *call.Call, h *state.Session) wire.Object {
	m := state.Meeting{
		ID: h.MeetingID, Subject: h.Subject, Start: h.Start, End: h.End, Type: h.Type,
		PasswordRequired: h.PasswordRequired, ConferenceCallInfo: h.ConferenceCallInfo,
	}
	return plannedJSON(c, &m)
}

// organizerPart are the members about an organizer that most lists have.
func organizerPart(c *call.Call, u *state.User) wire.Object {
	return wire.Object{wire.M("firstName", c.Switches.Shown(u.FirstName)), wire.M("lastName", c.Switches.Shown(u.LastName)), wire.M("email", u.Email)}
}

// upcomingJSON shows a meeting in upcomingMeetings; here the id is a string (D).
func upcomingJSON(c *call.Call, m *state.Meeting) wire.Object {
	u := c.Account.User(m.OrganizerKey)
	o := append(organizerPart(c, u), wire.Object{
		wire.M("startTime", showTime(c, m.Start)), wire.M("endTime", showTime(c, m.End)), wire.M("accountKey", c.Account.Key),
		wire.M("passwordRequired", showFlag(c, m.PasswordRequired)), wire.M("status", meetingStatus(c, m.ID)),
		wire.M("subject", showSubject(c, m.Subject)), wire.M("locale", u.Locale), wire.M("organizerKey", u.Key), wire.M("meetingId", m.ID),
		wire.M("meetingType", m.Type),
	}...)
	return append(o, wire.M("conferenceCallInfo", showCallInfo(c, m.ConferenceCallInfo, m.ID)))
}

// groupUpcomingJSON shows a meeting in a group's upcomingMeetings, always INACTIVE (D, old) and without its audio (D).
func groupUpcomingJSON(c *call.Call, m *state.Meeting) wire.Object {
	u := c.Account.User(m.OrganizerKey)
	return append(organizerPart(c, u), wire.Object{
		wire.M("startTime", showTime(c, m.Start)), wire.M("endTime", showTime(c, m.End)), wire.M("accountKey", c.Account.Key),
		wire.M("passwordRequired", showFlag(c, m.PasswordRequired)), wire.M("status", "INACTIVE"),
		wire.M("subject", showSubject(c, m.Subject)), wire.M("locale", u.Locale), wire.M("organizerKey", u.Key), wire.M("meetingId", m.ID),
		wire.M("meetingType", m.Type), wire.M("groupName", c.Switches.Shown(c.Account.GroupName(u))),
	}...)
}

// groupPlannedJSON shows a meeting in the deprecated list of a group (ScheduledMeetingByGroup, D): without times, with a member
// that is never filled, and with the organizer's key twice, as two types.
func groupPlannedJSON(c *call.Call, m *state.Meeting) wire.Object {
	u := c.Account.User(m.OrganizerKey)
	return append(organizerPart(c, u), wire.Object{
		wire.M("organizerkey", json.Number(u.Key)), wire.M("organizerKey", u.Key), wire.M("attendees", ""), wire.M("groupName", c.Switches.Shown(c.Account.GroupName(u))),
		wire.M("passwordRequired", showFlag(c, m.PasswordRequired)), wire.M("subject", showSubject(c, m.Subject)), wire.M("meetingId", m.ID),
		wire.M("meetingType", m.Type), wire.M("conferenceCallInfo", showCallInfo(c, m.ConferenceCallInfo, m.ID)),
	}...)
}

// historicalJSON shows a session in historicalMeetings (D), where numbers are texts. Of an erased one the meeting is left.
func historicalJSON(c *call.Call, h *state.Session) wire.Object {
	u := c.Account.User(h.OrganizerKey)
	o := pastPart(c, h)
	if !h.Erased {
		o = append(o, wire.M("sessionId", h.ID))
	} else if c.Switches.ErasedSession == "empty" {
		o = append(o, wire.M("sessionId", ""))
	}
	o = append(o, wire.M("accountKey", c.Account.Key), wire.M("locale", u.Locale),
		wire.M("conferenceCallInfo", showCallInfo(c, h.ConferenceCallInfo, h.MeetingID)))
	return withRecording(o, h)
}

// groupHistoricalJSON shows a session in a group's historicalMeetings (D).
func groupHistoricalJSON(c *call.Call, h *state.Session) wire.Object {
	u := c.Account.User(h.OrganizerKey)
	return append(pastPart(c, h), wire.M("accountKey", c.Account.Key), wire.M("locale", u.Locale), wire.M("groupName", c.Switches.Shown(c.Account.GroupName(u))))
}

// pastPart are the members that both kinds of historicalMeetings have.
func pastPart(c *call.Call, h *state.Session) wire.Object {
	u := c.Account.User(h.OrganizerKey)
	return append(organizerPart(c, u), wire.Object{
		wire.M("startTime", showTime(c, h.Start)), wire.M("endTime", showTime(c, h.End)),
		wire.M("duration", strconv.Itoa(minutes(h.Start, h.End))), wire.M("numAttendees", strconv.Itoa(len(h.Attendees))),
		wire.M("subject", showSubject(c, h.Subject)), wire.M("organizerKey", u.Key), wire.M("meetingId", h.MeetingID), wire.M("meetingType", h.Type),
	}...)
}

func withRecording(o wire.Object, h *state.Session) wire.Object {
	r := h.Recording
	if r == nil {
		return o
	}
	return append(o, wire.M("recording", wire.Object{
		wire.M("recordingId", r.ID), wire.M("recordingName", r.Name), wire.M("downloadUrl", r.DownloadURL), wire.M("shareUrl", r.ShareURL),
		wire.M("fileSize", r.Size),
	}))
}

// oldHistoryJSON shows a session in the deprecated history of the caller (MeetingHistory, D): declared a boolean, passwordRequired
// is an empty text, and so are status and groupName.
func oldHistoryJSON(c *call.Call, h *state.Session) wire.Object {
	u := c.Account.User(h.OrganizerKey)
	o := append(oldPart(c, h), wire.Object{
		wire.M("groupName", ""), wire.M("passwordRequired", ""), wire.M("status", ""), wire.M("organizerkey", u.Key), wire.M("newOrganizerKey", u.Key),
		wire.M("duration", minutes(h.Start, h.End)), wire.M("newMeetingId", spelled(h.MeetingID)), wire.M("meetingId", json.Number(h.MeetingID)),
		wire.M("meetingKey", json.Number(h.MeetingID)), wire.M("uniqueMeetingId", uniqueID(c, h.MeetingID)),
	}...)
	if !h.Erased {
		o = append(o, wire.M("sessionId", json.Number(h.ID)))
	}
	return withRecording(o, h)
}

// groupHistoryJSON shows a session in the deprecated history of a group (HistoryMeetingByGroup, D).
func groupHistoryJSON(c *call.Call, h *state.Session) wire.Object {
	u := c.Account.User(h.OrganizerKey)
	return append(oldPart(c, h), wire.Object{
		wire.M("groupName", c.Switches.Shown(c.Account.GroupName(u))), wire.M("organizerkey", json.Number(u.Key)),
		wire.M("duration", strconv.Itoa(minutes(h.Start, h.End))), wire.M("meetingId", h.MeetingID),
	}...)
}

// oldPart are the members that both deprecated histories have.
func oldPart(c *call.Call, h *state.Session) wire.Object {
	u := c.Account.User(h.OrganizerKey)
	return append(organizerPart(c, u), wire.Object{
		wire.M("numAttendees", len(h.Attendees)), wire.M("subject", showSubject(c, h.Subject)), wire.M("startTime", showTime(c, h.Start)),
		wire.M("endTime", showTime(c, h.End)), wire.M("date", showTime(c, h.Start)), wire.M("organizerKey", u.Key),
		wire.M("conferenceCallInfo", showCallInfo(c, h.ConferenceCallInfo, h.MeetingID)), wire.M("meetingInstanceKey", json.Number(h.ID)),
		wire.M("meetingType", h.Type),
	}...)
}

// attendeeJSON shows what all lists of attendees say of one stay of one person (D). The names without "attendee" are the organizer's.
func attendeeJSON(c *call.Call, h *state.Session, who *state.Attendee) wire.Object {
	u := c.Account.User(h.OrganizerKey)
	return append(organizerPart(c, u), wire.Object{
		wire.M("numAttendees", len(h.Attendees)), wire.M("attendeeName", who.Name), wire.M("attendeeEmail", who.Email),
		wire.M("subject", showSubject(c, h.Subject)), wire.M("startTime", showTime(c, h.Start)), wire.M("endTime", showTime(c, h.End)),
		wire.M("joinTime", showTime(c, who.Join)), wire.M("leaveTime", showTime(c, who.Leave)),
		wire.M("conferenceCallInfo", showCallInfo(c, h.ConferenceCallInfo, h.MeetingID)), wire.M("organizerkey", json.Number(u.Key)),
		wire.M("meetingInstanceKey", json.Number(h.ID)), wire.M("meetingType", h.Type),
	}...)
}
