package whole

import (
	"testing"
	"testing/synctest"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/simulator"
)

// An attribute that a user has a value of is renamed, and the user's spec follows later: the value stays all the while, and nothing is
// written once a reading has shown it under the new name.
func TestValueOfAnAttributeThatIsRenamed(t *testing.T) {
	t.Parallel()
	for _, position := range simulator.SwitchPositions()["attributeForm"] {
		synctest.Test(t, func(t *testing.T) {
			w := New(t)
			w.Sim.SetSwitches(func(s *simulator.Switches) { s.AttributeForm = position })
			room, fay := newAttribute("room"), newUser("fay")
			fay.Spec.Attributes = map[string]v1alpha1.AttributeValue{"room": "7"}
			w.create(newAccount())
			w.create(room)
			w.create(fay)
			w.Start()
			stands := func(when, ready string, writes int) {
				t.Helper()
				w.settled()
				if got := w.ready(fay); got != ready {
					t.Errorf("%s, %s: the user is %s", position, when, got)
				}
				w.there(room)
				u, _ := w.Sim.UserByEmail(acct, fay.Spec.Email)
				if got := u.Attributes[string(room.Status.AttributeKey)]; got != "7" {
					t.Errorf("%s, %s: the value is %q", position, when, got)
				}
				if n := w.Sim.Calls()[simulator.OpSetUserAttributes]; n > writes {
					t.Errorf("%s, %s: %d writes of values, want no more than %d\n%s", position, when, n, writes, w.standing())
				}
				w.anew()
			}
			stands("before", "True/Synced", 3) // a form is found by trying
			edit(w, room, func(a *v1alpha1.GoToAttribute) { a.Spec.Name = "Room number" })
			stands("renamed", "False/"+v1alpha1.ReasonAttributeNotDefined, 0)
			w.Wait(resyncs)
			edit(w, fay, func(u *v1alpha1.GoToUser) {
				u.Spec.Attributes = map[string]v1alpha1.AttributeValue{"Room number": "7"}
			})
			stands("followed", "True/Synced", 0)
			w.restart()
			w.Stop()
		})
	}
}
