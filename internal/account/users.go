package account

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/goto-operator/goto-operator/internal/account/batch"
	"github.com/goto-operator/goto-operator/internal/account/brake"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// ErrExists says that a user or group was not created because one with that e-mail address or name is there already.
var ErrExists = errors.New("it exists already")

// ErrNotVisible says that GoTo refused to create a user or group as existing and does not list it either. It passes. Like
// ErrExists it is proof that the request did not create the user.
var ErrNotVisible = errors.New("GoTo says that it exists but does not list it yet")

// ErrUnconfirmed says that GoTo's answers do not agree: that something was made which it does not show, or that something is not
// there, without a proof of it. It passes.
var ErrUnconfirmed = errors.New("GoTo's answers do not agree yet")

// ErrGone says that a user or group that the snapshot shows is no longer in GoTo. The snapshot has forgotten it by then.
var ErrGone = errors.New("it is no longer in GoTo; it is looked for again")

// settleItem is a user that was written, or is to be read.
type settleItem struct {
	user   gotoclient.User  // as it was sent; of one to be read, the key
	before *gotoclient.User // a change: as it was, and as a read that lags still shows it
	must   bool             // be read back, whatever it costs
	asRead bool             // what GoTo shows counts, and not what was written
}

// settled is a user as GoTo shows it; as it was sent where read is false, or no user where it is so of one to be read.
type settled struct {
	user gotoclient.User
	read bool
}

// confirm reads back what was created or changed, by whichever costs less: one request per user, or the list. It does not
// cost more than the writing did, unless something has to be read: otherwise ten thousand changes would read the whole list
// with every few hundred of them. A user that is not read, or not visible yet, is returned as it was sent; the next reading
// completes it.
func (a *Account) confirm(ctx context.Context, items []settleItem) []batch.Result[settled] {
	a.state.mu.RLock()
	size := a.know.Users.At(a.opts.Now())
	pages := max(1, (len(a.state.users)+size-1)/size)
	a.state.mu.RUnlock()
	must := slices.ContainsFunc(items, func(it settleItem) bool { return it.must })
	look := a.asSent
	switch {
	case len(items) <= pages:
		look = a.readOne
	case must || pages <= (len(items)+a.opts.BatchSize-1)/a.opts.BatchSize:
		if err := a.readBack(ctx, items); err != nil {
			return batch.FailAll[settleItem, settled](items, err)
		}
		look = a.fromReading
	}
	out := make([]batch.Result[settled], len(items))
	for i, it := range items {
		out[i].Value, out[i].Err = look(ctx, it)
	}
	return out
}

// asSent is a user that is not read back, with what others may have learned of it since.
func (a *Account) asSent(_ context.Context, it settleItem) (settled, error) {
	if u, ok := a.User(it.user.Key); ok {
		return settled{user: u}, nil
	}
	return settled{user: it.user}, nil
}

// readOne asks for one user.
func (a *Account) readOne(ctx context.Context, it settleItem) (settled, error) {
	if it.asRead {
		u, there, err := a.ConfirmUser(ctx, it.user.Key)
		return settled{u, there}, err
	}
	seen, err := a.users.Get(ctx, it.user.Key)
	switch {
	case gotoclient.IsNotFound(err): // not visible yet
		return a.asSent(ctx, it)
	case err != nil:
		return settled{}, err
	}
	return a.noteSettled(it, a.noteRead(seen)), nil
}

// fromReading takes a user from the reading that has just been made.
func (a *Account) fromReading(ctx context.Context, it settleItem) (settled, error) {
	a.state.mu.RLock()
	u, ok := a.state.get(it.user.Key)
	_, ours := a.state.written[it.user.Key]
	a.state.mu.RUnlock()
	switch {
	case it.asRead && ok && ours:
		return a.readOne(ctx, it)
	case it.asRead && !ok: // the list is one sign that it is gone, and GoTo's answer the other
		u, there, err := a.confirmUser(ctx, it.user.Key, func(context.Context) (bool, error) { return true, nil })
		return settled{u, there}, err
	case !ok:
		return settled{it.user, true}, nil
	}
	return a.noteSettled(it, u), nil
}

// noteSettled keeps what was written in the snapshot where the read shows what was there before: right after the write it may lag.
func (a *Account) noteSettled(it settleItem, seen gotoclient.User) settled {
	if kept, lags := it.over(seen); lags {
		a.noteWritten(&kept)
	}
	return settled{seen, true}
}

