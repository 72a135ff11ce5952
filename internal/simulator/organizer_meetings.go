package simulator

import (
	"encoding/json"
	"net/http"
)

// listOrganizerUpcomingMeetings serves GET /organizers/{organizerKey}/upcomingMeetings.
func (s *Simulator) listOrganizerUpcomingMeetings(c *call) response {
	u, failure := s.targetOrganizer(c)
	if failure != nil {
		return s.meetingAnswer(failure)
	}
	return s.upcomingList(c, is(u.Key), s.upcomingJSON)
}

// listOrganizerHistoricalMeetings serves GET /organizers/{organizerKey}/historicalMeetings.
func (s *Simulator) listOrganizerHistoricalMeetings(c *call) response {
	u, failure := s.targetOrganizer(c)
	if failure != nil {
		return s.meetingAnswer(failure)
	}
	return s.historicalList(c, is(u.Key), s.historicalJSON, true)
}

// listOrganizerMeetings serves the deprecated GET /organizers/{organizerKey}/meetings.
func (s *Simulator) listOrganizerMeetings(c *call) response {
	u, failure := s.targetOrganizer(c)
	if failure != nil {
		return s.meetingAnswer(failure)
	}
	return s.eitherList(c, is(u.Key), s.plannedJSON, s.heldJSON)
}

// listOrganizerAttendees serves GET /organizers/{organizerKey}/attendees.
func (s *Simulator) listOrganizerAttendees(c *call) response {
	u, failure := s.targetOrganizer(c)
	if failure != nil {
		return s.meetingAnswer(failure)
	}
	r, failure := s.readSpan(c)
	if failure != nil {
		return s.meetingAnswer(failure)
	}
	sessions := s.held(c.account, r, is(u.Key))
	if len(sessions) == 0 && s.switches.EmptyHistory == "404" {
		return s.meetingAnswer(refuse(http.StatusNotFound, codeNothingHeld, u.Key))
	}
	return s.attendeeList(c, sessions, func(h *Session, who *Attendee) object {
		return append(s.attendeeJSON(c.account, h, who), member{"groupName", c.account.groupName(u)},
			member{"newMeetingId", spelled(h.MeetingID)}, member{"meetingId", json.Number(h.MeetingID)})
	})
}

// targetSession returns the session of the path. One that is erased, or still runs, is none.
func (s *Simulator) targetSession(c *call) (*Session, *apiError) {
	u, failure := s.targetOrganizer(c)
	if failure != nil {
		return nil, failure
	}
	id := c.r.PathValue("session")
	if h := c.account.session(id); h != nil && h.OrganizerKey == u.Key && !h.Erased && !h.End.IsZero() {
		return h, nil
	}
	return nil, refuse(http.StatusNotFound, codeSessionNotFound, id)
}

// eraseFrom answers a call that takes something from a session for good (D).
func (s *Simulator) eraseFrom(c *call, erase func(*Session)) response {
	h, failure := s.targetSession(c)
	if failure != nil {
		return s.meetingAnswer(failure)
	}
	erase(h)
	c.changed = true
	return response{status: http.StatusNoContent}
}

// deleteSession serves DELETE …/sessions/{sessionId}: the session goes with its attendees and recordings, the meeting stays in the
// history (D).
func (s *Simulator) deleteSession(c *call) response {
	return s.eraseFrom(c, func(h *Session) { h.Erased, h.Attendees, h.Recording = true, nil, nil })
}

// deleteSessionAttendees serves DELETE …/sessions/{sessionId}/attendees.
func (s *Simulator) deleteSessionAttendees(c *call) response {
	return s.eraseFrom(c, func(h *Session) { h.Attendees = nil })
}

// deleteSessionRecordings serves DELETE …/sessions/{sessionId}/recordings.
func (s *Simulator) deleteSessionRecordings(c *call) response {
	return s.eraseFrom(c, func(h *Session) { h.Recording = nil })
}
