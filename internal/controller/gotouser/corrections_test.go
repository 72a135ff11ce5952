package gotouser

import (
	"slices"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/simulator"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

type (
	userField = kindtest.Field[*v1alpha1.GoToUser]
	userValue = func(*v1alpha1.GoToUser, string)
)

// corrected are all fields of a user.
var corrected = kindtest.Corrected[*v1alpha1.GoToUser, *wants, *gotoclient.User]{
	Build: func(t *testing.T) *walkWorld {
		t.Helper()
		w := newWorld(t)
		w.Said = nil // a first correction is taken for done
		w.Sim.SetSwitches(func(s *simulator.Switches) { s.ManagedGroupKeysInReads = "yes" })
		rooms(w)
		for _, key := range groups {
			w.Sim.AddGroup(simulator.DefaultAccountKey, simulator.Group{Key: key, Name: "group " + key})
		}
		bind(t, w)
		return w.World
	},
	Apply: func(t *testing.T, w *walkWorld, name string, change func(*v1alpha1.GoToUser)) *v1alpha1.GoToUser {
		t.Helper()
		return kindtest.Apply(t, w.Kube, &v1alpha1.GoToUser{ObjectMeta: metav1.ObjectMeta{Name: name}}, func(u *v1alpha1.GoToUser) {
			if u.Spec.Email == "" {
				u.Spec = v1alpha1.GoToUserSpec{Email: name + "@example.test", FirstName: "Ada", LastName: "Lovelace"}
				u.Spec.AccountRef.Name, u.Spec.ManagementPolicy = kindtest.Account, v1alpha1.Manage
			}
			change(u)
		})
	},
	Fields: fieldsOf,
}

// groups are those that users are put into, and manage. That somebody manages none is not to be seen in a reading.
var groups = []string{"7400000000000000801", "7400000000000000802", "7400000000000000803"}

// bind gives a licence to each user whose label asks for it.
func bind(t *testing.T, w *world) {
	t.Helper()
	kindtest.Apply(t, w.Kube, &v1alpha1.GoToLicenseBinding{ObjectMeta: metav1.ObjectMeta{Name: "webinars", Finalizers: []string{v1alpha1.Finalizer}}}, func(b *v1alpha1.GoToLicenseBinding) {
		b.Spec.AccountRef.Name, b.Spec.License.Key = kindtest.Account, license
		b.Spec.Subjects = []v1alpha1.LicenseSubject{{Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"webinars": "yes"}}}}
	})
}

// licensesField has the licence of the binding, none, and that one beside another, which is nobody's gift and stays.
func licensesField(w *walkWorld) userField {
	has := [][]string{{license}, {}, {license, simulator.DefaultMeetingLicenseKey}}
	return userField{
		Name: "licenses", Each: 2, // the change of the user, and the call that is for seats alone
		Ask: func(u *v1alpha1.GoToUser, v int) {
			if unlicensed(u); v == 0 {
				licensed(u)
			}
		},
		Put: func(u *v1alpha1.GoToUser, v int) {
			w.Sim.UpdateUser(simulator.DefaultAccountKey, string(u.Status.UserKey), func(r *simulator.User) { r.LicenseKeys = has[v] })
		},
	}
}

// definedFields are those that have calls of their own: custom roles, and the value of an attribute.
func definedFields(w *walkWorld) []userField {
	put := func(change func(*simulator.User, int)) func(*v1alpha1.GoToUser, int) {
		return func(u *v1alpha1.GoToUser, v int) {
			w.Sim.UpdateUser(simulator.DefaultAccountKey, string(u.Status.UserKey), func(r *simulator.User) { change(r, v) })
		}
	}
	sets, numbers := [][]string{{"a-1"}, {"b-2"}, {}}, []string{"7", "8", "9"}
	return []userField{{
		Name: fieldRoleSets, Each: 3, // the call by the key is tried, all are taken, and some given
		Ask: func(u *v1alpha1.GoToUser, v int) { exactly(convert[v1alpha1.RoleSet](sets[v])...)(u) },
		Put: put(func(r *simulator.User, v int) { r.RoleSets = slices.Clone(sets[v]) }),
	}, {
		Name: fieldAttributes + "room", Each: 3, // in whichever form
		Ask: func(u *v1alpha1.GoToUser, v int) { inRoom(numbers[v])(u) },
		Put: put(func(r *simulator.User, v int) { r.Attributes = map[string]string{roomKey: numbers[v]} }),
	}}
}

