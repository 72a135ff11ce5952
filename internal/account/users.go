package account

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// ErrExists says that a user was not created because one with that e-mail address is there already.
var ErrExists = errors.New("a user with this e-mail address exists already")

// ErrNotVisible says that GoTo refused to create a user as existing and does not list it either. It passes. Like
// ErrExists it is proof that the request did not create the user.
var ErrNotVisible = errors.New("GoTo says that the user exists but does not list it yet")

// ErrGone says that what the snapshot shows is no longer in GoTo. The snapshot has forgotten it by then.
var ErrGone = errors.New("it is no longer in GoTo; it is looked for again")

// CreateUser is a user to be created, and what applies to all users of one request.
type CreateUser struct {
	User             gotoclient.NewUser
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
// read again: a user that was created is found by its e-mail address. It returns ErrExists if there is one already.
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
	u, err := a.creates.submit(ctx, c.group(), c)
	if err != nil {
		return u, err
	}
	return a.settles.submit(ctx, "", u)
}

// postUsers sends one batch. A batch that is refused is halved until the refused user is alone.
func (a *Account) postUsers(ctx context.Context, items []CreateUser) []result[gotoclient.User] {
	a.opts.Observe(gotoclient.OpCreateUsers, len(items))
	ctx = WithPriority(ctx, batchPriority(len(items)))
	request := gotoclient.CreateUsers{
		AdminRoles: items[0].AdminRoles, ManagedGroupKeys: items[0].ManagedGroupKeys,
		SuppressEmail: items[0].SuppressEmail, EmailContent: items[0].EmailContent,
	}
	for _, it := range items {
		request.Users = append(request.Users, it.User)
	}
	created, err := a.users.Create(ctx, request)
	switch {
	case err == nil:
		return a.createResults(ctx, items, created)
	case gotoclient.IsAmbiguous(err):
		return a.findCreated(ctx, items, err)
	case len(items) > 1 && splittable(err):
		half := len(items) / 2
		return append(a.postUsers(ctx, items[:half]), a.postUsers(ctx, items[half:])...)
	}
	return failAll[CreateUser, gotoclient.User](items, err)
}

// splittable tells an answer that may be about one item of a batch, or about its size, from one about the caller.
func splittable(err error) bool {
	return gotoclient.IsRefused(err) && !gotoclient.IsForbidden(err)
}

func (a *Account) createResults(ctx context.Context, items []CreateUser, created []gotoclient.CreatedUser) []result[gotoclient.User] {
	out := make([]result[gotoclient.User], len(items))
	var conflicts bool
	for i, c := range created {
		if c.Key == "" {
			conflicts = true
			continue
		}
		u := asSent(c.Key, items[i])
		a.noteWritten(&u)
		out[i].value = u
	}
	if !conflicts {
		return out
	}
	err := a.refreshIfOlder(ctx, 0)
	for i, c := range created {
		if c.Key != "" {
			continue
		}
		out[i].err = err
		if err == nil {
			out[i] = a.existing(items[i])
		}
	}
	return out
}

// existing is the answer for a user that GoTo did not create because it exists.
func (a *Account) existing(item CreateUser) result[gotoclient.User] {
	if u, ok := a.UserByEmail(item.User.Email); ok {
		return result[gotoclient.User]{u, ErrExists}
	}
	return result[gotoclient.User]{err: ErrNotVisible}
}

// findCreated reads the account again after an answer was lost. Users that are there now, and were not when the batch
// was sent, were created by it. For the others the request is not repeated here: their objects are tried again.
func (a *Account) findCreated(ctx context.Context, items []CreateUser, cause error) []result[gotoclient.User] {
	out := failAll[CreateUser, gotoclient.User](items, cause)
	if err := a.refreshIfOlder(ctx, 0); err != nil {
		return out
	}
	for i := range items {
		if u, ok := a.UserByEmail(items[i].User.Email); ok {
			out[i] = result[gotoclient.User]{value: u}
		}
	}
	return out
}

func asSent(key gotoclient.Key, c CreateUser) gotoclient.User {
	return gotoclient.User{
		Key: key, Email: c.User.Email, FirstName: c.User.FirstName, LastName: c.User.LastName,
		Locale: c.User.Locale, TimeZone: c.User.TimeZone,
		AdminRoles: slices.Clone(c.AdminRoles), ManagedGroupKeys: slices.Clone(c.ManagedGroupKeys),
	}
}

