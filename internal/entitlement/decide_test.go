package entitlement

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// TestWhatIsNotKnownTakesNothing: what cannot be found, or was not read, is not absent. Nothing is taken, and nothing forgotten.
func TestWhatIsNotKnownTakesNothing(t *testing.T) {
	rows := map[string]func(*scene){
		"the group has no key yet":                   func(s *scene) { s.groups[0].Status.GroupKey = "" },
		"the group is being deleted":                 func(s *scene) { s.groups[0].DeletionTimestamp = &metav1.Time{Time: start} },
		"no key, and the spec names the group's":     func(s *scene) { s.groups[0].Status.GroupKey = ""; s.users[0].Spec.GroupKey = "10" },
		"the group is gone":                          func(s *scene) { s.groups = nil },
		"no reading shows the user":                  func(s *scene) { delete(s.remote, "ada") },
		"nor any group":                              func(s *scene) { delete(s.remote, "ada"); s.groups[0].Status.GroupKey = "" },
		"the binding was restored without finalizer": func(s *scene) { begins(s.bindings[0]) },
		"the binding is not restored yet":            func(s *scene) { s.bindings = nil },
		"the list lacks the licence":                 func(s *scene) { s.unlisted = true },
		"the list lacks it, and it is not given":     func(s *scene) { s.unlisted = true; forUser("eve")(s.bindings[0]) },
		"the spec names a group that is absent": func(s *scene) {
			s.users[0].Spec.GroupRef.Name = "gone"
			s.bindings[0].Spec.Subjects[0].Subgroups = v1alpha1.IncludeSubgroups
		},
		"the spec names a group by key, and the user is not there yet": func(s *scene) {
			s.users[0].Spec.GroupKey = "11"
			s.bindings[0].Spec.Subjects[0].Subgroups = v1alpha1.IncludeSubgroups
		},
		"another binding may give it": func(s *scene) {
			forUser("eve")(s.bindings[0])
			s.groups[0].Status.GroupKey = ""
			s.binding("c", ofGroup("sales"))
		},
		"another binding is about to give it": func(s *scene) {
			forUser("eve")(s.bindings[0])
			s.binding("c", forUser("ada"), begins)
		},
		"another binding is about to give another": func(s *scene) {
			forUser("eve")(s.bindings[0])
			s.binding("c", forUser("ada"), begins, func(b *v1alpha1.GoToLicenseBinding) { b.Spec.License.Key = "3" })
		},
	}
	for name, change := range rows {
		t.Run(name, func(t *testing.T) {
			s := inSales()
			if got := said(s.plan(), "ada"); got != "give" {
				t.Fatalf("before: %s", got)
			}
			change(s)
			u, _ := s.plan().User(named("ada"))
			if len(u.Take)+len(u.Forget)+len(u.Waiting) > 0 {
				t.Errorf("the plan concludes something: %+v", u)
			}
		})
	}
}

// begins makes a binding one that was just applied.
func begins(b *v1alpha1.GoToLicenseBinding) { b.Finalizers = nil }

// inSales is a scene in which ada has the licence, as a member of a group.
func inSales() *scene {
	s := &scene{seats: 10}
	s.user("ada", given("b"), func(u *v1alpha1.GoToUser) { u.Status.UserKey = "7" }) // is in the group in GoTo; the spec names none
	s.remote = map[string]gotoclient.User{"ada": {GroupKey: "10", GroupKeyPath: []gotoclient.Key{"10"}}}
	s.has("ada", "1")
	g := &v1alpha1.GoToGroup{}
	g.Namespace, g.Name, g.Status.GroupKey = "team", "sales", "10"
	s.groups = append(s.groups, g)
	s.binding("b", ofGroup("sales"))
	return s
}

func ofGroup(name string) func(*v1alpha1.GoToLicenseBinding) {
	return func(b *v1alpha1.GoToLicenseBinding) {
		b.Spec.Subjects = []v1alpha1.LicenseSubject{{GroupRef: v1alpha1.GroupReference{Name: name}}}
	}
}

// What is known: it moved, or is not there any more. Then the licence goes, or the record.
func TestWhatIsKnownIsConcluded(t *testing.T) {
	rows := map[string]struct {
		change func(*scene)
		want   string
	}{
		"in another group in GoTo": {func(s *scene) {
			s.remote["ada"] = gotoclient.User{GroupKey: "11", GroupKeyPath: []gotoclient.Key{"11"}, LicenseKeys: []gotoclient.Key{"1"}}
		}, "take"},
		"in no group":                   {func(s *scene) { s.remote["ada"] = gotoclient.User{LicenseKeys: []gotoclient.Key{"1"}} }, "take"},
		"its spec names another group":  {func(s *scene) { s.users[0].Spec.GroupRef.Name = "other" }, "take"},
		"taken by hand in the meantime": {func(s *scene) { s.remote["ada"] = gotoclient.User{GroupKey: "11"} }, "forget"},
		"the binding let go of it": {func(s *scene) {
			s.bindings, s.left = nil, map[types.NamespacedName]bool{named("b"): true}
		}, "forget"},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			s := inSales()
			row.change(s)
			if got := said(s.plan(), "ada"); got != row.want {
				t.Errorf("%s, want %s", got, row.want)
			}
		})
	}
}

// A binding that is first seen when it lets go of what it gave has let go of it all the same.
func TestABindingThatIsFirstSeenLeaving(t *testing.T) {
	s := inSales()
	s.bindings = nil
	in := s.input(1)
	p := Make(in)
	in.Users, in.Left = nil, map[types.NamespacedName]bool{named("b"): true}
	if p.Update(in); said(p, "ada") != "forget" {
		t.Errorf("%s, want forget", said(p, "ada"))
	}
}

