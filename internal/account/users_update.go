package account

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/goto-operator/goto-operator/internal/account/batch"
	"github.com/goto-operator/goto-operator/internal/account/brake"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

type updateItem struct {
	key     gotoclient.Key
	patch   gotoclient.UserPatch
	tickets []*brake.Ticket // of licences that it takes
}

// UpdateUser changes a user; equal changes to several users become one request. A change of licences or group is read
// back, and made again by the call that serves it alone if the change of the user did not: whether it does is UNVERIFIED.
// It returns ErrGone for a user that is surely not there, and a *SeatsError for want of a seat, in which case the rest of
// the patch has been written.
func (a *Account) UpdateUser(ctx context.Context, key gotoclient.Key, patch gotoclient.UserPatch) error {
	before, _ := a.User(key)
	var group gotoclient.Key
	if patch.GroupKey != nil {
		group = *patch.GroupKey
	}
	if group != "" && (patch == gotoclient.UserPatch{GroupKey: patch.GroupKey} || a.groupByMove.Load()) {
		if err := a.MoveUser(ctx, key, group); err != nil {
			return err
		}
		patch.GroupKey, group = nil, ""
	}
	if patch == (gotoclient.UserPatch{}) {
		return nil
	}
	sent := a.opts.Now()
	err := a.put(ctx, key, patch)
	if err != nil && group != "" && splittable(err) {
		patch.GroupKey = nil // perhaps it does not belong there
		if err = a.put(ctx, key, patch); err == nil {
			a.groupByMove.Store(true)
		}
	}
	var seatless error
	var exhausted *SeatsError
	if err != nil && patch.LicenseKeys != nil && (splittable(err) || errors.As(err, &exhausted)) {
		seatless, err = a.putWithoutSeats(ctx, before, patch, sent, err)
	}
	if err != nil {
		return err
	}
	if err := a.settle(ctx, before, patch, group); err != nil {
		return err
	}
	return seatless
}

// settle reads back a change of licences or group, and completes it.
func (a *Account) settle(ctx context.Context, before gotoclient.User, patch gotoclient.UserPatch, group gotoclient.Key) error {
	if group == "" && patch.LicenseKeys == nil {
		return nil
	}
	sent, ok := a.User(before.Key)
	if !ok {
		return nil
	}
	var gains, takes []gotoclient.Key
	if patch.LicenseKeys != nil {
		gains, takes = without(*patch.LicenseKeys, before.LicenseKeys), without(before.LicenseKeys, *patch.LicenseKeys)
	}
	unsure := group != "" && !a.groupByPut.certain() || len(gains) > 0 && !a.seatsByPut.certain() || len(takes) > 0 && !a.seatsLeftByPut.certain()
	seen, err := a.settles.Submit(ctx, "", settleItem{user: sent, before: &before, must: unsure})
	if err != nil {
		a.doubt(before)
		return err
	}
	left := without(takes, without(takes, seen.user.LicenseKeys))
	if seen.read {
		a.groupByPut.note(group != "", seen.user.GroupKey == group)
		a.seatsByPut.note(len(gains) > 0, len(without(gains, seen.user.LicenseKeys)) == 0)
		a.seatsLeftByPut.note(len(takes) > 0, len(left) == 0)
	}
	if err = a.complete(ctx, seen.user, group, left); err != nil {
		a.doubt(before)
	}
	return err
}

// complete does by calls of their own what a change of the user has left undone: the move into a group, and taking seats away.
func (a *Account) complete(ctx context.Context, seen gotoclient.User, group gotoclient.Key, left []gotoclient.Key) error {
	if group != "" && seen.GroupKey != group {
		a.groupByMove.Store(true)
		if err := a.MoveUser(ctx, seen.Key, group); err != nil {
			return err
		}
	}
	return a.removeSeats(ctx, seen, left)
}

// doubt takes back what the snapshot says of a user's licences and group after a change that could not be read back: as long
// as it may not have come about, it has to be made again.
func (a *Account) doubt(before gotoclient.User) {
	if u, ok := a.User(before.Key); ok {
		u.LicenseKeys = before.LicenseKeys
		u.GroupKey, u.GroupName, u.GroupKeyPath, u.GroupNamePath = before.GroupKey, before.GroupName, before.GroupKeyPath, before.GroupNamePath
		a.noteWritten(&u)
	}
}

// put sends a change together with others like it.
func (a *Account) put(ctx context.Context, key gotoclient.Key, patch gotoclient.UserPatch) error {
	group, err := json.Marshal(patch)
	if err != nil {
		return fmt.Errorf("encode the change: %w", err)
	}
	_, err = a.updates.Submit(ctx, string(group), updateItem{key, patch, brake.From(ctx)})
	if !isMissing(err) {
		return err
	}
	if gone, cause := a.userGone(ctx, key, err); !gone {
		return cause
	}
	return ErrGone
}

