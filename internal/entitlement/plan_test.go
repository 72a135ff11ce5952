package entitlement

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// scene is an account with one licence "1" of so many seats, its users and its bindings.
type scene struct {
	seats    int
	users    []v1alpha1.GoToUser
	bindings []*v1alpha1.GoToLicenseBinding
	groups   []*v1alpha1.GoToGroup
	remote   map[string]gotoclient.User // by name of the object, which is its address
	left     map[types.NamespacedName]bool
	unlisted bool // the licence
}

var start = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

func (s *scene) user(name string, change ...func(*v1alpha1.GoToUser)) {
	u := v1alpha1.GoToUser{}
	u.Namespace, u.Name, u.UID, u.Spec.Email = "team", name, types.UID(name), name
	u.CreationTimestamp = metav1.NewTime(start.Add(time.Duration(len(s.users)) * time.Second))
	for _, f := range change {
		f(&u)
	}
	s.users = append(s.users, u)
}

func (s *scene) binding(name string, change ...func(*v1alpha1.GoToLicenseBinding)) {
	b := &v1alpha1.GoToLicenseBinding{}
	b.Namespace, b.Name, b.UID = "team", name, types.UID(name)
	b.Finalizers = []string{v1alpha1.Finalizer}
	b.Spec.License.Key = "1"
	b.Spec.Subjects = []v1alpha1.LicenseSubject{{Selector: &metav1.LabelSelector{}}}
	for _, f := range change {
		f(b)
	}
	s.bindings = append(s.bindings, b)
}

func (s *scene) has(name string, licenses ...gotoclient.Key) {
	if s.remote == nil {
		s.remote = map[string]gotoclient.User{}
	}
	u := s.remote[name]
	u.LicenseKeys = licenses
	s.remote[name] = u
}

func (s *scene) plan() *Plan {
	used := 0
	for _, u := range s.remote {
		used += len(u.LicenseKeys)
	}
	return Make(s.input(used))
}

func (s *scene) input(used int) Input {
	byEmail := make(map[string]gotoclient.User, len(s.remote))
	for name, u := range s.remote {
		byEmail[strings.ToLower(name)] = u
	}
	in := Input{
		Bindings: s.bindings, Groups: s.groups, Left: s.left,
		Seats: map[gotoclient.Key]account.Seats{"1": {
			License: gotoclient.License{Key: "1", Seats: s.seats, Enabled: true, Products: []string{"G2M"}}, Used: used, Free: max(0, s.seats-used),
		}, "3": {License: gotoclient.License{Key: "3", Seats: 9, Enabled: true, Products: []string{"G2W"}}, Free: 9}},
		Remote: func(_ gotoclient.Key, email string) (gotoclient.User, bool) { r, ok := byEmail[email]; return r, ok },
	}
	if s.unlisted {
		delete(in.Seats, "1")
	}
	for i := range s.users {
		in.Users = append(in.Users, &s.users[i])
	}
	return in
}

func named(name string) types.NamespacedName {
	return types.NamespacedName{Namespace: "team", Name: name}
}

func given(bindings ...string) func(*v1alpha1.GoToUser) {
	return func(u *v1alpha1.GoToUser) {
		u.Status.GivenLicenses = []v1alpha1.GivenLicense{{Key: "1", Bindings: bindings}}
	}
}

func rank(n int32) func(*v1alpha1.GoToLicenseBinding) {
	return func(b *v1alpha1.GoToLicenseBinding) { b.Spec.Priority = &n }
}

func forUser(name string) func(*v1alpha1.GoToLicenseBinding) {
	return func(b *v1alpha1.GoToLicenseBinding) {
		b.Spec.Subjects = []v1alpha1.LicenseSubject{{UserRef: v1alpha1.UserReference{Name: name}}}
	}
}

func deleted(b *v1alpha1.GoToLicenseBinding) {
	now := metav1.NewTime(start)
	b.DeletionTimestamp = &now
}

func bindingOf(p *Plan, name string) Binding {
	b, _ := p.Binding(named(name))
	return b
}

// everything is all that a plan says.
func everything(p *Plan) map[string]any {
	out := map[string]any{"licenses": p.Licenses()}
	for name := range p.users {
		if u, ok := p.User(name); ok {
			out[name.String()] = u
		}
	}
	for name := range p.bindings {
		b, _ := p.Binding(name)
		if out["binding "+name.String()] = b; b.Err != nil {
			b.Err = nil
			out["binding "+name.String()] = []any{b, "blocked"}
		}
	}
	return out
}

