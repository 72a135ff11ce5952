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
	"github.com/goto-operator/goto-operator/internal/account/evidence"
	"github.com/goto-operator/goto-operator/internal/account/knowledge"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

type updateItem struct {
	key     gotoclient.Key
	patch   gotoclient.UserPatch
	tickets []*brake.Ticket // of licences that it takes
}

// changes changes users.
type changes struct {
	*Users
	batches *batch.Batcher[updateItem, struct{}]
}

func newChanges(ctx context.Context, u *Users) *changes {
	c := &changes{Users: u}
	c.batches = batch.New(batch.Options[updateItem, struct{}]{
		Context: ctx, Idle: batchIdle / 4, Longest: batchLongest, Size: u.acct.opts.BatchSize, Run: c.send, Begin: traced("changes"),
		Hold: func(int) bool { return u.acct.expected.some() }, Held: longestExpectation, Prompt: true, Of: func(it updateItem) string { return string(it.key) },
	})
	return c
}

func (c *changes) update(ctx context.Context, key gotoclient.Key, patch gotoclient.UserPatch) error {
	before, _ := c.Get(key)
	before.Key = key
	var group gotoclient.Key
	if patch.GroupKey != nil {
		group = *patch.GroupKey
	}
	if group != "" && (patch == gotoclient.UserPatch{GroupKey: patch.GroupKey} || c.acct.know.knows(&c.acct.know.ChangeMoves) == knowledge.No) {
		if err := c.acct.groups.Move(ctx, key, group); err != nil {
			return err
		}
		patch.GroupKey, group = nil, ""
	}
	if patch == (gotoclient.UserPatch{}) {
		return nil
	}
	defer c.acct.licenses.leave(key, c.unproven(before, patch))()
	seatless, err := c.write(ctx, before, &patch, group)
	if err != nil {
		return err
	}
	if err := c.settle(ctx, before, patch, group); err != nil {
		return err
	}
	return seatless
}

// write sends a change, and without its group or its new licences where GoTo refuses those. The first error is a *SeatsError of licences
// that were left out, the second why nothing was written.
func (c *changes) write(ctx context.Context, before gotoclient.User, patch *gotoclient.UserPatch, group gotoclient.Key) (seatless, err error) {
	sent := c.acct.opts.Now()
	err = c.put(ctx, before.Key, *patch)
	if err != nil && group != "" && splittable(err) {
		patch.GroupKey = nil // perhaps it does not belong there; whether so is seen by the move that follows
		err = c.put(ctx, before.Key, *patch)
	}
	var exhausted *SeatsError
	if err != nil && patch.LicenseKeys != nil && (splittable(err) || errors.As(err, &exhausted)) {
		seatless, err = c.putWithoutSeats(ctx, before, *patch, sent, err)
	}
	return seatless, err
}

// unproven are the licences that a change takes, while nobody knows whether a change of a user takes any: they are settled by looking.
func (c *changes) unproven(before gotoclient.User, patch gotoclient.UserPatch) []gotoclient.Key {
	if patch.LicenseKeys == nil || c.acct.know.knows(&c.acct.know.ChangeTakes) == knowledge.Yes {
		return nil
	}
	return without(before.LicenseKeys, *patch.LicenseKeys)
}

// settle reads back a change of licences or group, and completes it.
func (c *changes) settle(ctx context.Context, before gotoclient.User, patch gotoclient.UserPatch, group gotoclient.Key) error {
	if group == "" && patch.LicenseKeys == nil {
		return nil
	}
	sent := c.records.Get(before.Key)
	if sent == nil {
		return nil
	}
	var gains, takes []gotoclient.Key
	if patch.LicenseKeys != nil {
		gains, takes = without(*patch.LicenseKeys, before.LicenseKeys), without(before.LicenseKeys, *patch.LicenseKeys)
	}
	unsure := func(about bool, f *knowledge.Fact) bool { return about && c.acct.know.knows(f) != knowledge.Yes }
	must := unsure(group != "", &c.acct.know.ChangeMoves) || unsure(len(gains) > 0, &c.acct.know.ChangeGives) || len(c.unproven(before, patch)) > 0
	seen, err := c.looks.written(ctx, sent, must)
	if err != nil {
		c.doubt(before)
		return err
	}
	left := without(takes, without(takes, seen.user.LicenseKeys))
	if seen.read { // one that does not show it may be from before
		c.acct.know.learnIf(group != "" && seen.user.GroupKey == group, &c.acct.know.ChangeMoves)
		c.acct.know.learnIf(len(gains) > 0 && len(without(gains, seen.user.LicenseKeys)) == 0, &c.acct.know.ChangeGives)
		c.acct.know.learnIf(len(takes) > 0 && len(left) == 0, &c.acct.know.ChangeTakes)
	}
	if err = c.complete(ctx, *seen.user, group, left); err != nil {
		c.doubt(before)
	}
	return err
}

// complete does by calls of their own what a change of the user has left undone: the move into a group, and taking seats away.
func (c *changes) complete(ctx context.Context, seen gotoclient.User, group gotoclient.Key, left []gotoclient.Key) error {
	if group != "" && seen.GroupKey != group {
		shown, err := c.acct.groups.moves.move(ctx, seen.Key, group)
		if err != nil {
			return err
		}
		if shown { // by the move, and not by the change before it
			c.acct.know.learn(&c.acct.know.ChangeMoves, false)
		}
	}
	if err := c.acct.licenses.takeAway(ctx, seen, left); err != nil {
		return err
	}
	if len(left) > 0 {
		c.acct.know.learn(&c.acct.know.ChangeTakes, false)
	}
	return nil
}

