package entitlement

import (
	"cmp"
	"iter"
	"maps"
	"slices"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/types"
)

// redefinition is how bindings and groups are different from before.
type redefinition struct {
	// before and now find the users whom the bindings that differ selected, and those whom they select.
	before, now index
	// altered are those of which more than whom they select is different.
	altered map[types.NamespacedName]bool
}

// redefine puts bindings and groups in the place of those before, and touches the users for whom that makes a difference.
func (p *Plan) redefine(now map[types.NamespacedName]*definition, groups forest, left map[types.NamespacedName]bool) {
	r, changed := p.compare(now, groups, left)
	if !changed {
		return
	}
	var was, is []pick
	for u := range p.concerned(r) {
		was, is = r.before.picks(&u.facts, &u.remote, was[:0]), r.now.picks(&u.facts, &u.remote, is[:0])
		if r.concerns(u, was, is) {
			p.touch(u)
		}
	}
	p.bindings.replace(now)
	p.index, p.alike = newIndex(p.bindings.sorted(), groups), alike{}
}

func (p *Plan) compare(now map[types.NamespacedName]*definition, groups forest, left map[types.NamespacedName]bool) (r redefinition, changed bool) {
	regrown := !groups.equal(p.groups)
	r.altered = others(p.left, left)
	var before, after []*definition
	for name, b := range p.bindings {
		if now[name] == nil {
			before, r.altered[name] = append(before, b.definition), true
		}
	}
	for name, d := range now {
		switch b := p.bindings[name]; {
		case b == nil:
			after, r.altered[name] = append(after, d), true
		case b.attributes != d.attributes:
			before, after, r.altered[name] = append(before, b.definition), append(after, d), true
		case !b.current(d) || (regrown && len(d.groups)+len(b.groups) > 0):
			was, is := apart(b.definition, d, regrown)
			before, after = append(before, was), append(after, is)
		}
	}
	r.before, r.now = newIndex(before, p.groups), newIndex(after, groups)
	return r, regrown || len(r.altered) > 0 || len(before) > 0 || len(after) > 0
}

// apart are two definitions of a binding without what they select alike.
func apart(before, now *definition, regrown bool) (was, is *definition) {
	was, is = &definition{name: before.name}, &definition{name: now.name}
	was.users, is.users = minus(before.users, now.users), minus(now.users, before.users)
	was.selectors, is.selectors = minusSelectors(before.selectors, now.selectors), minusSelectors(now.selectors, before.selectors)
	was.groups, is.groups = before.groups, now.groups
	if !regrown {
		was.groups, is.groups = minus(before.groups, now.groups), minus(now.groups, before.groups)
	}
	return was, is
}

func minus[T comparable](list, others []T) []T {
	all := make(map[T]bool, len(others))
	for _, o := range others {
		all[o] = true
	}
	return slices.DeleteFunc(slices.Clone(list), func(v T) bool { return all[v] })
}

func minusSelectors(list, others []labels.Selector) []labels.Selector {
	return slices.DeleteFunc(slices.Clone(list), func(s labels.Selector) bool {
		return slices.ContainsFunc(others, func(o labels.Selector) bool { return o.String() == s.String() })
	})
}

// concerned are the users who may be concerned: all of them, unless users were named or left out by name alone.
func (p *Plan) concerned(r redefinition) iter.Seq[*user] {
	if len(r.altered) > 0 || !r.before.byName() || !r.now.byName() {
		return maps.Values(p.users)
	}
	return func(yield func(*user) bool) {
		for _, x := range []index{r.before, r.now} {
			for namespace, s := range x {
				for name := range s.users {
					if u := p.users[types.NamespacedName{Namespace: namespace, Name: name}]; u != nil && !yield(u) {
						return
					}
				}
			}
		}
	}
}

// byName is true for an index of bindings that select nobody by label or group.
func (x index) byName() bool {
	for _, s := range x {
		if len(s.selectors) > 0 || len(s.grouped) > 0 {
			return false
		}
	}
	return true
}

// others are the names that stand in one of two sets alone.
func others(a, b map[types.NamespacedName]bool) map[types.NamespacedName]bool {
	out := map[types.NamespacedName]bool{}
	for name := range a {
		out[name] = !b[name]
	}
	for name := range b {
		out[name] = !a[name]
	}
	maps.DeleteFunc(out, func(_ types.NamespacedName, other bool) bool { return !other })
	return out
}

// concerns is true for a user whom other bindings select than before, or one that is altered, or that has something of one.
func (r redefinition) concerns(u *user, was, is []pick) bool {
	altered := func(p pick) bool { return r.altered[p.name] }
	if slices.ContainsFunc(was, altered) || slices.ContainsFunc(is, altered) || (len(r.altered) > 0 && u.recordsAny(r.altered)) {
		return true
	}
	return len(was) != len(is) || slices.ContainsFunc(was, func(p pick) bool {
		return !slices.ContainsFunc(is, func(o pick) bool { return o.name == p.name && o.sure == p.sure })
	})
}

// bindings are those of a plan.
type bindings map[types.NamespacedName]*binding

func (all bindings) named(namespace, name string) *binding {
	return all[types.NamespacedName{Namespace: namespace, Name: name}]
}

// replace keeps the counts of bindings that stay: they are those of the users who are not touched.
func (all bindings) replace(now map[types.NamespacedName]*definition) {
	for name := range all {
		if now[name] == nil {
			delete(all, name)
		}
	}
	for name, d := range now {
		b := all[name]
		if b == nil {
			b = &binding{}
			all[name] = b
		}
		b.definition, d.of = d, b
	}
}

func (all bindings) sorted() []*definition {
	out := make([]*definition, 0, len(all))
	for _, b := range all {
		out = append(out, b.definition)
	}
	slices.SortFunc(out, func(a, b *definition) int {
		return cmp.Or(cmp.Compare(a.name.Namespace, b.name.Namespace), cmp.Compare(a.name.Name, b.name.Name))
	})
	return out
}
