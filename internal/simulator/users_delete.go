package simulator

import (
	"net/http"
	"slices"
)

// deleteUsers serves DELETE /accounts/{a}/users/{userKeys}. Either all of the users are deleted or none; whether the service does
// so is not known (U).
func (s *Simulator) deleteUsers(c *call) response {
	keys, failure := s.targets(c, s.switches.MultiKeyDelete)
	if failure != nil {
		return s.answer(failure)
	}
	for _, key := range keys {
		if c.account.byKey[key] == nil {
			return s.answer(s.absent(codeUserNotFound, key))
		}
	}
	if failure := s.checkDelete(c, keys...); failure != nil {
		return s.answer(failure)
	}
	for _, key := range keys {
		s.bury(c.account, c.account.byKey[key])
	}
	c.changed = true
	return writeDone(s.switches.DeleteStatus, &s.switches)
}

// checkDelete refuses to delete the caller, or the last administrator, where the switches say so.
func (s *Simulator) checkDelete(c *call, keys ...string) *apiError {
	if slices.Contains(keys, c.caller.Key) && s.switches.SelfDelete == "refused" {
		return refuse(http.StatusForbidden, codeDeleteNotAllowed, c.caller.Key)
	}
	if s.switches.LastSuperUserDelete == "refused" && c.account.endsRule(keys) {
		return refuse(http.StatusForbidden, codeDeleteNotAllowed, keys[0])
	}
	return nil
}

// bury removes a user and, unless the switch says that they return with the user, the meetings that were scheduled (D). What was
// held stays in the state, but is not shown while its organizer is gone (D).
func (s *Simulator) bury(a *account, u *User) {
	if s.switches.MeetingsOfDeletedUser == "deleted" {
		a.meetings = slices.DeleteFunc(a.meetings, func(m *Meeting) bool { return m.OrganizerKey == u.Key })
	}
	a.bury(u)
}

// endsRule reports whether deleting the users would take the last SUPER_USER from an account that has one.
func (a *account) endsRule(keys []string) bool {
	before, after := 0, 0
	for _, u := range a.users {
		if slices.Contains(u.AdminRoles, RoleSuperUser) {
			before++
			if !slices.Contains(keys, u.Key) {
				after++
			}
		}
	}
	return before > 0 && after == 0
}
