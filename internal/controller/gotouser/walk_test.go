package gotouser

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

type walkWorld = kindtest.World[*v1alpha1.GoToUser, *wants, *gotoclient.User]

// TestWalk lets something go wrong at every request and every write of what an object can come by its user with.
func TestWalk(t *testing.T) {
	t.Parallel()
	for script, play := range map[string]func(*testing.T, *world){
		"adopted": func(t *testing.T, w *world) {
			t.Helper()
			w.Quietly(func() { w.add(t, simulator.User{FirstName: "Ada"}) })
			w.apply(t, func(u *v1alpha1.GoToUser) { u.Spec.FirstName = "Augusta" })
			w.reconcileUntil(t, ready)
			w.stays(t, v1alpha1.Adopted)
		},
		"managed groups changed, which no reading shows": func(t *testing.T, w *world) {
			t.Helper()
			for _, key := range groups {
				w.Sim.AddGroup(simulator.DefaultAccountKey, simulator.Group{Key: key, Name: "group " + key})
			}
			w.apply(t, asIs)
			w.reconcileUntil(t, ready)
			for _, keys := range [][]v1alpha1.Key{{v1alpha1.Key(groups[0])}, {v1alpha1.Key(groups[1])}, {}} {
				w.apply(t, func(u *v1alpha1.GoToUser) { u.Spec.ManagedGroupKeys = keys })
				w.reconcileUntil(t, ready)
				if remote, _ := w.remote(); !slices.Equal(convert[v1alpha1.Key](remote.ManagedGroupKeys), convert[v1alpha1.Key](keys)) {
					t.Errorf("GoTo has %v, want %v", remote.ManagedGroupKeys, keys)
				}
			}
			w.stays(t, v1alpha1.Created)
		},
		"custom roles and values": rolesAndValues,
		"restored without status": func(t *testing.T, w *world) {
			t.Helper()
			w.apply(t, asIs)
			w.reconcileUntil(t, ready)
			w.restore(t)
			w.reconcileUntil(t, ready)
			w.stays(t, v1alpha1.Created)
		},
		"restored after a change of address": func(t *testing.T, w *world) {
			t.Helper()
			w.apply(t, asIs)
			w.reconcileUntil(t, ready)
			w.apply(t, func(u *v1alpha1.GoToUser) { u.Spec.Email = "augusta@example.test" })
			w.reconcileUntil(t, ready)
			w.restore(t)
			w.reconcileUntil(t, ready)
			w.stays(t, v1alpha1.Created)
		},
		"restored and deleted at once": func(t *testing.T, w *world) {
			t.Helper()
			w.apply(t, asIs)
			w.reconcileUntil(t, ready)
			w.restore(t)
			w.remove(t)
			w.Until(t, &v1alpha1.GoToUser{ObjectMeta: metav1.ObjectMeta{Name: name}}, kindtest.Gone)
			if n := len(w.Sim.Users(simulator.DefaultAccountKey)); n != 1 {
				t.Errorf("%d users, want the administrator alone", n)
			}
		},
		"take-over refused": func(t *testing.T, w *world) {
			t.Helper()
			w.apply(t, asIs)
			w.reconcileUntil(t, ready)
			thief := kindtest.Apply(t, w.Kube, &v1alpha1.GoToUser{ObjectMeta: metav1.ObjectMeta{Name: "thief"}}, func(u *v1alpha1.GoToUser) {
				u.Spec = w.object(t).Spec
				u.Spec.DeletionPolicy, u.Spec.LastName = v1alpha1.DeletionPolicyDelete, "Stolen"
				u.CreationTimestamp.Time = w.object(t).CreationTimestamp.AddDate(-1, 0, 0)
			})
			w.Until(t, thief, func(o *v1alpha1.GoToUser, _ bool) bool { return kindtest.Reason(o) == "False "+v1alpha1.ReasonConflict })
			if err := w.Kube.Delete(t.Context(), thief); err != nil {
				t.Fatal(err)
			}
			w.Until(t, thief, kindtest.Gone)
			w.stays(t, v1alpha1.Created)
		},
	} {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			build := func(t *testing.T) *walkWorld { t.Helper(); return newWorld(t).World }
			kindtest.Walk(t, build, func(t *testing.T, w *walkWorld) { t.Helper(); play(t, &world{w}) })
		})
	}
}

