package whole

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// A group that is gone is the affair of nobody's own request: who names it waits, and asks for nothing at each resync.
func TestAGroupThatIsGoneCostsItsUsersNothing(t *testing.T) {
	t.Parallel()
	const n = 200
	for name, row := range map[string]struct {
		there bool // the users are in GoTo before
		names func(u *v1alpha1.GoToUser, group v1alpha1.Key)
	}{
		"users in it":        {true, func(u *v1alpha1.GoToUser, group v1alpha1.Key) { u.Spec.GroupKey = group }},
		"who are to be made": {false, func(u *v1alpha1.GoToUser, group v1alpha1.Key) { u.Spec.GroupKey = group }},
		"who manage it": {true, func(u *v1alpha1.GoToUser, group v1alpha1.Key) {
			u.Spec.AdminRoles, u.Spec.ManagedGroupKeys = []v1alpha1.AdminRole{"MANAGE_GROUPS"}, []v1alpha1.Key{group}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := New(t)
				group := w.Sim.AddGroup(acct, simulator.Group{Name: "Sales"})
				w.create(newAccount())
				for _, name := range many(n) {
					if row.there {
						w.Sim.AddUser(acct, simulator.User{Email: name + "@example.test", FirstName: "Fay", LastName: "Field"})
					}
				}
				w.Start()
				w.settled()
				w.Sim.RemoveGroup(acct, group)
				for _, name := range many(n) {
					u := newUser(name)
					row.names(u, v1alpha1.Key(group))
					w.create(u)
				}
				w.settled()
				if got, most := w.changes(), 3*n/100; got > most {
					t.Errorf("%d requests that change something, want at most %d: %v", got, most, w.Sim.Calls())
				}
				w.Wait(resyncs)
				w.anew()
				w.Wait(time.Hour)
				if got, most := w.changes(), 7*n/100; got > most {
					t.Errorf("%d in an hour in which nothing happens: %v; users are %s", got, w.Sim.Calls(), w.ready(newUser("object-0001")))
				}
				w.Stop()
			})
		})
	}
}

// changes are the requests that change something of users.
func (w *World) changes() int {
	calls := w.Sim.Calls()
	return calls[simulator.OpMoveUsers] + calls[simulator.OpUpdateUsers] + calls[simulator.OpCreateUsers]
}

// A group that somebody deletes in GoTo is made anew, and its members are moved there by the hundred: none into what is gone. While its
// object is suspended they stay without.
func TestAGroupThatIsDeletedInGoToIsFilledByTheHundred(t *testing.T) {
	t.Parallel()
	for _, suspended := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			const n = 500
			w := New(t)
			w.team(n, []string{"sales"})
			edit(w, newGroup("sales"), func(g *v1alpha1.GoToGroup) { g.Spec.Suspend = suspended })
			w.settled()
			w.anew()
			for _, g := range w.Sim.State().Accounts[0].Groups {
				w.Sim.RemoveGroup(acct, g.Key)
			}
			w.Wait(resyncs)
			want := n
			if suspended {
				want = 0
			}
			if got := w.synced(many(n), w.userReady); got != want {
				t.Errorf("suspended %t: %d of %d are ready, want %d: %s", suspended, got, n, want, w.ready(newUser("object-0001")))
			}
			if got := w.changes(); got > want/100+5 {
				t.Errorf("suspended %t: %d requests that change users: %v", suspended, got, w.Sim.Calls())
			}
			if got := w.reconciles.Load(); got > 4*n+20 {
				t.Errorf("suspended %t: %d reconciles", suspended, got)
			}
			w.Stop()
		})
	}
}
