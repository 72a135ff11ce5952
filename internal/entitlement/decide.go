package entitlement

import (
	"slices"

	"k8s.io/apimachinery/pkg/types"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// user is a GoToUser in a plan.
type user struct {
	facts

	remote   remote
	next     *user     // of those that stand for the same user in GoTo
	touched  bool      // in this update
	news     bool      // the verdicts are other ones than before
	gone     bool      // the object is
	twin     bool      // another object acts for the same user in GoTo
	could    bool      // take a seat, when the plan was last worked out
	watched  bool      // the account is only observed
	open     *open     // what its verdicts were made of; nil once they say all of it
	verdicts []verdict // in order
	acted    []verdict // as last acted on
}

// open is what a user has not settled yet.
type open struct {
	wants []want    // what bindings give, and what they keep
	rest  []verdict // of what they gave and give no longer
}

// wants are what bindings give a user, and what they keep. One who has all of it is in no queue, and its verdicts say the same.
func (u *user) wants() []want {
	if u.open != nil {
		return u.open.wants
	}
	out := make([]want, 0, len(u.verdicts))
	for _, v := range u.verdicts {
		if v.state == give {
			out = append(out, want{user: u, license: v.license, by: v.by})
		}
	}
	return out
}

// settle lets go of what its verdicts say, of a user who has all that it is to have.
func (u *user) settle() {
	lacks := func(w want) bool { return !u.has(w.license) }
	if !u.twin && !slices.ContainsFunc(u.open.wants, lacks) {
		u.open = nil
	}
}

// want is a licence that bindings give to a user. It is in the queue of the licence while the user has it not.
type want struct {
	user     *user
	license  gotoclient.Key
	by       []giver
	priority int32
	sure     bool  // one of them gives it still; the others only keep what they gave
	fail     bool  // rather than wait
	able     bool  // the user can take it
	place    int32 // in the queue; 0 for a seat
	dropped  bool  // from the queue
}

// able is true for a user who can take a seat, or could if its account did not only observe: then the plan says what would be.
func (u *user) able() bool { return u.writable && !u.deleting && !u.stuck && !u.twin }

// workable is true for a user whose licences the operator may change.
func (u *user) workable() bool { return u.writable && !u.watched }

// has is true for a licence that the user has in GoTo. Of a user whom no reading shows, and who is not surely gone, what is recorded is believed.
func (u *user) has(license gotoclient.Key) bool {
	if u.remote.known || u.remote.gone {
		return slices.Contains(u.remote.licenses, license)
	}
	return u.recorded(license)
}

// choice is what the licences of one user are decided by.
type choice struct {
	user     *user
	picks    []pick
	bindings map[types.NamespacedName]*binding
	// left are bindings that were there, and let go of what they gave. One that is in neither was never seen: nothing can be
	// said of what it gave.
	left   map[types.NamespacedName]bool
	listed func(gotoclient.Key) bool // the account's list shows the licence
}

// decide finds the licences that bindings give the user or keep for it, and what becomes of those that they gave.
func (c *choice) decide() *open {
	if c.user.deleting {
		return &open{}
	}
	wants := c.wants()
	var rest []verdict
	for _, g := range c.user.given {
		key := gotoclient.Key(g.Key)
		if slices.ContainsFunc(wants, func(w want) bool { return w.license == key }) {
			continue
		}
		if s := c.past(key, g.Bindings, wants); s != keep {
			rest = append(rest, verdict{license: key, state: s})
		}
	}
	return &open{wants, rest}
}

// wants are the licences that bindings give now, and those that they gave and keep as long as it is not known whether they
// select the user.
func (c *choice) wants() []want {
	var out []want
	for _, p := range c.picks {
		if !p.sure || p.frozen {
			continue
		}
		w := c.want(&out, p.license)
		if !w.sure || p.priority > w.priority {
			w.priority = p.priority
		}
		w.sure, w.fail = true, w.fail || p.fail
		w.by = append(w.by, giver{p.of, true})
	}
	for _, g := range c.user.given {
		for _, name := range g.Bindings {
			if b, counts := c.keeper(name, gotoclient.Key(g.Key)); b != nil {
				w := c.want(&out, gotoclient.Key(g.Key))
				w.by = append(w.by, giver{b, counts})
			}
		}
	}
	for i := range out {
		slices.SortFunc(out[i].by, compareGivers)
	}
	return out
}

// want is the one of a licence, until the next is added.
func (c *choice) want(all *[]want, license gotoclient.Key) *want {
	if i := slices.IndexFunc(*all, func(w want) bool { return w.license == license }); i >= 0 {
		return &(*all)[i]
	}
	*all = append(*all, want{user: c.user, license: license, able: c.user.able(), place: unplaced})
	return &(*all)[len(*all)-1]
}

// keeper is the binding of a name if it keeps a licence that it gave: it is frozen, or may select the user. It counts the user
// unless it selects it no more.
func (c *choice) keeper(name string, license gotoclient.Key) (keeper *binding, counts bool) {
	b := c.binding(name)
	if b == nil || b.taking {
		return nil, false
	}
	i := slices.IndexFunc(c.picks, func(p pick) bool { return p.of == b })
	if b.frozen {
		return b, i >= 0
	}
	if i >= 0 && !c.picks[i].sure && b.license == license {
		return b, true
	}
	return nil, false
}

func (c *choice) binding(name string) *binding {
	return c.bindings[types.NamespacedName{Namespace: c.user.name.Namespace, Name: name}]
}

// past says what becomes of a licence that no binding gives or keeps any more. What is not known for sure leaves it as it is, and so does what
// is about to be given again.
func (c *choice) past(license gotoclient.Key, givers []string, wants []want) state {
	lacking := slices.ContainsFunc(wants, func(w want) bool { return w.sure && !c.user.has(w.license) })
	for _, p := range c.picks {
		if !p.begins && (p.sure || p.frozen) {
			continue
		}
		if p.license == license {
			return keep
		}
		lacking = lacking || !c.user.has(p.license)
	}
	if !c.user.remote.known || !c.listed(license) {
		return keep
	}
	taker, deleted, unseen := c.takers(givers)
	switch has := c.user.has(license); {
	case unseen:
		return keep
	case !has || !taker:
		return forget
	case lacking && !deleted:
		return keep // until what is given in its place is there
	}
	return take
}

// takers tells of the bindings that gave a licence whether one is there to take it, whether one is being deleted, and whether
// one was never seen.
func (c *choice) takers(givers []string) (taker, deleted, unseen bool) {
	for _, name := range givers {
		b := c.binding(name)
		switch {
		case b != nil:
			taker, deleted = true, deleted || b.taking
		case !c.left[types.NamespacedName{Namespace: c.user.name.Namespace, Name: name}]:
			unseen = true
		}
	}
	return taker, deleted, unseen
}

// judge makes the verdicts of a user whose places are known. Those of a twin are for the other object to act on.
func (u *user) judge() []verdict {
	wants, rest := u.open.wants, u.open.rest
	if u.deleting || u.twin || len(rest)+len(wants) == 0 {
		return nil
	}
	out := append(make([]verdict, 0, len(rest)+len(wants)), rest...)
	for i := range wants {
		switch w := &wants[i]; {
		case u.has(w.license), w.sure && w.place == 0:
			out = append(out, verdict{license: w.license, state: give, by: w.by})
		case w.sure:
			out = append(out, verdict{license: w.license, state: wait, place: w.place, fail: w.fail})
		}
	}
	slices.SortFunc(out, compareVerdicts)
	return out
}

// recordsAny is true for a user to whom one of the bindings gave something.
func (f *facts) recordsAny(bindings map[types.NamespacedName]bool) bool {
	return slices.ContainsFunc(f.given, func(g v1alpha1.GivenLicense) bool {
		return slices.ContainsFunc(g.Bindings, func(name string) bool {
			return bindings[types.NamespacedName{Namespace: f.name.Namespace, Name: name}]
		})
	})
}
