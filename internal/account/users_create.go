package account

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/goto-operator/goto-operator/internal/account/batch"
	"github.com/goto-operator/goto-operator/internal/account/evidence"
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
func (c *CreateUser) group() string {
	rest := *c
	rest.User = gotoclient.NewUser{}
	data, _ := json.Marshal(rest) //nolint:errchkjson // plain strings
	return string(data)
}

// creates makes users.
type creates struct {
	*Users
	batches *batch.Batcher[*CreateUser, newUser]
}

func newCreates(ctx context.Context, u *Users) *creates {
	c := &creates{Users: u}
	c.batches = batch.New(batch.Options[*CreateUser, newUser]{
		Context: ctx, Idle: batchIdle, Longest: batchLongest, Size: u.acct.opts.BatchSize, Run: c.post, Begin: traced("creates"),
	})
	return c
}

func (c *creates) create(ctx context.Context, user *CreateUser) (*Making, error) {
	if err := c.acct.LastError(); err != nil {
		return nil, err
	}
	if err := c.reader.After(ctx, c.acct.opts.Now().Add(-createFreshness)); err != nil {
		return nil, err
	}
	if u := c.byEmail(user.User.Email); u != nil {
		return made(u, ErrExists), nil
	}
	sent, err := c.batches.Submit(ctx, user.group(), user)
	switch {
	case errors.Is(err, ErrExists):
		return made(sent.user, err), nil
	case err != nil:
		return nil, err
	}
	return c.looks.created(ctx, sent), nil
}

// newUser is a user whom a request seems to have made, and what speaks for it.
type newUser struct {
	user *gotoclient.User // not to be changed
	evidence.Create
}

// verdict is what came of the request for a user whom GoTo shows like that.
func (n newUser) verdict(seen *gotoclient.User) (*gotoclient.User, error) {
	if !n.Made(seen) {
		return seen, ErrExists
	}
	return seen, nil
}

// post sends one batch, but for those whom a reading has shown since they were asked for.
func (c *creates) post(ctx context.Context, items []*CreateUser) []batch.Result[newUser] {
	out := make([]batch.Result[newUser], len(items))
	var absent []*CreateUser
	var at []int
	for i, it := range items {
		if u := c.byEmail(it.User.Email); u != nil {
			out[i] = batch.Result[newUser]{Value: newUser{user: u}, Err: ErrExists}
			continue
		}
		absent, at = append(absent, it), append(at, i)
	}
	if len(absent) == 0 {
		return out
	}
	for i, r := range c.postAbsent(ctx, absent) {
		out[at[i]] = r
	}
	return out
}

// postAbsent sends one request. A batch that is refused is halved until the refused user is alone.
func (c *creates) postAbsent(ctx context.Context, items []*CreateUser) []batch.Result[newUser] {
	c.acct.opts.Observe(gotoclient.OpCreateUsers, len(items))
	request := gotoclient.CreateUsers{
		LicenseKeys: items[0].LicenseKeys, GroupKey: items[0].GroupKey, AdminRoles: items[0].AdminRoles, ManagedGroupKeys: items[0].ManagedGroupKeys,
		SuppressEmail: items[0].SuppressEmail, EmailContent: items[0].EmailContent,
	}
	for _, it := range items {
		request.Users = append(request.Users, it.User)
	}
	sent := c.acct.opts.Now()
	created, err := c.api.Create(ctx, request)
	switch {
	case err == nil:
		return c.results(ctx, items, created, sent)
	case gotoclient.IsAmbiguous(err):
		return c.find(ctx, items, sent, err)
	case splittable(err):
		return c.postLess(ctx, items, sent, err)
	}
	return batch.FailAll[*CreateUser, newUser](items, err)
}

