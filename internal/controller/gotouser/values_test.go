package gotouser

import (
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

const (
	roomKey, floorKey, newKey = "7500000000000000001", "7500000000000000002", "7500000000000000003"
	wholeUser                 = "/admin/rest/v1/accounts/{accountKey}/users/{userKey}"
)

// define is what somebody does with attributes in GoTo's console.
func define(w *world, change func(simulator.Definitions) simulator.Definitions) {
	w.Sim.Define(simulator.DefaultAccountKey, func(d *simulator.Defined) { d.Attributes = change(d.Attributes) })
}

func withValues(values map[string]v1alpha1.AttributeValue) func(*v1alpha1.GoToUser) {
	return func(u *v1alpha1.GoToUser) { u.Spec.Attributes = maps.Clone(values) }
}

// asks puts values into a spec, and lets the operator work.
func asks(t *testing.T, w *world, values map[string]v1alpha1.AttributeValue) {
	t.Helper()
	put(t, w, "fay", withValues(values))
	w.Start("fay")
	w.Run(t, 2*kindtest.Resync)
}

type wanted = map[string]v1alpha1.AttributeValue

// What somebody does with an attribute in GoTo's console keeps no other value of a user from being written: of one that is renamed the
// value stays, of one that is deleted nothing is sent, and one that gets the name of another gets no value of it.
func TestValuesBesideAnAttributeThatIsChangedInGoTo(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"attributeForm", "attributeWrite", "attributesInReads", "attributeValues"} {
		for _, position := range simulator.SwitchPositions()[name] {
			if position == "unavailable" {
				continue
			}
			t.Run(name+"="+position, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := inPosition(t, name, position)
					if name == "attributesInReads" { // what is not sent is lost, and nothing shows what was there
						w.Sim.SetSwitches(func(s *simulator.Switches) { s.AttributeWrite = "replace" })
					}
					define(w, func(d simulator.Definitions) simulator.Definitions {
						return append(d, simulator.Definition{Key: floorKey, Name: "floor"})
					})
					if position == "userPut" {
						w.Operations = map[string]gotoclient.Override{gotoclient.OpSetUserAttributes: {Path: wholeUser}}
						w.Restart(t)
					}
					has := func(when string, want map[string]string) {
						t.Helper()
						if got := inGoTo(w, "fay").Attributes; !maps.Equal(got, want) {
							t.Errorf("%s: GoTo has %v, want %v", when, got, want)
						}
					}
					asks(t, w, wanted{"room": "7", "floor": "1"})
					has("at first", map[string]string{roomKey: "7", floorKey: "1"})

					define(w, func(d simulator.Definitions) simulator.Definitions { d.Get(roomKey).Name = "Room number"; return d })
					w.Run(t, 2*kindtest.Resync)
					asks(t, w, wanted{"room": "7", "floor": "2"})
					has("renamed", map[string]string{roomKey: "7", floorKey: "2"})

					asks(t, w, wanted{"floor": "2"})
					define(w, func(d simulator.Definitions) simulator.Definitions {
						return append(d, simulator.Definition{Key: newKey, Name: "room"})
					})
					w.Run(t, 2*kindtest.Resync)
					asks(t, w, wanted{"floor": "3"})
					has("its name another's", map[string]string{roomKey: "7", floorKey: "3"})

					define(w, func(d simulator.Definitions) simulator.Definitions { return d[1:] })
					w.Run(t, 2*kindtest.Resync)
					asks(t, w, wanted{"floor": "4"})
					got := inGoTo(w, "fay").Attributes
					if delete(got, roomKey); !maps.Equal(got, map[string]string{floorKey: "4"}) {
						t.Errorf("deleted: GoTo has %v", got)
					}
				})
			})
		}
	}
}

// A value that somebody has changed in GoTo since the last reading is not put back by a write of another one.
func TestAWriteOfOneValuePutsNoOtherBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := inPosition(t, "attributeWrite", "replace")
		define(w, func(d simulator.Definitions) simulator.Definitions {
			return append(d, simulator.Definition{Key: floorKey, Name: "floor"})
		})
		u := put(t, w, "fay", inRoom("7"))
		w.Until(t, u, kindtest.Ready)
		setFloor := func(floor string) {
			w.Sim.UpdateUser(simulator.DefaultAccountKey, string(u.Status.UserKey), func(u *simulator.User) { u.Attributes[floorKey] = floor })
		}
		setFloor("1")
		if err := w.Acct.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(kindtest.Resync / 2)
		setFloor("2")
		w.Sim.ResetLog()
		put(t, w, "fay", inRoom("8"))
		w.Until(t, u, kindtest.Ready)
		if got := inGoTo(w, "fay").Attributes; got[floorKey] != "2" || got[roomKey] != "8" {
			t.Errorf("GoTo has %v", got)
		}
		if calls := w.Sim.Calls(); calls[gotoclient.OpSetUserAttributes] != 1 || calls[gotoclient.OpGetUser] != 1 || len(calls) != 2 {
			t.Errorf("calls %v", calls)
		}
	})
}

