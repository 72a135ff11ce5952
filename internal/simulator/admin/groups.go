package admin

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/goto-operator/goto-operator/internal/simulator/call"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
	"github.com/goto-operator/goto-operator/internal/simulator/switches"
	"github.com/goto-operator/goto-operator/internal/simulator/wire"
)

// groupRequest is the body of POST groups and PUT of a group.
type groupRequest struct {
	Name      *string   `json:"name"`
	ParentKey *wire.Key `json:"parentKey"`
}

// groupDepthLimit is the number of levels that the concepts page allows (D); see Switches.GroupDepth.
const groupDepthLimit = 2

// createGroup serves POST /accounts/{a}/groups.
func createGroup(c *call.Call) wire.Response {
	var body groupRequest
	if json.Unmarshal(c.Body, &body) != nil {
		return answer(c, wire.Refuse(http.StatusBadRequest, wire.CodeInvalidRequest, "body"))
	}
	parent, failure := parentOf(c, &body)
	if failure != nil {
		return answer(c, failure)
	}
	storeName(c, &body)
	if failure := checkGroupName(c, body.Name, "", parent); failure != nil {
		return answer(c, failure)
	}
	key, err := c.Store.AddGroup(c.Account, state.Group{Name: *body.Name, ParentKey: parent})
	if err != nil {
		panic(err) // the parent was looked up above, and the key is new
	}
	c.Changed = true
	var shown any = json.Number(key)
	if c.Switches.GroupCreateBody == "string" {
		shown = key
	}
	return wire.JSON(switches.Status(c.Switches.CreateStatus), shown)
}

// storeName makes of the name of a request what is kept of it.
func storeName(c *call.Call, body *groupRequest) {
	if body.Name != nil {
		*body.Name = c.Switches.Stored(*body.Name)
	}
}

// parentOf reads the key of the parent from a create, empty for none.
func parentOf(c *call.Call, body *groupRequest) (string, *wire.Refusal) {
	if body.ParentKey == nil || *body.ParentKey == "" || c.Switches.GroupParent == "ignored" {
		return "", nil
	}
	parent := string(*body.ParentKey)
	switch {
	case c.Switches.GroupParent == "refused":
		return "", c.Invalid(wire.CodeInvalidRequest, "parentKey")
	case c.Account.Groups.Get(parent) == nil:
		return "", wire.Refuse(switches.Status(c.Switches.UnknownReferenceStatus), wire.CodeGroupNotFound, parent)
	case c.Switches.GroupDepth == "two" && len(c.Account.Groups.Path(parent)) >= groupDepthLimit:
		return "", c.Invalid(wire.CodeGroupDepth, parent)
	}
	return parent, nil
}

// checkGroupName refuses a name that is missing (C) or that another group has (C). Whether names that differ in case alone are
// the same is not known (U); here they are not.
func checkGroupName(c *call.Call, name *string, own, parent string) *wire.Refusal {
	if name == nil || strings.TrimSpace(*name) == "" {
		return c.Invalid(wire.CodeGroupNameRequired, "")
	}
	for _, g := range c.Account.Groups {
		near := c.Switches.GroupNameScope == "account" || g.ParentKey == parent
		if g.Key != own && g.Name == *name && near {
			return wire.Refuse(switches.Status(c.Switches.GroupConflictStatus), wire.CodeGroupConflict, *name)
		}
	}
	return nil
}

// targetGroup returns the group of the path.
func targetGroup(c *call.Call) (*state.Group, *wire.Refusal) {
	key := c.PathValue("group")
	if g := c.Account.Groups.Get(key); g != nil {
		return g, nil
	}
	return nil, c.Absent(wire.CodeGroupNotFound, key)
}

// updateGroup serves PUT /accounts/{a}/groups/{groupKey}: the name, since nothing else is known to be sent (C).
func updateGroup(c *call.Call) wire.Response {
	g, failure := targetGroup(c)
	if failure != nil {
		return answer(c, failure)
	}
	var fields map[string]json.RawMessage
	var body groupRequest
	if json.Unmarshal(c.Body, &fields) != nil || json.Unmarshal(c.Body, &body) != nil {
		return answer(c, wire.Refuse(http.StatusBadRequest, wire.CodeInvalidRequest, "body"))
	}
	if _, found := fields["key"]; found {
		return answer(c, c.Invalid(wire.CodeGroupKeyInBody, "key"))
	}
	storeName(c, &body)
	if failure := checkGroupName(c, body.Name, g.Key, g.ParentKey); failure != nil {
		return answer(c, failure)
	}
	if !c.Switches.Ignores("groupName") {
		g.Name = *body.Name
	}
	c.Account.Groups.Sort()
	c.Changed = true
	return writeDone(c.Switches.GroupWriteStatus, c.Switches)
}

