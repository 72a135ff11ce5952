package entitlement

import (
	"cmp"
	"slices"
)

// identity is the user in GoTo that an object stands for: the key, or the address of one who is not there.
func (u *user) identity() string { return cmp.Or(string(u.remote.key), string(u.key), u.email) }

// twins are the objects by the user in GoTo that they stand for.
type twins struct {
	first map[string]*user // by identity; the others follow it
	touch func(*user)      // is called before anything of a user changes
}

// join puts a user among those that stand for the same user in GoTo.
func (t *twins) join(u *user) {
	id := u.identity()
	u.next, t.first[id] = t.first[id], u
	t.elect(id)
}

// part takes it out again.
func (t *twins) part(u *user) {
	id := u.identity()
	left := slices.DeleteFunc(t.of(id), func(o *user) bool { return o == u })
	u.next = nil
	delete(t.first, id)
	for _, o := range left {
		o.next, t.first[id] = t.first[id], o
	}
	t.elect(id)
}

// of are the objects that stand for one user in GoTo: one, nearly always.
func (t *twins) of(identity string) []*user {
	out := make([]*user, 0, 4)
	for u := t.first[identity]; u != nil; u = u.next {
		out = append(out, u)
	}
	return out
}

// elect finds the one of several objects that acts for a user in GoTo, who has one place in a queue. The engine lets one of
// them write, and stalls the others; until it has, the one that it will choose is found likewise.
func (t *twins) elect(identity string) {
	first := t.first[identity]
	for u := first; u != nil; u = u.next {
		if compareTwins(u, first) < 0 {
			first = u
		}
	}
	for u := t.first[identity]; u != nil; u = u.next {
		if twin := u != first; u.twin != twin {
			t.touch(u)
			u.twin = twin
		}
	}
}

// compareTwins orders those who can act before those who cannot, those who hold the user before those who only name it, and
// the older before the younger.
func compareTwins(a, b *user) int {
	return cmp.Or(
		first(a.writable && !a.stuck && !a.deleting, b.writable && !b.stuck && !b.deleting), first(a.key != "", b.key != ""),
		cmp.Compare(a.created, b.created), cmp.Compare(a.uid, b.uid),
		cmp.Compare(a.name.Namespace, b.name.Namespace), cmp.Compare(a.name.Name, b.name.Name),
	)
}

// first orders what is true before what is not.
func first(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}