// said is what the plan says of a user, in one word or two.
func said(p *Plan, name string) string {
	u, ok := p.User(named(name))
	switch {
	case !ok:
		return "nothing"
	case len(u.Waiting) > 0:
		return fmt.Sprint("place ", u.Waiting[0].Place)
	case len(u.Give) > 0:
		return "give"
	case len(u.Take) > 0:
		return "take"
	case len(u.Forget) > 0:
		return "forget"
	}
	return "leave"
}

func TestWhoGetsWhat(t *testing.T) {
	rows := map[string]struct {
		build func(*scene)
		want  map[string]string
	}{
		"no binding leaves a licence alone": {func(s *scene) {
			s.user("ada")
			s.has("ada", "1")
		}, map[string]string{"ada": "leave"}},
		"one that no binding gave stays though a binding is not for the user": {func(s *scene) {
			s.user("ada")
			s.has("ada", "1")
			s.binding("b", forUser("eve"))
		}, map[string]string{"ada": "leave"}},
		"what a binding gave and gives no longer is taken": {func(s *scene) {
			s.user("ada", given("b"))
			s.has("ada", "1")
			s.binding("b", forUser("eve"))
		}, map[string]string{"ada": "take"}},
		"another binding gives it too": {func(s *scene) {
			s.user("ada", given("b"))
			s.has("ada", "1")
			s.binding("b", forUser("eve"))
			s.binding("c", forUser("ada"))
		}, map[string]string{"ada": "give"}},
		"a binding that is deleted takes": {func(s *scene) {
			s.user("ada", given("b"))
			s.has("ada", "1")
			s.binding("b", deleted)
		}, map[string]string{"ada": "take"}},
		"one that orphans leaves": {func(s *scene) {
			s.user("ada", given("b"))
			s.has("ada", "1")
			s.binding("b", deleted, func(b *v1alpha1.GoToLicenseBinding) { b.Spec.DeletionPolicy = v1alpha1.DeletionPolicyOrphan })
		}, map[string]string{"ada": "leave"}},
		"one that is suspended leaves": {func(s *scene) {
			s.user("ada", given("b"))
			s.has("ada", "1")
			s.binding("b", deleted, func(b *v1alpha1.GoToLicenseBinding) { b.Spec.Suspend = true })
		}, map[string]string{"ada": "leave"}},
		"one that is gone left on purpose": {func(s *scene) {
			s.user("ada", given("b"))
			s.has("ada", "1")
		}, map[string]string{"ada": "leave"}},
		"a suspended binding keeps what it gave and gives nothing": {func(s *scene) {
			s.user("ada", given("b"))
			s.has("ada", "1")
			s.user("eve")
			s.binding("b", func(b *v1alpha1.GoToLicenseBinding) { b.Spec.Suspend = true })
		}, map[string]string{"ada": "give", "eve": "leave"}},
		"so does one whose licence is not found": {func(s *scene) {
			s.user("ada", given("b"))
			s.has("ada", "1")
			s.user("eve")
			s.binding("b", func(b *v1alpha1.GoToLicenseBinding) { b.Spec.License.Key = "2" })
		}, map[string]string{"ada": "give", "eve": "leave"}},
		"and one whose group is absent": {func(s *scene) {
			s.user("ada", given("b"))
			s.has("ada", "1")
			s.binding("b", func(b *v1alpha1.GoToLicenseBinding) {
				b.Spec.Subjects = []v1alpha1.LicenseSubject{{GroupRef: v1alpha1.GroupReference{Name: "gone"}}}
			})
		}, map[string]string{"ada": "give"}},
		"a binding without finalizer gives nothing yet": {func(s *scene) {
			s.user("ada")
			s.binding("b", begins)
		}, map[string]string{"ada": "leave"}},
		"a binding of another namespace is none": {func(s *scene) {
			s.user("ada")
			s.binding("b", func(b *v1alpha1.GoToLicenseBinding) { b.Namespace = "other" })
		}, map[string]string{"ada": "leave"}},
		"age decides": {func(s *scene) {
			s.seats = 1
			s.user("zoe")
			s.user("ada")
			s.binding("b")
		}, map[string]string{"zoe": "give", "ada": "place 1"}},
		"priority before age": {func(s *scene) {
			s.seats = 1
			s.user("old")
			s.user("young")
			s.binding("low")
			s.binding("high", rank(5), forUser("young"))
		}, map[string]string{"young": "give", "old": "place 1"}},
		"nobody loses a seat": {func(s *scene) {
			s.seats = 1
			s.user("old")
			s.has("old", "1")
			s.user("young")
			s.binding("low")
			s.binding("high", rank(5), forUser("young"))
		}, map[string]string{"old": "give", "young": "place 1"}},
		"a user that is deleted is not waited for": {func(s *scene) {
			s.seats = 1
			s.user("old", func(u *v1alpha1.GoToUser) { u.DeletionTimestamp = &u.CreationTimestamp })
			s.user("young")
			s.binding("b")
		}, map[string]string{"old": "nothing", "young": "give"}},
		"a suspended user takes no place": {func(s *scene) {
			s.seats = 1
			s.user("old", func(u *v1alpha1.GoToUser) { u.Spec.Suspend = true })
			s.user("young")
			s.binding("b")
		}, map[string]string{"young": "give"}},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			s := &scene{seats: 10}
			row.build(s)
			p := s.plan()
			for user, want := range row.want {
				if got := said(p, user); got != want {
					t.Errorf("%s: %s, want %s", user, got, want)
				}
			}
		})
	}
}

