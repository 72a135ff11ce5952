package entitlement

import (
	"slices"

	"k8s.io/apimachinery/pkg/labels"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// pick is a binding that selects a user, surely or perhaps.
type pick struct {
	*definition

	sure bool
}

// index finds the bindings that select a user, by namespace.
type index map[string]*space

// space is the index of a namespace.
type space struct {
	tree      *tree
	users     map[string][]*definition
	selectors []selector
	bySet     map[labelSet][]*definition // what the selectors of all users with these labels say, once it was asked for
	// Of users whose spec names a GoToGroup.
	members map[string][]pick
	// Of users who are in a group in GoTo, by its key: inside counts the group itself, below the groups under it.
	inside, below map[gotoclient.Key][]*definition
	// keyless select a group whose key is not known, deep groups with those below, and grouped any group.
	keyless, deep, grouped []*definition
}

type selector struct {
	labels.Selector
	*definition
}

// newIndex is the index of those bindings that select anybody at all.
func newIndex(definitions []*definition, groups forest) index {
	x := index{}
	for _, d := range definitions {
		if d.taking {
			continue
		}
		s := x[d.name.Namespace]
		if s == nil {
			s = &space{
				tree: groups[d.name.Namespace], users: map[string][]*definition{}, bySet: map[labelSet][]*definition{}, members: map[string][]pick{},
				inside: map[gotoclient.Key][]*definition{}, below: map[gotoclient.Key][]*definition{},
			}
			x[d.name.Namespace] = s
		}
		s.add(d)
	}
	return x
}

func (s *space) add(d *definition) {
	for _, name := range d.users {
		s.users[name] = append(s.users[name], d)
	}
	for _, l := range d.selectors {
		s.selectors = append(s.selectors, selector{l, d})
	}
	for _, g := range d.groups {
		s.addGroup(d, g)
	}
}

func (s *space) addGroup(d *definition, subject groupSubject) {
	s.grouped = append(s.grouped, d)
	s.members[subject.name] = append(s.members[subject.name], pick{d, true})
	key := s.tree.groups[subject.name].key
	if key == "" {
		s.keyless = append(s.keyless, d)
	} else {
		s.inside[key] = append(s.inside[key], d)
	}
	if subject.subgroups {
		s.addBelow(d, subject.name, key)
	}
}

func (s *space) addBelow(d *definition, name string, key gotoclient.Key) {
	s.deep = append(s.deep, d)
	add := func(sure bool, groups ...string) {
		for _, g := range groups {
			s.members[g] = append(s.members[g], pick{d, sure})
		}
	}
	add(true, s.tree.below[name]...)
	if key != "" {
		s.below[key] = append(s.below[key], d)
		add(true, s.tree.under[key]...)
		return
	}
	for _, groups := range s.tree.under {
		add(false, groups...) // the parent that they name may be this one
	}
}

// picks are the bindings that select a user, each once.
func (x index) picks(f *facts, r *remote, out []pick) []pick {
	s := x[f.name.Namespace]
	if s == nil {
		return out
	}
	out = add(out, true, s.users[f.name.Name]...)
	out = add(out, true, s.labelled(f.labels)...)
	switch to := f.place.Value(); {
	case to.group != "":
		return s.ofGroup(to.group, out)
	case to.key != "":
		return s.ofKey(to.key, r, out)
	}
	return s.inGoTo(f, r, out)
}

func (s *space) labelled(set labelSet) []*definition {
	if len(s.selectors) == 0 {
		return nil
	}
	found, known := s.bySet[set]
	if !known {
		l := labelsOf(set)
		for _, sel := range s.selectors {
			if sel.Matches(l) {
				found = append(found, sel.definition)
			}
		}
		s.bySet[set] = found
	}
	return found
}

// ofGroup is about a user whose spec names a GoToGroup: it belongs there, wherever it is.
func (s *space) ofGroup(name string, out []pick) []pick {
	for _, p := range s.members[name] {
		out = add(out, p.sure, p.definition)
	}
	if !s.tree.has(name) {
		out = add(out, false, s.deep...) // it may be below any
	}
	return out
}

// ofKey is about a user whose spec names a group by key. What is above that group is seen once the user is in it.
func (s *space) ofKey(key gotoclient.Key, r *remote, out []pick) []pick {
	out = add(out, true, s.inside[key]...)
	if r.known && r.group == key {
		out = s.above(r, out)
	} else {
		out = add(out, true, s.below[key]...)
		out = add(out, false, s.deep...)
	}
	return add(out, false, s.keyless...)
}

// inGoTo is about a user whose spec names no group, and who is where GoTo shows it. One that was never in GoTo is in none.
func (s *space) inGoTo(f *facts, r *remote, out []pick) []pick {
	switch {
	case r.known:
		out = add(out, true, s.inside[r.group]...)
		return add(s.above(r, out), false, s.keyless...)
	case f.key != "" || len(f.given) > 0:
		return add(out, false, s.grouped...)
	}
	return out
}

func (s *space) above(r *remote, out []pick) []pick {
	for _, key := range r.path {
		out = add(out, true, s.below[key]...)
	}
	return out
}

// add adds bindings to picks; that one surely selects a user goes before that it may.
func add(out []pick, sure bool, definitions ...*definition) []pick {
	for _, d := range definitions {
		i := slices.IndexFunc(out, func(p pick) bool { return p.definition == d })
		if i < 0 {
			out = append(out, pick{d, sure})
		} else {
			out[i].sure = out[i].sure || sure
		}
	}
	return out
}