// over lays a change of licences or group over a read that still shows those from before.
func (it settleItem) over(seen gotoclient.User) (kept gotoclient.User, lags bool) {
	if it.asRead || it.before == nil {
		return seen, false
	}
	old, sent := it.before, &it.user
	if !sameKeys(old.LicenseKeys, sent.LicenseKeys) && sameKeys(old.LicenseKeys, seen.LicenseKeys) {
		seen.LicenseKeys, lags = sent.LicenseKeys, true
	}
	if old.GroupKey != sent.GroupKey && old.GroupKey == seen.GroupKey {
		seen.GroupKey, seen.GroupName, seen.GroupKeyPath, seen.GroupNamePath = sent.GroupKey, sent.GroupName, sent.GroupKeyPath, sent.GroupNamePath
		lags = true
	}
	return seen, lags
}

func sameKeys(a, b []gotoclient.Key) bool { return slices.Equal(sorted(a), sorted(b)) }

// readBack reads the list of users after writes whose answers carry less than a full user. Whoever waits for it is told by it; what
// it shows of others is reported, also of those who were written a moment ago and changed by somebody else since.
func (a *Account) readBack(ctx context.Context, waiting []settleItem) error {
	if err := a.refreshing.Take(ctx); err != nil {
		return err
	}
	defer a.refreshing.Leave()
	users, err := a.refreshUsers(ctx)
	if err != nil {
		return err
	}
	told := make(map[gotoclient.Key]bool, len(waiting))
	for _, it := range waiting {
		told[it.user.Key] = true
	}
	others := slices.DeleteFunc(users, func(u UserRef) bool { return told[u.Key] })
	if len(others) > 0 {
		a.opts.OnChange(Change{Users: others})
	}
	return nil
}

// ReadUser asks GoTo for a user as it is now, past what we have written, together with others that are asked for at the same time:
// one request each, or the list where that costs less. What it reads takes the place of our own write in the snapshot. The answer
// false is proof that the user is not there, as of ConfirmUser.
func (a *Account) ReadUser(ctx context.Context, key gotoclient.Key) (gotoclient.User, bool, error) {
	seen, err := a.settles.Submit(ctx, "", settleItem{user: gotoclient.User{Key: key}, must: true, asRead: true})
	return seen.user, err == nil && seen.read, err
}

// recently is the age up to which the records are good enough to write over what they show.
const recently = time.Minute

// RecentUser is a user as GoTo has shown it within the last minute. A list of licences is written whole: one that somebody else has
// given since the records were made would be taken away. It returns ErrGone for a user that is surely not there.
func (a *Account) RecentUser(ctx context.Context, key gotoclient.Key) (gotoclient.User, error) {
	u, there := a.User(key)
	if a.opts.Now().Sub(a.Summary().TakenAt) > recently {
		var err error
		if u, there, err = a.ReadUser(ctx, key); err != nil {
			return u, err
		}
	}
	if !there {
		return u, ErrGone
	}
	return u, nil
}

// ConfirmUser asks GoTo for a user that the snapshot does not show. The answer false is proof that it is not there; where GoTo says
// so without proof, and the list does not agree, the error is ErrUnconfirmed.
func (a *Account) ConfirmUser(ctx context.Context, key gotoclient.Key) (gotoclient.User, bool, error) {
	return a.confirmUser(ctx, key, a.userLacking(key))
}

func (a *Account) confirmUser(ctx context.Context, key gotoclient.Key, lacks func(context.Context) (bool, error)) (gotoclient.User, bool, error) {
	u, err := a.users.Get(ctx, key)
	if err == nil {
		return a.noteRead(u), true, nil
	}
	gone, err := a.absent(ctx, err, lacks)
	if gone {
		a.state.mu.Lock()
		a.state.remove(key)
		a.state.mu.Unlock()
	}
	return gotoclient.User{}, false, err
}

// noteRead applies what a request for one user has shown. What the record holds from then on is a copy: the one that is returned is
// the caller's.
func (a *Account) noteRead(u *gotoclient.User) gotoclient.User {
	if was, ok := a.User(u.Key); ok && u.ManagedGroupKeys == nil {
		u.ManagedGroupKeys = was.ManagedGroupKeys // reads may lack them (UNVERIFIED)
	}
	kept := *u
	a.noteWritten(&kept)
	return *u
}

// DeleteUser deletes a user if the brake allows it, or returns a *BlockedError. A user that is not there is deleted.
func (a *Account) DeleteUser(ctx context.Context, key gotoclient.Key) error {
	ticket, err := a.TakeFromBrake(ctx, brake.Users)
	if err != nil {
		return err
	}
	err = a.users.Delete(brake.With(ctx, ticket), []gotoclient.Key{key})
	SettleTicket(ticket, err)
	if err != nil && !gotoclient.IsAbsent(err) {
		if gone, cause := a.userGone(ctx, key, err); !gone {
			return cause
		}
	}
	a.noteDeleted(key)
	return nil
}
