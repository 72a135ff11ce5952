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
	"github.com/goto-operator/goto-operator/internal/account/knowledge"
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
	if group != "" && (patch == gotoclient.UserPatch{GroupKey: patch.GroupKey} || a.knows(&a.know.ChangeMoves) == knowledge.No) {
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
			a.learn(&a.know.ChangeMoves, false)
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
	unsure := func(about bool, f *knowledge.Fact) bool { return about && a.knows(f) != knowledge.Yes }
	must := unsure(group != "", &a.know.ChangeMoves) || unsure(len(gains) > 0, &a.know.ChangeGives) || unsure(len(takes) > 0, &a.know.ChangeTakes)
	seen, err := a.settles.Submit(ctx, "", settleItem{user: sent, before: &before, must: must})
	if err != nil {
		a.doubt(before)
		return err
	}
	left := without(takes, without(takes, seen.user.LicenseKeys))
	if seen.read { // one that does not show it may be from before
		a.learnIf(group != "" && seen.user.GroupKey == group, &a.know.ChangeMoves)
		a.learnIf(len(gains) > 0 && len(without(gains, seen.user.LicenseKeys)) == 0, &a.know.ChangeGives)
		a.learnIf(len(takes) > 0 && len(left) == 0, &a.know.ChangeTakes)
	}
	if err = a.complete(ctx, seen.user, group, left); err != nil {
		a.doubt(before)
	}
	return err
}

// complete does by calls of their own what a change of the user has left undone: the move into a group, and taking seats away.
func (a *Account) complete(ctx context.Context, seen gotoclient.User, group gotoclient.Key, left []gotoclient.Key) error {
	if group != "" && seen.GroupKey != group {
		shown, err := a.moveUser(ctx, seen.Key, group)
		if err != nil {
			return err
		}
		if shown { // by the move, and not by the change before it
			a.learn(&a.know.ChangeMoves, false)
		}
	}
	if err := a.removeSeats(ctx, seen, left); err != nil {
		return err
	}
	if len(left) > 0 {
		a.learn(&a.know.ChangeTakes, false)
	}
	return nil
}

func (a *Account) knows(f *knowledge.Fact) knowledge.Answer { return f.Answer(a.opts.Now()) }

func (a *Account) learn(f *knowledge.Fact, yes bool) { f.Note(yes, a.opts.Now()) }

// learnIf notes what a read has shown to be so.
func (a *Account) learnIf(shown bool, f *knowledge.Fact) {
	if shown {
		a.learn(f, true)
	}
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
	if len(items) > 1 && a.knows(&a.know.ManyPerChange) == knowledge.No {
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
	case err == nil && len(items) > 1 && a.knows(&a.know.ManyPerChange) != knowledge.Yes:
		return a.putProving(ctx, items)
	case err == nil:
		return a.patched(items)
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
func each[I, R any](ctx context.Context, items []I, run func(context.Context, []I) []batch.Result[R]) []batch.Result[R] {
	var out []batch.Result[R]
	for i := range items {
		out = append(out, run(ctx, items[i:i+1])...)
	}
	return out
}

// patched keeps what was written.
func (a *Account) patched(items []updateItem) []batch.Result[struct{}] {
	for _, it := range items {
		a.notePatched(it)
	}
	return make([]batch.Result[struct{}], len(items))
}

// putProving goes on after the first request that changed several users: that a comma separates keys is assumed, not known. The last of
// them is looked at. Where that does not show the change, each is changed by itself; only if the look shows it then, did the request for
// all not do it: one that shows nothing may be from before.
func (a *Account) putProving(ctx context.Context, items []updateItem) []batch.Result[struct{}] {
	last := items[len(items)-1]
	shown, err := a.shows(ctx, last)
	if err == nil && shown {
		a.learn(&a.know.ManyPerChange, true)
		return a.patched(items)
	}
	out := each(ctx, items, a.putUsers)
	if err == nil && out[len(out)-1].Err == nil {
		if shown, err = a.shows(ctx, last); err == nil && shown {
			a.learn(&a.know.ManyPerChange, false)
		}
	}
	return out
}

// shows looks whether GoTo shows a user as it was changed.
func (a *Account) shows(ctx context.Context, it updateItem) (bool, error) {
	seen, err := a.users.Get(ctx, it.key)
	if err != nil {
		return false, err
	}
	want := *seen
	applyPatch(&want, it.patch)
	want.ManagedGroupKeys = seen.ManagedGroupKeys // reads may lack them (UNVERIFIED)
	want.GroupKey = seen.GroupKey                 // may want a call of its own (UNVERIFIED)
	if it.patch.LicenseKeys != nil && len(without(*it.patch.LicenseKeys, seen.LicenseKeys)) == 0 {
		want.LicenseKeys = seen.LicenseKeys // taking one away may want a call of its own (UNVERIFIED)
	}
	if it.patch.AdminRoles != nil && hasRoles(*seen, *it.patch.AdminRoles) {
		want.AdminRoles = seen.AdminRoles // reads show what a role brings with it as well (L)
	}
	if gotoclient.SameName(want.FirstName, seen.FirstName) && gotoclient.SameName(want.LastName, seen.LastName) {
		want.FirstName, want.LastName = seen.FirstName, seen.LastName
	}
	return equalUsers(want, *seen), nil
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