// confirmCreated reads back what was created, by whichever costs less: one request per user, or the list. A user that
// is not visible yet is returned as it was sent; the next reading completes it.
func (a *Account) confirmCreated(ctx context.Context, users []gotoclient.User) []result[gotoclient.User] {
	a.state.mu.RLock()
	pages := max(1, (len(a.state.users)+a.pageSize()-1)/a.pageSize())
	a.state.mu.RUnlock()
	if len(users) > pages {
		_ = a.readBack(ctx) // on failure the users stay as sent
	} else {
		for _, u := range users {
			if seen, err := a.users.Get(ctx, u.Key); err == nil {
				a.noteWritten(seen)
			}
		}
	}
	out := make([]result[gotoclient.User], len(users))
	for i, u := range users {
		out[i].value = u
		if seen, ok := a.User(u.Key); ok {
			out[i].value = seen
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

type updateItem struct {
	key   gotoclient.Key
	patch gotoclient.UserPatch
}

// UpdateUser changes a user; equal changes to several users become one request. It returns ErrGone for a user that is
// surely not there.
func (a *Account) UpdateUser(ctx context.Context, key gotoclient.Key, patch gotoclient.UserPatch) error {
	group, err := json.Marshal(patch)
	if err != nil {
		return fmt.Errorf("encode the change: %w", err)
	}
	_, err = a.updates.submit(ctx, string(group), updateItem{key, patch})
	if !gotoclient.IsNotFound(err) {
		return err
	}
	if _, there, confirmErr := a.ConfirmUser(ctx, key); confirmErr != nil || there {
		return err
	}
	return ErrGone
}

func (a *Account) putUsers(ctx context.Context, items []updateItem) []result[struct{}] {
	ctx = WithPriority(ctx, batchPriority(len(items)))
	if len(items) > 1 && a.singleKeyPuts.Load() {
		return a.putEach(ctx, items)
	}
	a.opts.Observe(gotoclient.OpUpdateUsers, len(items))
	keys := make([]gotoclient.Key, len(items))
	for i, it := range items {
		keys[i] = it.key
	}
	err := a.users.Update(ctx, keys, items[0].patch)
	var api *gotoclient.APIError
	badGateway := errors.As(err, &api) && api.Status == 502 // also GoTo's answer to a key that is no number (L, indirect)
	switch {
	case err == nil && len(items) > 1 && !a.provenMultiKey(ctx, items):
		a.singleKeyPuts.Store(true)
		return a.putEach(ctx, items)
	case err == nil:
		for _, it := range items {
			a.notePatched(it)
		}
		return make([]result[struct{}], len(items))
	case len(items) > 1 && (splittable(err) || badGateway):
		half := len(items) / 2
		return append(a.putUsers(ctx, items[:half]), a.putUsers(ctx, items[half:])...)
	}
	return failAll[updateItem, struct{}](items, err)
}

func (a *Account) putEach(ctx context.Context, items []updateItem) []result[struct{}] {
	var out []result[struct{}]
	for i := range items {
		out = append(out, a.putUsers(ctx, items[i:i+1])...)
	}
	return out
}

// provenMultiKey looks once, after the first request that changed several users, whether the last of them was changed:
// that a comma separates keys is assumed, not known.
func (a *Account) provenMultiKey(ctx context.Context, items []updateItem) bool {
	if a.multiKeyProven.Load() {
		return true
	}
	last := items[len(items)-1]
	seen, err := a.users.Get(ctx, last.key)
	if err != nil {
		return false
	}
	seen.AdminRoles = sorted(seen.AdminRoles)
	want := *seen
	applyPatch(&want, last.patch)
	want.ManagedGroupKeys = seen.ManagedGroupKeys // reads may lack them (UNVERIFIED)
	if !equalUsers(want, *seen) {
		return false
	}
	a.multiKeyProven.Store(true)
	return true
}

func equalUsers(a, b gotoclient.User) bool {
	x, err1 := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && bytes.Equal(x, y)
}

func (a *Account) notePatched(it updateItem) {
	if u, ok := a.User(it.key); ok {
		applyPatch(&u, it.patch)
		a.noteWritten(&u)
	}
}

func applyPatch(u *gotoclient.User, p gotoclient.UserPatch) {
	setIf(&u.Email, p.Email)
	setIf(&u.FirstName, p.FirstName)
	setIf(&u.LastName, p.LastName)
	setIf(&u.Locale, p.Locale)
	setIf(&u.TimeZone, p.TimeZone)
	if p.AdminRoles != nil {
		u.AdminRoles = sorted(*p.AdminRoles)
	}
	if p.ManagedGroupKeys != nil {
		u.ManagedGroupKeys = sorted(*p.ManagedGroupKeys)
	}
}

func setIf[T any](dst, src *T) {
	if src != nil {
		*dst = *src
	}
}

func sorted[T ~string](in []T) []T {
	if len(in) == 0 {
		return nil
	}
	out := slices.Clone(in)
	slices.Sort(out)
	return out
}

// DeleteUser deletes a user if the brake allows it, or returns a *BlockedError. A user that is not there is deleted.
func (a *Account) DeleteUser(ctx context.Context, key gotoclient.Key) error {
	a.state.mu.RLock()
	total := len(a.state.users)
	a.state.mu.RUnlock()
	if err := a.opts.Brake.Take(ctx, total); err != nil {
		return err
	}
	err := a.users.Delete(ctx, []gotoclient.Key{key})
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
