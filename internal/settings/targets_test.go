package settings

import (
	"encoding/json"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

var ann = types.NamespacedName{Namespace: "team", Name: "ann"}

// sees changes what GoTo shows of ann.
func (w *world) sees(change func(*gotoclient.User)) {
	u := w.seen["ann@example.test"]
	change(&u)
	w.seen["ann@example.test"] = u
}

func holds(licenses ...gotoclient.Key) func(*gotoclient.User) {
	return func(u *gotoclient.User) { u.LicenseKeys = licenses }
}

func shows(settings string) func(*gotoclient.User) {
	return func(u *gotoclient.User) { u.Settings = json.RawMessage(`{"G2M":` + settings + `}`) }
}

// in puts ann into the last of groups, each of which is below the one before.
func in(path ...gotoclient.Key) func(*gotoclient.User) {
	return func(u *gotoclient.User) { u.GroupKeyPath, u.GroupKey = path, path[len(path)-1] }
}

// newSales is an account with the licences 7 and 8, the groups sales (1), with field (2) below it, and legal (9).
func newSales() *world {
	w := newWorld("ann")
	w.in.Seats = map[gotoclient.Key]account.Seats{"7": {}, "8": {}}
	group := func(name string, key v1alpha1.Key, parent string) *v1alpha1.GoToGroup {
		return &v1alpha1.GoToGroup{
			ObjectMeta: metav1.ObjectMeta{Namespace: "team", Name: name}, Status: v1alpha1.GoToGroupStatus{GroupKey: key},
			Spec: v1alpha1.GoToGroupSpec{ParentRef: v1alpha1.GroupReference{Name: parent}},
		}
	}
	w.in.Groups = []*v1alpha1.GoToGroup{group("sales", "1", ""), group("field", "2", "sales"), group("legal", "9", "")}
	return w
}

func targets(t v1alpha1.SettingsTarget) func(*v1alpha1.GoToSettingsProfile) {
	return func(p *v1alpha1.GoToSettingsProfile) { p.Spec.Targets = []v1alpha1.SettingsTarget{t} }
}

// A target by licence is of those who hold it, one by group of those who are in it, and below it where it says so, whether the GoToUser or
// GoTo says where that is.
func TestTargets(t *testing.T) {
	t.Parallel()
	license := v1alpha1.SettingsTarget{License: v1alpha1.LicenseSelector{Key: "8"}}
	group := v1alpha1.SettingsTarget{GroupRef: v1alpha1.GroupReference{Name: "sales"}}
	deep := group
	deep.Subgroups = v1alpha1.IncludeSubgroups
	spec := func(name string) func(*world) {
		return func(w *world) { w.users[0].Spec.GroupRef.Name = name }
	}
	goTo := func(change func(*gotoclient.User)) func(*world) { return func(w *world) { w.sees(change) } }
	for name, row := range map[string]struct {
		target v1alpha1.SettingsTarget
		is     func(*world)
		want   bool
	}{
		"holds the licence":                                  {license, goTo(holds("7", "8")), true},
		"holds another licence":                              {license, goTo(holds("7")), false},
		"in the group, by GoTo":                              {group, goTo(in("1")), true},
		"in the group, by its spec":                          {group, spec("sales"), true},
		"in another group":                                   {group, goTo(in("9")), false},
		"below the group":                                    {group, goTo(in("1", "2")), false},
		"below the group, by its spec":                       {group, spec("field"), false},
		"in the group, with those below":                     {deep, goTo(in("1")), true},
		"below the group, which is asked":                    {deep, goTo(in("1", "2")), true},
		"below the group, by its spec, which is asked":       {deep, spec("field"), true},
		"below the group, where no GoToGroup is":             {deep, goTo(in("1", "3")), true},
		"in another group, with those below":                 {deep, goTo(in("9")), false},
		"in another group, by its spec, and in this in GoTo": {deep, func(w *world) { w.sees(in("1")); spec("legal")(w) }, false},
	} {
		w := newSales()
		w.profile("a", 0, false, targets(row.target))
		row.is(w)
		p := w.plan()
		if is := len(p.users[ann].wanted.Settings) > 0; is != row.want {
			t.Errorf("%s: selected %t", name, is)
		}
		if said, _ := p.Profile(types.NamespacedName{Namespace: "team", Name: "a"}); said.Users.Selected != map[bool]int{true: 1}[row.want] {
			t.Errorf("%s: %+v", name, said.Users)
		}
	}
}

// What a user is to have, and what is said of it, follows what GoTo shows: a licence, a group, what the licence grants.
func TestWhatComes(t *testing.T) {
	t.Parallel()
	voip := func(p *v1alpha1.GoToSettingsProfile) {
		p.Spec.Settings = &v1alpha1.MeetingSettings{VoipEnabled: new(true)}
	}
	all := v1alpha1.SettingsTarget{Selector: &metav1.LabelSelector{}}
	for name, row := range map[string]struct {
		target        v1alpha1.SettingsTarget
		says          func(*v1alpha1.GoToSettingsProfile)
		before, comes func(*gotoclient.User)
		was, is       Users
		lacks         bool // and is written
	}{
		"a licence": {
			v1alpha1.SettingsTarget{License: v1alpha1.LicenseSelector{Key: "8"}}, asItIs, holds("7"), holds("7", "8"),
			Users{}, Users{Selected: 1, Pending: 1}, true,
		},
		"a licence goes": {
			v1alpha1.SettingsTarget{License: v1alpha1.LicenseSelector{Key: "8"}}, asItIs, holds("8"), holds("7"),
			Users{Selected: 1, Pending: 1}, Users{}, false,
		},
		"a group": {
			v1alpha1.SettingsTarget{GroupRef: v1alpha1.GroupReference{Name: "sales"}}, asItIs, in("9"), in("1"),
			Users{}, Users{Selected: 1, Pending: 1}, true,
		},
		"what the licence grants": {
			all, voip, shows(`{"voipAccessible":false,"voipEnabled":false}`), shows(`{"voipAccessible":true,"voipEnabled":false}`),
			Users{Selected: 1, NotEntitled: 1}, Users{Selected: 1, Pending: 1}, true,
		},
		"what the licence grants no more": {
			all, voip, shows(`{"voipAccessible":true,"voipEnabled":true}`), shows(`{"voipAccessible":false,"voipEnabled":false}`),
			Users{Selected: 1, Applied: 1}, Users{Selected: 1, NotEntitled: 1}, false,
		},
		"what is wanted": {
			all, asItIs, shows(`{"chatEnabled":true}`), shows(`{"chatEnabled":false}`),
			Users{Selected: 1, Pending: 1}, Users{Selected: 1, Applied: 1}, false,
		},
	} {
		w := newSales()
		w.profile("a", 0, false, func(p *v1alpha1.GoToSettingsProfile) { targets(row.target)(p); row.says(p) })
		w.sees(row.before)
		p := w.plan()
		expect := func(what string, want Users) {
			if said, _ := p.Profile(types.NamespacedName{Namespace: "team", Name: "a"}); said.Users != want {
				t.Errorf("%s, %s: %+v, want %+v", name, what, said.Users, want)
			}
		}
		expect("before", row.was)
		w.sees(row.comes)
		wanted := p.Take(w.users[0], w.in)
		expect("then", row.is)
		if lacks := len(Assess(wanted, RecordOf(w.seen["ann@example.test"])).Lacking) > 0; lacks != row.lacks {
			t.Errorf("%s: something is written: %t", name, lacks)
		}
	}
}

// A user whom the operator may not change and who lacks a setting is Refused, and one who has it Applied.
func TestUsersThatMayNotBeChanged(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*v1alpha1.GoToUser){
		"suspended": func(u *v1alpha1.GoToUser) { u.Spec.Suspend = true },
		"observed":  func(u *v1alpha1.GoToUser) { u.Spec.ManagementPolicy = v1alpha1.Observe },
	} {
		for chat, want := range map[bool]Users{false: {Selected: 1, Refused: 1}, true: {Selected: 1, Applied: 1}} {
			w := newWorld("ann")
			change(w.users[0])
			w.profile("a", 0, chat, asItIs)
			if said, _ := w.plan().Profile(types.NamespacedName{Namespace: "team", Name: "a"}); said.Users != want {
				t.Errorf("%s, chat to be %t: %+v, want %+v", name, chat, said.Users, want)
			}
		}
	}
}
