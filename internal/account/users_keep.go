package account

import (
	"strings"
	"sync"
	"unique"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// shared keeps one copy of what many users have alike: a hundred thousand users live in a few time zones and have a few sets of licences.
type shared struct {
	keys    sync.Map // of []gotoclient.Key, by their text
	strings sync.Map // of []string
	texts   sync.Map // of settings
}

// reduce takes away of a user that was read the settings that nobody asks for: they are large.
func (u userList) reduce(read *gotoclient.User, kept *keptSettings) {
	u.nets.Range(func(n, _ any) bool { n.(*net).catch(read); return true }) //nolint:forcetypeassert // the map is of one type
	read.Settings = u.shared.settings(kept.reduce(read.Settings))
}

// keep is what is kept of a user that was read.
func (u userList) keep(read *gotoclient.User) *gotoclient.User {
	u.learnValues(read)
	s := &u.shared
	for _, text := range []*string{&read.Locale, &read.TimeZone, &read.GroupName, (*string)(&read.GroupKey), (*string)(&read.Status)} {
		*text = unique.Make(*text).Value()
	}
	for _, keys := range []*[]gotoclient.Key{&read.LicenseKeys, &read.GroupKeyPath, &read.ManagedGroupKeys} {
		*keys = one(&s.keys, *keys)
	}
	for _, words := range []*[]string{&read.Products, &read.GroupNamePath, &read.AdminRoles} {
		*words = one(&s.strings, *words)
	}
	return u.records.Keep(read.Key, read)
}

// one returns the copy of a list that all share. None, and an empty one, stay what they are.
func one[T ~string](all *sync.Map, list []T) []T {
	if len(list) == 0 {
		return list
	}
	var text strings.Builder
	for _, item := range list {
		text.WriteString(string(item))
		text.WriteByte(0)
	}
	first, _ := all.LoadOrStore(text.String(), list)
	return first.([]T) //nolint:forcetypeassert // each map is of one type
}
