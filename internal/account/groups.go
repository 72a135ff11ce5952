package account

import (
	"context"
	"errors"
	"iter"
	"reflect"
	"slices"
	"time"

	"github.com/goto-operator/goto-operator/internal/account/batch"
	"github.com/goto-operator/goto-operator/internal/account/brake"
	"github.com/goto-operator/goto-operator/internal/account/knowledge"
	"github.com/goto-operator/goto-operator/internal/account/reading"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Group returns the group with the given key. That it is not there is not proof: see ConfirmGroup.
func (a *Account) Group(key gotoclient.Key) (gotoclient.Group, bool) {
	a.state.mu.RLock()
	defer a.state.mu.RUnlock()
	if g := a.state.groups[key]; g != nil {
		return *g, true
	}
	return gotoclient.Group{}, false
}

// GroupByName returns the group of that name under a parent, or at the top for no parent; one whose name is as
// gotoclient.SameName has it, where none has it to the letter.
func (a *Account) GroupByName(name string, parent gotoclient.Key) (gotoclient.Group, bool) {
	return a.groupNamed(name, func(g *gotoclient.Group) bool { return g.ParentKey() == parent })
}

// GroupNamed returns the group of that name, wherever it is, in the manner of GroupByName. A name is taken in the whole account,
// as far as the help texts go (D); where it is so under one parent only (UNVERIFIED), of several it is the one of the lowest key.
func (a *Account) GroupNamed(name string) (gotoclient.Group, bool) {
	return a.groupNamed(name, func(*gotoclient.Group) bool { return true })
}

func (a *Account) groupNamed(name string, in func(*gotoclient.Group) bool) (gotoclient.Group, bool) {
	a.state.mu.RLock()
	defer a.state.mu.RUnlock()
	var found *gotoclient.Group
	exact := false
	for _, g := range a.state.groups {
		same := g.Name == name
		if exact && !same || !in(g) || !gotoclient.SameName(name, g.Name) {
			continue
		}
		if found == nil || same && !exact || g.Key < found.Key {
			found, exact = g, same
		}
	}
	if found == nil {
		return gotoclient.Group{}, false
	}
	return *found, true
}

// Members counts the users of a group, and those of the group and all groups below it, as the users' records say; and the
// groups directly below it.
func (a *Account) Members(key gotoclient.Key) (members, total, subgroups int) {
	a.state.mu.RLock()
	defer a.state.mu.RUnlock()
	below := map[gotoclient.Key]bool{key: true}
	for k, g := range a.state.groups {
		if slices.Contains(g.KeyPath, key) {
			below[k] = true
		}
		if g.ParentKey() == key {
			subgroups++
		}
	}
	for _, u := range a.state.users {
		if u.GroupKey == key {
			members++
		}
		if below[u.GroupKey] {
			total++
		}
	}
	return members, total, subgroups
}

// refreshGroups reads the list of groups and returns what changed.
func (a *Account) refreshGroups(ctx context.Context) ([]GroupRef, error) {
	began := a.opts.Now()
	groups, err := reading.List[gotoclient.Group]{
		Pages: func(o gotoclient.ListOptions) iter.Seq2[*gotoclient.Page[gotoclient.Group], error] {
			return a.opts.Client.Groups(a.opts.Key).Pages(ctx, o)
		},
		Key: func(g *gotoclient.Group) gotoclient.Key { return g.Key }, Valid: gotoclient.Key.Valid, Size: a.know.Groups, Now: a.opts.Now,
	}.Whole()
	if err != nil {
		return nil, err
	}
	a.state.mu.Lock()
	defer a.state.mu.Unlock()
	old := a.state.groups
	a.state.groups, a.state.groupsAt = groups, began
	if old == nil {
		return nil, nil // everything is new: the caller starts every object anyway
	}
	var refs []GroupRef
	for key, g := range groups {
		if was := old[key]; was == nil || !sameGroup(was, g) {
			refs = append(refs, GroupRef{key, g.Name})
			if was != nil && was.Name != g.Name {
				refs = append(refs, GroupRef{key, was.Name})
			}
		}
	}
	for key, was := range old {
		if groups[key] == nil {
			refs = append(refs, GroupRef{key, was.Name})
		}
	}
	return refs, nil
}

// sameGroup compares what a group is; who is in it is read from the users.
func sameGroup(a, b *gotoclient.Group) bool {
	return a.Name == b.Name && reflect.DeepEqual(a.KeyPath, b.KeyPath) && reflect.DeepEqual(a.NamePath, b.NamePath)
}

// CreateGroup creates a group and returns it as GoTo shows it, which may be under another parent: whether the parent is
// taken from a create is UNVERIFIED. No list older than a minute authorises it. If the answer is lost, the groups are read again: one
// that is there now and was not then was made by it, as groups have no date. It returns ErrExists, and the group, if there is one of
// that name under that parent, or if the answer names one of old; ErrNotVisible if GoTo says that the name is taken and no such group
// is seen there.
func (a *Account) CreateGroup(ctx context.Context, group gotoclient.NewGroup) (gotoclient.Group, error) {
	if err := a.LastError(); err != nil {
		return gotoclient.Group{}, err
	}
	if err := a.refreshGroupsIfOlder(ctx, createFreshness); err != nil {
		return gotoclient.Group{}, err
	}
	if g, ok := a.GroupByName(group.Name, group.ParentKey); ok {
		return g, ErrExists
	}
	sent := a.opts.Now()
	key, err := a.opts.Client.Groups(a.opts.Key).Create(ctx, group)
	switch {
	case err == nil:
		if g, ok := a.groupBefore(key, sent); ok {
			return g, ErrExists
		}
		// No list from before the request had this key, so the group is the one that was made, under whatever name GoTo keeps.
		if g, there, err := a.ConfirmGroup(ctx, key); err == nil && there && (gotoclient.SameName(group.Name, g.Name) || g.ParentKey() == group.ParentKey) {
			return g, nil
		}
		// The key is a bare number (L), of which a part is a number too.
		if g, ok := a.groupAfterReading(ctx, group); ok {
			return g, nil
		}
		return gotoclient.Group{}, ErrUnconfirmed
	case gotoclient.IsAmbiguous(err):
		if g, ok := a.groupAfterReading(ctx, group); ok {
			return g, nil
		}
		return gotoclient.Group{}, err
	case gotoclient.IsConflict(err):
		if g, ok := a.groupAfterReading(ctx, group); ok {
			return g, ErrExists
		}
		return gotoclient.Group{}, errors.Join(ErrNotVisible, err)
	}
	return gotoclient.Group{}, err
}

// groupBefore is a group that a reading has shown which began before the given time.
func (a *Account) groupBefore(key gotoclient.Key, at time.Time) (gotoclient.Group, bool) {
	g, ok := a.Group(key)
	a.state.mu.RLock()
	defer a.state.mu.RUnlock()
	return g, ok && a.state.groupsAt.Before(at)
}

func (a *Account) groupAfterReading(ctx context.Context, group gotoclient.NewGroup) (gotoclient.Group, bool) {
	if err := a.refreshGroupsIfOlder(ctx, 0); err != nil {
		return gotoclient.Group{}, false
	}
	return a.GroupByName(group.Name, group.ParentKey)
}

// refreshGroupsIfOlder is refreshIfOlder for groups.
func (a *Account) refreshGroupsIfOlder(ctx context.Context, maxAge time.Duration) error {
	asked := a.opts.Now()
	if err := a.refreshing.Take(ctx); err != nil {
		return err
	}
	defer a.refreshing.Leave()
	a.state.mu.RLock()
	at := a.state.groupsAt
	a.state.mu.RUnlock()
	if !at.IsZero() && at.After(asked.Add(-maxAge)) {
		return nil
	}
	refs, err := a.refreshGroups(ctx)
	if err == nil && len(refs) > 0 {
		a.opts.OnChange(Change{Groups: refs})
	}
	return err
}

// ReadGroup asks GoTo for a group as it is now, and puts it in the snapshot; see ConfirmGroup.
func (a *Account) ReadGroup(ctx context.Context, key gotoclient.Key) (gotoclient.Group, bool, error) {
	return a.ConfirmGroup(ctx, key)
}

// ConfirmGroup asks GoTo for a group that the snapshot does not show. The answer false is proof that it is not there, in the manner
// of ConfirmUser.
func (a *Account) ConfirmGroup(ctx context.Context, key gotoclient.Key) (gotoclient.Group, bool, error) {
	g, err := a.opts.Client.Groups(a.opts.Key).Get(ctx, key)
	if err != nil {
		gone, err := a.absent(ctx, err, a.groupLacking(key))
		if gone {
			a.forgetGroup(key)
		}
		return gotoclient.Group{}, false, err
	}
	a.state.mu.Lock()
	defer a.state.mu.Unlock()
	if a.state.groups == nil {
		a.state.groups = map[gotoclient.Key]*gotoclient.Group{}
	}
	a.state.groups[key] = g
	return *g, true, nil
}

func (a *Account) forgetGroup(key gotoclient.Key) {
	a.state.mu.Lock()
	defer a.state.mu.Unlock()
	delete(a.state.groups, key)
	for userKey, u := range a.state.users {
		if u.GroupKey == key {
			changed := *u
			changed.GroupKey, changed.GroupName, changed.GroupKeyPath, changed.GroupNamePath = "", "", nil, nil
			a.state.users[userKey] = &changed
		}
	}
}

// RenameGroup gives a group another name and returns it as it is then. It returns ErrGone for a group that is surely not
// there.
func (a *Account) RenameGroup(ctx context.Context, key gotoclient.Key, name string) (gotoclient.Group, error) {
	if err := a.opts.Client.Groups(a.opts.Key).Rename(ctx, key, name); err != nil {
		if !isMissing(err) {
			return gotoclient.Group{}, err
		}
		if gone, cause := a.groupGone(ctx, key, err); !gone {
			return gotoclient.Group{}, cause
		}
		return gotoclient.Group{}, ErrGone
	}
	g, there, err := a.ConfirmGroup(ctx, key)
	if err == nil && !there {
		err = ErrGone
	}
	return g, err
}

// DeleteGroup deletes a group if the brake allows it, or returns a *BlockedError. A group that is not there is deleted.
func (a *Account) DeleteGroup(ctx context.Context, key gotoclient.Key) error {
	ticket, err := a.TakeFromBrake(ctx, brake.Groups)
	if err != nil {
		return err
	}
	err = a.opts.Client.Groups(a.opts.Key).Delete(brake.With(ctx, ticket), key)
	SettleTicket(ticket, err)
	if err != nil && !gotoclient.IsAbsent(err) {
		if gone, cause := a.groupGone(ctx, key, err); !gone {
			return cause
		}
	}
	a.forgetGroup(key)
	return nil
}

// moveItem is a user on the way into a group.
type moveItem struct{ user, group gotoclient.Key }

// MoveUser puts a user into a group, straight out of the one that it is in; together with others that go there.
func (a *Account) MoveUser(ctx context.Context, user, group gotoclient.Key) error {
	_, err := a.moveUser(ctx, user, group)
	return err
}

// moveUser tells as well whether a read has shown the user in the group: one that has not may be from before.
func (a *Account) moveUser(ctx context.Context, user, group gotoclient.Key) (shown bool, err error) {
	before, _ := a.User(user)
	together, err := a.moves.Submit(ctx, string(group), moveItem{user, group})
	if err != nil {
		return false, err
	}
	sent, ok := a.User(user)
	if !ok {
		return false, nil
	}
	seen, err := a.settles.Submit(ctx, "", settleItem{user: sent, before: &before, must: true})
	if err != nil {
		a.doubt(before)
		return false, err
	}
	if seen.read && seen.user.GroupKey == group {
		a.learnIf(together > 1, &a.know.ManyPerMove)
		return true, nil
	}
	// Whether one request moves several users is UNVERIFIED; this one may not have been.
	if err := a.moveUsers(ctx, []moveItem{{user, group}})[0].Err; err != nil {
		a.doubt(before)
		return false, err
	}
	now, there, err := a.ConfirmUser(ctx, user)
	shown = err == nil && there && now.GroupKey == group
	if shown && together > 1 {
		a.learn(&a.know.ManyPerMove, false)
	}
	return shown, err
}

// moveUsers moves several users by one request; the results say how many those were.
func (a *Account) moveUsers(ctx context.Context, items []moveItem) []batch.Result[int] {
	if len(items) > 1 && a.knows(&a.know.ManyPerMove) == knowledge.No {
		return each(ctx, items, a.moveUsers)
	}
	a.opts.Observe(gotoclient.OpMoveUsers, len(items))
	keys := make([]gotoclient.Key, len(items))
	for i, it := range items {
		keys[i] = it.user
	}
	err := a.opts.Client.Groups(a.opts.Key).Move(ctx, items[0].group, keys)
	switch {
	case err == nil:
		for _, it := range items {
			a.noteMoved(it)
		}
		return slices.Repeat([]batch.Result[int]{{Value: len(items)}}, len(items))
	case len(items) > 1 && (splittable(err) || isBadGateway(err)):
		half := len(items) / 2
		return append(a.moveUsers(ctx, items[:half]), a.moveUsers(ctx, items[half:])...)
	}
	return batch.FailAll[moveItem, int](items, err)
}

func (a *Account) noteMoved(it moveItem) {
	if u, ok := a.User(it.user); ok {
		a.placeIn(&u, it.group)
		a.noteWritten(&u)
	}
}

// placeIn gives a user's record the group, as far as it is known.
func (a *Account) placeIn(u *gotoclient.User, group gotoclient.Key) {
	g, _ := a.Group(group)
	u.GroupKey, u.GroupName, u.GroupKeyPath, u.GroupNamePath = group, g.Name, g.KeyPath, g.NamePath
}

// LeaveGroup takes a user out of its group: GoTo's call takes it out of all, and a user is in one at most. It returns
// ErrGone for a user that is surely not there.
func (a *Account) LeaveGroup(ctx context.Context, user gotoclient.Key) error {
	err := a.opts.Client.Groups(a.opts.Key).Leave(ctx, user)
	if err != nil && !gotoclient.IsRefused(err) {
		return err
	}
	seen, there, confirmErr := a.ConfirmUser(ctx, user)
	switch {
	case confirmErr != nil:
		return confirmErr
	case !there:
		return ErrGone
	case seen.GroupKey == "":
		return nil // what the service says of a user who is in none is UNVERIFIED
	case isMissing(err):
		return unconfirmed(err)
	}
	return err
}
