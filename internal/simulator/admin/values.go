package admin

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"

	"github.com/goto-operator/goto-operator/internal/simulator/call"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
	"github.com/goto-operator/goto-operator/internal/simulator/switches"
	"github.com/goto-operator/goto-operator/internal/simulator/users"
	"github.com/goto-operator/goto-operator/internal/simulator/wire"
)

// valueOperations is the part of the endpoint table about what users have of attributes and custom roles.
func valueOperations() []call.Operation {
	editors := []string{state.RoleSuperUser, state.RoleManageUsers}
	giver := []string{state.RoleSuperUser}
	const user = accountPath + "/users/{keys}"
	return []call.Operation{
		{ID: call.OpSetUserAttributes, Pattern: "PUT " + user + "/attributes", Roles: editors, Handle: setUserAttributes},
		{ID: call.OpSetUserRoleSets, Pattern: "PUT " + user + "/rolesets", Roles: giver, Handle: setUserRoleSets},
		{ID: call.OpListRoleSets, Pattern: "GET " + accountPath + "/rolesets", Roles: state.AllRoles(), List: true, Handle: listRoleSets},
		{ID: call.OpAssignRoleSet, Pattern: "PUT " + accountPath + "/rolesets/{roleSet}/users", Roles: giver, Handle: assignRoleSet},
		{ID: call.OpClearRoleSets, Pattern: "DELETE " + accountPath + "/users/rolesets", Roles: giver, Handle: clearRoleSets},
	}
}

// extras are what a change of users may say beside what is known of it (U).
type extras struct {
	Attributes json.RawMessage `json:"attributes"`
	RoleSets   *[]wire.ID      `json:"roleSets"`
}

// setUserAttributes serves the assumed PUT /accounts/{a}/users/{userKeys}/attributes (U).
func setUserAttributes(c *call.Call) wire.Response {
	if c.Switches.AttributeValues != "ownPath" {
		return wire.NotRouted()
	}
	return setExtras(c)
}

// setUserRoleSets serves the assumed PUT /accounts/{a}/users/{userKeys}/rolesets (U).
func setUserRoleSets(c *call.Call) wire.Response {
	if c.Switches.RoleSetWrites != "ownPath" {
		return wire.NotRouted()
	}
	return setExtras(c)
}

func setExtras(c *call.Call) wire.Response {
	keys, failure := targets(c, c.Switches.MultiKeyPut)
	if failure != nil {
		return answer(c, failure)
	}
	var body extras
	if json.Unmarshal(c.Body, &body) != nil {
		return answer(c, wire.Refuse(http.StatusBadRequest, wire.CodeInvalidRequest, "body"))
	}
	all := make([]*state.User, 0, len(keys))
	for _, key := range keys {
		u := c.Account.User(key)
		if u == nil {
			return answer(c, c.Absent(wire.CodeUserNotFound, key))
		}
		all = append(all, u)
	}
	if failure := applyExtras(c, all, body); failure != nil {
		return answer(c, failure)
	}
	return writeDone(c.Switches.UpdateStatus, c.Switches)
}

// applyExtras gives users values and custom roles, or refuses all of it.
func applyExtras(c *call.Call, all []*state.User, body extras) *wire.Refusal {
	var values map[string]string
	if body.Attributes != nil {
		var failure *wire.Refusal
		if values, failure = readValues(c, body.Attributes); failure != nil {
			return failure
		}
	}
	if body.RoleSets != nil {
		for _, id := range *body.RoleSets {
			if c.Account.RoleSets.Get(string(id)) == nil {
				return wire.Refuse(switches.Status(c.Switches.UnknownReferenceStatus), wire.CodeRoleSetNotFound, string(id))
			}
		}
	}
	for _, u := range all {
		if body.Attributes != nil {
			giveValues(c, u, values)
		}
		if body.RoleSets != nil {
			u.RoleSets = wire.PlainIDs(*body.RoleSets)
		}
		c.Changed = true
	}
	return nil
}

// readValues reads values in the form that the switch allows, by the key of their attribute.
func readValues(c *call.Call, data json.RawMessage) (map[string]string, *wire.Refusal) {
	invalid := wire.Refuse(http.StatusBadRequest, wire.CodeInvalidRequest, "attributes")
	named := map[string]string{}
	if c.Switches.AttributeForm == "byName" {
		if json.Unmarshal(data, &named) != nil {
			return nil, invalid
		}
	} else {
		var entries []map[string]string
		if json.Unmarshal(data, &entries) != nil {
			return nil, invalid
		}
		for _, e := range entries {
			id, is := e[map[string]string{"byKey": "key", "named": "name"}[c.Switches.AttributeForm]]
			if !is {
				return nil, invalid
			}
			named[id] = e["value"]
		}
	}
	values := map[string]string{}
	for id, value := range named {
		attribute := c.Account.Attributes.Named(id)
		if c.Switches.AttributeForm == "byKey" {
			attribute = c.Account.Attributes.Get(id)
		}
		if attribute == nil {
			return nil, wire.Refuse(switches.Status(c.Switches.UnknownReferenceStatus), wire.CodeAttributeNotFound, id)
		}
		values[attribute.Key] = value
	}
	return values, nil
}