// A name that the spec writes in other letters than GoTo does, and that reads the same, is the same attribute: it gets its value, is
// steady, and starts the user when it comes. One attribute under two names is written once, and the other name is said.
func TestNamesOfAttributesThatReadTheSame(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ inGoTo, spec string }{
		"decomposed": {"caf\u00e9", "cafe\u0301"}, "composed": {"cafe\u0301", "caf\u00e9"}, "escaped": {"R&amp;D", "R&D"},
	} {
		for _, position := range simulator.SwitchPositions()["attributesInReads"] {
			t.Run(name+" "+position, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := inPosition(t, "attributesInReads", position)
					u := put(t, w, "fay", withValues(wanted{c.spec: "7"}))
					if reason, _ := settle(t, w); reason != "False "+v1alpha1.ReasonAttributeNotDefined {
						t.Error(reason)
					}
					define(w, func(d simulator.Definitions) simulator.Definitions {
						return append(d, simulator.Definition{Key: newKey, Name: c.inGoTo})
					})
					if err := w.Acct.Refresh(t.Context()); err != nil {
						t.Fatal(err)
					}
					started := redefined(t.Context(), w.Kube, kindtest.Namespace+"/"+kindtest.Account, account.Change{Attributes: []account.NamedRef{{Key: newKey, Name: c.inGoTo}}})
					if len(started) != 1 || started[0].Name != "fay" {
						t.Errorf("the attribute starts %v", started)
					}
					_, _ = settle(t, w)
					if kindtest.Object(t, w.Kube, u); kindtest.Reason(u) != "True Synced" || inGoTo(w, "fay").Attributes[newKey] != "7" || u.Status.Attributes[c.spec] != "7" {
						t.Errorf("%s, GoTo has %v, status %v", kindtest.Reason(u), inGoTo(w, "fay").Attributes, u.Status.Attributes)
					}
					w.Sim.ResetLog()
					_, _ = settle(t, w)
					if n := w.Sim.Calls()[gotoclient.OpSetUserAttributes]; n != 0 {
						t.Errorf("%d writes of what is there", n)
					}
					put(t, w, "fay", withValues(wanted{c.spec: "7", c.inGoTo: "8"}))
					reason, _ := settle(t, w)
					if n := w.Sim.Calls()[gotoclient.OpSetUserAttributes]; reason != "False "+v1alpha1.ReasonAttributeNotDefined || n > 1 {
						t.Errorf("both names: %s, %d writes", reason, n)
					}
				})
			})
		}
	}
}

// Values that are part of the change of a user are a request of their own all the same: what GoTo refuses of them holds no other field up.
// That request names nothing else, and is all or nothing, as the change of users is.
func TestValuesInTheChangeOfAUser(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := inPosition(t, "attributeValues", "userPut")
		w.Operations = map[string]gotoclient.Override{gotoclient.OpSetUserAttributes: {Path: wholeUser}}
		w.Restart(t)
		u := put(t, w, "fay", inRoom("7"))
		w.Until(t, u, kindtest.Ready)
		w.Sim.ResetLog()
		put(t, w, "fay", func(u *v1alpha1.GoToUser) { inRoom("8")(u); u.Spec.LastName = "Forest" })
		w.Until(t, u, kindtest.Ready)
		if got := inGoTo(w, "fay"); got.LastName != "Forest" || got.Attributes[roomKey] != "8" {
			t.Errorf("GoTo has %s with %v", got.LastName, got.Attributes)
		}
		var sent []string
		for _, r := range w.Sim.Requests() {
			sent = append(sent, r.Operation+" "+r.Query+" "+r.Body)
		}
		want := []string{
			`updateUsers allOrNothing=true {"lastName":"Forest"}`,
			`updateUsers allOrNothing=true {"attributes":{"room":"8"}}`,
		}
		if !slices.Equal(sent, want) {
			t.Errorf("sent %q, want %q", sent, want)
		}
	})
}
