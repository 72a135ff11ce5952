package gotouser

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

var guarded = kindtest.Guarded[*v1alpha1.GoToUser, *wants, *gotoclient.User]{
	Build: corrected.Build,
	Apply: corrected.Apply,
	Plant: func(w *walkWorld, u *v1alpha1.GoToUser, at time.Time) string {
		return w.Sim.AddUser(simulator.DefaultAccountKey, simulator.User{
			Email: u.Spec.Email, FirstName: u.Spec.FirstName, LastName: u.Spec.LastName, InvitedDate: at.UnixMilli(),
		})
	},
	Count:   func(w *walkWorld) int { return len(w.Sim.Users(simulator.DefaultAccountKey)) - 1 },
	Claim:   func(u, other *v1alpha1.GoToUser) { u.Spec.Email = other.Spec.Email },
	Intent:  func(u *v1alpha1.GoToUser, _ time.Time) string { return u.Spec.Email },
	Creates: gotoclient.OpCreateUsers, Updates: gotoclient.OpUpdateUsers,
	Edit: func(u *v1alpha1.GoToUser) { u.Spec.LastName = "Byron" },
}

func TestAccountSwitched(t *testing.T)            { t.Parallel(); guarded.AccountSwitched(t) }
func TestReplacedByPUT(t *testing.T)              { t.Parallel(); guarded.Replaced(t) }
func TestOlderObjectTakesNothing(t *testing.T)    { t.Parallel(); guarded.TakenOver(t) }
func TestAdoptionPolicies(t *testing.T)           { t.Parallel(); guarded.Adoption(t) }
func TestRefusedIsTriedAtEachResync(t *testing.T) { t.Parallel(); guarded.TriedAgain(t) }

// TestOwnUserIsNotLockedOut: no spec and no deletion may cost the operator its own credentials' user, or a role of it.
func TestOwnUserIsNotLockedOut(t *testing.T) {
	t.Parallel()
	for row, edit := range map[string]func(*v1alpha1.GoToUserSpec){
		"all roles taken": func(s *v1alpha1.GoToUserSpec) { s.AdminRoles = []v1alpha1.AdminRole{} },
		"a lesser role": func(s *v1alpha1.GoToUserSpec) {
			s.AdminRoles, s.AdminRolesMatch = []v1alpha1.AdminRole{"RUN_REPORTS"}, v1alpha1.RolesExactly
		},
		"limited to groups": func(s *v1alpha1.GoToUserSpec) { s.ManagedGroupKeys = []v1alpha1.Key{v1alpha1.Key(groups[0])} },
		"renamed":           func(s *v1alpha1.GoToUserSpec) { s.Email = "augusta@example.test" },
	} {
		t.Run(row, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { staysAsItIs(t, edit) })
		})
	}
}

// staysAsItIs expects an edit of the object of the operator's own user, and its deletion, to be refused.
func staysAsItIs(t *testing.T, edit func(*v1alpha1.GoToUserSpec)) {
	t.Helper()
	w := corrected.Build(t)
	before, _ := w.Sim.UserByEmail(simulator.DefaultAccountKey, simulator.DefaultAdminEmail)
	me := func(u *v1alpha1.GoToUser) {
		u.Spec.Email, u.Spec.FirstName, u.Spec.LastName = simulator.DefaultAdminEmail, "", ""
		u.Spec.DeletionPolicy = v1alpha1.DeletionPolicyDelete
	}
	u := corrected.Apply(t, w, "me", me)
	w.Start("me")
	w.Run(t, kindtest.Resync)
	corrected.Apply(t, w, "me", func(u *v1alpha1.GoToUser) { edit(&u.Spec) })
	w.Start("me")
	w.Run(t, 3*kindtest.Resync)
	guarded.Is(t, w, u, "False "+v1alpha1.ReasonOwnUser)
	if err := w.Kube.Delete(t.Context(), u); err != nil {
		t.Fatal(err)
	}
	w.Start("me")
	w.Run(t, 3*kindtest.Resync)
	guarded.Is(t, w, u, "False "+v1alpha1.ReasonOwnUser)
	after, _ := w.Sim.UserByEmail(simulator.DefaultAccountKey, simulator.DefaultAdminEmail)
	if d := cmp.Diff(before, after); d != "" || len(w.Changes()) > 0 {
		t.Errorf("%d requests; the operator's own user: %s", len(w.Changes()), d)
	}
	if err := w.Acct.Refresh(t.Context()); err != nil {
		t.Errorf("the next reading: %v", err)
	}
}

