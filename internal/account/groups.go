package account

import (
	"context"
	"errors"
	"iter"
	"slices"
	"time"

	"github.com/goto-operator/goto-operator/internal/account/brake"
	"github.com/goto-operator/goto-operator/internal/account/evidence"
	"github.com/goto-operator/goto-operator/internal/account/reading"
	"github.com/goto-operator/goto-operator/internal/account/records"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Groups of an account: what is known of them, and how they are created, renamed, deleted and filled.
type Groups struct {
	acct    *Account
	api     *gotoclient.GroupsService
	records *records.Records[gotoclient.Group]
	reader  *reading.Reader
	lookup  evidence.Lookup[gotoclient.Group]
	moves   *moves
	lost    missing
}

func newGroups(ctx context.Context, a *Account) *Groups {
	g := &Groups{acct: a, api: a.opts.Client.Groups(a.opts.Key)}
	g.records = records.New(records.Options[gotoclient.Group]{Same: sameGroup, Merge: groupFields.Merge, Lag: lag})
	g.reader = reading.NewReader(ctx, a.opts.Now, g.read)
	g.lookup = evidence.Lookup[gotoclient.Group]{
		Get: g.api.Get, Lacks: g.lacking, SeesAll: a.seesAll, Forget: g.vanish,
		Keep: func(key gotoclient.Key, seen *gotoclient.Group) { g.records.Correct(key, seen, a.opts.Now()) },
	}
	g.moves = newMoves(ctx, g)
	return g
}

// groupFields are those that our own writes change.
var groupFields = records.Fields[gotoclient.Group]{part(func(g *gotoclient.Group) *string { return &g.Name })}

// Get returns the group with the given key. That it is not there is not proof: see Confirm.
func (g *Groups) Get(key gotoclient.Key) (gotoclient.Group, bool) { return value(g.records.Get(key)) }

// ByName returns the group of that name under a parent, or at the top for no parent; one whose name is as
// gotoclient.SameName has it, where none has it to the letter.
func (g *Groups) ByName(name string, parent gotoclient.Key) (gotoclient.Group, bool) {
	return g.named(name, func(g *gotoclient.Group) bool { return g.ParentKey() == parent })
}

// Named returns the group of that name, wherever it is, in the manner of ByName. A name is taken in the whole account,
// as far as the help texts go (D); where it is so under one parent only (UNVERIFIED), of several it is the one of the lowest key.
func (g *Groups) Named(name string) (gotoclient.Group, bool) {
	return g.named(name, func(*gotoclient.Group) bool { return true })
}

func (g *Groups) named(name string, in func(*gotoclient.Group) bool) (gotoclient.Group, bool) {
	var found *gotoclient.Group
	exact := false
	for _, group := range g.records.All() {
		same := group.Name == name
		if exact && !same || !in(group) || !gotoclient.SameName(name, group.Name) {
			continue
		}
		if found == nil || same && !exact || group.Key < found.Key {
			found, exact = group, same
		}
	}
	return value(found)
}

// Members counts the users of a group, and those of the group and all groups below it, as the users' records say; and the
// groups directly below it.
func (g *Groups) Members(key gotoclient.Key) (members, total, subgroups int) {
	holders := g.acct.users.records.Holders()
	members = holders[isInGroup(key)]
	total = members
	for k, group := range g.records.All() {
		if k != key && slices.Contains(group.KeyPath, key) {
			total += holders[isInGroup(k)]
		}
		if group.ParentKey() == key {
			subgroups++
		}
	}
	return members, total, subgroups
}

// read makes one reading of the list, and reports what changed.
func (g *Groups) read(ctx context.Context, began time.Time, _ func(gotoclient.Key) bool) error {
	groups, err := reading.List[gotoclient.Group, gotoclient.Group]{
		Pages: func(o gotoclient.ListOptions) iter.Seq2[*gotoclient.Page[gotoclient.Group], error] {
			return g.api.Pages(ctx, o)
		},
		Key:   func(g *gotoclient.Group) gotoclient.Key { return g.Key },
		Valid: gotoclient.Key.Valid,
		Keep:  func(read *gotoclient.Group) *gotoclient.Group { return g.records.Keep(read.Key, read) },
		Known: g.records.Known,
		Size:  g.acct.know.Groups, Now: g.acct.opts.Now,
	}.Whole()
	if err != nil {
		return err
	}
	if differences := g.records.Read(began, groups); len(differences) > 0 {
		g.acct.opts.OnChange(Change{Groups: groupRefs(differences), Counted: around(differences)})
	}
	return nil
}

// groupRefs names the groups that are different, by both names if they have another now.
func groupRefs(differences []records.Difference[gotoclient.Group]) []GroupRef {
	var refs []GroupRef
	for _, d := range differences {
		if d.Now != nil {
			refs = append(refs, GroupRef{d.Key, d.Now.Name})
		}
		if d.Was != nil && (d.Now == nil || d.Was.Name != d.Now.Name) {
			refs = append(refs, GroupRef{d.Key, d.Was.Name})
		}
	}
	return refs
}

// entered are the groups that users have come into or left, and those above them.
func (g *Groups) entered(users []records.Difference[keptUser]) []gotoclient.Key {
	var out []gotoclient.Key
	for _, d := range users {
		if d.Was != nil && d.Now != nil && d.Was.rest.GroupKey == d.Now.rest.GroupKey {
			continue
		}
		for _, u := range []*keptUser{d.Was, d.Now} {
			if u != nil && u.rest.GroupKey != "" {
				group, _ := g.Get(u.rest.GroupKey)
				out = append(append(append(out, u.rest.GroupKey), u.rest.GroupKeyPath...), group.KeyPath...)
			}
		}
	}
	return out
}

// around are groups that are different, and those that are, or were, above them.
func around(differences []records.Difference[gotoclient.Group]) []gotoclient.Key {
	var out []gotoclient.Key
	for _, d := range differences {
		for _, group := range []*gotoclient.Group{d.Was, d.Now} {
			if group != nil {
				out = append(append(out, d.Key), group.KeyPath...)
			}
		}
	}
	return out
}

// sameGroup compares what a group is; who is in it is read from the users.
func sameGroup(a, b *gotoclient.Group) bool {
	return a.Name == b.Name && slices.Equal(a.KeyPath, b.KeyPath) && slices.Equal(a.NamePath, b.NamePath)
}

// Create creates a group and returns it as GoTo shows it, which may be under another parent: whether the parent is
// taken from a create is UNVERIFIED. No list older than a minute authorises it. If the answer is lost, the groups are read again: one
// that is there now and was not then was made by it, as groups have no date. It returns ErrExists, and the group, if there is one of
// that name under that parent, or if the answer names one of old; ErrNotVisible if GoTo says that the name is taken and no such group
// is seen there.
func (g *Groups) Create(ctx context.Context, group gotoclient.NewGroup) (gotoclient.Group, error) {
	if err := g.acct.LastError(); err != nil {
		return gotoclient.Group{}, err
	}
	if err := g.reader.After(ctx, g.acct.opts.Now().Add(-createFreshness)); err != nil {
		return gotoclient.Group{}, err
	}
	if old, ok := g.ByName(group.Name, group.ParentKey); ok {
		return old, ErrExists
	}
	sent := g.acct.opts.Now()
	key, err := g.api.Create(ctx, group)
	switch {
	case err == nil:
		if old, ok := g.before(key, sent); ok {
			return old, ErrExists
		}
		// No list from before the request had this key, so the group is the one that was made, under whatever name GoTo keeps.
		if made, there, err := g.Confirm(ctx, key); err == nil && there && (gotoclient.SameName(group.Name, made.Name) || made.ParentKey() == group.ParentKey) {
			return made, nil
		}
		// The key is a bare number (L), of which a part is a number too.
		if made, ok := g.afterReading(ctx, group); ok {
			return made, nil
		}
		return gotoclient.Group{}, ErrUnconfirmed
	case gotoclient.IsAmbiguous(err):
		if made, ok := g.afterReading(ctx, group); ok {
			return made, nil
		}
		return gotoclient.Group{}, err
	case gotoclient.IsConflict(err):
		if old, ok := g.afterReading(ctx, group); ok {
			return old, ErrExists
		}
		return gotoclient.Group{}, errors.Join(ErrNotVisible, err)
	}
	return gotoclient.Group{}, err
}

// before is a group that a reading has shown which began before the given time.
func (g *Groups) before(key gotoclient.Key, at time.Time) (gotoclient.Group, bool) {
	group, ok := g.Get(key)
	return group, ok && g.records.ReadAt().Before(at)
}

func (g *Groups) afterReading(ctx context.Context, group gotoclient.NewGroup) (gotoclient.Group, bool) {
	if err := g.reader.After(ctx, g.acct.opts.Now()); err != nil {
		return gotoclient.Group{}, false
	}
	return g.ByName(group.Name, group.ParentKey)
}

// Confirm asks GoTo for a group as it is now, and puts it in the records. The answer false is proof that it is not there, in the manner
// of Users.Confirm.
func (g *Groups) Confirm(ctx context.Context, key gotoclient.Key) (gotoclient.Group, bool, error) {
	return g.lookup.Confirm(ctx, key)
}

// vanish is Users.vanish for a group.
func (g *Groups) vanish(key gotoclient.Key) {
	was := g.records.Get(key)
	g.forget(key, g.records.Correct)
	if was != nil {
		gone := []records.Difference[gotoclient.Group]{{Key: key, Was: was}}
		g.acct.opts.OnChange(Change{Groups: groupRefs(gone), Counted: around(gone)})
	}
}

// lacking is Users.lacking for a group.
func (g *Groups) lacking(ctx context.Context, key gotoclient.Key) (bool, error) {
	err := g.reader.After(ctx, g.acct.opts.Now())
	return !g.records.Listed(key), err
}

// forget takes a group out of the records, and its members out of it.
func (g *Groups) forget(key gotoclient.Key, lay func(gotoclient.Key, *gotoclient.Group, time.Time)) {
	now := g.acct.opts.Now()
	lay(key, nil, now)
	for _, member := range g.acct.users.records.in(key) {
		setGroup(member, &gotoclient.User{})
		g.acct.users.records.Write(member.Key, member, now)
	}
}

// Rename gives a group another name and returns it as it is then. It returns ErrGone for a group that is surely not
// there.
func (g *Groups) Rename(ctx context.Context, key gotoclient.Key, name string) (gotoclient.Group, error) {
	if err := g.api.Rename(ctx, key, name); err != nil {
		if !evidence.IsMissing(err) {
			return gotoclient.Group{}, err
		}
		if gone, cause := g.lookup.Gone(ctx, key, err); !gone {
			return gotoclient.Group{}, cause
		}
		return gotoclient.Group{}, ErrGone
	}
	if group, ok := g.Get(key); ok {
		group.Name = name
		g.records.Write(key, &group, g.acct.opts.Now())
	}
	return g.shown(ctx, key)
}

// shown reads a group that was just written; where the read lags behind, our own write counts.
func (g *Groups) shown(ctx context.Context, key gotoclient.Key) (gotoclient.Group, error) {
	seen, err := g.api.Get(ctx, key)
	if err == nil {
		return *g.records.Show(key, seen, g.acct.opts.Now()), nil
	}
	gone, err := g.lookup.Missing(ctx, key, err)
	if gone {
		err = ErrGone
	}
	return gotoclient.Group{}, err
}

// Delete deletes a group if the brake allows it, or returns a *BlockedError. A group that is not there is deleted.
func (g *Groups) Delete(ctx context.Context, key gotoclient.Key) error {
	err := g.acct.Deletions().braked(ctx, brake.Groups, func(ctx context.Context) error { return g.api.Delete(ctx, key) })
	if err != nil && !gotoclient.IsAbsent(err) {
		if gone, cause := g.lookup.Gone(ctx, key, err); !gone {
			return cause
		}
	}
	g.forget(key, g.records.Write)
	return nil
}
