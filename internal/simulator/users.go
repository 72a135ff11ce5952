package simulator

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// listUsers serves GET /accounts/{a}/users.
func (s *Simulator) listUsers(c *call) response {
	return s.usersPage(c, func(*User) bool { return true })
}

// usersPage answers a list of those users that are in it.
func (s *Simulator) usersPage(c *call, in func(*User) bool) response {
	keep, failure := s.parseFilter(c, userFields)
	if failure != nil {
		return s.answer(failure)
	}
	a := c.account
	users := make([]*User, 0, len(a.users))
	for _, u := range a.users {
		if s.visible(u) && in(u) && keep(func(field string) []string { return a.userField(u, field) }) {
			users = append(users, u)
		}
	}
	s.sortUsers(c, users)
	selection := c.selection()
	return s.listPage(c, len(users), func(i int) object { return s.userJSON(a, users[i]).only(selection) })
}

// getUser serves GET /accounts/{a}/users/{userKey}. Several keys are not known to work (U) and are answered like any other id that
// is no number.
func (s *Simulator) getUser(c *call) response {
	text := c.r.PathValue("keys")
	if !isKey(text) {
		return s.answer(s.badKey(text))
	}
	u := c.account.byKey[text]
	if u == nil || !s.visible(u) {
		return s.answer(s.absent(codeUserNotFound, text))
	}
	return jsonResponse(http.StatusOK, s.userJSON(c.account, u).only(c.selection()))
}

// badKey is the refusal of a path whose user key is no number.
func (s *Simulator) badKey(text string) *apiError {
	return refuse(statusOf(s.switches.NonNumericKeyStatus), codeUserNotFound, text)
}

// visible says whether reads show the user yet.
func (s *Simulator) visible(u *User) bool { return !u.VisibleFrom.After(s.time()) }

// selection returns the fields that a read is limited to, none for all. The parameter is called attributes by a client that works
// (L) and attributeNames by the guide (D).
func (c *call) selection() []string {
	text := c.params.Get("attributes")
	if text == "" {
		text = c.params.Get("attributeNames")
	}
	if text == "" {
		return nil
	}
	return strings.Split(text, ",")
}

// sortUsers orders a list by "ascending" or "descending", else as the switch says. The guide's example writes
// "ascending=firstName=true" (D); the bare field name is taken too. A field that cannot be sorted by is ignored.
func (s *Simulator) sortUsers(c *call, users []*User) {
	a := c.account
	field, sign := c.params.Get("ascending"), 1
	if field == "" {
		field, sign = c.params.Get("descending"), -1
	}
	field = strings.TrimSuffix(field, "=true")
	if field == "" && s.switches.ListOrder == "email" {
		field, sign = "email", 1
	}
	if !slices.Contains(userFields, field) {
		return
	}
	fold := func(u *User) string { return strings.ToLower(strings.Join(a.userField(u, field), ",")) }
	slices.SortStableFunc(users, func(x, y *User) int {
		if field == "key" {
			return sign * compareKeys(x.Key, y.Key)
		}
		return sign * strings.Compare(fold(x), fold(y))
	})
}

// roles are the admin roles that a read shows.
func (s *Switches) roles(u *User) []string {
	if s.RolesInReads == "expanded" && slices.Contains(u.AdminRoles, RoleSuperUser) {
		return allRoles
	}
	return u.AdminRoles
}

// userFields are the fields that users can be filtered and sorted by. The service's own list is not known (U).
var userFields = []string{
	"key", "email", "firstName", "lastName", "locale", "timeZone", "status", "groupKey", "groupName", "licenseKeys", "products",
	"adminRoles",
}

// userField returns the values of a field as text.
func (a *account) userField(u *User, field string) []string {
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
		return []string{status(u)}
	case "groupKey":
		return []string{u.GroupKey}
	case "groupName":
		if g := a.group(u.GroupKey); g != nil {
			return []string{g.Name}
		}
	case "licenseKeys":
		return u.LicenseKeys
	case "products":
		return a.products(u)
	case "adminRoles":
		return u.AdminRoles
	}
	return nil
}

// userJSON shows a user as captured (L): lists, groups and dates that are empty are left out.
func (s *Simulator) userJSON(a *account, u *User) object {
	sw := &s.switches
	o := make(object, 0, 24)
	o = append(o, member{"key", sw.keyJSON(u.Key)}, member{"email", u.Email},
		member{"firstName", sw.shown(u.FirstName)}, member{"lastName", sw.shown(u.LastName)},
		member{"locale", u.Locale}, member{"timeZone", u.TimeZone})
	if len(u.LicenseKeys) > 0 {
		o = append(o, member{"licenseKeys", sw.keysJSON(u.LicenseKeys)})
	}
	if products := a.products(u); len(products) > 0 {
		o = append(o, member{"products", products})
	}
	if path := a.path(u.GroupKey); len(path) > 0 {
		keys, names := sw.pathOf(path)
		o = append(o, member{"groupKey", sw.keyJSON(u.GroupKey)}, member{"groupName", names[len(names)-1]},
			member{"groupKeyPath", sw.keysJSON(keys)}, member{"groupNamePath", names})
	}
	if roles := sw.roles(u); len(roles) > 0 {
		o = append(o, member{"adminRoles", roles})
	}
	if len(u.ManagedGroupKeys) > 0 && sw.ManagedGroupKeysInReads == "yes" {
		o = append(o, member{"managedGroupKeys", sw.keysJSON(u.ManagedGroupKeys)})
	}
	settings := u.Settings
	if len(settings) == 0 {
		settings = json.RawMessage("{}")
	}
	o = append(o, member{"settings", settings}, member{"passwordCreated", u.PasswordCreated})
	if u.InvitedDate != 0 && sw.InvitedDate == "shown" {
		o = append(o, member{"invitedDate", u.InvitedDate})
	}
	o = append(o, member{"nameLocked", u.NameLocked}, member{"emailLocked", u.EmailLocked},
		member{"identityReadOnly", u.IdentityReadOnly}, member{"canAuthenticate", u.PasswordCreated},
		member{"status", status(u)})
	if u.InviteCount != 0 {
		o = append(o, member{"inviteCount", u.InviteCount})
	}
	return o
}
