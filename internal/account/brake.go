package account

import (
	"context"
	"errors"

	"github.com/goto-operator/goto-operator/internal/account/brake"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// BlockedError says that the deletion brake does not allow one more deletion now. Nothing was deleted.
type BlockedError = brake.BlockedError

// TakeFromBrake returns a ticket for one deletion, or whatever is to be limited like one, or a *BlockedError if the brake
// does not allow it. It is given to the requests by brake.With, and its end is said by SettleTicket.
func (a *Account) TakeFromBrake(ctx context.Context, kind brake.Kind) (*brake.Ticket, error) {
	return a.opts.Brake.Take(ctx, kind, a.Total(kind))
}

// Total is the number of things in the account that the limit of a kind of deletion refers to.
func (a *Account) Total(kind brake.Kind) int {
	if kind == brake.Meetings {
		a.meetings.mu.RLock()
		defer a.meetings.mu.RUnlock()
		return len(a.meetings.listed)
	}
	a.state.mu.RLock()
	defer a.state.mu.RUnlock()
	if kind == brake.Groups {
		return len(a.state.groups)
	}
	return len(a.state.users)
}

// Counted tells whether Total is known: meetings are read only while somebody uses them, and not at once.
func (a *Account) Counted(kind brake.Kind) bool {
	a.meetings.mu.RLock()
	defer a.meetings.mu.RUnlock()
	return kind != brake.Meetings || !a.meetings.takenAt.IsZero()
}

// SettleTicket keeps what a deletion was charged with if it was made, or may have been, by what came of it.
func SettleTicket(t *brake.Ticket, err error) {
	gaveUp := errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) // a batch goes on without its caller
	if err == nil || gaveUp || gotoclient.IsNotFound(err) || gotoclient.IsAmbiguous(err) {
		t.Done()
		return
	}
	t.GiveBack()
}

// isBlocked tells that the brake held a request back at the last moment.
func isBlocked(err error) bool {
	var blocked *BlockedError
	return errors.As(err, &blocked)
}

// tickets are those that a request for all items needs.
func tickets(items []updateItem) []*brake.Ticket {
	var out []*brake.Ticket
	for _, it := range items {
		out = append(out, it.tickets...)
	}
	return out
}