// TestRestoredGiftsAreTakenBack: a licence that a binding gave, and the group that a user was put into, are known after a restore
// from metadata and spec, and are taken away again when nothing gives them any more.
func TestRestoredGiftsAreTakenBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &world{corrected.Build(t)}
		w.apply(t, func(u *v1alpha1.GoToUser) { licensed(u); u.Spec.GroupKey = v1alpha1.Key(groups[0]) })
		w.Start(name)
		w.Run(t, kindtest.Resync)
		if r, _ := w.remote(); len(r.LicenseKeys) != 1 || r.GroupKey != groups[0] {
			t.Fatalf("GoTo holds %+v", r)
		}
		w.restore(t)
		w.Restart(t)
		w.Run(t, kindtest.Resync)
		if len(w.Changes()) > 0 || !ready(w.object(t)) {
			t.Errorf("the restore changes GoTo: %v, %s", w.Sim.Calls(), readyIs(w.object(t)))
		}
		w.apply(t, func(u *v1alpha1.GoToUser) { unlicensed(u); u.Spec.GroupKey = "" })
		w.Start(name)
		w.Run(t, kindtest.Resync)
		if r, _ := w.remote(); len(r.LicenseKeys) > 0 || r.GroupKey != "" {
			t.Errorf("nothing gives them, and they are still there: %+v", r)
		}
		if !guarded.Remove(t, w.World, w.object(t)) {
			t.Error("the object is still there")
		}
		if _, there := w.remote(); there {
			t.Error("the operator created the user, and left it behind")
		}
	})
}

// TestAMoveCostsTwoWrites: metadata says both groups before the move, and is not written again to say one; it is known all the same that the
// user has left the other, so that who puts it there afterwards has done so.
func TestAMoveCostsTwoWrites(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &world{corrected.Build(t)}
		goes := func(change func(*v1alpha1.GoToUser), writes int, group string) {
			t.Helper()
			w.Writes = 0
			if change != nil {
				w.apply(t, change)
			}
			w.Start(name)
			w.Run(t, 2*kindtest.Resync)
			if r, _ := w.remote(); r.GroupKey != group || w.Writes != writes || !ready(w.object(t)) {
				t.Errorf("%d writes, want %d; in group %q, want %q: %s", w.Writes, writes, r.GroupKey, group, readyIs(w.object(t)))
			}
		}
		into := func(group string) func(*v1alpha1.GoToUser) {
			return func(u *v1alpha1.GoToUser) { u.Spec.GroupKey = v1alpha1.Key(group) }
		}
		goes(into(groups[0]), 2, groups[0])
		goes(into(groups[1]), 2, groups[1])
		w.Restart(t)
		goes(nil, 0, groups[1])
		goes(into(groups[0]), 2, groups[0])
		w.Sim.UpdateUser(simulator.DefaultAccountKey, string(w.object(t).Status.UserKey), func(u *simulator.User) { u.GroupKey = groups[1] })
		if err := w.Acct.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		goes(into(""), 2, groups[1])
	})
}