// A licence is not taken for another one before that one is given.
func TestALicenceStaysUntilTheOneInItsPlaceIsGiven(t *testing.T) {
	s := &scene{seats: 10}
	s.user("ada", given("b"))
	s.has("ada", "1")
	s.binding("b", func(b *v1alpha1.GoToLicenseBinding) { b.Spec.License.Key = "2" }) // it gave 1 before
	in := s.input(1)
	in.Seats["2"] = account.Seats{License: gotoclient.License{Key: "2", Enabled: true}}
	steps := []struct {
		what   string
		free   int
		has    []gotoclient.Key
		delete bool
		want   User
	}{
		{"no seat is free", 0, []gotoclient.Key{"1"}, false, User{Waiting: []Waiting{{License: "2", Place: 1}}}},
		{"one is free", 1, []gotoclient.Key{"1"}, false, User{Give: map[gotoclient.Key][]string{"2": {"b"}}}},
		{"it is given", 0, []gotoclient.Key{"1", "2"}, false, User{Give: map[gotoclient.Key][]string{"2": {"b"}}, Take: []gotoclient.Key{"1"}}},
		{"the binding is deleted", 0, []gotoclient.Key{"1"}, true, User{Take: []gotoclient.Key{"1"}}},
	}
	for _, step := range steps {
		l := in.Seats["2"]
		l.Free = step.free
		in.Seats["2"] = l
		in.Remote = func(gotoclient.Key, string) (gotoclient.User, bool) {
			return gotoclient.User{LicenseKeys: step.has}, true
		}
		if step.delete {
			deleted(in.Bindings[0])
		}
		got, _ := Make(in).User(named("ada"))
		if d := cmp.Diff(step.want, got); d != "" {
			t.Errorf("%s: %s", step.what, d)
		}
	}
}

// A seat is not kept for who cannot act, and one user in GoTo has one place however many objects name it.
func TestNoSeatIsKeptForWhoCannotAct(t *testing.T) {
	rows := map[string]struct {
		old  func(*v1alpha1.GoToUser)
		want map[string]string
	}{
		"conflict": {old: stalledBy(v1alpha1.ReasonConflict), want: map[string]string{"old": "place 1", "young": "give"}},
		"refused":  {old: stalledBy(v1alpha1.ReasonRefused), want: map[string]string{"old": "place 1", "young": "give"}},
		"observed": {old: func(u *v1alpha1.GoToUser) { u.Spec.ManagementPolicy = v1alpha1.Observe }, want: map[string]string{"young": "give"}},
		"another user's twin": {old: func(u *v1alpha1.GoToUser) {
			u.Spec.Email = "young"
			u.CreationTimestamp = metav1.NewTime(start.Add(time.Hour))
		}, want: map[string]string{"old": "leave", "young": "give"}},
		"account not allowed": {old: func(u *v1alpha1.GoToUser) {
			u.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionReferencesResolved, Status: metav1.ConditionFalse, Reason: v1alpha1.ReasonAccountNotAllowed}}
		}, want: map[string]string{"young": "give"}},
		"stalled for want of a seat it is in the queue": {old: stalledBy(v1alpha1.ReasonSeatsExhausted), want: map[string]string{"old": "give", "young": "place 1"}},
		"stalled before the spec was changed": {old: func(u *v1alpha1.GoToUser) {
			stalledBy(v1alpha1.ReasonRefused)(u)
			u.Generation++
		}, want: map[string]string{"old": "give", "young": "place 1"}},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			s := &scene{seats: 1}
			s.user("old", row.old)
			s.user("young")
			s.binding("b")
			p := s.plan()
			for user, want := range row.want {
				if got := said(p, user); got != want {
					t.Errorf("%s: %s, want %s", user, got, want)
				}
			}
		})
	}
}

// In an account that is only observed the plan says what would be, and holds nobody up.
func TestThePlanOfAnAccountThatIsObserved(t *testing.T) {
	s := &scene{seats: 1}
	s.user("ada", given("b"))
	s.has("ada") // somebody took it
	s.user("eve")
	s.binding("b")
	in := s.input(0)
	in.Observe = true
	p := Make(in)
	want := Binding{License: "1", Selected: 2, Waiting: 1, Working: 1, Claimed: true}
	if d := cmp.Diff(want, bindingOf(p, "b")); d != "" {
		t.Error(d)
	}
}

// Who cannot act is told what it is to have, and not where it stands: else one whom GoTo refuses the licence would be started
// and refused for ever.
func TestWhoCannotActIsNotToldOfItsPlace(t *testing.T) {
	give, wait := verdict{license: "1", state: give}, verdict{license: "1", state: wait, place: 3}
	rows := map[string]struct {
		now, acted []verdict
		able, want bool
	}{
		"a seat":                        {now: []verdict{give}, acted: []verdict{wait}, able: true, want: true},
		"a seat, stalled":               {now: []verdict{give}, acted: []verdict{wait}},
		"no seat, stalled":              {now: []verdict{wait}, acted: []verdict{give}},
		"not to have it any more":       {acted: []verdict{give}, want: true},
		"taken":                         {now: []verdict{{license: "1", state: take}}, acted: []verdict{give}, want: true},
		"it was taken":                  {acted: []verdict{{license: "1", state: take}}, able: true},
		"it was forgotten":              {acted: []verdict{{license: "1", state: forget}}, able: true},
		"the same":                      {now: []verdict{wait}, acted: []verdict{wait}, able: true},
		"something new to be forgotten": {now: []verdict{{license: "1", state: forget}}, able: true, want: true},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			if got := differ(row.now, row.acted, row.able); got != row.want {
				t.Errorf("%v", got)
			}
		})
	}
}
