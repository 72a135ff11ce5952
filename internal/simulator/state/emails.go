package state

import (
	"maps"
	"slices"
	"strings"
)

// FoldEmail makes e-mails comparable: the service does not tell upper from lower case.
func FoldEmail(email string) string { return strings.ToLower(email) }

// emails finds users by their e-mails, compared without case.
type emails struct {
	users   map[string]*User // by FoldEmail
	ordered []*User          // nil when that has to be made anew
}

func (e *emails) get(email string) *User { return e.users[FoldEmail(email)] }

func (e *emails) put(u *User) {
	e.users[FoldEmail(u.Email)] = u
	e.ordered = nil
}

func (e *emails) drop(u *User) {
	delete(e.users, FoldEmail(u.Email))
	e.ordered = nil
}

// inOrder returns the users by e-mail.
func (e *emails) inOrder() []*User {
	if e.ordered == nil {
		e.ordered = make([]*User, 0, len(e.users))
		for _, email := range slices.Sorted(maps.Keys(e.users)) {
			e.ordered = append(e.ordered, e.users[email])
		}
	}
	return e.ordered
}