// TestNamesThatTheSpecDoesNotManage: a user who exists is adopted, and its name left alone; one who does not is created when the
// spec has a name.
func TestNamesThatTheSpecDoesNotManage(t *testing.T) {
	t.Parallel()
	unnamed := func(u *v1alpha1.GoToUser) { u.Spec.FirstName, u.Spec.LastName = "", "" }
	t.Run("adopted", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := &world{corrected.Build(t)}
			key := w.add(t, simulator.User{FirstName: "Ada"})
			w.apply(t, unnamed)
			w.Start(name)
			w.Run(t, 3*kindtest.Resync)
			w.Sim.UpdateUser(simulator.DefaultAccountKey, key, func(r *simulator.User) { r.FirstName, r.LastName = "Augusta", "King" })
			w.Run(t, 3*kindtest.Resync)
			if u := w.object(t); !ready(u) || u.Status.Origin != v1alpha1.Adopted || u.Status.Drift != nil || len(w.Changes()) > 0 {
				t.Errorf("%s, %+v, %v", readyIs(u), u.Status, w.Sim.Calls())
			}
			w.apply(t, func(u *v1alpha1.GoToUser) { u.Spec.LastName = "Lovelace" })
			w.Start(name)
			w.Run(t, kindtest.Resync)
			if r, _ := w.remote(); r.FirstName != "Augusta" || r.LastName != "Lovelace" || len(w.Changes()) != 1 {
				t.Errorf("GoTo holds %+v", r)
			}
		})
	})
	t.Run("created", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := &world{corrected.Build(t)}
			w.apply(t, unnamed)
			for _, missing := range []func(*v1alpha1.GoToUser){func(*v1alpha1.GoToUser) {}, func(u *v1alpha1.GoToUser) { u.Spec.FirstName = "Ada" }} {
				w.apply(t, missing)
				w.Start(name)
				w.Run(t, 3*kindtest.Resync)
				if u := w.object(t); readyIs(u) != "False "+v1alpha1.ReasonNameRequired || len(w.Changes()) > 0 {
					t.Errorf("%s, %v", readyIs(u), w.Sim.Calls())
				}
			}
			w.apply(t, func(u *v1alpha1.GoToUser) { u.Spec.LastName = "Lovelace" })
			w.Start(name)
			w.Run(t, kindtest.Resync)
			if u := w.object(t); !ready(u) || u.Status.Origin != v1alpha1.Created || len(w.Changes()) != 1 {
				t.Errorf("%s, %+v, %v", readyIs(u), u.Status, w.Sim.Calls())
			}
		})
	})
}

// TestRoles compares by containment, unless the spec says that it means exactly these; and reads that show more roles than were
// written cause no write.
func TestRoles(t *testing.T) {
	t.Parallel()
	type roles = []v1alpha1.AdminRole
	for row, c := range map[string]struct {
		has   []string
		spec  roles
		match v1alpha1.RolesMatch
		want  []string
		write int
	}{
		"unmanaged":            {[]string{"RUN_REPORTS"}, nil, "", []string{"RUN_REPORTS"}, 0},
		"there already":        {[]string{"RUN_REPORTS"}, roles{"RUN_REPORTS"}, "", []string{"RUN_REPORTS"}, 0},
		"more than asked for":  {[]string{"MANAGE_SEATS", "RUN_REPORTS"}, roles{"RUN_REPORTS"}, "", []string{"MANAGE_SEATS", "RUN_REPORTS"}, 0},
		"contained":            {[]string{"SUPER_USER"}, roles{"RUN_REPORTS"}, "", []string{"SUPER_USER"}, 0},
		"one is added":         {[]string{"MANAGE_SEATS"}, roles{"RUN_REPORTS"}, "", []string{"MANAGE_SEATS", "RUN_REPORTS"}, 1},
		"exactly, and more":    {[]string{"MANAGE_SEATS", "RUN_REPORTS"}, roles{"RUN_REPORTS"}, v1alpha1.RolesExactly, []string{"RUN_REPORTS"}, 1},
		"exactly, and is":      {[]string{"RUN_REPORTS"}, roles{"RUN_REPORTS"}, v1alpha1.RolesExactly, []string{"RUN_REPORTS"}, 0},
		"none":                 {[]string{"RUN_REPORTS"}, roles{}, "", nil, 1},
		"none, and none there": {nil, roles{}, "", nil, 0},
	} {
		t.Run(row, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &world{corrected.Build(t)}
				w.add(t, simulator.User{FirstName: "Ada", AdminRoles: c.has})
				w.apply(t, func(u *v1alpha1.GoToUser) { u.Spec.AdminRoles, u.Spec.AdminRolesMatch = c.spec, c.match })
				w.Start(name)
				w.Run(t, 5*kindtest.Resync)
				r, _ := w.remote()
				if !ready(w.object(t)) || !cmp.Equal(c.want, slices.Sorted(slices.Values(r.AdminRoles))) || len(w.Changes()) != c.write {
					t.Errorf("%s, roles %v, %d writes", readyIs(w.object(t)), r.AdminRoles, len(w.Changes()))
				}
			})
		})
	}
}

