package account

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/goto-operator/goto-operator/internal/account/batch"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// CreateUser is a user to be created, and what applies to all users of one request.
type CreateUser struct {
	User             gotoclient.NewUser
	LicenseKeys      []gotoclient.Key
	GroupKey         gotoclient.Key
	AdminRoles       []string
	ManagedGroupKeys []gotoclient.Key
	SuppressEmail    bool
	EmailContent     *gotoclient.EmailContent
}

// group is equal for users that one request can create together.
func (c CreateUser) group() string {
	c.User = gotoclient.NewUser{}
	data, _ := json.Marshal(c) //nolint:errchkjson // plain strings
	return string(data)
}

// CreateUser creates a user together with others that are asked for at the same time, and returns it as GoTo shows it.
//
// No list that failed, came back empty or is older than a minute authorises it. If the answer is lost, the account is
// read again: a user that was created is found by its e-mail address. It returns ErrExists if there is one already, or one of whom it
// is not sure that this request made it.
func (a *Account) CreateUser(ctx context.Context, c CreateUser) (gotoclient.User, error) {
	if err := a.LastError(); err != nil {
		return gotoclient.User{}, err
	}
	if err := a.refreshIfOlder(ctx, createFreshness); err != nil {
		return gotoclient.User{}, err
	}
	if u, ok := a.UserByEmail(c.User.Email); ok {
		return u, ErrExists
	}
	sent, err := a.creates.Submit(ctx, c.group(), c)
	if err != nil {
		return sent.user, err
	}
	u, err := a.created(ctx, sent.user)
	if err == nil && !sent.made(u) {
		err = ErrExists
	}
	return u, err
}

// newUser is a user whom a request seems to have made, and what speaks for it.
type newUser struct {
	user gotoclient.User
	evidence
}

// created reads back a user that was just created. One that cannot be read is returned as it was sent: the next reading
// completes it.
func (a *Account) created(ctx context.Context, u gotoclient.User) (gotoclient.User, error) {
	seen, err := a.settles.Submit(ctx, "", settleItem{user: u, must: true})
	if err != nil && ctx.Err() == nil {
		return u, nil
	}
	return seen.user, err
}

// postUsers sends one batch, but for those whom a reading has shown since they were asked for.
func (a *Account) postUsers(ctx context.Context, items []CreateUser) []batch.Result[newUser] {
	out := make([]batch.Result[newUser], len(items))
	var absent []CreateUser
	var at []int
	for i, it := range items {
		if u, ok := a.UserByEmail(it.User.Email); ok {
			out[i] = batch.Result[newUser]{Value: newUser{user: u}, Err: ErrExists}
			continue
		}
		absent, at = append(absent, it), append(at, i)
	}
	if len(absent) == 0 {
		return out
	}
	for i, r := range a.postAbsent(ctx, absent) {
		out[at[i]] = r
	}
	return out
}

// postAbsent sends one request. A batch that is refused is halved until the refused user is alone.
func (a *Account) postAbsent(ctx context.Context, items []CreateUser) []batch.Result[newUser] {
	a.opts.Observe(gotoclient.OpCreateUsers, len(items))
	request := gotoclient.CreateUsers{
		LicenseKeys: items[0].LicenseKeys, GroupKey: items[0].GroupKey, AdminRoles: items[0].AdminRoles, ManagedGroupKeys: items[0].ManagedGroupKeys,
		SuppressEmail: items[0].SuppressEmail, EmailContent: items[0].EmailContent,
	}
	for _, it := range items {
		request.Users = append(request.Users, it.User)
	}
	sent := a.opts.Now()
	created, err := a.users.Create(ctx, request)
	switch {
	case err == nil:
		return a.createResults(ctx, items, created, sent)
	case gotoclient.IsAmbiguous(err):
		return a.findCreated(ctx, items, sent, err)
	case splittable(err):
		return a.postLess(ctx, items, sent, err)
	}
	return batch.FailAll[CreateUser, newUser](items, err)
}

