package account

import (
	"time"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// clockSkew is how far GoTo's clock may be behind ours. A machine that keeps its time is off by less than a second, but one that does
// not is common, and nothing of GoTo's is known. It is as well the time within which a user whom a person invites is not told from
// one of ours; the list that allows a create is younger than that.
const clockSkew = 2 * time.Minute

// InvitedAfter tells whether GoTo invited a user at the given time of our clock or later, give or take two minutes for the difference
// of the clocks. known is false where GoTo does not say when, as of those who were invited without a mail (UNVERIFIED).
func InvitedAfter(u gotoclient.User, at time.Time) (yes, known bool) {
	invited := u.InvitedAt()
	return !invited.Before(at.Add(-clockSkew)), !invited.IsZero()
}

// evidence is what a request has shown of a user's being new.
type evidence struct {
	sent    time.Time // when the request left
	keyed   bool      // its answer gave the user's key, of which no reading knew before
	revived bool      // we ourselves had deleted the user
}

// made tells whether the user is surely one that the request made: see ADR 44. A user of whom it is not sure is somebody else's.
func (e evidence) made(u gotoclient.User) bool {
	if e.keyed && e.revived {
		return true // who brings back a user keeps the old date, if there is no mail
	}
	if after, known := InvitedAfter(u, e.sent); known {
		return after
	}
	return e.keyed && !u.PasswordCreated // nobody has a password within the seconds since
}
