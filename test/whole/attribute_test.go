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

// value is what a user of a name has in an attribute in GoTo.
func (w *World) value(name string, attribute v1alpha1.Key) string {
	w.Helper()
	u, there := w.Sim.UserByEmail(acct, name+"@example.test")
	if !there {
		w.Fatalf("no user %s", name)
	}
	return u.Attributes[string(attribute)]
}

// An attribute that a user has a value of is renamed, and the user's spec follows later: the value stays all the while, whatever nobody has
// verified of values, and so does that of another attribute, which is changed in between.
func TestValuesWhileAnAttributeIsRenamed(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"attributeForm", "attributeWrite", "attributesInReads", "attributeValues"} {
		for _, position := range simulator.SwitchPositions()[name] {
			if position == "unavailable" {
				continue
			}
			t.Run(name+"="+position, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := New(t)
					w.Sim.SetSwitches(func(s *simulator.Switches) { w.must(s.Set(name, position)) })
					room, floor, fay := newAttribute("room"), newAttribute("floor"), newUser("fay")
					fay.Spec.Attributes = map[string]v1alpha1.AttributeValue{"room": "7", "floor": "1"}
					account := newAccount()
					if position == "userPut" {
						account.Spec.Endpoints.Operations = []v1alpha1.OperationEndpoint{
							{Operation: simulator.OpSetUserAttributes, Path: "/admin/rest/v1/accounts/{accountKey}/users/{userKey}"},
						}
					}
					w.create(account)
					w.create(room)
					w.create(floor)
					w.create(fay)
					w.Start()
					stands := func(when, ready, wantFloor string) {
						t.Helper()
						w.settled()
						if got := w.ready(fay); got != ready {
							t.Errorf("%s the user is %s", when, got)
						}
						if r, f := w.value("fay", room.Status.AttributeKey), w.value("fay", floor.Status.AttributeKey); r != "7" || f != wantFloor {
							t.Errorf("%s the room is %q, the floor %q", when, r, f)
						}
					}
					w.settled()
					w.there(room)
					w.there(floor)
					stands("before,", "True/Synced", "1")
					edit(w, room, func(a *v1alpha1.GoToAttribute) { a.Spec.Name = "Room number" })
					w.settled()
					w.anew()
					edit(w, fay, func(u *v1alpha1.GoToUser) { u.Spec.Attributes["floor"] = "2" })
					stands("renamed,", "False/"+v1alpha1.ReasonAttributeNotDefined, "2")
					edit(w, fay, func(u *v1alpha1.GoToUser) {
						u.Spec.Attributes = map[string]v1alpha1.AttributeValue{"Room number": "7", "floor": "2"}
					})
					stands("followed,", "True/Synced", "2")
					w.Wait(resyncs)
					stands("readings later,", "True/Synced", "2")
					w.Stop()
				})
			})
		}
	}
}