// rolesAndValues gives a user custom roles and a value of an attribute, and then others.
func rolesAndValues(t *testing.T, w *world) {
	t.Helper()
	key := rooms(w)
	for _, step := range []struct {
		room, set string
		match     v1alpha1.RolesMatch
	}{{"7", "a-1", v1alpha1.RolesAtLeast}, {"8", "b-2", v1alpha1.RolesExactly}} {
		w.apply(t, func(u *v1alpha1.GoToUser) {
			u.Spec.RoleSets, u.Spec.AdminRolesMatch = []v1alpha1.RoleSet{v1alpha1.RoleSet(step.set)}, step.match
			inRoom(step.room)(u)
		})
		w.reconcileUntil(t, ready)
		if got, _ := w.remote(); !slices.Equal(got.RoleSets, []string{step.set}) || got.Attributes[key] != step.room {
			t.Errorf("GoTo has %v and %v, want %+v", got.RoleSets, got.Attributes, step)
		}
	}
	w.stays(t, v1alpha1.Created)
}

// restore takes the object away without GoTo being told, and applies it again without status.
func (w *world) restore(t *testing.T) {
	t.Helper()
	saved := kindtest.Vanish(t, w.Kube, w.object(t))
	saved.Status = v1alpha1.GoToUserStatus{}
	if err := w.Kube.Create(t.Context(), saved); err != nil {
		t.Fatal(err)
	}
}

// stays expects one user beside the administrator, of the object and of that origin, and that only an adopted one is left when
// the object is deleted.
func (w *world) stays(t *testing.T, origin v1alpha1.Origin) {
	t.Helper()
	u := w.object(t)
	all := w.Sim.Users(simulator.DefaultAccountKey)
	if _, there := w.Sim.User(simulator.DefaultAccountKey, string(u.Status.UserKey)); !there || len(all) != 2 || u.Status.Origin != origin {
		t.Errorf("%d users, key %s there %t, origin %q", len(all), u.Status.UserKey, there, u.Status.Origin)
	}
	if err := client.IgnoreNotFound(w.Kube.Delete(t.Context(), u)); err != nil {
		t.Fatal(err)
	}
	w.Until(t, u, kindtest.Gone)
	if left := len(w.Sim.Users(simulator.DefaultAccountKey)); (left == 2) != (origin == v1alpha1.Adopted) {
		t.Errorf("%d users are left", left)
	}
}

// A user that somebody deleted in GoTo is made again, or only reported.
func TestAUserDeletedByHand(t *testing.T) {
	t.Parallel()
	for policy, want := range map[v1alpha1.RecreatePolicy]string{
		v1alpha1.Recreate: "True Synced", v1alpha1.ReportMissing: "False " + v1alpha1.ReasonDeletedInGoTo,
	} {
		t.Run(string(policy), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.apply(t, func(u *v1alpha1.GoToUser) { u.Spec.RecreatePolicy = policy })
				w.steady(t)
				w.Sim.RemoveUser(simulator.DefaultAccountKey, string(w.object(t).Status.UserKey))
				time.Sleep(time.Hour)
				if err := w.Acct.Refresh(t.Context()); err != nil {
					t.Fatal(err)
				}
				for range 3 {
					_ = w.reconcile(t)
				}
				if _, there := w.remote(); readyIs(w.object(t)) != want || there != (policy == v1alpha1.Recreate) {
					t.Errorf("%s, there %t", readyIs(w.object(t)), there)
				}
				w.remove(t)
				w.reconcileUntil(t, gone)
			})
		})
	}
}
