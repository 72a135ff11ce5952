package reports

import (
	"strings"
	"time"

	"github.com/goto-operator/goto-operator/internal/simulator/state"
)

// use is what a user did in the range.
type use struct {
	meetings, minutes, attendees int
	last                         time.Time
}

// used sums up what was held, by the keys of the users.
func (a *Ask) used() map[string]use {
	sums := map[string]use{}
	a.held(func(u *state.User, h *state.Session) {
		s := sums[u.Key]
		s.meetings, s.minutes, s.attendees = s.meetings+1, s.minutes+minutes(h.Start, h.End), s.attendees+len(h.Attendees)
		if h.End.After(s.last) {
			s.last = h.End
		}
		sums[u.Key] = s
	})
	return sums
}

func activity(a *Ask) (rows [][]any) {
	sums := a.used()
	for _, u := range a.users() {
		s := sums[u.Key]
		rows = append(rows, a.whose(u, s.meetings, s.minutes, s.attendees, a.date(s.last)))
	}
	return rows
}

func userStatus(a *Ask) (rows [][]any) {
	sums := a.used()
	for _, u := range a.users() {
		rows = append(rows, a.whose(u, state.StatusOf(u), strings.Join(a.Account.Products(u), ", "),
			strings.Join(u.AdminRoles, ", "), a.date(sums[u.Key].last)))
	}
	return rows
}
