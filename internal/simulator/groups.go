package simulator

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// groupRequest is the body of POST groups and PUT of a group.
type groupRequest struct {
	Name      *string  `json:"name"`
	ParentKey *wireKey `json:"parentKey"`
}

// groupDepthLimit is the number of levels that the concepts page allows (D); see Switches.GroupDepth.
const groupDepthLimit = 2

// createGroup serves POST /accounts/{a}/groups.
func (s *Simulator) createGroup(c *call) response {
	var body groupRequest
	if json.Unmarshal(c.body, &body) != nil {
		return s.answer(refuse(http.StatusBadRequest, codeInvalidRequest, "body"))
	}
	parent, failure := s.parentOf(c.account, &body)
	if failure != nil {
		return s.answer(failure)
	}
	s.storeName(&body)
	if failure := s.checkGroupName(c.account, body.Name, "", parent); failure != nil {
		return s.answer(failure)
	}
	key, err := s.addGroup(c.account, Group{Name: *body.Name, ParentKey: parent})
	if err != nil {
		panic(err) // the parent was looked up above, and the key is new
	}
	c.changed = true
	var shown any = json.Number(key)
	if s.switches.GroupCreateBody == "string" {
		shown = key
	}
	return jsonResponse(statusOf(s.switches.CreateStatus), shown)
}

// storeName makes of the name of a request what is kept of it.
func (s *Simulator) storeName(body *groupRequest) {
	if body.Name != nil {
		*body.Name = s.switches.stored(*body.Name)
	}
}

// parentOf reads the key of the parent from a create, empty for none.
func (s *Simulator) parentOf(a *account, body *groupRequest) (string, *apiError) {
	if body.ParentKey == nil || *body.ParentKey == "" || s.switches.GroupParent == "ignored" {
		return "", nil
	}
	parent := string(*body.ParentKey)
	switch {
	case s.switches.GroupParent == "refused":
		return "", refuse(http.StatusBadRequest, codeInvalidRequest, "parentKey")
	case a.group(parent) == nil:
		return "", refuse(statusOf(s.switches.UnknownReferenceStatus), codeGroupNotFound, parent)
	case s.switches.GroupDepth == "two" && len(a.path(parent)) >= groupDepthLimit:
		return "", refuse(http.StatusBadRequest, codeGroupDepth, parent)
	}
	return parent, nil
}

// checkGroupName refuses a name that is missing (C) or that another group has (C). Whether names that differ in case alone are
// the same is not known (U); here they are not.
func (s *Simulator) checkGroupName(a *account, name *string, own, parent string) *apiError {
	if name == nil || strings.TrimSpace(*name) == "" {
		return refuse(http.StatusBadRequest, codeGroupNameRequired, "")
	}
	for _, g := range a.groups {
		near := s.switches.GroupNameScope == "account" || g.ParentKey == parent
		if g.Key != own && g.Name == *name && near {
			return refuse(statusOf(s.switches.GroupConflictStatus), codeGroupConflict, *name)
		}
	}
	return nil
}

// targetGroup returns the group of the path.
func (s *Simulator) targetGroup(c *call) (*Group, *apiError) {
	key := c.r.PathValue("group")
	if g := c.account.group(key); g != nil {
		return g, nil
	}
	return nil, s.absent(codeGroupNotFound, key)
}

// updateGroup serves PUT /accounts/{a}/groups/{groupKey}: the name, since nothing else is known to be sent (C).
func (s *Simulator) updateGroup(c *call) response {
	g, failure := s.targetGroup(c)
	if failure != nil {
		return s.answer(failure)
	}
	var fields map[string]json.RawMessage
	var body groupRequest
	if json.Unmarshal(c.body, &fields) != nil || json.Unmarshal(c.body, &body) != nil {
		return s.answer(refuse(http.StatusBadRequest, codeInvalidRequest, "body"))
	}
	if _, found := fields["key"]; found {
		return s.answer(refuse(http.StatusBadRequest, codeGroupKeyInBody, "key"))
	}
	s.storeName(&body)
	if failure := s.checkGroupName(c.account, body.Name, g.Key, g.ParentKey); failure != nil {
		return s.answer(failure)
	}
	if !s.switches.ignores("groupName") {
		g.Name = *body.Name
	}
	c.account.sortGroups()
	c.changed = true
	return writeDone(s.switches.GroupWriteStatus, &s.switches)
}

