package admin

import (
	"net/http"
	"slices"

	"github.com/goto-operator/goto-operator/internal/simulator/call"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
	"github.com/goto-operator/goto-operator/internal/simulator/switches"
	"github.com/goto-operator/goto-operator/internal/simulator/wire"
)

// listGroups serves GET /accounts/{a}/groups, sorted by name as captured (L).
func listGroups(c *call.Call) wire.Response {
	return groupsPage(c, func(*state.Group) bool { return true })
}

// groupsPage answers a list of those groups that are in it.
func groupsPage(c *call.Call, in func(*state.Group) bool) wire.Response {
	keep, failure := parseFilter(c, groupFields)
	if failure != nil {
		return answer(c, failure)
	}
	var groups []state.Group
	for i := range c.Account.Groups {
		g := &c.Account.Groups[i]
		if in(g) && keep(func(field string) []string { return groupField(g, field) }) {
			groups = append(groups, *g)
		}
	}
	of := membersOf(c)
	return listPage(c, len(groups), func(i int) wire.Object { return groupJSON(c, &groups[i], of).Only(selection(c)) })
}

// getGroup serves GET /accounts/{a}/groups/{groupKey}.
func getGroup(c *call.Call) wire.Response {
	g, failure := targetGroup(c)
	if failure != nil {
		return answer(c, failure)
	}
	return wire.JSON(http.StatusOK, groupJSON(c, g, membersOf(c)))
}

// groupFields are the fields that groups can be filtered by (C).
var groupFields = []string{"key", "name"}

func groupField(g *state.Group, name string) []string {
	switch name {
	case "key":
		return []string{g.Key}
	case "name":
		return []string{g.Name}
	}
	return nil
}

// members are the users of each group, and how many each has with the groups below it.
type members struct {
	direct map[string][]string
	total  map[string]int
}

func membersOf(c *call.Call) members {
	m := members{direct: c.Account.Members(), total: map[string]int{}}
	for key, users := range m.direct {
		for _, up := range c.Account.Groups.Path(key) {
			m.total[up.Key] += len(users)
		}
	}
	return m
}

// groupJSON shows a group. That totalMemberCount includes sub-groups is inferred (C).
func groupJSON(c *call.Call, g *state.Group, m members) wire.Object {
	sw := c.Switches
	keys, names := pathOf(sw, c.Account.Groups.Path(g.Key))
	o := wire.Object{wire.M("key", keyJSON(sw, g.Key)), wire.M("name", sw.Shown(g.Name)), wire.M("keyPath", keysJSON(sw, keys)), wire.M("namePath", names)}
	if len(m.direct[g.Key]) > 0 {
		o = append(o, wire.M("userKeys", keysJSON(sw, m.direct[g.Key])))
	}
	return append(o, wire.M("memberCount", len(m.direct[g.Key])), wire.M("totalMemberCount", m.total[g.Key]))
}

func pathOf(sw *switches.Switches, groups state.Groups) (keys, names []string) {
	for _, g := range groups {
		keys = append(keys, g.Key)
		names = append(names, sw.Shown(g.Name))
	}
	return keys, names
}

// listLicenses serves GET /accounts/{a}/licenses. The fields are those of the documentation's sample (D).
func listLicenses(c *call.Call) wire.Response {
	holders := map[string][]string{}
	for _, u := range c.Account.Users {
		for _, key := range u.LicenseKeys {
			holders[key] = append(holders[key], u.Key)
		}
	}
	licenses := c.Account.Licenses
	return listPage(c, len(licenses), func(i int) wire.Object {
		return licenseJSON(c, &licenses[i], holders[licenses[i].Key]).Only(selection(c))
	})
}

// getLicense serves the assumed GET /accounts/{a}/licenses/{licenseKey} (U): the entry of the list by itself.
func getLicense(c *call.Call) wire.Response {
	if !served(c, c.Switches.LicenseDetails) {
		return wire.NotRouted()
	}
	key := c.PathValue("license")
	l := c.Account.Licenses.Get(key)
	if l == nil {
		return answer(c, c.Absent(wire.CodeLicenseNotFound, key))
	}
	var holders []string
	for _, u := range c.Account.Users {
		if slices.Contains(u.LicenseKeys, key) {
			holders = append(holders, u.Key)
		}
	}
	return wire.JSON(http.StatusOK, licenseJSON(c, l, holders))
}

func licenseJSON(c *call.Call, l *state.License, holders []string) wire.Object {
	sw := c.Switches
	kind := l.Type
	if kind == "" {
		kind = "named"
	}
	products := l.Products
	if products == nil {
		products = []string{}
	}
	none := []string{}
	return wire.Object{
		wire.M("key", keyJSON(sw, l.Key)),
		wire.M("concurrentLicenseKey", keyJSON(sw, "0")),
		wire.M("seats", l.Seats),
		wire.M("userCount", len(holders)),
		wire.M("enabled", !l.Disabled),
		wire.M("description", l.Description),
		wire.M("type", kind),
		wire.M("channel", "online"),
		wire.M("userKeys", keysJSON(sw, holders)),
		wire.M("invitedUserKeys", none),
		wire.M("deviceKeys", none),
		wire.M("deviceCount", 0),
		wire.M("products", products),
		wire.M("childLicenseKeys", none),
		wire.M("entitlements", wire.Object{}),
		wire.M("devicesOnly", false),
		wire.M("devicesAllowed", false),
		wire.M("externallyManaged", false),
	}
}
