package gotogroup

import (
	"errors"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

type world = kindtest.World[*v1alpha1.GoToGroup, wants, seen]

func newWorld(t *testing.T) *world {
	t.Helper()
	return kindtest.New(t,
		func(i client.FieldIndexer) error {
			return errors.Join(engine.IndexByGroup(i), engine.AddIndexes(i, Kind{}))
		},
		func(c client.Client, _ *account.Registry) engine.Kind[*v1alpha1.GoToGroup, wants, seen] {
			return Kind{c}
		})
}

func apply(t *testing.T, w *world, name string, change func(*v1alpha1.GoToGroup)) *v1alpha1.GoToGroup {
	t.Helper()
	g := &v1alpha1.GoToGroup{}
	g.Name = name
	return kindtest.Apply(t, w.Kube, g, func(g *v1alpha1.GoToGroup) {
		if g.Spec.Name == "" {
			g.Spec.Name, g.Spec.AccountRef.Name = name, kindtest.Account
		}
		change(g)
	})
}

func asIs(*v1alpha1.GoToGroup) {}

func remote(w *world) []simulator.Group { return w.Sim.State().Accounts[0].Groups }

func TestNewGroupCostsTwoWritesAndThenNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	g := apply(t, w, "sales", asIs)
	w.Until(t, g, kindtest.Ready)
	if g.Status.Origin != v1alpha1.Created || len(remote(w)) != 1 || string(g.Status.GroupKey) != remote(w)[0].Key {
		t.Errorf("%+v, remote %+v", g.Status, remote(w))
	}
	calls := w.Sim.Calls()
	if calls[gotoclient.OpCreateGroup] != 1 || calls[gotoclient.OpGetGroup] != 1 || len(calls) != 2 || w.Writes != 2 {
		t.Errorf("%d writes, calls %v", w.Writes, calls)
	}
	w.Sim.ResetLog()
	w.Writes = 0
	if err := w.Reconcile(t, "sales"); err != nil || w.Writes != 0 || len(w.Sim.Calls()) != 0 {
		t.Errorf("a steady group: %v, %d writes, calls %v", err, w.Writes, w.Sim.Calls())
	}
}

var named = kindtest.Named[*v1alpha1.GoToGroup, wants, seen]{
	Build: newWorld,
	Apply: apply,
	Plant: func(w *world, name string) { w.Sim.AddGroup(simulator.DefaultAccountKey, simulator.Group{Name: name}) },
	All: func(w *world) []kindtest.Counterpart {
		return kindtest.CounterpartsOf(remote(w), func(g *simulator.Group) kindtest.Counterpart { return kindtest.Counterpart{Key: g.Key, Name: g.Name} })
	},
	Rename: func(g *v1alpha1.GoToGroup, name string) { g.Spec.Name = name },
	Lists:  gotoclient.OpListGroups, Creates: gotoclient.OpCreateGroup, Updates: gotoclient.OpUpdateGroup, Deletes: gotoclient.OpDeleteGroup,
}

func TestFaults(t *testing.T) { t.Parallel(); named.Faults(t) }

// TestKilledAtEveryWrite ends the process at each of its writes to Kubernetes: what follows is a new reconcile with what
// Kubernetes and GoTo hold then.
func TestKilledAtEveryWrite(t *testing.T) {
	t.Parallel()
	killed := errors.New("killed")
	for at := 1; at <= 4; at++ {
		w := newWorld(t)
		w.FailWrite = func(n int) error {
			if n == at {
				return killed
			}
			return nil
		}
		g := apply(t, w, "sales", asIs)
		w.Until(t, g, kindtest.Ready)
		if n := len(remote(w)); n != 1 || g.Status.Origin != v1alpha1.Created {
			t.Errorf("at write %d: %d groups, origin %q", at, n, g.Status.Origin)
		}
		if err := w.Kube.Delete(t.Context(), g); err != nil {
			t.Fatal(err)
		}
		w.Until(t, g, kindtest.Gone)
		if n := len(remote(w)); n != 0 {
			t.Errorf("at write %d: %d groups are left", at, n)
		}
	}
}