// doubt takes back what the records say of a user's licences and group after a change that could not be read back: as long
// as it may not have come about, it has to be made again.
func (u *Users) doubt(before gotoclient.User) {
	if now, ok := u.Get(before.Key); ok {
		now.LicenseKeys = before.LicenseKeys
		setGroup(&now, &before)
		u.records.Correct(now.Key, &now, u.acct.opts.Now())
	}
}

// put sends a change together with others like it.
func (c *changes) put(ctx context.Context, key gotoclient.Key, patch gotoclient.UserPatch) error {
	group, err := json.Marshal(patch)
	if err != nil {
		return fmt.Errorf("encode the change: %w", err)
	}
	_, err = c.batches.Submit(ctx, string(group), updateItem{key, patch, brake.From(ctx)})
	if !evidence.IsMissing(err) {
		return err
	}
	if gone, cause := c.lookup.Gone(ctx, key, err); !gone {
		return cause
	}
	return ErrGone
}

func (c *changes) send(ctx context.Context, items []updateItem) []batch.Result[struct{}] {
	ctx = brake.With(ctx, tickets(items)...)
	many := c.many(items[0].patch)
	if len(items) > 1 && c.oneByOne(items[0].patch) {
		return each(ctx, items, c.send)
	}
	c.acct.opts.Observe(operationOf(items[0].patch), len(items))
	keys := make([]gotoclient.Key, len(items))
	for i, it := range items {
		keys[i] = it.key
	}
	sent := c.acct.opts.Now()
	err := c.api.Update(ctx, keys, items[0].patch)
	evidence.SettleAll(ctx, err) // whatever a look says that follows, or a request for fewer
	switch {
	case err == nil && len(items) > 1 && c.acct.know.knows(many) != knowledge.Yes:
		return c.prove(ctx, items)
	case err == nil:
		return c.patched(items)
	case len(items) > 1 && isBlocked(err): // one of them
		return each(ctx, items, c.send)
	case len(items) > 1 && (splittable(err) || isBadGateway(err)):
		return c.sendLess(ctx, items, sent, err)
	}
	return batch.FailAll[updateItem, struct{}](items, err)
}

// sendLess goes on after a refusal, as postLess does.
func (c *changes) sendLess(ctx context.Context, items []updateItem, sent time.Time, cause error) []batch.Result[struct{}] {
	if err := c.acct.groups.refusedFor(ctx, cause, groupsOf(items[0].patch)...); err != nil {
		return batch.FailAll[updateItem, struct{}](items, err)
	}
	var gains []gotoclient.Key
	for _, it := range items {
		if it.patch.LicenseKeys != nil {
			u, _ := c.Get(it.key)
			gains = append(gains, without(*it.patch.LicenseKeys, u.LicenseKeys)...)
		}
	}
	if err := c.acct.licenses.exhausted(ctx, sent, gains); err != nil {
		return batch.FailAll[updateItem, struct{}](items, err)
	}
	half := len(items) / 2
	return append(c.send(ctx, items[:half]), c.send(ctx, items[half:])...)
}

// groupsOf are those that a change puts a user into, or has it manage.
func groupsOf(patch gotoclient.UserPatch) []gotoclient.Key {
	var out []gotoclient.Key
	if patch.GroupKey != nil {
		out = append(out, *patch.GroupKey)
	}
	if patch.ManagedGroupKeys != nil {
		out = append(out, *patch.ManagedGroupKeys...)
	}
	return out
}

// isBadGateway tells what is also GoTo's answer to a key that is no number (L, indirect), as several keys may be to it.
func isBadGateway(err error) bool {
	return evidence.Status(err) == http.StatusBadGateway && !gotoclient.IsIllegalAccount(err)
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
func (c *changes) patched(items []updateItem) []batch.Result[struct{}] {
	for _, it := range items {
		c.notePatched(it)
	}
	return make([]batch.Result[struct{}], len(items))
}

// prove goes on after the first request that changed several users: that a comma separates keys is assumed, not known. The last of
// them is looked at. Where that does not show the change, each is changed by itself; only if the look shows it then, did the request for
// all not do it: one that shows nothing may be from before.
func (c *changes) prove(ctx context.Context, items []updateItem) []batch.Result[struct{}] {
	last := items[len(items)-1]
	shown, err := c.shows(ctx, last)
	if err == nil && shown {
		c.acct.know.learn(c.many(last.patch), true)
		return c.patched(items)
	}
	out := each(ctx, items, c.send)
	if err == nil && out[len(out)-1].Err == nil {
		if shown, err = c.shows(ctx, last); err == nil && shown {
			c.acct.know.learn(c.many(last.patch), false)
		}
	}
	return out
}

// shows looks whether GoTo shows a user as it was changed.
func (c *changes) shows(ctx context.Context, it updateItem) (bool, error) {
	seen, err := c.api.Get(ctx, it.key)
	if err != nil {
		return false, err
	}
	c.learnValues(seen)
	want := *seen
	applyPatch(&want, it.patch)
	if it.patch.Attributes != nil && len(seen.Attributes.List) == 0 {
		c.acct.know.learn(&c.acct.know.ShowsValues, c.ShowsValues())
	}
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

func (c *changes) notePatched(it updateItem) {
	if u, ok := c.Get(it.key); ok {
		applyPatch(&u, it.patch)
		if it.patch.GroupKey != nil {
			c.acct.groups.place(&u, *it.patch.GroupKey)
		}
		c.note(u)
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
	if p.Attributes != nil {
		u.Attributes = applyValues(*p.Attributes)
	}
	setIf(&u.GroupKey, p.GroupKey)
}

func setIf[T any](dst, src *T) {
	if src != nil {
		*dst = *src
	}
}
