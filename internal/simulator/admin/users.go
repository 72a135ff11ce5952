package admin

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/goto-operator/goto-operator/internal/simulator/call"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
	"github.com/goto-operator/goto-operator/internal/simulator/switches"
	"github.com/goto-operator/goto-operator/internal/simulator/users"
	"github.com/goto-operator/goto-operator/internal/simulator/wire"
)

// listUsers serves GET /accounts/{a}/users.
func listUsers(c *call.Call) wire.Response {
	return usersPage(c, func(*state.User) bool { return true })
}

// usersPage answers a list of those users that are in it.
func usersPage(c *call.Call, in func(*state.User) bool) wire.Response {
	keep, failure := parseFilter(c, userFields)
	if failure != nil {
		return answer(c, failure)
	}
	a := c.Account
	listed := make([]*state.User, 0, len(a.Users))
	order := a.Users
	if c.Switches.ListOrder == "email" {
		order = a.UsersByEmail()
	}
	for _, u := range order {
		if users.Visible(c, u) && in(u) && keep(func(field string) []string { return userField(a, u, field) }) {
			listed = append(listed, u)
		}
	}
	sortUsers(c, listed)
	fields := selection(c)
	return listPage(c, len(listed), func(i int) wire.Object { return userJSON(c, listed[i]).Only(fields) })
}

// getUser serves GET /accounts/{a}/users/{userKey}. Several keys are not known to work (U) and are answered like any other id that
// is no number.
func getUser(c *call.Call) wire.Response {
	text := c.PathValue("keys")
	if !state.IsKey(text) {
		return answer(c, badKey(c, text))
	}
	u := c.Account.User(text)
	if u == nil || !users.Visible(c, u) {
		return answer(c, c.Absent(wire.CodeUserNotFound, text))
	}
	return wire.JSON(http.StatusOK, userJSON(c, u).Only(selection(c)))
}

// badKey is the refusal of a path whose user key is no number.
func badKey(c *call.Call, text string) *wire.Refusal {
	return wire.Refuse(switches.Status(c.Switches.NonNumericKeyStatus), wire.CodeUserNotFound, text)
}

// selection returns the fields that a read is limited to, none for all. The parameter is called attributes by a client that works
// (L) and attributeNames by the guide (D).
func selection(c *call.Call) []string {
	text := c.Params.Get("attributes")
	if text == "" {
		text = c.Params.Get("attributeNames")
	}
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}

// sortUsers orders a list by "ascending" or "descending"; without either it stays as it is. The guide's example writes
// "ascending=firstName=true" (D); the bare field name is taken too. A field that cannot be sorted by is ignored.
func sortUsers(c *call.Call, list []*state.User) {
	a := c.Account
	field, sign := c.Params.Get("ascending"), 1
	if field == "" {
		field, sign = c.Params.Get("descending"), -1
	}
	field = strings.TrimSuffix(field, "=true")
	if !slices.Contains(userFields, field) {
		return
	}
	fold := func(u *state.User) string { return strings.ToLower(strings.Join(userField(a, u, field), ",")) }
	slices.SortStableFunc(list, func(x, y *state.User) int {
		if field == "key" {
			return sign * state.CompareKeys(x.Key, y.Key)
		}
		return sign * strings.Compare(fold(x), fold(y))
	})
}

// rolesJSON are the admin roles that a read shows.
func rolesJSON(s *switches.Switches, u *state.User) []string {
	if s.RolesInReads == "expanded" && slices.Contains(u.AdminRoles, state.RoleSuperUser) {
		return state.AllRoles()
	}
	return u.AdminRoles
}

// userFields are the fields that users can be filtered and sorted by. The service's own list is not known (U).
var userFields = []string{
	"key", "email", "firstName", "lastName", "locale", "timeZone", "status", "groupKey", "groupName", "licenseKeys", "products",
	"adminRoles",
}

// userField returns the values of a field as text.
func userField(a *state.Directory, u *state.User, field string) []string {
	switch field {
	case "key":
		return []string{u.Key}
	case "email":
		return []string{u.Email}
	case "firstName":
		return []string{u.FirstName}
	case "lastName":
		return []string{u.LastName}
	case "locale":
		return []string{u.Locale}
	case "timeZone":
		return []string{u.TimeZone}
	case "status":
		return []string{state.StatusOf(u)}
	case "groupKey":
		return []string{u.GroupKey}
	case "groupName":
		if g := a.Groups.Get(u.GroupKey); g != nil {
			return []string{g.Name}
		}
	case "licenseKeys":
		return u.LicenseKeys
	case "products":
		return a.Products(u)
	case "adminRoles":
		return u.AdminRoles
	}
	return nil
}

// userJSON shows a user as captured (L): lists, groups and dates that are empty are left out.
func userJSON(c *call.Call, u *state.User) wire.Object {
	sw, a := c.Switches, c.Account
	o := make(wire.Object, 0, 24)
	o = append(o, wire.M("key", keyJSON(sw, u.Key)), wire.M("email", u.Email),
		wire.M("firstName", sw.Shown(u.FirstName)), wire.M("lastName", sw.Shown(u.LastName)),
		wire.M("locale", u.Locale), wire.M("timeZone", u.TimeZone))
	if len(u.LicenseKeys) > 0 {
		o = append(o, wire.M("licenseKeys", keysJSON(sw, u.LicenseKeys)))
	}
	if products := a.Products(u); len(products) > 0 {
		o = append(o, wire.M("products", products))
	}
	if path := a.Groups.Path(u.GroupKey); len(path) > 0 {
		keys, names := pathOf(sw, path)
		o = append(o, wire.M("groupKey", keyJSON(sw, u.GroupKey)), wire.M("groupName", names[len(names)-1]),
			wire.M("groupKeyPath", keysJSON(sw, keys)), wire.M("groupNamePath", names))
	}
	if roles := rolesJSON(sw, u); len(roles) > 0 {
		o = append(o, wire.M("adminRoles", roles))
	}
	if len(u.ManagedGroupKeys) > 0 && sw.ManagedGroupKeysInReads == "yes" {
		o = append(o, wire.M("managedGroupKeys", keysJSON(sw, u.ManagedGroupKeys)))
	}
	settings := u.Settings
	switch {
	case len(settings) > 0:
	case sw.UserSettings == "full":
		settings = fullSettings
	default:
		settings = json.RawMessage("{}")
	}
	o = append(o, wire.M("settings", settings), wire.M("passwordCreated", u.PasswordCreated))
	if u.InvitedDate != 0 && sw.InvitedDate == "shown" {
		o = append(o, wire.M("invitedDate", u.InvitedDate))
	}
	o = append(o, wire.M("nameLocked", u.NameLocked), wire.M("emailLocked", u.EmailLocked),
		wire.M("identityReadOnly", u.IdentityReadOnly), wire.M("canAuthenticate", u.PasswordCreated),
		wire.M("status", state.StatusOf(u)))
	if u.InviteCount != 0 {
		o = append(o, wire.M("inviteCount", u.InviteCount))
	}
	return append(o, extrasJSON(c, u)...)
}
