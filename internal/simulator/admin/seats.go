package admin

import (
	"net/http"
	"slices"

	"github.com/goto-operator/goto-operator/internal/simulator/call"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
	"github.com/goto-operator/goto-operator/internal/simulator/users"
	"github.com/goto-operator/goto-operator/internal/simulator/wire"
)

// removeSeat serves DELETE /accounts/{a}/licenses/{licenseKey}/users/{userKey}. A user left with neither licence nor role is
// SUSPENDED (L).
func removeSeat(c *call.Call) wire.Response {
	l, u, failure := seat(c)
	if failure != nil {
		return answer(c, failure)
	}
	if !slices.Contains(u.LicenseKeys, l.Key) {
		if c.Switches.NothingToTake == "404" {
			return answer(c, wire.Refuse(http.StatusNotFound, wire.CodeNoSeat, u.Key))
		}
		return writeDone(c.Switches.DeleteStatus, c.Switches)
	}
	changed := u.Clone()
	changed.LicenseKeys = slices.DeleteFunc(changed.LicenseKeys, func(key string) bool { return key == l.Key })
	c.Account.Replace(u, &changed)
	c.Changed = true
	silent := c.Switches.SeatEmail == "never" ||
		(c.Switches.SeatEmail == "unlessSuppressed" && c.Flag("suppressEmail", false))
	if !silent {
		c.Store.Send(state.Mail{Time: c.Arrived, AccountKey: c.Account.Key, To: u.Email})
	}
	return writeDone(c.Switches.DeleteStatus, c.Switches)
}

// addSeat serves the assumed PUT /accounts/{a}/licenses/{licenseKey}/users/{userKey} (U). It sends no mail: what the service would
// send, if there were such a call, is anybody's guess.
func addSeat(c *call.Call) wire.Response {
	if c.Switches.SeatAssignment == "unavailable" {
		return wire.NotRouted()
	}
	l, u, failure := seat(c)
	if failure != nil {
		return answer(c, failure)
	}
	if slices.Contains(u.LicenseKeys, l.Key) {
		return writeDone(c.Switches.GroupWriteStatus, c.Switches)
	}
	if failure := users.CheckSeats(c, map[string]int{l.Key: 1}); failure != nil {
		return answer(c, failure)
	}
	changed := u.Clone()
	changed.LicenseKeys = append(changed.LicenseKeys, l.Key)
	c.Account.Replace(u, &changed)
	c.Changed = true
	return writeDone(c.Switches.GroupWriteStatus, c.Switches)
}

// seat returns licence and user of the path.
func seat(c *call.Call) (*state.License, *state.User, *wire.Refusal) {
	key := c.PathValue("license")
	l := c.Account.Licenses.Get(key)
	if l == nil {
		return nil, nil, wire.Refuse(http.StatusNotFound, wire.CodeLicenseNotFound, key)
	}
	u, failure := targetUser(c)
	return l, u, failure
}
