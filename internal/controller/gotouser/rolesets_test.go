package gotouser

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

func withRoleSets(sets ...v1alpha1.RoleSet) func(*v1alpha1.GoToUser) {
	return func(u *v1alpha1.GoToUser) {
		u.Spec.RoleSets = append([]v1alpha1.RoleSet{}, sets...)
	}
}

// exactly are these custom roles and no others.
func exactly(sets ...v1alpha1.RoleSet) func(*v1alpha1.GoToUser) {
	return func(u *v1alpha1.GoToUser) {
		withRoleSets(sets...)(u)
		u.Spec.AdminRolesMatch = v1alpha1.RolesExactly
	}
}

// inPosition is a world with custom roles and a switch of the simulator in that position.
func inPosition(t *testing.T, name, position string) *world {
	t.Helper()
	w := newWorld(t)
	rooms(w)
	w.Sim.SetSwitches(func(s *simulator.Switches) {
		if err := s.Set(name, position); err != nil {
			t.Error(err)
		}
	})
	return w
}

// settle reconciles fay as often as it takes, and returns her reason and her custom roles in GoTo.
func settle(t *testing.T, w *world) (reason string, roleSets []string) {
	t.Helper()
	for range 4 {
		_ = w.Reconcile(t, "fay")
	}
	u, _ := kindtest.Object(t, w.Kube, person("fay"))
	return kindtest.Reason(u), inGoTo(w, "fay").RoleSets
}

// Whatever GoTo makes of a filter, a custom role is given to and taken from the one user alone. Where it does not choose her, nothing is
// written and the object says so, at the cost of one read an hour.
func TestRoleSetsReachOneUserAlone(t *testing.T) {
	t.Parallel()
	for _, position := range simulator.SwitchPositions()["filterDialect"] {
		for step, change := range map[string]func(*v1alpha1.GoToUser){
			"assign": withRoleSets("Auditor"), "set": exactly("Auditor"), "clear": withRoleSets(),
		} {
			t.Run(position+" "+step, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := inPosition(t, "filterDialect", position)
					w.Sim.AddUser(simulator.DefaultAccountKey, simulator.User{Email: "other@example.test", FirstName: "O", LastName: "O", RoleSets: []string{"b-2"}})
					w.Sim.AddUser(simulator.DefaultAccountKey, simulator.User{Email: "fay@example.test", FirstName: "Fay", LastName: "Field", RoleSets: []string{"b-2"}})
					if err := w.Acct.Refresh(t.Context()); err != nil {
						t.Fatal(err)
					}
					w.Sim.ResetLog()
					put(t, w, "fay", change)
					heeded := position == "both" || position == "scim"
					reason, got := settle(t, w)
					want := map[string][]string{"assign": {"a-1", "b-2"}, "set": {"a-1"}, "clear": nil}[step]
					wantReason := "True Synced"
					if !heeded {
						want, wantReason = []string{"b-2"}, "False "+v1alpha1.ReasonUnsupported
					}
					if reason != wantReason || !slices.Equal(got, want) {
						t.Errorf("%s with %v, want %s with %v", reason, got, wantReason, want)
					}
					if others := inGoTo(w, "other").RoleSets; !slices.Equal(others, []string{"b-2"}) {
						t.Errorf("another user has %v", others)
					}
					calls := w.Sim.Calls()
					if writes := calls[gotoclient.OpAssignRoleSet] + calls[gotoclient.OpClearRoleSets]; (writes > 0) != heeded || calls[gotoclient.OpListUsers] != 1 {
						t.Errorf("calls %v", calls)
					}
				})
			})
		}
	}
}

// An address that is somebody else's by now gives that user nothing.
func TestRoleSetsOfAnAddressThatMoved(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := inPosition(t, "filterDialect", "both")
		u := put(t, w, "fay", func(*v1alpha1.GoToUser) {})
		w.Until(t, u, kindtest.Ready)
		fay := string(u.Status.UserKey)
		w.Sim.UpdateUser(simulator.DefaultAccountKey, fay, func(u *simulator.User) { u.Email = "forest@example.test" })
		heir := w.Sim.AddUser(simulator.DefaultAccountKey, simulator.User{Email: "fay@example.test", FirstName: "New", LastName: "Field"})
		put(t, w, "fay", withRoleSets("Auditor"))
		_ = w.Reconcile(t, "fay")
		if got, _ := w.Sim.User(simulator.DefaultAccountKey, heir); len(got.RoleSets) != 0 {
			t.Errorf("the heir of the address has %v", got.RoleSets)
		}
	})
}