// deleteGroup serves DELETE /accounts/{a}/groups/{groupKey}.
func (s *Simulator) deleteGroup(c *call) response {
	g, failure := s.targetGroup(c)
	if failure != nil {
		return s.answer(failure)
	}
	a := c.account
	key, parent := g.Key, g.ParentKey
	below := a.below(key)
	doomed := []string{key}
	switch s.switches.SubgroupsOnDelete {
	case "refused":
		if len(below) > 0 {
			return s.answer(refuse(http.StatusConflict, codeGroupNotEmpty, key))
		}
	case "deleted":
		doomed = append(doomed, below...)
	}
	inside := func(u *User) bool { return slices.Contains(doomed, u.GroupKey) }
	if s.switches.MembersOnDelete == "refused" && slices.ContainsFunc(a.users, inside) {
		return s.answer(refuse(http.StatusConflict, codeGroupNotEmpty, key))
	}
	for i := range a.groups {
		if a.groups[i].ParentKey == key {
			a.groups[i].ParentKey = parent // where sub-groups are deleted, they are so below
		}
	}
	a.dropGroups(doomed)
	c.changed = true
	return writeDone(s.switches.DeleteStatus, &s.switches)
}

// below returns the keys of all groups under a group.
func (a *account) below(key string) []string {
	var keys []string
	for _, g := range a.groups {
		if g.Key != key && slices.ContainsFunc(a.path(g.Key), func(up Group) bool { return up.Key == key }) {
			keys = append(keys, g.Key)
		}
	}
	return keys
}

// dropGroups removes groups and every trace of them in users.
func (a *account) dropGroups(keys []string) {
	gone := func(key string) bool { return slices.Contains(keys, key) }
	a.groups = slices.DeleteFunc(a.groups, func(g Group) bool { return gone(g.Key) })
	for _, u := range a.users {
		if gone(u.GroupKey) {
			u.GroupKey = ""
		}
		u.ManagedGroupKeys = slices.DeleteFunc(u.ManagedGroupKeys, gone)
	}
}

// listSubgroups serves the assumed GET /accounts/{a}/groups/{groupKey}/groups (U): the groups one level down.
func (s *Simulator) listSubgroups(c *call) response {
	if s.switches.GroupLists == "unavailable" {
		return s.notRouted(c)
	}
	parent, failure := s.targetGroup(c)
	if failure != nil {
		return s.answer(failure)
	}
	return s.groupsPage(c, func(g Group) bool { return g.ParentKey == parent.Key })
}

// listGroupUsers serves the assumed GET /accounts/{a}/groups/{groupKey}/users (U): the direct members.
func (s *Simulator) listGroupUsers(c *call) response {
	if s.switches.GroupLists == "unavailable" {
		return s.notRouted(c)
	}
	g, failure := s.targetGroup(c)
	if failure != nil {
		return s.answer(failure)
	}
	return s.usersPage(c, func(u *User) bool { return u.GroupKey == g.Key })
}

// moveUsers serves PUT /accounts/{a}/groups/{groupKey}/users/{userKeys}. Of several users all are moved or none; whether the
// service does so is not known (U).
func (s *Simulator) moveUsers(c *call) response {
	g, failure := s.targetGroup(c)
	if failure != nil {
		return s.answer(failure)
	}
	keys, failure := s.targets(c, s.switches.MultiKeyMove)
	if failure != nil {
		return s.answer(failure)
	}
	for _, key := range keys {
		if c.account.byKey[key] == nil {
			return s.answer(s.absent(codeUserNotFound, key))
		}
	}
	for _, key := range keys {
		c.account.byKey[key].GroupKey = g.Key
	}
	c.changed = true
	return writeDone(s.switches.GroupWriteStatus, &s.switches)
}

// leaveGroups serves DELETE /accounts/{a}/users/{userKey}/groups.
func (s *Simulator) leaveGroups(c *call) response {
	u, failure := s.targetUser(c)
	if failure != nil {
		return s.answer(failure)
	}
	if u.GroupKey == "" && s.switches.NothingToTake == "404" {
		return s.answer(refuse(http.StatusNotFound, codeNoGroup, u.Key))
	}
	u.GroupKey = ""
	c.changed = true
	return writeDone(s.switches.DeleteStatus, &s.switches)
}

// targetUser returns the one user of the path.
func (s *Simulator) targetUser(c *call) (*User, *apiError) {
	key := c.r.PathValue("keys")
	if !isKey(key) {
		return nil, s.badKey(key)
	}
	if u := c.account.byKey[key]; u != nil {
		return u, nil
	}
	return nil, s.absent(codeUserNotFound, key)
}