func (a *Account) putUsers(ctx context.Context, items []updateItem) []batch.Result[struct{}] {
	ctx = brake.With(ctx, tickets(items)...)
	if len(items) > 1 && a.singleKeyPuts.Load() {
		return each(ctx, items, a.putUsers)
	}
	a.opts.Observe(gotoclient.OpUpdateUsers, len(items))
	keys := make([]gotoclient.Key, len(items))
	for i, it := range items {
		keys[i] = it.key
	}
	sent := a.opts.Now()
	err := a.users.Update(ctx, keys, items[0].patch)
	switch {
	case err == nil && len(items) > 1 && !a.provenMultiKey(ctx, items):
		a.singleKeyPuts.Store(true)
		return each(ctx, items, a.putUsers)
	case err == nil:
		for _, it := range items {
			a.notePatched(it)
		}
		return make([]batch.Result[struct{}], len(items))
	case len(items) > 1 && isBlocked(err): // one of them
		return each(ctx, items, a.putUsers)
	case len(items) > 1 && (splittable(err) || isBadGateway(err)):
		return a.putLess(ctx, items, sent)
	}
	return batch.FailAll[updateItem, struct{}](items, err)
}

// putLess goes on after a refusal, as postLess does.
func (a *Account) putLess(ctx context.Context, items []updateItem, sent time.Time) []batch.Result[struct{}] {
	var gains []gotoclient.Key
	for _, it := range items {
		if it.patch.LicenseKeys != nil {
			u, _ := a.User(it.key)
			gains = append(gains, without(*it.patch.LicenseKeys, u.LicenseKeys)...)
		}
	}
	if err := a.exhausted(ctx, sent, gains); err != nil {
		return batch.FailAll[updateItem, struct{}](items, err)
	}
	half := len(items) / 2
	return append(a.putUsers(ctx, items[:half]), a.putUsers(ctx, items[half:])...)
}

// isBadGateway tells what is also GoTo's answer to a key that is no number (L, indirect), as several keys may be to it.
func isBadGateway(err error) bool {
	return statusOf(err) == http.StatusBadGateway
}

// each runs a batch item by item.
func each[I any](ctx context.Context, items []I, run func(context.Context, []I) []batch.Result[struct{}]) []batch.Result[struct{}] {
	var out []batch.Result[struct{}]
	for i := range items {
		out = append(out, run(ctx, items[i:i+1])...)
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
	want := *seen
	applyPatch(&want, last.patch)
	want.ManagedGroupKeys = seen.ManagedGroupKeys // reads may lack them (UNVERIFIED)
	want.GroupKey = seen.GroupKey                 // may want a call of its own (UNVERIFIED)
	if last.patch.LicenseKeys != nil && len(without(*last.patch.LicenseKeys, seen.LicenseKeys)) == 0 {
		want.LicenseKeys = seen.LicenseKeys // taking one away may want a call of its own (UNVERIFIED)
	}
	if last.patch.AdminRoles != nil && hasRoles(*seen, *last.patch.AdminRoles) {
		want.AdminRoles = seen.AdminRoles // reads show what a role brings with it as well (L)
	}
	if gotoclient.SameName(want.FirstName, seen.FirstName) && gotoclient.SameName(want.LastName, seen.LastName) {
		want.FirstName, want.LastName = seen.FirstName, seen.LastName
	}
	if !equalUsers(want, *seen) {
		return false
	}
	a.multiKeyProven.Store(true)
	return true
}

// hasRoles tells whether a read shows the roles that were written: of none, none; of some, those and perhaps what they imply.
func hasRoles(seen gotoclient.User, written []string) bool {
	lacks := func(role string) bool { return !slices.Contains(seen.AdminRoles, role) }
	return !slices.ContainsFunc(written, lacks) && (len(written) > 0 || len(seen.AdminRoles) == 0)
}

func equalUsers(a, b gotoclient.User) bool {
	x, err1 := json.Marshal(a)
	y, err2 := json.Marshal(b)
	return err1 == nil && err2 == nil && bytes.Equal(x, y)
}

func (a *Account) notePatched(it updateItem) {
	if u, ok := a.User(it.key); ok {
		applyPatch(&u, it.patch)
		if it.patch.GroupKey != nil {
			a.placeIn(&u, *it.patch.GroupKey)
		}
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
		u.ManagedGroupKeys = append([]gotoclient.Key{}, sorted(*p.ManagedGroupKeys)...) // none is known too
	}
	if p.LicenseKeys != nil {
		u.LicenseKeys = slices.Clone(*p.LicenseKeys)
	}
	setIf(&u.GroupKey, p.GroupKey)
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
