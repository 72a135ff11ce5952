package entitlement

import (
	"cmp"
	"slices"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// User is what a plan says of one GoToUser. Of a licence that it does not name nothing may be concluded: it is neither given
// nor taken, and what is recorded of it stays. So the zero User changes and forgets nothing.
type User struct {
	// Give are the licences that the user is to have, and the bindings that give each, by name.
	Give map[gotoclient.Key][]string
	// Take are the licences that bindings gave, and say that they give no longer.
	Take []gotoclient.Key
	// Forget are the licences that are recorded as given and that no binding can take back: the user has them no more, or
	// whoever gave them has left them on purpose. They are left alone, and the record goes.
	Forget []gotoclient.Key
	// Waiting are the licences for which the user waits.
	Waiting []Waiting
}

// Waiting is a place in the queue of a licence.
type Waiting struct {
	License gotoclient.Key
	// Place counts from 1. Beyond 100 it is rounded up, so that a long queue is not written anew with every seat.
	Place int
	// Fail is true if a binding says onExhausted: Fail.
	Fail bool
}

// state is what becomes of one licence of one user. What has none is kept as it is.
type state uint8

const (
	keep state = iota
	give
	wait
	take
	forget
)

// verdict is the state of one licence of one user. It is not changed once it is made.
type verdict struct {
	license gotoclient.Key
	state   state
	fail    bool
	place   int32
	by      []giver
}

func compareVerdicts(a, b verdict) int { return compareKeys(a.license, b.license) }

func (v verdict) equal(o verdict) bool {
	return v.license == o.license && v.state == o.state && v.fail == o.fail && v.place == o.place && slices.EqualFunc(v.by, o.by, sameGiver)
}

// identical is equal by the very same bindings.
func (v verdict) identical(o verdict) bool { return v.equal(o) && slices.Equal(v.by, o.by) }

// toUser writes verdicts as what a GoToUser acts on.
func toUser(verdicts []verdict) User {
	var u User
	for _, v := range verdicts {
		switch v.state {
		case keep:
		case give:
			if u.Give == nil {
				u.Give = map[gotoclient.Key][]string{}
			}
			u.Give[v.license] = names(v.by)
		case wait:
			u.Waiting = append(u.Waiting, Waiting{License: v.license, Place: int(v.place), Fail: v.fail})
		case take:
			u.Take = append(u.Take, v.license)
		case forget:
			u.Forget = append(u.Forget, v.license)
		}
	}
	return u
}

// differ tells whether a user who acted on some verdicts has to act again. That there is less left to take away or to forget
// is the outcome of having acted. Who cannot act is not told of its place, which would only set it going in circles.
func differ(now, acted []verdict, able bool) bool {
	left := func(list []verdict, v verdict) bool {
		return !slices.ContainsFunc(list, func(o verdict) bool {
			if !able && v.wanted() {
				return o.license == v.license && o.wanted()
			}
			return v.equal(o)
		})
	}
	return slices.ContainsFunc(now, func(v verdict) bool { return left(acted, v) }) ||
		slices.ContainsFunc(acted, func(v verdict) bool { return v.wanted() && left(now, v) })
}

func (v verdict) wanted() bool { return v.state == give || v.state == wait }

// giver is a binding that gives a licence to a user; counts is false for one that only keeps what it gave.
type giver struct {
	*binding

	counts bool
}

// sameGiver is true of a binding that is the same one, be it in another plan.
func sameGiver(a, b giver) bool { return a.name == b.name && a.uid == b.uid && a.counts == b.counts }

func compareGivers(a, b giver) int { return cmp.Compare(a.name.Name, b.name.Name) }

func names(by []giver) []string {
	out := make([]string, len(by))
	for i, g := range by {
		out[i] = g.name.Name
	}
	return out
}