// deleteGroup serves DELETE /accounts/{a}/groups/{groupKey}.
func deleteGroup(c *call.Call) wire.Response {
	g, failure := targetGroup(c)
	if failure != nil {
		return answer(c, failure)
	}
	key, parent := g.Key, g.ParentKey
	below := c.Account.Groups.Below(key)
	doomed := []string{key}
	switch c.Switches.SubgroupsOnDelete {
	case "refused":
		if len(below) > 0 {
			return answer(c, wire.Refuse(http.StatusConflict, wire.CodeGroupNotEmpty, key))
		}
	case "deleted":
		doomed = append(doomed, below...)
	}
	inside := func(u *state.User) bool { return slices.Contains(doomed, u.GroupKey) }
	if c.Switches.MembersOnDelete == "refused" && slices.ContainsFunc(c.Account.Users, inside) {
		return answer(c, wire.Refuse(http.StatusConflict, wire.CodeGroupNotEmpty, key))
	}
	for i := range c.Account.Groups {
		if c.Account.Groups[i].ParentKey == key {
			c.Account.Groups[i].ParentKey = parent // where sub-groups are deleted, they are so below
		}
	}
	c.Account.DropGroups(doomed)
	c.Changed = true
	return writeDone(c.Switches.DeleteStatus, c.Switches)
}

// listSubgroups serves the assumed GET /accounts/{a}/groups/{groupKey}/groups (U): the groups one level down.
func listSubgroups(c *call.Call) wire.Response {
	if !served(c, c.Switches.GroupLists) {
		return wire.NotRouted()
	}
	parent, failure := targetGroup(c)
	if failure != nil {
		return answer(c, failure)
	}
	return groupsPage(c, func(g *state.Group) bool { return g.ParentKey == parent.Key })
}

// listGroupUsers serves the assumed GET /accounts/{a}/groups/{groupKey}/users (U): the direct members.
func listGroupUsers(c *call.Call) wire.Response {
	if !served(c, c.Switches.GroupLists) {
		return wire.NotRouted()
	}
	g, failure := targetGroup(c)
	if failure != nil {
		return answer(c, failure)
	}
	return usersPage(c, func(u *state.User) bool { return u.GroupKey == g.Key })
}

// moveUsers serves PUT /accounts/{a}/groups/{groupKey}/users/{userKeys}. Of several users all are moved or none; whether the
// service does so is not known (U).
func moveUsers(c *call.Call) wire.Response {
	g, failure := targetGroup(c)
	if failure != nil {
		return answer(c, failure)
	}
	keys, failure := targets(c, c.Switches.MultiKeyMove)
	if failure != nil {
		return answer(c, failure)
	}
	for _, key := range keys {
		if c.Account.User(key) == nil {
			return answer(c, c.Absent(wire.CodeUserNotFound, key))
		}
	}
	for _, key := range keys {
		c.Account.User(key).GroupKey = g.Key
	}
	c.Changed = true
	return writeDone(c.Switches.GroupWriteStatus, c.Switches)
}

// leaveGroups serves DELETE /accounts/{a}/users/{userKey}/groups.
func leaveGroups(c *call.Call) wire.Response {
	u, failure := targetUser(c)
	if failure != nil {
		return answer(c, failure)
	}
	if u.GroupKey == "" && c.Switches.NothingToTake == "404" {
		return answer(c, wire.Refuse(http.StatusNotFound, wire.CodeNoGroup, u.Key))
	}
	u.GroupKey = ""
	c.Changed = true
	return writeDone(c.Switches.DeleteStatus, c.Switches)
}

// targetUser returns the one user of the path.
func targetUser(c *call.Call) (*state.User, *wire.Refusal) {
	key := c.PathValue("keys")
	if !state.IsKey(key) {
		return nil, badKey(c, key)
	}
	if u := c.Account.User(key); u != nil {
		return u, nil
	}
	return nil, c.Absent(wire.CodeUserNotFound, key)
}
