package people

import (
	"encoding/json"

	"github.com/goto-operator/goto-operator/internal/simulator/live"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
	"github.com/goto-operator/goto-operator/internal/simulator/users"
)

// Settings is what administrators do to settings by hand, and what they see of them. Its methods may be called at any time from any
// goroutine, and panic when the account, or the user, is unknown.
type Settings struct{ world *live.World }

// NewSettings returns the settings of a world.
func NewSettings(w *live.World) *Settings { return &Settings{w} }

// EditSettings gives a setting of a user for a product another value, whatever the licences grant: a flag, a number, a text or a list of
// texts.
func (s *Settings) EditSettings(accountKey, userKey, product, name string, value any) {
	within(s.world, accountKey, func(v live.View, d *state.Directory) error {
		users.EditSettings(v.Switches, mustUser(d, userKey), product, users.Settings{name: value})
		return nil
	})
}

// UserSettings are the settings of a user for a product, as reads show them now.
func (s *Settings) UserSettings(accountKey, userKey, product string) (settings map[string]any) {
	s.world.See(func(v live.View) {
		d := mustAccount(v, accountKey)
		settings = users.UserSettings(v.Switches, d, mustUser(d, userKey), product)
	})
	return settings
}

// EditNewUserSettings gives a setting with which new users begin another value.
func (s *Settings) EditNewUserSettings(accountKey, product, name string, value any) {
	s.editLevel(accountKey, product, name, value, func(d *state.Directory) *map[string]json.RawMessage { return &d.NewUserSettings })
}

// NewUserSettings are those with which new users begin.
func (s *Settings) NewUserSettings(accountKey, product string) map[string]any {
	return s.level(accountKey, product, func(d *state.Directory) map[string]json.RawMessage { return d.NewUserSettings })
}

// EditAccountSettings gives a setting of the account another value. No user's settings change.
func (s *Settings) EditAccountSettings(accountKey, product, name string, value any) {
	s.editLevel(accountKey, product, name, value, func(d *state.Directory) *map[string]json.RawMessage { return &d.Settings })
}

// AccountSettings are those of the account.
func (s *Settings) AccountSettings(accountKey, product string) map[string]any {
	return s.level(accountKey, product, func(d *state.Directory) map[string]json.RawMessage { return d.Settings })
}

func (s *Settings) editLevel(accountKey, product, name string, value any, level func(*state.Directory) *map[string]json.RawMessage) {
	within(s.world, accountKey, func(v live.View, d *state.Directory) error {
		users.EditLevel(v.Switches, level(d), product, users.Settings{name: value})
		return nil
	})
}

func (s *Settings) level(accountKey, product string, level func(*state.Directory) map[string]json.RawMessage) (settings map[string]any) {
	s.world.See(func(v live.View) {
		settings = users.LevelSettings(v.Switches, level(mustAccount(v, accountKey)), product)
	})
	return settings
}

func mustUser(d *state.Directory, key string) *state.User {
	u := d.User(key)
	if u == nil {
		panic("simulator: no user has the key " + key)
	}
	return u
}
