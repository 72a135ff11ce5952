package account

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync/atomic"

	"github.com/goto-operator/goto-operator/internal/account/brake"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// ErrExists says that a user or group was not created because one with that e-mail address or name is there already.
var ErrExists = errors.New("it exists already")

// ErrNotVisible says that GoTo refused to create a user or group as existing and does not list it either. It passes. Like
// ErrExists it is proof that the request did not create the user.
var ErrNotVisible = errors.New("GoTo says that it exists but does not list it yet")

// ErrUnconfirmed says that GoTo has answered that something was made, and does not show it. It passes.
var ErrUnconfirmed = errors.New("GoTo does not show yet what it has made")

// ErrGone says that a user or group that the snapshot shows is no longer in GoTo. The snapshot has forgotten it by then.
var ErrGone = errors.New("it is no longer in GoTo; it is looked for again")

// settleItem is a user that was written, as it was sent.
type settleItem struct {
	user gotoclient.User
	must bool // be read back, whatever it costs
}

// settled is a user after it was written; read is false for one that is returned as it was sent.
type settled struct {
	user gotoclient.User
	read bool
}

// proof is what the outcomes of requests have shown of something that nobody has verified.
type proof struct{ yes, no atomic.Bool }

// note is told what a reading has shown, if the change was about it.
func (p *proof) note(about, ok bool) {
	switch {
	case !about:
	case ok:
		p.yes.Store(true)
	default:
		p.no.Store(true)
	}
}

func (p *proof) certain() bool { return p.yes.Load() && !p.no.Load() }

// confirm reads back what was created or changed, by whichever costs less: one request per user, or the list. It does not
// cost more than the writing did, unless something has to be read: otherwise ten thousand changes would read the whole list
// with every few hundred of them. A user that is not read, or not visible yet, is returned as it was sent; the next reading
// completes it.
func (a *Account) confirm(ctx context.Context, items []settleItem) []result[settled] {
	a.state.mu.RLock()
	pages := max(1, (len(a.state.users)+a.pageSize()-1)/a.pageSize())
	a.state.mu.RUnlock()
	out := make([]result[settled], len(items))
	switch must := slices.ContainsFunc(items, func(it settleItem) bool { return it.must }); {
	case len(items) <= pages:
		for i, it := range items {
			seen, err := a.users.Get(ctx, it.user.Key)
			switch {
			case err == nil:
				a.noteWritten(seen)
				out[i].value.read = true
			case !gotoclient.IsNotFound(err): // that is a user who is not visible yet
				out[i].err = err
			}
		}
	case must || pages <= (len(items)+a.opts.BatchSize-1)/a.opts.BatchSize:
		err := a.readBack(ctx)
		for i := range out {
			out[i].err, out[i].value.read = err, err == nil
		}
	}
	for i, it := range items {
		out[i].value.user = it.user
		if seen, ok := a.User(it.user.Key); ok {
			out[i].value.user = seen
		}
	}
	return out
}

// readBack reads the list of users after writes whose answers carry less than a full user. Only what changed beyond
// those writes is reported.
func (a *Account) readBack(ctx context.Context) error {
	a.refreshing.Lock()
	defer a.refreshing.Unlock()
	a.state.mu.Lock()
	mine := maps.Clone(a.state.written)
	a.state.mu.Unlock()
	users, err := a.refreshUsers(ctx)
	if err != nil {
		return err
	}
	others := slices.DeleteFunc(users, func(u UserRef) bool { _, ok := mine[u.Key]; return ok })
	if len(others) > 0 {
		a.opts.OnChange(Change{Users: others})
	}
	return nil
}

// ConfirmUser asks GoTo for a user that the snapshot does not show. The answer false is proof that it is not there.
func (a *Account) ConfirmUser(ctx context.Context, key gotoclient.Key) (gotoclient.User, bool, error) {
	u, err := a.users.Get(ctx, key)
	switch {
	case gotoclient.IsNotFound(err):
		a.state.mu.Lock()
		a.state.remove(key)
		a.state.mu.Unlock()
		return gotoclient.User{}, false, nil
	case err != nil:
		return gotoclient.User{}, false, err
	}
	a.noteWritten(u)
	return *u, true, nil
}

// DeleteUser deletes a user if the brake allows it, or returns a *BlockedError. A user that is not there is deleted.
func (a *Account) DeleteUser(ctx context.Context, key gotoclient.Key) error {
	ticket, err := a.TakeFromBrake(ctx, brake.Users)
	if err != nil {
		return err
	}
	err = a.users.Delete(brake.With(ctx, ticket), []gotoclient.Key{key})
	SettleTicket(ticket, err)
	if err != nil && !gotoclient.IsNotFound(err) {
		return err
	}
	a.noteDeleted(key)
	return nil
}

func batchPriority(n int) Priority {
	if n == 1 {
		return Interactive
	}
	return Bulk
}
