package account

import (
	"context"
	"errors"
	"slices"

	"github.com/goto-operator/goto-operator/internal/account/brake"
	"github.com/goto-operator/goto-operator/internal/account/evidence"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Deletions are what is deleted of an account, and whatever is to be limited like it.
type Deletions struct{ acct *Account }

// Brake of them.
func (d Deletions) Brake() *brake.Brake { return d.acct.opts.Brake }

// Take returns a ticket for one deletion, or whatever is to be limited like one, or a *BlockedError if the brake
// does not allow it. It is given to the requests by brake.With, and its end is said by evidence.Settle.
func (d Deletions) Take(ctx context.Context, kind brake.Kind) (*brake.Ticket, error) {
	return d.Brake().Take(ctx, kind, d.Total(kind))
}

// Total is the number of things in the account that the limit of a kind of deletion refers to.
func (d Deletions) Total(kind brake.Kind) int {
	switch kind {
	case brake.Meetings:
		return d.acct.meetings.Len()
	case brake.Groups:
		return d.acct.groups.records.Len()
	case brake.Definitions:
		return d.acct.attributes.Len() + d.acct.templates.Len()
	case brake.Users, brake.Licenses:
	}
	return d.acct.users.records.Len()
}

// Counted tells whether Total is known: meetings and definitions are read only while somebody uses them, and not at once. Who uses
// definitions has said so before the account is read for the second time.
func (d Deletions) Counted(kind brake.Kind) bool {
	switch kind {
	case brake.Meetings:
		return !d.acct.meetings.ReadAt().IsZero()
	case brake.Definitions:
		return d.acct.resyncs.Load() > 1
	case brake.Users, brake.Groups, brake.Licenses:
	}
	return true
}

// braked makes a deletion as far as the brake allows it: see evidence.Braked.
func (d Deletions) braked(ctx context.Context, kind brake.Kind, remove func(context.Context) error) error {
	return evidence.Braked(ctx, d.Brake(), kind, d.Total(kind), remove)
}

// isBlocked tells that the brake held a request back at the last moment.
func isBlocked(err error) bool {
	var blocked *BlockedError
	return errors.As(err, &blocked)
}

// seesAll is true if the credentials' user may see every user and group of the account.
func (a *Account) seesAll() bool {
	return slices.Contains(a.Me().RolesIn(a.opts.Key), gotoclient.RoleSuperUser)
}

// tickets are those that a request for all items needs.
func tickets(items []updateItem) []*brake.Ticket {
	var out []*brake.Ticket
	for _, it := range items {
		out = append(out, it.tickets...)
	}
	return out
}
