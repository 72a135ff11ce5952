package account

import (
	"context"
	"slices"

	"github.com/goto-operator/goto-operator/internal/account/batch"
	"github.com/goto-operator/goto-operator/internal/account/evidence"
	"github.com/goto-operator/goto-operator/internal/account/knowledge"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// moveItem is a user on the way into a group.
type moveItem struct{ user, group gotoclient.Key }

// Move puts a user into a group, straight out of the one that it is in; together with others that go there.
func (g *Groups) Move(ctx context.Context, user, group gotoclient.Key) error {
	_, err := g.moves.move(ctx, user, group)
	return err
}

// moves puts users into groups.
type moves struct {
	*Groups
	batches *batch.Batcher[moveItem, int]
}

func newMoves(ctx context.Context, g *Groups) *moves {
	m := &moves{Groups: g}
	m.batches = batch.New(batch.Options[moveItem, int]{
		Context: ctx, Idle: batchIdle, Longest: batchLongest, Size: g.acct.opts.BatchSize, Run: m.send, Begin: traced("moves"),
		Of: func(it moveItem) string { return string(it.user) },
	})
	return m
}

// move tells as well whether a read has shown the user in the group: one that has not may be from before.
func (m *moves) move(ctx context.Context, user, group gotoclient.Key) (shown bool, err error) {
	before, _ := m.acct.users.Get(user)
	item := moveItem{user, group}
	together, err := m.batches.Submit(ctx, string(group), item)
	if err != nil {
		return false, err
	}
	shown, settled, err := m.look(ctx, item, together)
	if err == nil && !settled {
		shown, err = m.again(ctx, item, together)
	}
	if err != nil {
		m.acct.users.doubt(before)
	}
	return shown, err
}

// look reads back a user who was moved together with others, and tells whether that settles the move. Whether one request moves several
// users is UNVERIFIED: until a reading has shown that it does, each has to be seen in the group. From then on what was accepted is believed.
func (m *moves) look(ctx context.Context, it moveItem, together int) (shown, settled bool, err error) {
	sent, there := m.acct.users.Get(it.user)
	if !there {
		return false, true, nil
	}
	must := together > 1 && m.acct.know.knows(&m.acct.know.ManyPerMove) != knowledge.Yes
	seen, err := m.acct.users.looks.written(ctx, &sent, must)
	in := err == nil && seen.user.GroupKey == it.group
	m.acct.know.learnIf(in && seen.read && together > 1, &m.acct.know.ManyPerMove)
	return in && seen.read, in && (seen.read || !must), err
}

// again moves a user alone who is not seen in the group.
func (m *moves) again(ctx context.Context, it moveItem, together int) (shown bool, err error) {
	if err := m.send(ctx, []moveItem{it})[0].Err; err != nil {
		return false, err
	}
	now, there, err := m.acct.users.Confirm(ctx, it.user)
	shown = err == nil && there && now.GroupKey == it.group
	if shown && together > 1 {
		m.acct.know.learn(&m.acct.know.ManyPerMove, false)
	}
	return shown, err
}

// send moves several users by one request; the results say how many those were.
func (m *moves) send(ctx context.Context, items []moveItem) []batch.Result[int] {
	if len(items) > 1 && m.acct.know.knows(&m.acct.know.ManyPerMove) == knowledge.No {
		return each(ctx, items, m.send)
	}
	m.acct.opts.Observe(gotoclient.OpMoveUsers, len(items))
	keys := make([]gotoclient.Key, len(items))
	for i, it := range items {
		keys[i] = it.user
	}
	err := m.api.Move(ctx, items[0].group, keys)
	switch {
	case err == nil:
		for _, it := range items {
			m.noteMoved(it)
		}
		return slices.Repeat([]batch.Result[int]{{Value: len(items)}}, len(items))
	case len(items) > 1 && (splittable(err) || isBadGateway(err)):
		return m.sendLess(ctx, items, err)
	}
	return batch.FailAll[moveItem, int](items, err)
}

// sendLess goes on after a refusal with the halves, unless it was for the group.
func (m *moves) sendLess(ctx context.Context, items []moveItem, cause error) []batch.Result[int] {
	if err := m.refusedFor(ctx, cause, items[0].group); err != nil {
		return batch.FailAll[moveItem, int](items, err)
	}
	half := len(items) / 2
	return append(m.send(ctx, items[:half]), m.send(ctx, items[half:])...)
}

func (m *moves) noteMoved(it moveItem) {
	if u, ok := m.acct.users.Get(it.user); ok {
		m.place(&u, it.group)
		m.acct.users.note(u)
	}
}

// place gives a user's record the group, as far as it is known.
func (g *Groups) place(u *gotoclient.User, group gotoclient.Key) {
	in, _ := g.Get(group)
	u.GroupKey, u.GroupName, u.GroupKeyPath, u.GroupNamePath = group, in.Name, in.KeyPath, in.NamePath
}

// Leave takes a user out of its group: GoTo's call takes it out of all, and a user is in one at most. It returns
// ErrGone for a user that is surely not there.
func (g *Groups) Leave(ctx context.Context, user gotoclient.Key) error {
	err := g.api.Leave(ctx, user)
	if err != nil && !gotoclient.IsRefused(err) {
		return err
	}
	seen, there, confirmErr := g.acct.users.Confirm(ctx, user)
	switch {
	case confirmErr != nil:
		return confirmErr
	case !there:
		return ErrGone
	case seen.GroupKey == "":
		return nil // what the service says of a user who is in none is UNVERIFIED
	case evidence.IsMissing(err):
		return evidence.Unconfirmed(err)
	}
	return err
}
