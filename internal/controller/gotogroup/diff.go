package gotogroup

import (
	"strings"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// diff lists what differs. No call is known that gives a group another parent (UNVERIFIED), so that is only reported.
func diff(g *v1alpha1.GoToGroup, want wants, s seen) []engine.Change {
	var out []engine.Change
	if !gotoclient.SameName(g.Spec.Name, s.Name) {
		out = append(out, engine.Change{Field: "name", Current: s.Name, Desired: g.Spec.Name})
	}
	if parent := s.ParentKey(); parent != want.parent {
		field := "parentRef"
		if g.Spec.ParentKey != "" {
			field = "parentKey"
		}
		out = append(out, engine.Change{Field: field, Current: string(parent), Desired: want.name, Locked: true})
	}
	return out
}

// report copies what GoTo says into the status.
func report(g *v1alpha1.GoToGroup, s seen) {
	g.Status.GroupKey = v1alpha1.Key(s.Key)
	g.Status.Path = engine.BoundedList(s.NamePath, 16, 512)
	members, total := int64(s.members), int64(s.total)
	g.Status.Members, g.Status.TotalMembers = &members, &total
}

// intended reads what Kind.Intent wrote. Names may have slashes, keys have not.
func intended(g *v1alpha1.GoToGroup) (parent gotoclient.Key, name string, ok bool) {
	intent, _ := engine.CreateIntent(g)
	key, name, ok := strings.Cut(intent, "/")
	return gotoclient.Key(key), name, ok
}
