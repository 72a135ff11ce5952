package entitlement

import (
	"slices"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// mostAlike is how many different ones of a licence, or of a group, are kept: beyond that it takes longer to find one than it saves.
const mostAlike = 32

// alike keeps one of what is said of many users alike: nearly all who have a licence by a binding have the same ones, and are in one of a few
// groups. The zero alike keeps nothing yet.
type alike struct {
	verdicts map[gotoclient.Key][][]verdict // by the first one's licence
	seats    map[gotoclient.Key][]*seat     // by the group
}

// one returns the first verdicts that were made of those that say the same, by the same bindings. Who waits has a place of its own.
func (a *alike) one(made []verdict) []verdict {
	if len(made) == 0 || slices.ContainsFunc(made, func(v verdict) bool { return v.state == wait }) {
		return made
	}
	if a.verdicts == nil {
		a.verdicts = map[gotoclient.Key][][]verdict{}
	}
	return oneOf(a.verdicts, made[0].license, made, func(a, b []verdict) bool { return slices.EqualFunc(a, b, verdict.identical) })
}

// remote is what a plan keeps of a user in GoTo.
func (a *alike) remote(r remote) remote {
	if !r.known {
		return r
	}
	if a.seats == nil {
		a.seats = map[gotoclient.Key][]*seat{}
	}
	r.seat = oneOf(a.seats, r.group, r.seat, (*seat).equal)
	return r
}

// oneOf returns the first of a list that is the same as what was made, which is added if there is none.
func oneOf[K comparable, T any](known map[K][]T, key K, made T, same func(a, b T) bool) T {
	list := known[key]
	if i := slices.IndexFunc(list, func(o T) bool { return same(o, made) }); i >= 0 {
		return list[i]
	}
	if len(list) < mostAlike {
		known[key] = append(list, made)
	}
	return made
}