// giveValues gives a user values; see Switches.AttributeWrite. An empty one is none.
func giveValues(c *call.Call, u *state.User, values map[string]string) {
	has := maps.Clone(u.Attributes)
	if has == nil || c.Switches.AttributeWrite == "replace" {
		has = map[string]string{}
	}
	maps.Copy(has, values)
	maps.DeleteFunc(has, func(_, value string) bool { return value == "" })
	u.Attributes = has
}

// valuesJSON shows what a user has in attributes; nil for nothing.
func valuesJSON(c *call.Call, u *state.User) any {
	byName, list := map[string]string{}, []wire.Object{}
	for _, a := range c.Account.Attributes {
		value, has := u.Attributes[a.Key]
		switch {
		case !has:
		case c.Switches.AttributeForm == "byKey":
			list = append(list, wire.Object{wire.M("key", keyJSON(c.Switches, a.Key)), wire.M("value", value)})
		case c.Switches.AttributeForm == "named":
			list = append(list, wire.Object{wire.M("name", a.Name), wire.M("value", value)})
		default:
			byName[a.Name] = value
		}
	}
	switch {
	case len(byName) > 0:
		return byName
	case len(list) > 0:
		return list
	}
	return nil
}

// extrasJSON are the members of a user about attributes and custom roles; what is empty is left out, as with all else (L).
func extrasJSON(c *call.Call, u *state.User) wire.Object {
	var o wire.Object
	if len(u.RoleSets) > 0 {
		o = append(o, wire.M("roleSets", u.RoleSets))
	}
	if len(u.Attributes) > 0 && c.Switches.AttributesInReads == "yes" {
		if values := valuesJSON(c, u); values != nil {
			o = append(o, wire.M("attributes", values))
		}
	}
	return o
}

// listRoleSets serves GET /accounts/{a}/rolesets: id and name (C).
func listRoleSets(c *call.Call) wire.Response {
	all := c.Account.RoleSets
	return listPage(c, len(all), func(i int) wire.Object {
		return wire.Object{wire.M("id", all[i].Key), wire.M("name", c.Switches.Shown(all[i].Name))}
	})
}

// filtered are the users that a filter chooses, with which the calls about custom roles name them (C).
func filtered(c *call.Call) ([]*state.User, *wire.Refusal) {
	keep, failure := parseFilter(c, userFields)
	if failure != nil {
		return nil, failure
	}
	var out []*state.User
	for _, u := range c.Account.Users {
		if users.Visible(c, u) && keep(func(field string) []string { return userField(c.Account, u, field) }) {
			out = append(out, u)
		}
	}
	return out, nil
}

// assignRoleSet serves PUT /accounts/{a}/rolesets/{id}/users. Whether the role takes the place of others is not known (U).
func assignRoleSet(c *call.Call) wire.Response {
	if c.Switches.RoleSetWrites != "filter" {
		return wire.NotRouted()
	}
	id := c.PathValue("roleSet")
	if c.Account.RoleSets.Get(id) == nil {
		return answer(c, c.Absent(wire.CodeRoleSetNotFound, id))
	}
	all, failure := filtered(c)
	if failure != nil {
		return answer(c, failure)
	}
	for _, u := range all {
		has := u.RoleSets
		if c.Switches.RoleSetAssign == "replaces" {
			has = nil
		}
		u.RoleSets = slices.Compact(slices.Sorted(slices.Values(append(slices.Clone(has), id))))
	}
	c.Changed = true
	return writeDone(c.Switches.UpdateStatus, c.Switches)
}

// clearRoleSets serves DELETE /accounts/{a}/users/rolesets.
func clearRoleSets(c *call.Call) wire.Response {
	if c.Switches.RoleSetWrites != "filter" {
		return wire.NotRouted()
	}
	all, failure := filtered(c)
	if failure != nil {
		return answer(c, failure)
	}
	for _, u := range all {
		u.RoleSets = nil
	}
	c.Changed = true
	return writeDone(c.Switches.DeleteStatus, c.Switches)
}
