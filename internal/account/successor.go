package account

import (
	"maps"
	"reflect"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// inherit has an account read from the beginning what is in use of an earlier connection to it: nobody asks for it anew where nobody has to be told. Which
// settings of users are is known without it: see Options.KeepSettings.
func inherit(a, before *Account) {
	a.opts.Before = nil // it is not kept
	a.users.records.Inherit(before.users.records.Records)
	a.attributes.inherit(before.attributes.catalog)
	a.templates.inherit(before.templates.catalog)
	a.roleSets.inherit(before.roleSets.catalog)
	a.settings.inherit(before.settings)
	a.meetings.Inherit(before.meetings)
}

func (c *catalog[T]) inherit(before *catalog[T]) {
	before.mu.Lock()
	defer before.mu.Unlock()
	maps.Copy(c.uses, before.uses)
}

func (s *Settings) inherit(before *Settings) {
	before.mu.Lock()
	defer before.mu.Unlock()
	s.inUse = before.inUse
}

// Since says what is different from what an earlier connection to the same account knew last. What it knew and this one has not read may be
// different.
func (a *Account) Since(before *Account) Change {
	users, groups := a.users.records.Since(before.users.records.Records), a.groups.records.Since(before.groups.records)
	return Change{
		Users:      userRefs(users, func(gotoclient.Key) bool { return false }),
		Groups:     groupRefs(groups),
		Counted:    append(a.groups.entered(users), around(groups)...),
		Attributes: a.attributes.since(before.attributes.catalog),
		Templates:  a.templates.since(before.templates.catalog),
		RoleSets:   len(a.roleSets.since(before.roleSets.catalog)) > 0,
		Settings:   a.settings.since(before.settings),
		Meetings:   MeetingsChange{Keys: a.meetings.Since(before.meetings)},
	}
}

func (c *catalog[T]) since(before *catalog[T]) []NamedRef {
	return c.refs(c.records.Since(before.records))
}

func (s *Settings) since(before *Settings) []SettingsRef {
	var out []SettingsRef
	known := s.known()
	for ref, was := range before.known() {
		if now := known[ref]; now == nil || !reflect.DeepEqual(now, was) {
			out = append(out, ref)
		}
	}
	return out
}

// known are the levels as they were last reported.
func (s *Settings) known() map[SettingsRef]*gotoclient.Settings {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[SettingsRef]*gotoclient.Settings{}
	for ref, level := range s.levels {
		level.mu.Lock()
		if level.reported != nil {
			out[ref] = level.reported
		}
		level.mu.Unlock()
	}
	return out
}
