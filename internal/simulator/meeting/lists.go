package meeting

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"time"

	"github.com/goto-operator/goto-operator/internal/simulator/call"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
	"github.com/goto-operator/goto-operator/internal/simulator/wire"
)

// span is the range of time that a list is asked for; whether its ends are in it is not known (U).
type span struct {
	from, to time.Time
	open     bool // without the ends
}

func (r span) has(t time.Time) bool {
	if r.open && (t.Equal(r.from) || t.Equal(r.to)) {
		return false
	}
	return !t.Before(r.from) && !t.After(r.to)
}

// readSpan reads startDate and endDate.
func readSpan(c *call.Call) (span, *wire.Refusal) {
	from, err := readTime(c.Params.Get("startDate"))
	if err != nil {
		return span{}, wire.Refuse(http.StatusBadRequest, wire.CodeMeetingInvalid, "startDate")
	}
	to, err := readTime(c.Params.Get("endDate"))
	if err != nil || to.Before(from) {
		return span{}, wire.Refuse(http.StatusBadRequest, wire.CodeMeetingInvalid, "endDate")
	}
	if days := c.Switches.HistoryWindow; days > 0 && to.Sub(from) > time.Duration(days)*24*time.Hour {
		return span{}, wire.Refuse(http.StatusBadRequest, wire.CodeRangeTooLong, "endDate")
	}
	return span{from, to, c.Switches.RangeEnds == "excluded"}, nil
}

// readKind reads which of the deprecated lists is asked for: what is planned, or what was held in a range of time (D). Exactly one
// of the two must be.
func readKind(c *call.Call) (history bool, r span, failure *wire.Refusal) {
	scheduled := c.Flag("scheduled", false)
	history = c.Flag("history", false)
	if scheduled == history {
		return false, span{}, wire.Refuse(http.StatusBadRequest, wire.CodeMeetingInvalid, "scheduled")
	}
	if history {
		r, failure = readSpan(c)
	}
	return history, r, failure
}

// planned returns the meetings that are still to come, by start and then by id, of the organizers that count.
func planned(c *call.Call, counts func(*state.User) bool) []*state.Meeting {
	now := c.Now
	var meetings []*state.Meeting
	for _, m := range c.Account.Meetings {
		u := c.Account.User(m.OrganizerKey)
		if u == nil || !counts(u) || m.VisibleFrom.After(now) || !comes(c, m, now) {
			continue
		}
		meetings = append(meetings, m)
	}
	slices.SortFunc(meetings, func(x, y *state.Meeting) int {
		return cmp.Or(x.Start.Compare(y.Start), state.CompareKeys(x.ID, y.ID))
	})
	return meetings
}

// comes says whether a meeting counts as upcoming (U).
func comes(c *call.Call, m *state.Meeting, now time.Time) bool {
	sw := c.Switches
	recurring := m.Type == state.MeetingRecurring
	if recurring && sw.RecurringInUpcoming == "hidden" || m.Type == state.MeetingImmediate && sw.ImmediateInUpcoming == "hidden" {
		return false
	}
	if !m.End.Before(now) || sw.UpcomingAfterEnd == "none" {
		return true
	}
	return sw.UpcomingAfterEnd == "scheduled" && recurring
}

// held returns the sessions that are over and began in the range (D), of the organizers that count. What a user has held is not
// shown while the user is deleted (D).
func held(c *call.Call, r span, counts func(*state.User) bool) []*state.Session {
	var sessions []*state.Session
	for _, h := range c.Account.Sessions {
		u := c.Account.User(h.OrganizerKey)
		if u != nil && counts(u) && !h.End.IsZero() && r.has(h.Start) {
			sessions = append(sessions, h)
		}
	}
	return sessions
}

// is returns what counts one user alone.
func is(key string) func(*state.User) bool { return func(u *state.User) bool { return u.Key == key } }

// listUpcomingMeetings serves GET /upcomingMeetings.
func listUpcomingMeetings(c *call.Call) wire.Response {
	return upcomingList(c, is(c.Caller.Key), upcomingJSON)
}

