package report

import (
	"maps"
	"slices"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// largestGroup is how many organizers a group may have whose meetings are listed together (D).
const largestGroup = 50

// read is one list to ask for: that of a group, or of one organizer.
type read struct {
	group gotoclient.Key // "" for one organizer
	of    []gotoclient.Key
}

// has reports whether the list is asked for the organizer's sake. Whether a group's has those of groups below is U, who are read by
// themselves.
func (r read) has(organizer gotoclient.Key) bool { return slices.Contains(r.of, organizer) }

// alone returns a list for each of the organizers.
func (r read) alone() []read {
	var out []read
	for _, key := range r.of {
		out = append(out, read{of: []gotoclient.Key{key}})
	}
	return out
}

// readsOf returns the fewest lists that have all of the chosen: a group's where several members are chosen and the service allows it,
// else the organizers'. They are in the order of the keys, so that equal queries make equal requests.
func readsOf(all, chosen []Organizer) []read {
	size, members := map[gotoclient.Key]int{}, map[gotoclient.Key][]gotoclient.Key{}
	for _, o := range all {
		size[o.GroupKey]++
	}
	for _, o := range chosen {
		members[o.GroupKey] = append(members[o.GroupKey], o.Key)
	}
	var out []read
	for _, group := range slices.Sorted(maps.Keys(members)) {
		r := read{group: group, of: slices.Compact(slices.Sorted(slices.Values(members[group])))}
		if group == "" || len(r.of) < 2 || size[group] > largestGroup {
			out = append(out, r.alone()...)
			continue
		}
		out = append(out, r)
	}
	return out
}