// postLess goes on after a refusal: not at all if it was for want of seats, else with the halves.
func (a *Account) postLess(ctx context.Context, items []CreateUser, sent time.Time, cause error) []batch.Result[newUser] {
	if err := a.exhausted(ctx, sent, slices.Repeat(items[0].LicenseKeys, len(items))); err != nil {
		return batch.FailAll[CreateUser, newUser](items, err)
	}
	if len(items) == 1 {
		return batch.FailAll[CreateUser, newUser](items, cause)
	}
	half := len(items) / 2
	return append(a.postUsers(ctx, items[:half]), a.postUsers(ctx, items[half:])...)
}

// splittable tells an answer that may be about one item of a batch, or about its size, from one about the caller.
func splittable(err error) bool {
	return gotoclient.IsRefused(err) && !gotoclient.IsForbidden(err)
}

func (a *Account) createResults(ctx context.Context, items []CreateUser, created []gotoclient.CreatedUser, sent time.Time) []batch.Result[newUser] {
	out := make([]batch.Result[newUser], len(items))
	var conflicts bool
	for i, c := range created {
		if c.Key == "" {
			conflicts = true
			continue
		}
		out[i] = a.keyed(c.Key, items[i], sent)
	}
	if !conflicts {
		return out
	}
	err := a.refreshIfOlder(ctx, 0)
	for i, c := range created {
		if c.Key != "" {
			continue
		}
		out[i].Err = err
		if err == nil {
			out[i] = a.existing(items[i])
		}
	}
	return out
}

// keyed is the answer for a user whose key came back. The key is no proof that the user is new: a newer guide says that existing ones
// are returned (D).
func (a *Account) keyed(key gotoclient.Key, item CreateUser, sent time.Time) batch.Result[newUser] {
	if was, ok := a.User(key); ok && !gotoclient.SameEmail(was.Email, item.User.Email) {
		return batch.Result[newUser]{Value: newUser{user: was}, Err: ErrExists} // who had another address here
	}
	a.state.mu.RLock()
	_, revived := a.state.deleted[key]
	a.state.mu.RUnlock()
	u := asSent(key, item)
	a.noteWritten(&u)
	return batch.Result[newUser]{Value: newUser{u, evidence{sent: sent, keyed: true, revived: revived}}}
}

// existing is the answer for a user that GoTo did not create because it exists.
func (a *Account) existing(item CreateUser) batch.Result[newUser] {
	if u, ok := a.UserByEmail(item.User.Email); ok {
		return batch.Result[newUser]{Value: newUser{user: u}, Err: ErrExists}
	}
	return batch.Result[newUser]{Err: ErrNotVisible}
}

// findCreated reads the account again after an answer was lost. Users that are there now may have been created by it: their date tells.
// For the others the request is not repeated here: their objects are tried again.
func (a *Account) findCreated(ctx context.Context, items []CreateUser, sent time.Time, cause error) []batch.Result[newUser] {
	out := batch.FailAll[CreateUser, newUser](items, cause)
	if err := a.refreshIfOlder(ctx, 0); err != nil {
		return out
	}
	for i := range items {
		if u, ok := a.UserByEmail(items[i].User.Email); ok {
			out[i] = batch.Result[newUser]{Value: newUser{u, evidence{sent: sent}}}
		}
	}
	return out
}

func asSent(key gotoclient.Key, c CreateUser) gotoclient.User {
	return gotoclient.User{
		Key: key, Email: c.User.Email, FirstName: c.User.FirstName, LastName: c.User.LastName,
		Locale: c.User.Locale, TimeZone: c.User.TimeZone, LicenseKeys: slices.Clone(c.LicenseKeys), GroupKey: c.GroupKey,
		AdminRoles: slices.Clone(c.AdminRoles), ManagedGroupKeys: append([]gotoclient.Key{}, c.ManagedGroupKeys...), // known, if none
	}
}
