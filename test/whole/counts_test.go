package whole

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/goto-operator/goto-operator/internal/simulator"
)

// What somebody does in GoTo to a user or a group starts the groups that count it, and those above them, and no others.
func TestWhoMovesInGoToStartsTheGroupsThatCountIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const n = 100
		w := New(t)
		w.create(newAccount())
		for _, name := range many(n) {
			w.create(newGroup(name))
		}
		above, below := newGroup("above"), newGroup("below")
		below.Spec.ParentRef.Name = "above"
		w.create(above)
		w.create(below)
		key := w.Sim.AddUser(acct, simulator.User{Email: "free@example.test", FirstName: "Fay", LastName: "Field"})
		w.Start()
		w.settled()
		w.there(above)
		w.there(below)
		in := string(below.Status.GroupKey)
		for _, step := range []struct {
			name string
			act  func()
			in   int64 // who are in the group then
			all  int64 // and in the one above, or below that
		}{
			{"a user is renamed", func() { w.Sim.UpdateUser(acct, key, func(u *simulator.User) { u.LastName = "Renamed" }) }, 0, 0},
			{"a user comes into a group", func() { w.Sim.UpdateUser(acct, key, func(u *simulator.User) { u.GroupKey = in }) }, 1, 1},
			{"a user is made there", func() {
				w.Sim.AddUser(acct, simulator.User{Email: "new@example.test", FirstName: "Fay", LastName: "Field", GroupKey: in})
			}, 2, 2},
			{"a group is made beside it, with a user", func() {
				beside := w.Sim.AddGroup(acct, simulator.Group{Name: "made by hand", ParentKey: string(above.Status.GroupKey)})
				w.Sim.AddUser(acct, simulator.User{Email: "newer@example.test", FirstName: "Fay", LastName: "Field", GroupKey: beside})
			}, 2, 3},
			{"a user leaves it", func() { w.Sim.UpdateUser(acct, key, func(u *simulator.User) { u.GroupKey = "" }) }, 1, 2},
		} {
			w.startsFew(step.name, func() {
				step.act()
				w.Wait(12 * time.Minute)
			})
			w.there(above)
			w.there(below)
			if n, all := *below.Status.Members, *above.Status.TotalMembers; n != step.in || all != step.all {
				t.Errorf("%s: %d in the group, and %d with the one above", step.name, n, all)
			}
		}
		w.Stop()
	})
}
