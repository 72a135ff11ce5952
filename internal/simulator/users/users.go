// Package users is what both APIs do to the users of an account, since the organizers of the one are the users of the other: create or
// revive, invite, delete, and count seats. How a request or an answer looks is the business of package admin and package meeting,
// which it does not know.
package users

import (
	"net/mail"
	"slices"
	"unicode/utf8"

	"github.com/goto-operator/goto-operator/internal/simulator/call"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
	"github.com/goto-operator/goto-operator/internal/simulator/switches"
	"github.com/goto-operator/goto-operator/internal/simulator/wire"
)

// maxEmail is the longest e-mail address, in characters (D).
const maxEmail = 128

// CheckEmail refuses what is no e-mail address, or too long for one (D).
func CheckEmail(c *call.Call, email string) *wire.Refusal {
	address, err := mail.ParseAddress(email)
	if err != nil || address.Address != email || utf8.RuneCountInString(email) > maxEmail {
		return c.Invalid(wire.CodeEmailInvalid, email)
	}
	return nil
}

// Visible says whether reads show the user yet.
func Visible(c *call.Call, u *state.User) bool { return !u.VisibleFrom.After(c.Now) }

// CheckSeats refuses a change of the seats in use, by licence, that would take more than there are. Giving back is always allowed.
func CheckSeats(c *call.Call, change map[string]int) *wire.Refusal {
	for _, l := range c.Account.Licenses {
		if by := change[l.Key]; by > 0 && c.Account.Taken(l.Key)+by > l.Seats {
			return wire.Refuse(switches.Status(c.Switches.SeatsExhausted), c.Switches.SeatsExhaustedCode, l.Key)
		}
	}
	return nil
}

// New is a person who is to become a user, and what the account gives them.
type New struct {
	Email, FirstName, LastName, Locale, TimeZone string

	LicenseKeys, AdminRoles, ManagedGroupKeys []string
	GroupKey                                  string
	Mail                                      Mail
}

// Mail is the welcome mail of a user. Subject and Text are empty for the service's own.
type Mail struct {
	Suppressed    bool
	Subject, Text string
}

// Create adds a user, or revives the deleted one who had the e-mail (L), and returns the key. The e-mail must be free.
func Create(c *call.Call, n *New) string {
	u, revived := c.Account.Exhume(n.Email)
	if !revived {
		u = state.User{Key: c.Store.NewKey(state.UserKeys), Locale: state.DefaultLocale, TimeZone: state.DefaultTimeZone}
	}
	u.Email, u.FirstName, u.LastName = n.Email, c.Switches.Stored(n.FirstName), c.Switches.Stored(n.LastName)
	if n.Locale != "" {
		u.Locale = n.Locale
	}
	if n.TimeZone != "" {
		u.TimeZone = n.TimeZone
	}
	u.LicenseKeys, u.GroupKey = slices.Clone(n.LicenseKeys), n.GroupKey
	u.AdminRoles, u.ManagedGroupKeys = slices.Clone(n.AdminRoles), slices.Clone(n.ManagedGroupKeys)
	if !revived {
		begin(c.Switches, c.Account, &u)
	}
	u.VisibleFrom = c.Arrived.Add(c.Switches.VisibilityLag)
	Invite(c, &u, n.Mail)
	if err := c.Account.Add(&u); err != nil {
		panic(err) // the caller has seen that the e-mail is free
	}
	c.Changed = true
	return u.Key
}

// Invite sends the welcome mail, unless it is suppressed.
func Invite(c *call.Call, u *state.User, m Mail) {
	if !m.Suppressed {
		c.Store.Send(state.Mail{Time: c.Arrived, AccountKey: c.Account.Key, To: u.Email, Subject: m.Subject, Text: m.Text})
	}
	if !m.Suppressed || c.Switches.SuppressedInvite == "invited" {
		u.InvitedDate = c.Arrived.UnixMilli()
		u.InviteCount++
	}
}
