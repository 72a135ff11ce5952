package simulator

import (
	"net/http"
	"slices"
)

// removeSeat serves DELETE /accounts/{a}/licenses/{licenseKey}/users/{userKey}. A user left with neither licence nor role is
// SUSPENDED (L).
func (s *Simulator) removeSeat(c *call) response {
	l, u, failure := s.seat(c)
	if failure != nil {
		return s.answer(failure)
	}
	if !slices.Contains(u.LicenseKeys, l.Key) {
		if s.switches.NothingToTake == "404" {
			return s.answer(refuse(http.StatusNotFound, codeNoSeat, u.Key))
		}
		return writeDone(s.switches.DeleteStatus, &s.switches)
	}
	changed := clone(u)
	changed.LicenseKeys = slices.DeleteFunc(changed.LicenseKeys, func(key string) bool { return key == l.Key })
	c.account.replace(u, &changed)
	c.changed = true
	silent := s.switches.SeatEmail == "never" ||
		(s.switches.SeatEmail == "unlessSuppressed" && c.flag("suppressEmail", false))
	if !silent {
		s.outbox = append(s.outbox, Mail{Time: c.arrive, AccountKey: c.account.key, To: u.Email})
	}
	return writeDone(s.switches.DeleteStatus, &s.switches)
}

// addSeat serves the assumed PUT /accounts/{a}/licenses/{licenseKey}/users/{userKey} (U). It sends no mail: what the service would
// send, if there were such a call, is anybody's guess.
func (s *Simulator) addSeat(c *call) response {
	if s.switches.SeatAssignment == "unavailable" {
		return s.notRouted(c)
	}
	l, u, failure := s.seat(c)
	if failure != nil {
		return s.answer(failure)
	}
	if slices.Contains(u.LicenseKeys, l.Key) {
		return writeDone(s.switches.GroupWriteStatus, &s.switches)
	}
	if failure := s.checkSeats(c.account, map[string]int{l.Key: 1}); failure != nil {
		return s.answer(failure)
	}
	changed := clone(u)
	changed.LicenseKeys = append(changed.LicenseKeys, l.Key)
	c.account.replace(u, &changed)
	c.changed = true
	return writeDone(s.switches.GroupWriteStatus, &s.switches)
}

// seat returns licence and user of the path.
func (s *Simulator) seat(c *call) (*License, *User, *apiError) {
	key := c.r.PathValue("license")
	l := c.account.license(key)
	if l == nil {
		return nil, nil, refuse(http.StatusNotFound, codeLicenseNotFound, key)
	}
	u, failure := s.targetUser(c)
	return l, u, failure
}
