package account

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"

	"github.com/goto-operator/goto-operator/internal/account/batch"
	"github.com/goto-operator/goto-operator/internal/account/evidence"
	"github.com/goto-operator/goto-operator/internal/account/knowledge"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// settingsItem is a change of one user's settings for a product.
type settingsItem struct {
	key     gotoclient.Key
	product string
	set     gotoclient.Settings
}

// settingsChanges changes the settings of users. Nobody has verified whether a write leaves alone what it does not name, so until that is
// known it names all that the user has: see ADR 56.
type settingsChanges struct {
	*Users
	api     *gotoclient.SettingsService
	batches *batch.Batcher[settingsItem, struct{}]
	debts   sync.Map // gotoclient.Settings by debtor
}

// mostSettings bounds the users whose settings one batch changes, and so what it reads before it does.
const mostSettings = 1000

func newSettingsChanges(ctx context.Context, u *Users) *settingsChanges {
	c := &settingsChanges{Users: u, api: u.acct.opts.Client.Settings(u.acct.opts.Key)}
	c.batches = batch.New(batch.Options[settingsItem, struct{}]{
		Context: ctx, Idle: batchIdle / 4, Longest: batchLongest, Size: max(mostSettings, u.acct.opts.BatchSize), Run: c.run, Begin: traced("settings"),
		Hold: func(int) bool { return u.acct.expected.some() }, Held: longestExpectation, Of: func(it settingsItem) string { return string(it.key) },
	})
	return c
}

func (c *settingsChanges) update(ctx context.Context, key gotoclient.Key, product string, set gotoclient.Settings) error {
	if len(set) == 0 {
		return nil
	}
	if c.acct.opts.Organizers {
		return ErrNotServed
	}
	if err := c.api.MayUpdateUsers(); err != nil {
		return err
	}
	same, err := json.Marshal(set)
	if err != nil {
		return fmt.Errorf("encode the settings: %w", err)
	}
	return c.submit(ctx, product+" "+string(same), settingsItem{key, product, set})
}

// submit puts a change into a batch with those that write the same. The error is ErrGone for a user who surely is no more.
func (c *settingsChanges) submit(ctx context.Context, same string, it settingsItem) error {
	_, err := c.batches.Submit(ctx, same, it)
	if !evidence.IsMissing(err) {
		return err
	}
	if gone, cause := c.lookup.Gone(ctx, it.key, err); !gone {
		return cause
	}
	return ErrGone
}

// load is what one request writes, and for whom.
type load struct {
	items []settingsItem
	body  gotoclient.Settings
}

// run writes the same settings of several users.
func (c *settingsChanges) run(ctx context.Context, items []settingsItem) []batch.Result[struct{}] {
	loads, missing, err := c.loads(ctx, items)
	if err != nil {
		return batch.FailAll[settingsItem, struct{}](items, err)
	}
	results := make(map[gotoclient.Key]batch.Result[struct{}], len(items))
	for key, err := range missing {
		results[key] = batch.Result[struct{}]{Err: err}
	}
	for _, l := range c.split(loads) {
		for i, r := range c.send(ctx, l) {
			results[l.items[i].key] = r
		}
	}
	out := make([]batch.Result[struct{}], len(items))
	for i, it := range items {
		out[i] = results[it.key]
	}
	return out
}

// split makes of loads those of at most a batch.
func (c *settingsChanges) split(loads []load) []load {
	var out []load
	for _, l := range loads {
		for part := range slices.Chunk(l.items, c.acct.opts.BatchSize) {
			out = append(out, load{part, l.body})
		}
	}
	return out
}

// send writes a load. What is refused is halved until it is found whose it is.
func (c *settingsChanges) send(ctx context.Context, l load) []batch.Result[struct{}] {
	if len(l.items) > 1 && c.acct.know.knows(&c.acct.know.ManyPerSettings) == knowledge.No {
		return c.sendEach(ctx, l)
	}
	err := c.put(ctx, l)
	switch {
	case err == nil && len(l.items) > 1 && c.acct.know.knows(&c.acct.know.ManyPerSettings) != knowledge.Yes:
		return c.prove(ctx, l)
	case err == nil:
		return c.written(l)
	case len(l.items) > 1 && gotoclient.IsNoSuchPath(err):
		return c.afterNoPath(ctx, l)
	case len(l.items) > 1 && (gotoclient.IsRefused(err) || isBadGateway(err)):
		half := len(l.items) / 2
		return append(c.send(ctx, load{l.items[:half], l.body}), c.send(ctx, load{l.items[half:], l.body})...)
	}
	return batch.FailAll[settingsItem, struct{}](l.items, err)
}

func (c *settingsChanges) sendEach(ctx context.Context, l load) []batch.Result[struct{}] {
	return each(ctx, l.items, func(ctx context.Context, one []settingsItem) []batch.Result[struct{}] {
		return c.send(ctx, load{one, l.body})
	})
}

// afterNoPath goes on after several users got what a path gets that there is not: it may be for their keys. One more is asked, not each.
func (c *settingsChanges) afterNoPath(ctx context.Context, l load) []batch.Result[struct{}] {
	first := c.send(ctx, load{l.items[:1], l.body})
	if gotoclient.IsNoSuchPath(first[0].Err) {
		return batch.FailAll[settingsItem, struct{}](l.items, first[0].Err)
	}
	return append(first, c.sendEach(ctx, load{l.items[1:], l.body})...)
}

// prove goes on after the first request for several users, as changes.prove does.
func (c *settingsChanges) prove(ctx context.Context, l load) []batch.Result[struct{}] {
	last := l.items[len(l.items)-1]
	shown, err := c.shows(ctx, last)
	if err == nil && shown {
		c.acct.know.learn(&c.acct.know.ManyPerSettings, true)
		return c.written(l)
	}
	out := c.sendEach(ctx, l)
	if err == nil && out[len(out)-1].Err == nil {
		if shown, err = c.shows(ctx, last); err == nil && shown {
			c.acct.know.learn(&c.acct.know.ManyPerSettings, false)
		}
	}
	return out
}

// shows looks whether GoTo shows a user's settings as they were written.
func (c *settingsChanges) shows(ctx context.Context, it settingsItem) (bool, error) {
	seen, err := c.whole.Get(ctx, it.key)
	if err != nil {
		return false, err
	}
	return seen.SettingsOf(it.product).Has(it.set), nil
}

// written keeps what was written.
func (c *settingsChanges) written(l load) []batch.Result[struct{}] {
	c.paid(l.items, l.body)
	for _, it := range l.items {
		if u, ok := c.Get(it.key); ok {
			u.Settings = c.kept.Load().with(u.Settings, it.product, it.set)
			c.note(u)
		}
	}
	return make([]batch.Result[struct{}], len(l.items))
}
