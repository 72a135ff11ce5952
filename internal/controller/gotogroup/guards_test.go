package gotogroup

import (
	"testing"
	"time"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

var guarded = kindtest.Guarded[*v1alpha1.GoToGroup, wants, seen]{
	Build: newWorld,
	Apply: apply,
	Plant: func(w *world, g *v1alpha1.GoToGroup, _ time.Time) string {
		return w.Sim.AddGroup(simulator.DefaultAccountKey, simulator.Group{Name: g.Spec.Name})
	},
	Count:   func(w *world) int { return len(remote(w)) },
	Claim:   func(g, other *v1alpha1.GoToGroup) { g.Spec.Name = other.Spec.Name },
	Intent:  func(g *v1alpha1.GoToGroup, _ time.Time) string { return "/" + g.Spec.Name },
	Creates: gotoclient.OpCreateGroup, Updates: gotoclient.OpUpdateGroup,
	Edit: func(g *v1alpha1.GoToGroup) { g.Spec.Name += ", renamed" },
}

func TestAccountSwitched(t *testing.T)            { t.Parallel(); guarded.AccountSwitched(t) }
func TestReplacedByPUT(t *testing.T)              { t.Parallel(); guarded.Replaced(t) }
func TestOlderObjectTakesNothing(t *testing.T)    { t.Parallel(); guarded.TakenOver(t) }
func TestAdoptionPolicies(t *testing.T)           { t.Parallel(); guarded.Adoption(t) }
func TestRefusedIsTriedAtEachResync(t *testing.T) { t.Parallel(); guarded.TriedAgain(t) }