func upcomingList(c *call.Call, counts func(*state.User) bool, show func(*call.Call, *state.Meeting) wire.Object) wire.Response {
	meetings := planned(c, counts)
	return call.BareList(c, len(meetings), func(i int) wire.Object { return show(c, meetings[i]) })
}

// listHistoricalMeetings serves GET /historicalMeetings.
func listHistoricalMeetings(c *call.Call) wire.Response {
	return historicalList(c, is(c.Caller.Key), historicalJSON, true)
}

// historicalList answers with what was held in the range that the request names. Some of the lists declare 404 (D); whether that is
// the answer when there is nothing is not known (U).
func historicalList(
	c *call.Call, counts func(*state.User) bool, show func(*call.Call, *state.Session) wire.Object, declares404 bool,
) wire.Response {
	r, failure := readSpan(c)
	if failure != nil {
		return answer(c, failure)
	}
	sessions := held(c, r, counts)
	if len(sessions) == 0 && declares404 && c.Switches.EmptyHistory == "404" {
		return answer(c, wire.Refuse(http.StatusNotFound, wire.CodeNothingHeld, ""))
	}
	return call.BareList(c, len(sessions), func(i int) wire.Object { return show(c, sessions[i]) })
}

// listMeetings serves the deprecated GET /meetings.
func listMeetings(c *call.Call) wire.Response {
	show := func(c *call.Call, m *state.Meeting) wire.Object { return withCoorganizers(c, plannedJSON(c, m), m) }
	return eitherList(c, is(c.Caller.Key), show, oldHistoryJSON)
}

// eitherList answers a deprecated list, of what is planned or of what was held.
func eitherList(
	c *call.Call, counts func(*state.User) bool, plan func(*call.Call, *state.Meeting) wire.Object, past func(*call.Call, *state.Session) wire.Object,
) wire.Response {
	history, r, failure := readKind(c)
	if failure != nil {
		return answer(c, failure)
	}
	if !history {
		return upcomingList(c, counts, plan)
	}
	sessions := held(c, r, counts)
	return call.BareList(c, len(sessions), func(i int) wire.Object { return past(c, sessions[i]) })
}

// listMeetingAttendees serves GET /meetings/{meetingId}/attendees: of a meeting that was held, for its organizer or an
// administrator (D).
func listMeetingAttendees(c *call.Call) wire.Response {
	id := c.PathValue("meeting")
	a := c.Account
	everybody := c.Granted(state.ScopeAdmin) && c.MayAct(state.AllRoles()...)
	counts := func(u *state.User) bool { return everybody || u.Key == c.Caller.Key }
	sessions := slices.DeleteFunc(held(c, span{to: c.Now}, counts), func(h *state.Session) bool { return h.MeetingID != id })
	if len(sessions) == 0 {
		m := a.Meeting(id)
		unknown := m == nil || (!everybody && m.OrganizerKey != c.Caller.Key)
		if unknown || c.Switches.EmptyHistory == "404" {
			return answer(c, wire.Refuse(http.StatusNotFound, wire.CodeNothingHeld, id))
		}
	}
	return attendeeList(c, sessions, func(h *state.Session, who *state.Attendee) wire.Object {
		// Here the duration is the meeting's, and the name the attendee's once more (D).
		return append(attendeeJSON(c, h, who), wire.M("name", who.Name), wire.M("duration", minutes(h.Start, h.End)),
			wire.M("groupName", "NA"), wire.M("meetingId", json.Number(h.MeetingID)))
	})
}

// attendeeList answers with everybody who was in the sessions.
func attendeeList(c *call.Call, sessions []*state.Session, show func(*state.Session, *state.Attendee) wire.Object) wire.Response {
	var entries []wire.Object
	for _, h := range sessions {
		for i := range h.Attendees {
			entries = append(entries, show(h, &h.Attendees[i]))
		}
	}
	return call.BareList(c, len(entries), func(i int) wire.Object { return entries[i] })
}
