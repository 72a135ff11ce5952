package users

import (
	"net/http"
	"slices"

	"github.com/goto-operator/goto-operator/internal/simulator/call"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
	"github.com/goto-operator/goto-operator/internal/simulator/switches"
	"github.com/goto-operator/goto-operator/internal/simulator/wire"
)

// CheckDelete refuses to delete the caller, or the last administrator, where the switches say so.
func CheckDelete(c *call.Call, keys ...string) *wire.Refusal {
	if slices.Contains(keys, c.Caller.Key) && c.Switches.SelfDelete == "refused" {
		return wire.Refuse(http.StatusForbidden, wire.CodeDeleteNotAllowed, c.Caller.Key)
	}
	if c.Switches.LastSuperUserDelete == "refused" && endsRule(c.Account, keys) {
		return wire.Refuse(http.StatusForbidden, wire.CodeDeleteNotAllowed, keys[0])
	}
	return nil
}

// endsRule reports whether deleting the users would take the last SUPER_USER from an account that has one.
func endsRule(d *state.Directory, keys []string) bool {
	before, after := 0, 0
	for _, u := range d.Users {
		if slices.Contains(u.AdminRoles, state.RoleSuperUser) {
			before++
			if !slices.Contains(keys, u.Key) {
				after++
			}
		}
	}
	return before > 0 && after == 0
}

// Delete removes a user and, unless the switch says that they return with the user, the meetings that were scheduled (D). What was
// held stays in the state, but is not shown while its organizer is gone (D).
func Delete(sw *switches.Switches, d *state.Directory, u *state.User) {
	if sw.MeetingsOfDeletedUser == "deleted" {
		d.RemoveMeetings(func(m *state.Meeting) bool { return m.OrganizerKey == u.Key })
	}
	d.Bury(u)
}
