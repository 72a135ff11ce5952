package admin

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/goto-operator/goto-operator/internal/simulator/call"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
	"github.com/goto-operator/goto-operator/internal/simulator/users"
	"github.com/goto-operator/goto-operator/internal/simulator/wire"
)

// settingsOperations is the part of the endpoint table about settings. That there are such operations is known (D); where each is, and
// which roles it needs, is not (U): those of whom the help says that they manage the settings of users, or of the account (D).
func settingsOperations() []call.Operation {
	managers := []string{state.RoleSuperUser, state.RoleManageUsers, state.RoleManageSettings}
	rulers := []string{state.RoleSuperUser}
	return []call.Operation{
		settingsWrite(call.OpUpdateUserSettings, accountPath+"/users/{keys}", "settings", managers, updateUserSettings),
		settingsWrite(call.OpUpdateGroupSettings, accountPath+"/groups/{group}", "settings", managers, updateGroupSettings),
		settingsWrite(call.OpUpdateLicenseSettings, accountPath+"/licenses/{license}", "settings", managers, updateLicenseSettings),
		settingsRead(call.OpGetNewUserSettings, "newUserSettings", getNewUserSettings),
		settingsWrite(call.OpUpdateNewUserSettings, accountPath, "newUserSettings", managers, updateNewUserSettings),
		settingsRead(call.OpGetAccountSettings, "settings", getAccountSettings),
		settingsWrite(call.OpUpdateAccountSettings, accountPath, "settings", rulers, updateAccountSettings),
		settingsRead(call.OpListTollCountries, "tollCountries", countryList(users.TollCountries)),
		settingsRead(call.OpListTollFreeCountries, "tollFreeCountries", countryList(users.TollFreeCountries)),
	}
}

// settingsRead is an operation that reads, at either of its places.
func settingsRead(id, what string, handle func(*call.Call) wire.Response) call.Operation {
	return call.Operation{
		ID: id, Pattern: "GET " + accountPath + "/" + what + "/{product}", Also: []string{"GET " + accountPath + "/products/{product}/" + what},
		Roles: state.AllRoles(), Handle: placed(handle),
	}
}

// settingsWrite is an operation that writes, at either of its places and by any verb.
func settingsWrite(id, of, what string, roles []string, handle func(*call.Call) wire.Response) call.Operation {
	op := call.Operation{ID: id, Pattern: "PUT " + of + "/" + what + "/{product}", Roles: roles, Handle: placed(handle)}
	for _, verb := range []string{"PUT ", "PATCH ", "POST "} {
		op.Also = append(op.Also, verb+of+"/"+what+"/{product}", verb+of+"/products/{product}/"+what)
	}
	op.Also = op.Also[1:]
	return op
}

// placed lets an operation work only where, and by the verb by which, it is by the present switches.
func placed(handle func(*call.Call) wire.Response) func(*call.Call) wire.Response {
	return func(c *call.Call) wire.Response {
		pattern, verb := c.Request.Pattern, c.Request.Method
		switch {
		case strings.Contains(pattern, "/products/{product}/") != (c.Switches.SettingsPath == "products"):
			return wire.NotRouted()
		case verb != http.MethodGet && !strings.EqualFold(verb, c.Switches.SettingsVerb):
			return wire.Bare(http.StatusMethodNotAllowed)
		case !slices.Contains(users.SettingsProducts(), c.PathValue("product")):
			return answer(c, c.Absent(wire.CodeProductNotFound, c.PathValue("product")))
		}
		return handle(c)
	}
}

// readSettings reads the settings of the body, in the form that the switch settingsBody says.
func readSettings(c *call.Call) (users.Settings, *wire.Refusal) {
	var members map[string]json.RawMessage
	body := c.Body
	if json.Unmarshal(body, &members) != nil || len(members) == 0 {
		return nil, wire.Refuse(http.StatusBadRequest, wire.CodeInvalidRequest, "body")
	}
	if inner, is := members[c.PathValue("product")]; c.Switches.SettingsBody != "flat" {
		switch {
		case is:
			body = inner
		case c.Switches.SettingsBody == "wrappedOnly":
			return nil, wire.Refuse(http.StatusBadRequest, wire.CodeInvalidRequest, "body")
		default:
			return users.Settings{}, nil // what it does not know it ignores
		}
	}
	var set users.Settings
	if json.Unmarshal(body, &set) != nil {
		return nil, wire.Refuse(http.StatusBadRequest, wire.CodeInvalidRequest, "body")
	}
	for name, value := range set {
		if !isSetting(value) {
			return nil, c.Invalid(wire.CodeSettingInvalid, name)
		}
	}
	return set, nil
}

