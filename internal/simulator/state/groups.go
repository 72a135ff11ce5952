package state

import (
	"cmp"
	"slices"
)

// Groups are the groups of an account.
type Groups []Group

// Get returns the group with that key, nil if there is none.
func (g Groups) Get(key string) *Group {
	if i := slices.IndexFunc(g, func(g Group) bool { return g.Key == key }); i >= 0 {
		return &g[i]
	}
	return nil
}

// Path returns the ancestors of the group with that key, and the group itself, from the root.
func (g Groups) Path(key string) Groups {
	var path Groups
	for at := g.Get(key); at != nil && len(path) <= len(g); at = g.Get(at.ParentKey) {
		path = append(Groups{*at}, path...)
	}
	return path
}

// Below returns the keys of all groups under a group.
func (g Groups) Below(key string) []string {
	var keys []string
	for _, other := range g {
		if other.Key != key && slices.ContainsFunc(g.Path(other.Key), func(up Group) bool { return up.Key == key }) {
			keys = append(keys, other.Key)
		}
	}
	return keys
}

// Sort puts the groups into the order in which they were seen in lists, that of their names (L).
func (g Groups) Sort() {
	slices.SortStableFunc(g, func(x, y Group) int { return cmp.Compare(x.Name, y.Name) })
}

// DropGroups removes groups and every trace of them in users.
func (d *Directory) DropGroups(keys []string) {
	gone := func(key string) bool { return slices.Contains(keys, key) }
	d.Groups = slices.DeleteFunc(d.Groups, func(g Group) bool { return gone(g.Key) })
	for _, u := range d.Users {
		if gone(u.GroupKey) {
			u.GroupKey = ""
		}
		u.ManagedGroupKeys = slices.DeleteFunc(u.ManagedGroupKeys, gone)
	}
}

// Members returns the keys of each group's direct members, in order.
func (d *Directory) Members() map[string][]string {
	direct := map[string][]string{}
	for _, u := range d.Users {
		if u.GroupKey != "" {
			direct[u.GroupKey] = append(direct[u.GroupKey], u.Key)
		}
	}
	return direct
}

// GroupName is the name of the group that a user is in, or empty.
func (d *Directory) GroupName(u *User) string {
	if g := d.Groups.Get(u.GroupKey); g != nil {
		return g.Name
	}
	return ""
}
