package account

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/goto-operator/goto-operator/internal/account/knowledge"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// loads are the requests that change settings. Where it is known that the rest stays as it is, what is wanted is sent. Where it is not, or
// is known to begin anew, all that a user has is sent with it, as read a moment before: nobody loses a setting that no object speaks of.
// missing are the users who cannot be read, and why.
func (c *settingsChanges) loads(ctx context.Context, items []settingsItem) (loads []load, missing map[gotoclient.Key]error, err error) {
	replaces := &c.acct.know.SettingsReplace
	if c.acct.know.knows(replaces) == knowledge.No {
		return []load{{items, items[0].set}}, nil, nil
	}
	have, missing, err := c.choices(ctx, items)
	if err != nil {
		return nil, nil, err
	}
	loads = wholeLoads(items, have)
	if len(loads) > 1 && c.acct.know.knows(replaces) == knowledge.Unknown && c.leavesOthers(ctx, have, loads[0], loads[1]) {
		there := slices.DeleteFunc(slices.Clone(items), func(it settingsItem) bool { return missing[it.key] != nil })
		return []load{{there, items[0].set}}, missing, nil
	}
	return loads, missing, nil
}

// wholeLoads joins the users of whom all that is sent is the same, the first users first.
func wholeLoads(items []settingsItem, have map[gotoclient.Key]gotoclient.Settings) []load {
	var loads []load
	at := map[string]int{}
	for _, it := range items {
		before, there := have[it.key]
		if !there {
			continue
		}
		body := before.With(it.set)
		text, _ := json.Marshal(body) // it has come from JSON, and what is wanted was encoded before
		i, known := at[string(text)]
		if !known {
			i = len(loads)
			at[string(text)], loads = i, append(loads, load{body: body})
		}
		loads[i].items = append(loads[i].items, it)
	}
	return loads
}

// leavesOthers finds out whether a write leaves settings alone that it does not name, by one that does not name a single one which two users
// have differently: if that began anew for both, one of them would have another. Both are written whole right after that unless it is
// shown to stay, and what cannot be is owed to them. What is read must show what was wanted, so it is no read from before.
func (c *settingsChanges) leavesOthers(ctx context.Context, have map[gotoclient.Key]gotoclient.Settings, one, other load) bool {
	left := differing(one.body, other.body)
	if left == "" {
		return false
	}
	stays := true
	for _, l := range []load{one, other} {
		body := maps.Clone(l.body)
		delete(body, left)
		first := l.items[0]
		if have[first.key].Has(first.set) {
			return false // what is read would show it even from before
		}
		c.owe(first, left, l.body[left])
		if c.put(ctx, load{l.items[:1], body}) != nil {
			return false
		}
		seen, err := c.whole.Get(ctx, first.key)
		if err != nil || !seen.SettingsOf(first.product).Has(first.set) {
			return false
		}
		stays = stays && gotoclient.SameSetting(seen.SettingsOf(first.product)[left], l.body[left])
	}
	c.acct.know.learn(&c.acct.know.SettingsReplace, !stays)
	if stays {
		c.paid(one.items[:1], one.body)
		c.paid(other.items[:1], other.body)
	}
	return stays
}

// differing is the name of a setting that both have, and not with the same value; "" if there is none.
func differing(a, b gotoclient.Settings) string {
	for _, name := range slices.Sorted(maps.Keys(a)) {
		if other, both := b[name]; both && !gotoclient.SameSetting(a[name], other) {
			return name
		}
	}
	return ""
}

// put sends one request. Whether the settings stand in it alone or as a member is looked at once, by what the first user shows then.
func (c *settingsChanges) put(ctx context.Context, l load) error {
	wrapped := &c.acct.know.SettingsWrapped
	switch c.acct.know.knows(wrapped) {
	case knowledge.Yes:
		return c.sendAs(ctx, c.api.Wrapped(), l)
	case knowledge.No:
		return c.sendAs(ctx, c.api, l)
	case knowledge.Unknown:
	}
	return tryForms(c.acct, func(api *gotoclient.SettingsService) error { return c.sendAs(ctx, api, l) },
		func() (bool, error) { return c.shows(ctx, l.items[0]) })
}