func TestGroupSubjects(t *testing.T) {
	s := &scene{seats: 10}
	group := func(name, key, parent string) {
		g := &v1alpha1.GoToGroup{}
		g.Namespace, g.Name, g.Status.GroupKey, g.Spec.ParentRef.Name = "team", name, v1alpha1.Key(key), parent
		s.groups = append(s.groups, g)
	}
	group("sales", "10", "")
	group("emea", "11", "sales")
	in := func(name string) func(*v1alpha1.GoToUser) {
		return func(u *v1alpha1.GoToUser) { u.Spec.GroupRef.Name = name }
	}
	s.user("wanted", in("sales"))
	s.user("below", in("emea"))
	s.user("leaving", in("other"))
	s.user("seen")
	s.user("seenBelow")
	s.user("byKey", func(u *v1alpha1.GoToUser) { u.Spec.GroupKey = "10" })
	s.remote = map[string]gotoclient.User{
		"leaving": {GroupKey: "10"}, "seen": {GroupKey: "10", GroupKeyPath: []gotoclient.Key{"10"}},
		"seenBelow": {GroupKey: "11", GroupKeyPath: []gotoclient.Key{"10", "11"}},
	}
	for policy, want := range map[v1alpha1.SubgroupPolicy][]string{
		"": {"byKey", "seen", "wanted"}, v1alpha1.ExcludeSubgroups: {"byKey", "seen", "wanted"},
		v1alpha1.IncludeSubgroups: {"below", "byKey", "seen", "seenBelow", "wanted"},
	} {
		s.bindings = nil
		s.binding("b", func(b *v1alpha1.GoToLicenseBinding) {
			b.Spec.Subjects = []v1alpha1.LicenseSubject{{GroupRef: v1alpha1.GroupReference{Name: "sales"}, Subgroups: policy}}
		})
		var got []string
		p := s.plan()
		for _, u := range s.users {
			if said(p, u.Name) == "give" {
				got = append(got, u.Name)
			}
		}
		slices.Sort(got)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("subgroups %q: %s", policy, d)
		}
	}
}

func TestCounts(t *testing.T) {
	s := &scene{seats: 2}
	s.user("has", given("b"))
	s.has("has", "1")
	s.user("next")
	s.user("waits")
	s.user("suspended", func(u *v1alpha1.GoToUser) { u.Spec.Suspend = true })
	s.binding("b")
	p := s.plan()
	want := Binding{License: "1", Selected: 4, Assigned: 1, Working: 1, Waiting: 1, Failed: 1, Holding: 1, Claimed: true}
	if d := cmp.Diff(want, bindingOf(p, "b")); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(map[gotoclient.Key]License{"1": {Waiting: 1, Given: 1}}, p.Licenses()); d != "" {
		t.Error(d)
	}
}

// The order of a queue does not depend on the order in which the cache lists the users.
func TestTheOrderIsStable(t *testing.T) {
	s := &scene{seats: 3}
	for i := range 40 {
		s.user(fmt.Sprintf("user-%02d", i), func(u *v1alpha1.GoToUser) {
			u.CreationTimestamp = metav1.NewTime(start.Add(time.Duration(i/10) * time.Second))
		})
	}
	s.binding("b")
	first := everything(s.plan())
	slices.Reverse(s.users)
	second := everything(s.plan())
	if d := cmp.Diff(first, second); d != "" {
		t.Error(d)
	}
}

func TestPlacesAreRounded(t *testing.T) {
	for place, want := range map[int]int{1: 1, 100: 100, 101: 200, 200: 200, 999: 1000, 1001: 2000, 10_000: 10_000} {
		if got := rounded(place); got != want {
			t.Errorf("%d: %d, want %d", place, got, want)
		}
	}
}
