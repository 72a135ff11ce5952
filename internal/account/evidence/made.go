package evidence

import (
	"context"
	"errors"
	"time"

	"github.com/goto-operator/goto-operator/internal/account/brake"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// clockSkew is how far GoTo's clock may be behind ours. A machine that keeps its time is off by less than a second, but one that does
// not is common, and nothing of GoTo's is known. It is as well the time within which a user whom a person invites is not told from
// one of ours; the list that allows a create is younger than that.
const clockSkew = 2 * time.Minute

// InvitedAfter tells whether GoTo invited a user at the given time of our clock or later, give or take two minutes for the difference
// of the clocks. known is false where GoTo does not say when, as of those who were invited without a mail (UNVERIFIED).
func InvitedAfter(u *gotoclient.User, at time.Time) (yes, known bool) {
	invited := u.InvitedAt()
	return !invited.Before(at.Add(-clockSkew)), !invited.IsZero()
}

// Create is what a request has shown of a user's being new.
type Create struct {
	Sent    time.Time // when the request left
	Keyed   bool      // its answer gave the user's key, of which no reading knew before
	Revived bool      // we ourselves had deleted the user
}

// Made tells whether the user is surely one that the request made: see ADR 44. A user of whom it is not sure is somebody else's.
func (e Create) Made(u *gotoclient.User) bool {
	if e.Keyed && e.Revived {
		return true // who brings back a user keeps the old date, if there is no mail
	}
	if after, known := InvitedAfter(u, e.Sent); known {
		return after
	}
	return e.Keyed && !u.PasswordCreated // nobody has a password within the seconds since
}

// done tells whether a deletion was made, or may have been, by the error of its request. Who gave up, as who is part of a batch may while it
// goes on, knows no more than whether the ticket was used.
func done(t *brake.Ticket, err error) bool {
	gaveUp := errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
	return err == nil || gaveUp && t.Used() || gotoclient.IsAmbiguous(err)
}

// Braked makes a deletion under a ticket of a brake, of so many things that there are. It returns a *brake.BlockedError, and nothing is
// sent, where the brake does not allow it, else the error of remove.
func Braked(ctx context.Context, b *brake.Brake, kind brake.Kind, total int, remove func(context.Context) error) error {
	ticket, err := b.Take(ctx, kind, total)
	if err != nil {
		return err
	}
	if err = remove(brake.With(ctx, ticket)); gotoclient.IsNotFound(err) {
		ticket.Done() // what is not there any more may have been deleted by a request of before
	}
	Settle(ticket, err)
	return err
}

// SettleAll does as Settle with the tickets of a request, by what came of that one.
func SettleAll(ctx context.Context, err error) {
	for _, t := range brake.From(ctx) {
		Settle(t, err)
	}
}

// Settle keeps what a deletion was charged with if it was made, or may have been, by what came of it.
func Settle(t *brake.Ticket, err error) {
	if done(t, err) {
		t.Done()
		return
	}
	t.GiveBack()
}
