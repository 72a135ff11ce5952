package control

import (
	"encoding/json"
	"net/http"

	"github.com/goto-operator/goto-operator/internal/simulator/live"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
	"github.com/goto-operator/goto-operator/internal/simulator/users"
)

// settingsEndpoints is the part of the endpoint table about settings: of a user, for new users and of the account. A PATCH changes those
// that the body has, whatever the licences grant, and nothing below.
func settingsEndpoints() []endpoint {
	const (
		root = "/accounts/{account}"
		user = root + "/users/{key}/settings/{product}"
	)
	newUsers := func(d *state.Directory) *map[string]json.RawMessage { return &d.NewUserSettings }
	account := func(d *state.Directory) *map[string]json.RawMessage { return &d.Settings }
	return []endpoint{
		{"GET " + user, userSettings},
		{"PATCH " + user, userSettings},
		{"GET " + root + "/newUserSettings/{product}", levelSettings(newUsers)},
		{"PATCH " + root + "/newUserSettings/{product}", levelSettings(newUsers)},
		{"GET " + root + "/settings/{product}", levelSettings(account)},
		{"PATCH " + root + "/settings/{product}", levelSettings(account)},
	}
}

// userSettings shows the settings of a user, after a PATCH as they are then.
func userSettings(p *Panel, r *http.Request) (any, error) {
	product := r.PathValue("product")
	set, err := patched(r)
	if err != nil {
		return nil, err
	}
	return inUser(p, r, func(v live.View, d *state.Directory, u *state.User) (any, error) {
		if set != nil {
			users.EditSettings(v.Switches, u, product, set)
		}
		return shown(users.UserSettings(v.Switches, d, u, product)), nil
	})
}

func levelSettings(level func(*state.Directory) *map[string]json.RawMessage) func(*Panel, *http.Request) (any, error) {
	return func(p *Panel, r *http.Request) (any, error) {
		product := r.PathValue("product")
		set, err := patched(r)
		if err != nil {
			return nil, err
		}
		return inAccount(p, r, func(v live.View, d *state.Directory) (any, error) {
			if set != nil {
				users.EditLevel(v.Switches, level(d), product, set)
			}
			return shown(users.LevelSettings(v.Switches, *level(d), product)), nil
		})
	}
}

// patched are the settings in the body of a PATCH; nil for another method.
func patched(r *http.Request) (users.Settings, error) {
	if r.Method != http.MethodPatch {
		return nil, nil
	}
	set := users.Settings{}
	return set, read(r, &set)
}

func shown(settings users.Settings) users.Settings {
	if settings == nil {
		return users.Settings{}
	}
	return settings
}
