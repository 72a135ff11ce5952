package gotogroup

import (
	"testing"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

// corrected are the fields that can be written: the parent cannot.
var corrected = kindtest.Corrected[*v1alpha1.GoToGroup, wants, seen]{
	Build: newWorld,
	Apply: apply,
	Fields: func(w *world) []kindtest.Field[*v1alpha1.GoToGroup] {
		names := []string{"Sales", "Selling", "Sold"}
		return []kindtest.Field[*v1alpha1.GoToGroup]{{
			Name: "name",
			Ask:  func(g *v1alpha1.GoToGroup, v int) { g.Spec.Name = names[v] },
			Put:  func(g *v1alpha1.GoToGroup, v int) { edit(w, string(g.Status.GroupKey), names[v]) },
		}}
	},
}

// edit renames a group as a person does in GoTo.
func edit(w *world, key, name string) {
	state := w.Sim.State()
	for i := range state.Accounts[0].Groups {
		if g := &state.Accounts[0].Groups[i]; g.Key == key {
			g.Name = name
		}
	}
	if err := w.Sim.Load(state); err != nil {
		panic(err)
	}
}

func TestWhatGoToDoesNotKeep(t *testing.T)          { t.Parallel(); corrected.NotKept(t) }
func TestWhatSomebodyElseChangesBack(t *testing.T)  { t.Parallel(); corrected.Contested(t) }
func TestWhatSomebodyChangesMeanwhile(t *testing.T) { t.Parallel(); corrected.Meanwhile(t) }
