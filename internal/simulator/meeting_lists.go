package simulator

import (
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

// span is the range of time that a list is asked for, both ends included (U).
type span struct{ from, to time.Time }

func (r span) has(t time.Time) bool { return !t.Before(r.from) && !t.After(r.to) }

// readSpan reads startDate and endDate.
func (s *Simulator) readSpan(c *call) (span, *apiError) {
	from, err := readTime(c.params.Get("startDate"))
	if err != nil {
		return span{}, refuse(http.StatusBadRequest, codeMeetingInvalid, "startDate")
	}
	to, err := readTime(c.params.Get("endDate"))
	if err != nil || to.Before(from) {
		return span{}, refuse(http.StatusBadRequest, codeMeetingInvalid, "endDate")
	}
	if days := s.switches.HistoryWindow; days > 0 && to.Sub(from) > time.Duration(days)*24*time.Hour {
		return span{}, refuse(http.StatusBadRequest, codeRangeTooLong, "endDate")
	}
	return span{from, to}, nil
}

// readKind reads which of the deprecated lists is asked for: what is planned, or what was held in a range of time (D). Exactly one
// of the two must be.
func (s *Simulator) readKind(c *call) (history bool, r span, failure *apiError) {
	scheduled := c.flag("scheduled", false)
	history = c.flag("history", false)
	if scheduled == history {
		return false, span{}, refuse(http.StatusBadRequest, codeMeetingInvalid, "scheduled")
	}
	if history {
		r, failure = s.readSpan(c)
	}
	return history, r, failure
}

// planned returns the meetings that are still to come, by start, of the organizers that count.
func (s *Simulator) planned(a *account, counts func(*User) bool) []*Meeting {
	now := s.time()
	var meetings []*Meeting
	for _, m := range a.meetings {
		u := a.byKey[m.OrganizerKey]
		if u == nil || !counts(u) || m.VisibleFrom.After(now) || !s.comes(m, now) {
			continue
		}
		meetings = append(meetings, m)
	}
	byStart(meetings)
	return meetings
}

// comes says whether a meeting counts as upcoming (U).
func (s *Simulator) comes(m *Meeting, now time.Time) bool {
	sw := &s.switches
	recurring := m.Type == MeetingRecurring
	if recurring && sw.RecurringInUpcoming == "hidden" || m.Type == MeetingImmediate && sw.ImmediateInUpcoming == "hidden" {
		return false
	}
	if !m.End.Before(now) || sw.UpcomingAfterEnd == "none" {
		return true
	}
	return sw.UpcomingAfterEnd == "scheduled" && recurring
}

// held returns the sessions that are over and began in the range (D), of the organizers that count. What a user has held is not
// shown while the user is deleted (D).
func (s *Simulator) held(a *account, r span, counts func(*User) bool) []*Session {
	var sessions []*Session
	for _, h := range a.sessions {
		u := a.byKey[h.OrganizerKey]
		if u != nil && counts(u) && !h.End.IsZero() && r.has(h.Start) {
			sessions = append(sessions, h)
		}
	}
	return sessions
}

// is returns what counts one user alone.
func is(key string) func(*User) bool { return func(u *User) bool { return u.Key == key } }

// listUpcomingMeetings serves GET /upcomingMeetings.
func (s *Simulator) listUpcomingMeetings(c *call) response {
	return s.upcomingList(c, is(c.caller.Key), s.upcomingJSON)
}

func (s *Simulator) upcomingList(c *call, counts func(*User) bool, show func(*account, *Meeting) object) response {
	meetings := s.planned(c.account, counts)
	return bareList(c, len(meetings), func(i int) object { return show(c.account, meetings[i]) })
}

// listHistoricalMeetings serves GET /historicalMeetings.
func (s *Simulator) listHistoricalMeetings(c *call) response {
	return s.historicalList(c, is(c.caller.Key), s.historicalJSON, true)
}

// historicalList answers with what was held in the range that the request names. Some of the lists declare 404 (D); whether that is
// the answer when there is nothing is not known (U).
func (s *Simulator) historicalList(
	c *call, counts func(*User) bool, show func(*account, *Session) object, declares404 bool,
) response {
	r, failure := s.readSpan(c)
	if failure != nil {
		return s.meetingAnswer(failure)
	}
	sessions := s.held(c.account, r, counts)
	if len(sessions) == 0 && declares404 && s.switches.EmptyHistory == "404" {
		return s.meetingAnswer(refuse(http.StatusNotFound, codeNothingHeld, ""))
	}
	return bareList(c, len(sessions), func(i int) object { return show(c.account, sessions[i]) })
}

// listMeetings serves the deprecated GET /meetings.
func (s *Simulator) listMeetings(c *call) response {
	show := func(a *account, m *Meeting) object { return s.switches.withCoorganizers(s.plannedJSON(a, m), m) }
	return s.eitherList(c, is(c.caller.Key), show, s.oldHistoryJSON)
}

// eitherList answers a deprecated list, of what is planned or of what was held.
func (s *Simulator) eitherList(
	c *call, counts func(*User) bool, plan func(*account, *Meeting) object, past func(*account, *Session) object,
) response {
	history, r, failure := s.readKind(c)
	if failure != nil {
		return s.meetingAnswer(failure)
	}
	if !history {
		return s.upcomingList(c, counts, plan)
	}
	sessions := s.held(c.account, r, counts)
	return bareList(c, len(sessions), func(i int) object { return past(c.account, sessions[i]) })
}

// listMeetingAttendees serves GET /meetings/{meetingId}/attendees: of a meeting that was held, for its organizer or an
// administrator (D).
func (s *Simulator) listMeetingAttendees(c *call) response {
	id := c.r.PathValue("meeting")
	a := c.account
	everybody := c.token.has(ScopeAdmin) && c.mayAct(allRoles...)
	counts := func(u *User) bool { return everybody || u.Key == c.caller.Key }
	sessions := slices.DeleteFunc(s.held(a, span{to: s.time()}, counts), func(h *Session) bool { return h.MeetingID != id })
	if len(sessions) == 0 {
		m := a.meeting(id)
		unknown := m == nil || (!everybody && m.OrganizerKey != c.caller.Key)
		if unknown || s.switches.EmptyHistory == "404" {
			return s.meetingAnswer(refuse(http.StatusNotFound, codeNothingHeld, id))
		}
	}
	return s.attendeeList(c, sessions, func(h *Session, who *Attendee) object {
		return append(s.attendeeJSON(a, h, who), member{"groupName", "NA"}, member{"meetingId", json.Number(h.MeetingID)})
	})
}

// attendeeList answers with everybody who was in the sessions.
func (s *Simulator) attendeeList(c *call, sessions []*Session, show func(*Session, *Attendee) object) response {
	var entries []object
	for _, h := range sessions {
		for i := range h.Attendees {
			entries = append(entries, show(h, &h.Attendees[i]))
		}
	}
	return bareList(c, len(entries), func(i int) object { return entries[i] })
}