// postLess goes on after a refusal: not at all if it was for want of seats or for a group that is gone, else with the halves.
func (c *creates) postLess(ctx context.Context, items []*CreateUser, sent time.Time, cause error) []batch.Result[newUser] {
	if err := c.acct.licenses.exhausted(ctx, sent, slices.Repeat(items[0].LicenseKeys, len(items))); err != nil {
		return batch.FailAll[*CreateUser, newUser](items, err)
	}
	if len(items) == 1 {
		return batch.FailAll[*CreateUser, newUser](items, cause)
	}
	if err := c.acct.groups.refusedFor(ctx, cause, append([]gotoclient.Key{items[0].GroupKey}, items[0].ManagedGroupKeys...)...); err != nil {
		return batch.FailAll[*CreateUser, newUser](items, err)
	}
	half := len(items) / 2
	return append(c.post(ctx, items[:half]), c.post(ctx, items[half:])...)
}

// splittable tells an answer that may be about one item of a batch, or about its size, from one about the caller.
func splittable(err error) bool {
	return gotoclient.IsRefused(err) && !gotoclient.IsForbidden(err)
}

func (c *creates) results(ctx context.Context, items []*CreateUser, created []gotoclient.CreatedUser, sent time.Time) []batch.Result[newUser] {
	out := make([]batch.Result[newUser], len(items))
	var conflicts bool
	for i, made := range created {
		if made.Key == "" {
			conflicts = true
			continue
		}
		out[i] = c.keyed(made.Key, items[i], sent)
	}
	if !conflicts {
		return out
	}
	err := c.reader.After(ctx, c.acct.opts.Now())
	for i, made := range created {
		if made.Key != "" {
			continue
		}
		out[i].Err = err
		if err == nil {
			out[i] = c.existing(items[i])
		}
	}
	return out
}

// keyed is the answer for a user whose key came back. The key is no proof that the user is new: a newer guide says that existing ones
// are returned (D).
func (c *creates) keyed(key gotoclient.Key, item *CreateUser, sent time.Time) batch.Result[newUser] {
	if was, ok := c.Get(key); ok && !gotoclient.SameEmail(was.Email, item.User.Email) {
		return batch.Result[newUser]{Value: newUser{user: &was}, Err: ErrExists} // who had another address here
	}
	laid, own, _ := c.records.Laid(key)
	revived := laid && own && c.records.Get(key) == nil
	u := asSent(key, item)
	c.note(*u)
	return batch.Result[newUser]{Value: newUser{u, evidence.Create{Sent: sent, Keyed: true, Revived: revived}}}
}

// existing is the answer for a user that GoTo did not create because it exists.
func (c *creates) existing(item *CreateUser) batch.Result[newUser] {
	if u := c.byEmail(item.User.Email); u != nil {
		return batch.Result[newUser]{Value: newUser{user: u}, Err: ErrExists}
	}
	return batch.Result[newUser]{Err: ErrNotVisible}
}

// find reads the account again after an answer was lost. Users that are there now may have been created by it: their date tells.
// For the others the request is not repeated here: their objects are tried again.
func (c *creates) find(ctx context.Context, items []*CreateUser, sent time.Time, cause error) []batch.Result[newUser] {
	out := batch.FailAll[*CreateUser, newUser](items, cause)
	if err := c.reader.After(ctx, c.acct.opts.Now()); err != nil {
		return out
	}
	for i := range items {
		if u := c.byEmail(items[i].User.Email); u != nil {
			out[i] = batch.Result[newUser]{Value: newUser{u, evidence.Create{Sent: sent}}}
		}
	}
	return out
}

func asSent(key gotoclient.Key, c *CreateUser) *gotoclient.User {
	return &gotoclient.User{
		Key: key, Email: c.User.Email, FirstName: c.User.FirstName, LastName: c.User.LastName,
		Locale: c.User.Locale, TimeZone: c.User.TimeZone, LicenseKeys: slices.Clone(c.LicenseKeys), GroupKey: c.GroupKey,
		AdminRoles: slices.Clone(c.AdminRoles), ManagedGroupKeys: append([]gotoclient.Key{}, c.ManagedGroupKeys...), // known, if none
	}
}