// tryForms writes settings alone, and as a member where that is refused or does not show, and learns which of the two it is. The error is
// that of the write that GoTo took, or else the first.
func tryForms(a *Account, write func(*gotoclient.SettingsService) error, shows func() (bool, error)) error {
	api := a.opts.Client.Settings(a.opts.Key)
	first := write(api)
	if first != nil && !splittable(first) || gotoclient.IsNoSuchPath(first) {
		return first
	}
	shown, unread := false, error(nil)
	if first == nil {
		shown, unread = shows()
	}
	switch {
	case shown:
		a.know.learn(&a.know.SettingsWrapped, false)
		return nil
	case unread != nil: // it was taken; the next finds out
		return first
	case write(api.Wrapped()) != nil:
		return first
	}
	if shown, unread = shows(); unread == nil && shown {
		a.know.learn(&a.know.SettingsWrapped, true)
	}
	return nil
}

func (c *settingsChanges) sendAs(ctx context.Context, api *gotoclient.SettingsService, l load) error {
	c.acct.opts.Observe(gotoclient.OpUpdateUserSettings, len(l.items))
	keys := make([]gotoclient.Key, len(l.items))
	for i, it := range l.items {
		keys[i] = it.key
	}
	return api.UpdateUsers(ctx, keys, l.items[0].product, l.body)
}

// choices are all settings of the users that can be written, as GoTo has them now with our own writes, which it may not show yet.
func (c *settingsChanges) choices(ctx context.Context, items []settingsItem) (have map[gotoclient.Key]gotoclient.Settings, missing map[gotoclient.Key]error, err error) {
	read, missing, err := c.readWhole(ctx, items)
	if err != nil {
		return nil, nil, err
	}
	have = make(map[gotoclient.Key]gotoclient.Settings, len(read))
	for key, u := range read {
		product := items[0].product
		have[key] = u.SettingsOf(product).Choices()
		_, own, _ := c.records.Laid(key)
		if known, there := c.Get(key); own && there {
			have[key] = have[key].With(known.SettingsOf(product).Choices())
		}
		have[key] = have[key].With(c.owing(key, product))
	}
	return have, missing, nil
}

// readWhole reads users with all their settings, by whichever costs less: one request each, or the list.
func (c *settingsChanges) readWhole(ctx context.Context, items []settingsItem) (read map[gotoclient.Key]*gotoclient.User, missing map[gotoclient.Key]error, err error) {
	read, missing = map[gotoclient.Key]*gotoclient.User{}, map[gotoclient.Key]error{}
	if len(items) > c.looks.pages() {
		if read, err = c.catch(ctx, items); err != nil {
			return nil, nil, err
		}
	}
	for _, it := range items {
		if read[it.key] != nil {
			continue
		}
		seen, err := c.whole.Get(ctx, it.key)
		if err != nil {
			missing[it.key] = err
			delete(read, it.key)
			continue
		}
		read[it.key] = seen
	}
	return read, missing, nil
}

// catch reads the list, and keeps of some users the settings that the records do not.
func (c *settingsChanges) catch(ctx context.Context, items []settingsItem) (map[gotoclient.Key]*gotoclient.User, error) {
	net := &net{users: make(map[gotoclient.Key]*gotoclient.User, len(items))}
	for _, it := range items {
		net.users[it.key] = nil
	}
	c.nets.Store(net, true)
	defer c.nets.Delete(net)
	err := c.reader.After(ctx, c.acct.opts.Now())
	net.mu.Lock()
	defer net.mu.Unlock()
	return maps.Clone(net.users), err // another reading may be going past it
}
