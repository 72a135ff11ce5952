package account

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// keptSettings says what the records keep of users' settings; nil for nothing. It is not changed once it is there.
type keptSettings struct {
	asked map[string][]string        // names by product, as asked for
	names map[string]map[string]bool // with what says whether they may be chosen
}

func newKeptSettings(asked map[string][]string) *keptSettings {
	k := &keptSettings{asked: map[string][]string{}, names: map[string]map[string]bool{}}
	for product, names := range asked {
		if len(names) == 0 {
			continue
		}
		k.asked[product] = slices.Compact(sorted(slices.Clone(names)))
		k.names[product] = map[string]bool{}
		for _, name := range names {
			k.names[product][name] = true
			if entitlement := gotoclient.EntitlementOf(name); entitlement != "" {
				k.names[product][entitlement] = true
			}
		}
	}
	if len(k.names) == 0 {
		return nil
	}
	return k
}

// covers tells whether all that another keeps is kept.
func (k *keptSettings) covers(other *keptSettings) bool {
	if other == nil {
		return true
	}
	for product, names := range other.names {
		for name := range names {
			if k == nil || !k.names[product][name] {
				return false
			}
		}
	}
	return true
}

func (k *keptSettings) same(other *keptSettings) bool {
	if k == nil || other == nil {
		return k == other
	}
	return maps.EqualFunc(k.asked, other.asked, slices.Equal[[]string])
}

// reduce is what is kept of settings as they came, in a form that is the same for equal ones; nil for nothing. A product of which GoTo
// shows none stands there with null.
func (k *keptSettings) reduce(read json.RawMessage) json.RawMessage {
	var all map[string]json.RawMessage
	if k == nil || json.Unmarshal(read, &all) != nil {
		return nil
	}
	out := map[string]gotoclient.Settings{}
	for product, names := range k.names {
		out[product] = nil
		var settings map[string]json.RawMessage
		if json.Unmarshal(all[product], &settings) != nil {
			continue
		}
		for name := range names {
			if value, there := settings[name]; there {
				keep(out, product, name, canonical(value))
			}
		}
	}
	return encodeSettings(out)
}

// with are the settings as they are kept after a write.
func (k *keptSettings) with(kept json.RawMessage, product string, set gotoclient.Settings) json.RawMessage {
	if k == nil {
		return nil
	}
	out := map[string]gotoclient.Settings{}
	_ = json.Unmarshal(kept, &out) // of our own making; none is none
	for name, value := range set {
		if k.names[product][name] {
			text, _ := json.Marshal(value) // as it was sent
			keep(out, product, name, canonical(text))
		}
	}
	return encodeSettings(out)
}

func keep(into map[string]gotoclient.Settings, product, name string, value json.RawMessage) {
	if into[product] == nil {
		into[product] = gotoclient.Settings{}
	}
	into[product][name] = value
}

// canonical is a value in a form that is the same for equal ones: of a list the order is none.
func canonical(value json.RawMessage) json.RawMessage {
	var list []string
	if len(value) == 0 || value[0] != '[' || json.Unmarshal(value, &list) != nil {
		return value
	}
	slices.Sort(list)
	text, _ := json.Marshal(list)
	return text
}

func encodeSettings(all map[string]gotoclient.Settings) json.RawMessage {
	if len(all) == 0 {
		return nil
	}
	text, err := json.Marshal(all)
	if err != nil {
		return nil // all of it has come from JSON
	}
	return text
}

// KeepSettings says which settings of users are kept from now on, names by product, with what says whether they may be chosen: in the
// records a user's Settings are these alone. Nothing is kept by default. It reports whether the records show them already; if not, a
// reading is under way that will, and whoever looks different then is told of by Options.OnChange.
func (u *Users) KeepSettings(names map[string][]string) bool {
	next, now := newKeptSettings(names), u.kept.Load()
	if !next.same(now) {
		u.kept.Store(next)
	}
	if u.shown.Load().covers(next) {
		return true
	}
	if !next.same(now) {
		go u.readKept()
	}
	return false
}

// readKept reads the list once more, since something else is to be kept. If that fails, the next resync is the one.
func (u *Users) readKept() { _ = u.reader.After(u.ctx, u.acct.opts.Now()) }

// trimmed gives the records of users no settings but those that are kept.
type trimmed struct {
	userAPI
	users *Users
}

// Get reads one user.
func (t trimmed) Get(ctx context.Context, key gotoclient.Key) (*gotoclient.User, error) {
	seen, err := t.userAPI.Get(ctx, key)
	if err == nil {
		seen.Settings = t.users.kept.Load().reduce(seen.Settings)
	}
	return seen, err
}

// net catches users with all their settings out of a reading.
type net struct {
	mu    sync.Mutex
	users map[gotoclient.Key]*gotoclient.User // nil for those who have not come by
}

func (n *net) catch(read *gotoclient.User) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, wanted := n.users[read.Key]; wanted {
		n.users[read.Key] = &gotoclient.User{Key: read.Key, Settings: slices.Clone(read.Settings)}
	}
}

// readKeeping is one reading of the list with what it keeps of settings.
func (u userList) readKeeping(ctx context.Context, began time.Time, told func(gotoclient.Key) bool) error {
	kept := u.kept.Load()
	err := u.read(ctx, began, told, kept)
	if err == nil {
		u.shown.Store(kept)
	}
	return err
}