// Every position of what nobody has verified about groups.
func TestSwitches(t *testing.T) {
	t.Parallel()
	names := []string{"groupCreateBody", "groupConflictStatus", "groupNameScope", "groupDepth", "groupWriteStatus", "membersOnDelete", "subgroupsOnDelete",
		"createStatus", "deleteStatus", "writeBody", "keyType", "emptyResults", "listOrder", "groupLists", "invalidStatus", "rateScope", "clientAuthentication"}
	for _, name := range names {
		for _, position := range simulator.SwitchPositions()[name] {
			t.Run(name+"="+position, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.Sim.SetSwitches(func(s *simulator.Switches) {
					if err := s.Set(name, position); err != nil {
						t.Error(err)
					}
				})
				parent := apply(t, w, "sales", asIs)
				w.Until(t, parent, kindtest.Ready)
				child := apply(t, w, "emea", func(g *v1alpha1.GoToGroup) { g.Spec.ParentRef.Name = "sales" })
				w.Until(t, child, kindtest.Ready)
				for _, g := range []*v1alpha1.GoToGroup{parent, child} {
					if err := w.Kube.Delete(t.Context(), g); err != nil {
						t.Fatal(err)
					}
				}
				if err := w.Reconcile(t, "sales"); err != nil {
					t.Error(err)
				}
				if _, there := kindtest.Object(t, w.Kube, parent); !there || kindtest.Reason(parent) != "False InUse" || len(remote(w)) != 2 {
					t.Errorf("the parent does not wait for the group below it: %s", kindtest.Reason(parent))
				}
				w.Until(t, child, kindtest.Gone)
				w.Until(t, parent, kindtest.Gone)
				if len(remote(w)) != 0 {
					t.Errorf("left: %+v", remote(w))
				}
			})
		}
	}
}

// A parent that GoTo ignores, or refuses, is said and not worked around.
func TestParentThatGoToDoesNotTake(t *testing.T) {
	t.Parallel()
	for position, want := range map[string]string{"ignored": "False " + v1alpha1.ReasonReadOnly, "refused": "False " + v1alpha1.ReasonRefused} {
		w := newWorld(t)
		w.Until(t, apply(t, w, "sales", asIs), kindtest.Ready)
		w.Sim.SetSwitches(func(s *simulator.Switches) { s.GroupParent = position })
		emea := apply(t, w, "emea", func(g *v1alpha1.GoToGroup) { g.Spec.ParentRef.Name = "sales" })
		for range 3 {
			_ = w.Reconcile(t, "emea")
		}
		if kindtest.Object(t, w.Kube, emea); kindtest.Reason(emea) != want {
			t.Errorf("%s: %s", position, kindtest.Reason(emea))
		}
		if n := w.Sim.Calls()[gotoclient.OpCreateGroup]; position == "ignored" && n != 2 {
			t.Errorf("%d creates", n)
		}
	}
}

func TestDeletionLeavesWhatGoToHoldsBelow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	g := apply(t, w, "sales", asIs)
	w.Until(t, g, kindtest.Ready)
	below := w.Sim.AddGroup(simulator.DefaultAccountKey, simulator.Group{Name: "by hand", ParentKey: string(g.Status.GroupKey)})
	if err := w.Acct.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := w.Kube.Delete(t.Context(), g); err != nil {
		t.Fatal(err)
	}
	if err := w.Reconcile(t, "sales"); err != nil || len(remote(w)) != 2 {
		t.Errorf("%v; %+v", err, remote(w))
	}
	if kindtest.Object(t, w.Kube, g); kindtest.Reason(g) != "False InUse" {
		t.Errorf("%s; the group below is %s", kindtest.Reason(g), below)
	}
}

// A group whose key the status never got, since the process ended before, is known by its intent; who names it by that key holds its
// deletion up as with any other.
func TestDeletionWaitsForWhoNamesAKeyThatIsNotInStatus(t *testing.T) {
	t.Parallel()
	w, down := newWorld(t), false
	w.FailWrite = func(int) error {
		if down = down || len(remote(w)) > 0; down {
			return errors.New("killed")
		}
		return nil
	}
	g := apply(t, w, "sales", asIs)
	_ = w.Reconcile(t, "sales")
	w.FailWrite = nil
	if kindtest.Object(t, w.Kube, g); g.Status.GroupKey != "" || len(remote(w)) != 1 {
		t.Fatalf("status %+v, remote %+v", g.Status, remote(w))
	}
	u := kindtest.Apply(t, w.Kube, &v1alpha1.GoToUser{ObjectMeta: metav1.ObjectMeta{Name: "fay"}}, func(u *v1alpha1.GoToUser) {
		u.Spec.AccountRef.Name, u.Spec.GroupKey = kindtest.Account, v1alpha1.Key(remote(w)[0].Key)
	})
	if err := w.Kube.Delete(t.Context(), g); err != nil {
		t.Fatal(err)
	}
	w.Restart(t)
	_ = w.Reconcile(t, "sales")
	if kindtest.Object(t, w.Kube, g); kindtest.Reason(g) != "False InUse" || len(remote(w)) != 1 {
		t.Errorf("%s, remote %+v", kindtest.Reason(g), remote(w))
	}
	kindtest.Apply(t, w.Kube, u, func(u *v1alpha1.GoToUser) { u.Spec.GroupKey = "" })
	if w.Until(t, g, kindtest.Gone); len(remote(w)) > 0 {
		t.Errorf("left: %+v", remote(w))
	}
}