// byKey is for custom roles that are given by the key of a user.
var byKey = kindtest.Corrected[*v1alpha1.GoToUser, *wants, *gotoclient.User]{
	Build: func(t *testing.T) *walkWorld {
		t.Helper()
		w := corrected.Build(t)
		w.Sim.SetSwitches(func(s *simulator.Switches) { s.RoleSetWrites = "ownPath" })
		return w
	},
	Apply: corrected.Apply,
	Fields: func(w *walkWorld) []userField {
		field := definedFields(w)[0]
		field.Each = 1
		return []userField{field}
	},
}

func TestCustomRolesByKeyThatGoToDoesNotKeep(t *testing.T)          { t.Parallel(); byKey.NotKept(t) }
func TestCustomRolesByKeyThatSomebodyElseChangesBack(t *testing.T)  { t.Parallel(); byKey.Contested(t) }
func TestCustomRolesByKeyThatSomebodyChangesMeanwhile(t *testing.T) { t.Parallel(); byKey.Meanwhile(t) }

func fieldsOf(w *walkWorld) []userField {
	field := func(name string, values []string, ask userValue, put func(*simulator.User, string)) userField {
		return userField{
			Name: name,
			Ask:  func(u *v1alpha1.GoToUser, v int) { ask(u, values[v]) },
			Put: func(u *v1alpha1.GoToUser, v int) {
				w.Sim.UpdateUser(simulator.DefaultAccountKey, string(u.Status.UserKey), func(r *simulator.User) { put(r, values[v]) })
			},
		}
	}
	roles := []string{"RUN_REPORTS", "MANAGE_SEATS", "MANAGE_GROUPS"}
	group := field("group", groups, func(u *v1alpha1.GoToUser, v string) { u.Spec.GroupKey = v1alpha1.Key(v) },
		func(r *simulator.User, v string) { r.GroupKey = v })
	group.Each = 2 // a move that is not seen is made again by itself: it may have been lost among others
	return append(definedFields(w),
		field("email", []string{"ada@example.test", "augusta@example.test", "byron@example.test"},
			func(u *v1alpha1.GoToUser, v string) { u.Spec.Email = v }, func(r *simulator.User, v string) { r.Email = v }),
		field("firstName", []string{"Ada", "Augusta", "Anne"},
			func(u *v1alpha1.GoToUser, v string) { u.Spec.FirstName = v }, func(r *simulator.User, v string) { r.FirstName = v }),
		field("lastName", []string{"Lovelace", "Byron", "King"},
			func(u *v1alpha1.GoToUser, v string) { u.Spec.LastName = v }, func(r *simulator.User, v string) { r.LastName = v }),
		field("locale", []string{"en_US", "en_GB", "de_DE"},
			func(u *v1alpha1.GoToUser, v string) { u.Spec.Locale = v }, func(r *simulator.User, v string) { r.Locale = v }),
		field("timeZone", []string{"Europe/London", "Europe/Berlin", "Europe/Paris"},
			func(u *v1alpha1.GoToUser, v string) { u.Spec.TimeZone = v }, func(r *simulator.User, v string) { r.TimeZone = v }),
		field("adminRoles", roles, func(u *v1alpha1.GoToUser, v string) {
			u.Spec.AdminRoles, u.Spec.AdminRolesMatch = []v1alpha1.AdminRole{v1alpha1.AdminRole(v)}, v1alpha1.RolesExactly
		}, func(r *simulator.User, v string) { r.AdminRoles = []string{v} }),
		field("managedGroupKeys", groups, func(u *v1alpha1.GoToUser, v string) {
			u.Spec.AdminRoles, u.Spec.ManagedGroupKeys = []v1alpha1.AdminRole{"MANAGE_USERS"}, []v1alpha1.Key{v1alpha1.Key(v)}
		}, func(r *simulator.User, v string) { r.ManagedGroupKeys = []string{v} }),
		group, licensesField(w))
}

func TestWhatGoToDoesNotKeep(t *testing.T)          { t.Parallel(); corrected.NotKept(t) }
func TestWhatSomebodyElseChangesBack(t *testing.T)  { t.Parallel(); corrected.Contested(t) }
func TestWhatSomebodyChangesMeanwhile(t *testing.T) { t.Parallel(); corrected.Meanwhile(t) }
