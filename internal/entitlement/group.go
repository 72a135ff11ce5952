package entitlement

import (
	"maps"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// group is what a plan keeps of a GoToGroup. The key is "" for one that has none yet or is being deleted: who is in it in
// GoTo is not known.
type group struct {
	key       gotoclient.Key
	parent    string
	parentKey gotoclient.Key
}

// tree are the GoToGroups of a namespace, and which are below which.
type tree struct {
	groups map[string]group
	below  map[string][]string         // by name of the parent
	under  map[gotoclient.Key][]string // by key of a parent that no GoToGroup need stand for
}

// forest are the trees of an account, by namespace.
type forest map[string]*tree

func grow(groups []*v1alpha1.GoToGroup) forest {
	out := forest{}
	for _, g := range groups {
		t := out[g.Namespace]
		if t == nil {
			t = &tree{map[string]group{}, map[string][]string{}, map[gotoclient.Key][]string{}}
			out[g.Namespace] = t
		}
		t.add(g)
	}
	return out
}

func (t *tree) add(g *v1alpha1.GoToGroup) {
	entry := group{gotoclient.Key(g.Status.GroupKey), g.Spec.ParentRef.Name, gotoclient.Key(g.Spec.ParentKey)}
	if !g.DeletionTimestamp.IsZero() {
		entry.key = ""
	}
	t.groups[g.Name] = entry
	switch {
	case entry.parent != "":
		t.below[entry.parent] = append(t.below[entry.parent], g.Name)
	case entry.parentKey != "":
		t.under[entry.parentKey] = append(t.under[entry.parentKey], g.Name)
	}
}

func (t *tree) has(name string) bool {
	if t == nil {
		return false
	}
	_, ok := t.groups[name]
	return ok
}

func (f forest) equal(o forest) bool {
	return maps.EqualFunc(f, o, func(a, b *tree) bool { return maps.Equal(a.groups, b.groups) })
}