// TestExpandedReadsWriteNothing: every role, as GoTo shows it when reads show the roles that it contains as well.
func TestExpandedReadsWriteNothing(t *testing.T) {
	t.Parallel()
	for _, match := range []v1alpha1.RolesMatch{"", v1alpha1.RolesExactly} {
		for _, role := range allRoles {
			t.Run(role+" "+string(match), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := &world{corrected.Build(t)}
					w.Sim.SetSwitches(func(s *simulator.Switches) { s.RolesInReads = "expanded" })
					w.apply(t, func(u *v1alpha1.GoToUser) {
						u.Spec.AdminRoles, u.Spec.AdminRolesMatch = []v1alpha1.AdminRole{v1alpha1.AdminRole(role)}, match
					})
					w.Start(name)
					w.Run(t, kindtest.Resync)
					w.Restart(t)
					w.Run(t, 10*kindtest.Resync)
					if u := w.object(t); !ready(u) || len(w.Changes()) > 0 {
						t.Errorf("%s, drift %v, %v", readyIs(u), u.Status.Drift, w.Sim.Calls())
					}
				})
			})
		}
	}
}

// TestRolesOfAnotherNamespace may be given and taken only as far as the account allows.
func TestRolesOfAnotherNamespace(t *testing.T) {
	t.Parallel()
	type roles = []v1alpha1.AdminRole
	for row, c := range map[string]struct {
		allowed, spec roles
		has           []string
		want          string
		writes        int
	}{
		"none is allowed":         {nil, roles{"RUN_REPORTS"}, nil, "False RoleNotAllowed", 0},
		"another is":              {roles{"RUN_REPORTS"}, roles{"SUPER_USER"}, nil, "False RoleNotAllowed", 0},
		"allowed":                 {roles{"RUN_REPORTS"}, roles{"RUN_REPORTS"}, nil, "True Synced", 1},
		"taking what is not":      {roles{"RUN_REPORTS"}, roles{}, []string{"SUPER_USER"}, "False RoleNotAllowed", 0},
		"taking what is":          {roles{"RUN_REPORTS"}, roles{}, []string{"RUN_REPORTS"}, "True Synced", 1},
		"roles are not spoken of": {nil, nil, []string{"SUPER_USER"}, "True Synced", 0},
	} {
		t.Run(row, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &world{corrected.Build(t)}
				w.Policy(t, func(s *v1alpha1.GoToAccountSpec) {
					s.AllowedAdminRoles, s.AllowedNamespaces.From = c.allowed, v1alpha1.NamespacesFromAll
				})
				w.add(t, simulator.User{FirstName: "Ada", AdminRoles: c.has})
				u := &v1alpha1.GoToUser{ObjectMeta: metav1.ObjectMeta{Namespace: "elsewhere", Name: name, UID: "elsewhere-uid", Generation: 1}}
				u.Spec = v1alpha1.GoToUserSpec{Email: email, FirstName: "Ada", LastName: "Lovelace", AdminRoles: c.spec}
				u.Spec.AccountRef = v1alpha1.AccountReference{Namespace: kindtest.Namespace, Name: kindtest.Account}
				u.Spec.ManagementPolicy = v1alpha1.Manage
				if err := w.Kube.Create(t.Context(), u); err != nil {
					t.Fatal(err)
				}
				for range 3 {
					w.Start("elsewhere/" + name)
					w.Run(t, kindtest.Resync)
				}
				if err := w.Kube.Get(t.Context(), client.ObjectKeyFromObject(u), u); err != nil || readyIs(u) != c.want || len(w.Changes()) != c.writes {
					t.Errorf("%s, %v", readyIs(u), w.Sim.Calls())
				}
			})
		})
	}
}
