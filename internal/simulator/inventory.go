package simulator

import "net/http"

// listGroups serves GET /accounts/{a}/groups, sorted by name as captured (L).
func (s *Simulator) listGroups(c *call) response {
	return s.groupsPage(c, func(Group) bool { return true })
}

// groupsPage answers a list of those groups that are in it.
func (s *Simulator) groupsPage(c *call, in func(Group) bool) response {
	keep, failure := s.parseFilter(c, groupFields)
	if failure != nil {
		return s.answer(failure)
	}
	var groups []Group
	for _, g := range c.account.groups {
		if in(g) && keep(g.field) {
			groups = append(groups, g)
		}
	}
	direct := c.account.members()
	return s.listPage(c, len(groups), func(i int) object { return s.groupJSON(c.account, groups[i], direct).only(c.selection()) })
}

// getGroup serves GET /accounts/{a}/groups/{groupKey}.
func (s *Simulator) getGroup(c *call) response {
	g, failure := s.targetGroup(c)
	if failure != nil {
		return s.answer(failure)
	}
	return jsonResponse(http.StatusOK, s.groupJSON(c.account, *g, c.account.members()))
}

// groupFields are the fields that groups can be filtered by (C).
var groupFields = []string{"key", "name"}

func (g Group) field(name string) []string {
	switch name {
	case "key":
		return []string{g.Key}
	case "name":
		return []string{g.Name}
	}
	return nil
}

// members returns the keys of each group's direct members, in order.
func (a *account) members() map[string][]string {
	direct := map[string][]string{}
	for _, u := range a.users {
		if u.GroupKey != "" {
			direct[u.GroupKey] = append(direct[u.GroupKey], u.Key)
		}
	}
	return direct
}

// groupJSON shows a group. That totalMemberCount includes sub-groups is inferred (C).
func (s *Simulator) groupJSON(a *account, g Group, direct map[string][]string) object {
	sw := &s.switches
	keys, names := sw.pathOf(a.path(g.Key))
	total := 0
	for _, other := range a.groups {
		for _, ancestor := range a.path(other.Key) {
			if ancestor.Key == g.Key {
				total += len(direct[other.Key])
			}
		}
	}
	o := object{{"key", sw.keyJSON(g.Key)}, {"name", sw.shown(g.Name)}, {"keyPath", sw.keysJSON(keys)}, {"namePath", names}}
	if len(direct[g.Key]) > 0 {
		o = append(o, member{"userKeys", sw.keysJSON(direct[g.Key])})
	}
	return append(o, member{"memberCount", len(direct[g.Key])}, member{"totalMemberCount", total})
}

func (s *Switches) pathOf(groups []Group) (keys, names []string) {
	for _, g := range groups {
		keys = append(keys, g.Key)
		names = append(names, s.shown(g.Name))
	}
	return keys, names
}

// listLicenses serves GET /accounts/{a}/licenses. The fields are those of the documentation's sample (D).
func (s *Simulator) listLicenses(c *call) response {
	holders := map[string][]string{}
	for _, u := range c.account.users {
		for _, key := range u.LicenseKeys {
			holders[key] = append(holders[key], u.Key)
		}
	}
	licenses := c.account.licenses
	return s.listPage(c, len(licenses), func(i int) object {
		return s.licenseJSON(&licenses[i], holders[licenses[i].Key]).only(c.selection())
	})
}

func (s *Simulator) licenseJSON(l *License, holders []string) object {
	sw := &s.switches
	kind := l.Type
	if kind == "" {
		kind = "named"
	}
	products := l.Products
	if products == nil {
		products = []string{}
	}
	none := []string{}
	return object{
		{"key", sw.keyJSON(l.Key)},
		{"concurrentLicenseKey", sw.keyJSON("0")},
		{"seats", l.Seats},
		{"userCount", len(holders)},
		{"enabled", !l.Disabled},
		{"description", l.Description},
		{"type", kind},
		{"channel", "online"},
		{"userKeys", sw.keysJSON(holders)},
		{"invitedUserKeys", none},
		{"deviceKeys", none},
		{"deviceCount", 0},
		{"products", products},
		{"childLicenseKeys", none},
		{"entitlements", object{}},
		{"devicesOnly", false},
		{"devicesAllowed", false},
		{"externallyManaged", false},
	}
}