// isSetting says whether a value is of one of the types that settings were seen to have (L), or a number.
func isSetting(value any) bool {
	switch v := value.(type) {
	case bool, float64, string:
		return true
	case []any:
		return !slices.ContainsFunc(v, func(item any) bool { _, text := item.(string); return !text })
	}
	return false
}

// updateUserSettings serves the assumed PUT of settings of one user or several (U): of several all are changed or none (U).
func updateUserSettings(c *call.Call) wire.Response {
	keys, failure := targets(c, c.Switches.MultiKeySettings)
	if failure != nil {
		return answer(c, failure)
	}
	set, failure := readSettings(c)
	if failure != nil {
		return answer(c, failure)
	}
	product := c.PathValue("product")
	for _, key := range keys {
		u := c.Account.User(key)
		if u == nil {
			return answer(c, c.Absent(wire.CodeUserNotFound, key))
		}
		if name := users.Denied(c.Switches, c.Account, u, product, set); name != "" && c.Switches.SettingsNotEntitled == "refused" {
			return answer(c, wire.Refuse(http.StatusForbidden, wire.CodeNotEntitledTo, name))
		}
	}
	for _, key := range keys {
		users.SetSettings(c.Switches, c.Account, c.Account.User(key), product, set)
	}
	return settingsDone(c)
}

func settingsDone(c *call.Call) wire.Response {
	c.Changed = true
	return writeDone(c.Switches.SettingsStatus, c.Switches)
}

// updateGroupSettings overwrites those of the members of a group and of the groups below (D).
func updateGroupSettings(c *call.Call) wire.Response {
	g, failure := targetGroup(c)
	if failure != nil {
		return answer(c, failure)
	}
	below := append(c.Account.Groups.Below(g.Key), g.Key)
	return overwrite(c, func(u *state.User) bool { return slices.Contains(below, u.GroupKey) })
}

// updateLicenseSettings overwrites those of the users who have a licence (D).
func updateLicenseSettings(c *call.Call) wire.Response {
	key := c.PathValue("license")
	if c.Account.Licenses.Get(key) == nil {
		return answer(c, wire.Refuse(http.StatusNotFound, wire.CodeLicenseNotFound, key))
	}
	return overwrite(c, func(u *state.User) bool { return slices.Contains(u.LicenseKeys, key) })
}

// overwrite changes the settings of some users: a level overwrites what is below, and nothing is inherited later (D). What a user
// cannot have is left out.
func overwrite(c *call.Call, of func(*state.User) bool) wire.Response {
	set, failure := readSettings(c)
	if failure != nil {
		return answer(c, failure)
	}
	for _, u := range c.Account.Users {
		if of(u) {
			users.SetSettings(c.Switches, c.Account, u, c.PathValue("product"), set)
		}
	}
	return settingsDone(c)
}

// getNewUserSettings shows the settings with which new users begin.
func getNewUserSettings(c *call.Call) wire.Response { return showLevel(c, c.Account.NewUserSettings) }

// getAccountSettings shows those of the account.
func getAccountSettings(c *call.Call) wire.Response { return showLevel(c, c.Account.Settings) }

func showLevel(c *call.Call, level map[string]json.RawMessage) wire.Response {
	product := c.PathValue("product")
	settings := users.LevelSettings(c.Switches, level, product)
	if settings == nil {
		settings = users.Settings{}
	}
	if c.Switches.SettingsBody != "flat" {
		return wire.JSON(http.StatusOK, wire.Object{wire.M(product, settings)})
	}
	return wire.JSON(http.StatusOK, settings)
}

// updateNewUserSettings changes the settings with which new users begin.
func updateNewUserSettings(c *call.Call) wire.Response {
	set, failure := readSettings(c)
	if failure != nil {
		return answer(c, failure)
	}
	users.SetLevel(c.Switches, &c.Account.NewUserSettings, c.PathValue("product"), set)
	return settingsDone(c)
}

// updateAccountSettings changes those of the account, which are those of new users from then on, and where the switch says so of all users (D: the
// console asks which).
func updateAccountSettings(c *call.Call) wire.Response {
	set, failure := readSettings(c)
	if failure != nil {
		return answer(c, failure)
	}
	product := c.PathValue("product")
	users.SetLevel(c.Switches, &c.Account.Settings, product, set)
	users.SetLevel(c.Switches, &c.Account.NewUserSettings, product, set)
	return overwrite(c, func(*state.User) bool { return c.Switches.AccountSettings == "allUsers" })
}

// countryList shows codes of countries, as the switch countryLists says.
func countryList(codes func() []string) func(*call.Call) wire.Response {
	return func(c *call.Call) wire.Response {
		list := codes()
		if c.Switches.CountryLists == "envelope" {
			return wire.JSON(http.StatusOK, wire.Object{wire.M("results", list), wire.M("total", len(list))})
		}
		return wire.JSON(http.StatusOK, list)
	}
}