// Where nothing unverified may be sent, a custom role costs no request either, and an override alone releases the call that it is about.
func TestRoleSetsThatMayNotBeSent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := inPosition(t, "filterDialect", "both")
		u := put(t, w, "fay", func(*v1alpha1.GoToUser) {})
		w.Until(t, u, kindtest.Ready)
		w.Deny = true
		w.Restart(t)
		put(t, w, "fay", withRoleSets("Auditor"))
		if reason, got := settle(t, w); reason != "False "+v1alpha1.ReasonEndpointUnverified || len(got) != 0 {
			t.Errorf("%s with %v", reason, got)
		}
		if calls := w.Sim.Calls(); len(calls) != 1 || calls[gotoclient.OpListRoleSets] != 1 {
			t.Errorf("calls %v", calls)
		}
		w.Operations = map[string]gotoclient.Override{gotoclient.OpAssignRoleSet: {Method: "PUT"}}
		w.Restart(t)
		if reason, got := settle(t, w); reason != "True Synced" || !slices.Equal(got, []string{"a-1"}) {
			t.Errorf("once it is vouched for: %s with %v", reason, got)
		}
		put(t, w, "fay", exactly("Host"))
		if reason, got := settle(t, w); reason != "False "+v1alpha1.ReasonEndpointUnverified || !slices.Equal(got, []string{"a-1"}) {
			t.Errorf("half of it: %s with %v", reason, got)
		}
	})
}

// In every way to give custom roles they are given and taken, or the object says that there is none.
func TestRoleSetWrites(t *testing.T) {
	t.Parallel()
	const change = "/admin/rest/v1/accounts/{accountKey}/users/{userKey}"
	for _, row := range []struct {
		position  string
		vouched   bool // that they are part of the change of a user
		unwritten bool
	}{{"filter", false, false}, {"ownPath", false, false}, {"userPut", false, true}, {"userPut", true, false}} {
		t.Run(fmt.Sprint(row), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := inPosition(t, "roleSetWrites", row.position)
				if row.vouched {
					w.Operations = map[string]gotoclient.Override{gotoclient.OpSetUserRoleSets: {Path: change}}
					w.Restart(t)
				}
				for _, step := range []struct {
					change func(*v1alpha1.GoToUser)
					want   []string
				}{
					{withRoleSets("Auditor"), []string{"a-1"}},
					{withRoleSets("Auditor", "Host"), []string{"a-1", "b-2"}},
					{exactly("Host"), []string{"b-2"}},
					{withRoleSets(), nil},
				} {
					put(t, w, "fay", step.change)
					reason, got := settle(t, w)
					if row.unwritten && step.want != nil {
						if reason != "False "+v1alpha1.ReasonEndpointUnverified || len(got) != 0 {
							t.Errorf("%+v: %s with %v", row, reason, got)
						}
					} else if reason != "True Synced" || !slices.Equal(got, step.want) {
						t.Errorf("%+v: %s with %v, want %v", row, reason, got, step.want)
					}
				}
				if calls := w.Sim.Calls(); row.position != "filter" && !row.unwritten && calls[gotoclient.OpAssignRoleSet]+calls[gotoclient.OpClearRoleSets] != 0 {
					t.Errorf("%+v: %v, though there is a call by key", row, calls)
				}
			})
		})
	}
}

// A custom role that somebody else gave stays. Where GoTo gives one in the place of others, she has it back at once, the object says what
// to do, and nothing more is tried; nor is it for the next one who is to have two.
func TestRoleSetsOfOthers(t *testing.T) {
	t.Parallel()
	for _, position := range simulator.SwitchPositions()["roleSetAssign"] {
		t.Run(position, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := inPosition(t, "roleSetAssign", position)
				u := put(t, w, "fay", func(*v1alpha1.GoToUser) {})
				w.Until(t, u, kindtest.Ready)
				w.Sim.UpdateUser(simulator.DefaultAccountKey, string(u.Status.UserKey), func(u *simulator.User) { u.RoleSets = []string{"b-2"} })
				if err := w.Acct.Refresh(t.Context()); err != nil {
					t.Fatal(err)
				}
				w.Sim.ResetLog()
				put(t, w, "fay", withRoleSets("Auditor"))
				wantReason, want, most := "True Synced", []string{"a-1", "b-2"}, 1
				if position == "replaces" {
					wantReason, want, most = "False "+v1alpha1.ReasonUnsupported, []string{"b-2"}, 2
				}
				for range 2 {
					if reason, got := settle(t, w); reason != wantReason || !slices.Equal(got, want) {
						t.Errorf("%s: %s with %v, want %s with %v", position, reason, got, wantReason, want)
					}
					w.Run(t, 3*kindtest.Resync)
				}
				if n := w.Sim.Calls()[gotoclient.OpAssignRoleSet]; n != most {
					t.Errorf("%s: %d roles were given, want %d", position, n, most)
				}
				two := put(t, w, "two", withRoleSets("Auditor", "Host"))
				for range 3 {
					_ = w.Reconcile(t, "two")
				}
				if kindtest.Object(t, w.Kube, two); kindtest.Reason(two) != wantReason || (len(inGoTo(w, "two").RoleSets) == 2) != (position == "adds") {
					t.Errorf("%s: two at once: %s with %v", position, kindtest.Reason(two), inGoTo(w, "two").RoleSets)
				}
				if n := w.Sim.Calls()[gotoclient.OpAssignRoleSet] - most; position == "replaces" && n != 0 {
					t.Errorf("%d more were given", n)
				}
				put(t, w, "fay", exactly("Auditor"))
				if reason, got := settle(t, w); reason != "True Synced" || !slices.Equal(got, []string{"a-1"}) {
					t.Errorf("%s, one alone: %s with %v", position, reason, got)
				}
			})
		})
	}
}
