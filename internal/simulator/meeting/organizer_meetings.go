package meeting

import (
	"encoding/json"
	"net/http"

	"github.com/goto-operator/goto-operator/internal/simulator/call"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
	"github.com/goto-operator/goto-operator/internal/simulator/wire"
)

// listOrganizerUpcomingMeetings serves GET /organizers/{organizerKey}/upcomingMeetings.
func listOrganizerUpcomingMeetings(c *call.Call) wire.Response {
	u, failure := targetOrganizer(c)
	if failure != nil {
		return answer(c, failure)
	}
	return upcomingList(c, is(u.Key), upcomingJSON)
}

// listOrganizerHistoricalMeetings serves GET /organizers/{organizerKey}/historicalMeetings.
func listOrganizerHistoricalMeetings(c *call.Call) wire.Response {
	u, failure := targetOrganizer(c)
	if failure != nil {
		return answer(c, failure)
	}
	return historicalList(c, is(u.Key), historicalJSON, true)
}

// listOrganizerMeetings serves the deprecated GET /organizers/{organizerKey}/meetings.
func listOrganizerMeetings(c *call.Call) wire.Response {
	u, failure := targetOrganizer(c)
	if failure != nil {
		return answer(c, failure)
	}
	return eitherList(c, is(u.Key), organizerPlannedJSON, heldJSON)
}

// listOrganizerAttendees serves GET /organizers/{organizerKey}/attendees.
func listOrganizerAttendees(c *call.Call) wire.Response {
	u, failure := targetOrganizer(c)
	if failure != nil {
		return answer(c, failure)
	}
	r, failure := readSpan(c)
	if failure != nil {
		return answer(c, failure)
	}
	sessions := held(c, r, is(u.Key))
	if len(sessions) == 0 && c.Switches.EmptyHistory == "404" {
		return answer(c, wire.Refuse(http.StatusNotFound, wire.CodeNothingHeld, u.Key))
	}
	return attendeeList(c, sessions, func(h *state.Session, who *state.Attendee) wire.Object {
		// Here the duration is that of the stay, and the name the organizer's (D).
		return append(attendeeJSON(c, h, who), wire.M("name", u.FirstName+" "+u.LastName), wire.M("duration", minutes(who.Join, who.Leave)),
			wire.M("groupName", c.Account.GroupName(u)),
			wire.M("newMeetingId", spelled(h.MeetingID)), wire.M("meetingId", json.Number(h.MeetingID)))
	})
}

// targetSession returns the session of the path. One that is erased, or still runs, is none.
func targetSession(c *call.Call) (*state.Session, *wire.Refusal) {
	u, failure := targetOrganizer(c)
	if failure != nil {
		return nil, failure
	}
	id := c.PathValue("session")
	if h := c.Account.Session(id); h != nil && h.OrganizerKey == u.Key && !h.Erased && !h.End.IsZero() {
		return h, nil
	}
	return nil, wire.Refuse(http.StatusNotFound, wire.CodeSessionNotFound, id)
}

// eraseFrom answers a call that takes something from a session for good (D).
func eraseFrom(c *call.Call, erase func(*state.Session)) wire.Response {
	h, failure := targetSession(c)
	if failure != nil {
		return answer(c, failure)
	}
	erase(h)
	c.Changed = true
	return wire.Response{Status: http.StatusNoContent}
}

// deleteSession serves DELETE …/sessions/{sessionId}: the session goes with its attendees and recordings, the meeting stays in the
// history (D).
func deleteSession(c *call.Call) wire.Response {
	return eraseFrom(c, func(h *state.Session) { h.Erased, h.Attendees, h.Recording = true, nil, nil })
}

// deleteSessionAttendees serves DELETE …/sessions/{sessionId}/attendees.
func deleteSessionAttendees(c *call.Call) wire.Response {
	return eraseFrom(c, func(h *state.Session) { h.Attendees = nil })
}

// deleteSessionRecordings serves DELETE …/sessions/{sessionId}/recordings.
func deleteSessionRecordings(c *call.Call) wire.Response {
	return eraseFrom(c, func(h *state.Session) { h.Recording = nil })
}
