package reports

import (
	"time"

	"github.com/goto-operator/goto-operator/internal/simulator/state"
)

// users are those who count.
func (a *Ask) users() []*state.User {
	var list []*state.User
	for _, u := range a.Account.UsersByEmail() {
		if a.Counts(u) {
			list = append(list, u)
		}
	}
	return list
}

// held calls f for each session that is over and began in the range, with its organizer. What a deleted user held is not shown (D).
func (a *Ask) held(f func(*state.User, *state.Session)) {
	for _, h := range a.Account.Sessions {
		u := a.Account.User(h.OrganizerKey)
		if u != nil && a.Counts(u) && !h.End.IsZero() && !h.Start.Before(a.From) && !h.Start.After(a.To) {
			f(u, h)
		}
	}
}

// whose are the cells about an organizer.
func (a *Ask) whose(u *state.User, more ...any) []any {
	return append([]any{u.FirstName + " " + u.LastName, u.Email, a.Account.GroupName(u)}, more...)
}

func minutes(from, to time.Time) int { return int(to.Sub(from) / time.Minute) }

func meetingHistory(a *Ask) (rows [][]any) {
	a.held(func(u *state.User, h *state.Session) {
		rows = append(rows, a.whose(u, h.MeetingID, h.Subject, h.Type, a.clock(h.Start), a.clock(h.End), minutes(h.Start, h.End), len(h.Attendees)))
	})
	return rows
}

func attendees(a *Ask) (rows [][]any) {
	a.held(func(u *state.User, h *state.Session) {
		for _, who := range h.Attendees {
			rows = append(rows, a.whose(u, h.MeetingID, h.Subject, a.clock(h.Start), a.clock(h.End), who.Name, who.Email,
				a.clock(who.Join), a.clock(who.Leave), minutes(who.Join, who.Leave)))
		}
	})
	return rows
}

// scheduledMeetings are those that begin in the range and are not over.
func scheduledMeetings(a *Ask) (rows [][]any) {
	for _, m := range a.Account.Meetings {
		u := a.Account.User(m.OrganizerKey)
		if u == nil || !a.Counts(u) || m.End.Before(a.Now) || m.Start.Before(a.From) || m.Start.After(a.To) {
			continue
		}
		locked := "No"
		if m.PasswordRequired {
			locked = "Yes"
		}
		rows = append(rows, a.whose(u, m.ID, m.Subject, m.Type, a.clock(m.Start), a.clock(m.End), minutes(m.Start, m.End), locked))
	}
	return rows
}
