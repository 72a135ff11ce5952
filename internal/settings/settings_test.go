package settings

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

func setting(product, name string, value any) Setting {
	return Setting{Product: product, Name: name, Value: ValueOf(value), Profile: "team/p"}
}

func TestValuesAreComparedAsSets(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		a, b any
		same bool
	}{
		{[]string{"US", "DE"}, []any{"DE", "US", "DE"}, true}, {[]string{"US"}, []string{"DE"}, false},
		{true, true, true}, {true, "true", false}, {1.0, 1, true}, {"<a&b>", "<a&b>", true}, {[]any{1.0, "x"}, []any{1.0, "x"}, true},
	} {
		if same := ValueOf(row.a) == ValueOf(row.b); same != row.same {
			t.Errorf("%v and %v: the same %t", row.a, row.b, same)
		}
	}
}

// What a user lacks is written unless GoTo shows that it cannot have it.
func TestAssess(t *testing.T) {
	t.Parallel()
	chat, toll := setting("G2M", "chatEnabled", false), setting("G2M", "tollCountries", []string{"US", "DE"})
	voip, webinar := setting("G2M", "voipEnabled", true), setting("G2W", "chatEnabled", false)
	for name, row := range map[string]struct {
		record   string
		products []string
		want     []Setting
		lacking  []string
		refused  map[string]string
		unknown  bool
	}{
		"nothing is known":       {record: ``, want: []Setting{chat}, unknown: true},
		"nothing is wanted":      {record: ``},
		"it has all":             {record: `{"G2M":{"chatEnabled":false,"tollCountries":["DE","US"]}}`, want: []Setting{chat, toll}},
		"another value":          {record: `{"G2M":{"chatEnabled":true}}`, want: []Setting{chat}, lacking: []string{"settings.G2M.chatEnabled"}},
		"not shown":              {record: `{"G2M":{}}`, want: []Setting{chat}, lacking: []string{"settings.G2M.chatEnabled"}},
		"granted":                {record: `{"G2M":{"voipAccessible":true,"voipEnabled":false}}`, want: []Setting{voip}, lacking: []string{"settings.G2M.voipEnabled"}},
		"not granted":            {record: `{"G2M":{"voipAccessible":false,"voipEnabled":false}}`, want: []Setting{voip}, refused: map[string]string{"voipEnabled": v1alpha1.ReasonSettingNotEntitled}},
		"not granted, and there": {record: `{"G2M":{"voipAccessible":false,"voipEnabled":true}}`, want: []Setting{voip}},
		"a country not allowed": {
			record: `{"G2M":{"allowedTollCountries":["US"],"tollCountries":["US"]}}`, want: []Setting{toll}, refused: map[string]string{"tollCountries": v1alpha1.ReasonCountryNotAllowed},
		},
		"countries allowed":          {record: `{"G2M":{"allowedTollCountries":["US","DE"],"tollCountries":["US"]}}`, want: []Setting{toll}, lacking: []string{"settings.G2M.tollCountries"}},
		"none of the product":        {record: `{"G2W":null}`, want: []Setting{webinar}, refused: map[string]string{"chatEnabled": v1alpha1.ReasonSettingNotEntitled}},
		"the product, but not shown": {record: `{"G2W":null}`, products: []string{"G2W"}, want: []Setting{webinar}, lacking: []string{"settings.G2W.chatEnabled"}},
	} {
		a := Assess(&Wanted{Settings: row.want}, RecordOf(gotoclient.User{Settings: json.RawMessage(row.record), Products: row.products}))
		var lacking []string
		for _, l := range a.Lacking {
			lacking = append(lacking, l.Field())
		}
		var refused map[string]string
		for _, r := range a.Refused {
			refused = map[string]string{r.Name: r.Reason}
		}
		if !slices.Equal(lacking, row.lacking) || cmp.Diff(refused, row.refused) != "" || a.Unknown != row.unknown {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

func TestValuesOfASpec(t *testing.T) {
	t.Parallel()
	named := &v1alpha1.MeetingSettings{ChatEnabled: new(false), TollCountries: []v1alpha1.CountryCode{"US", "DE"}}
	for text, row := range map[string]struct {
		additional map[string]string
		want       map[string]Value
		bad        bool
	}{
		"named":       {want: map[string]Value{"chatEnabled": "false", "tollCountries": `["DE","US"]`}},
		"more":        {additional: map[string]string{"x": `1.5`, "y": `["b","a"]`}, want: map[string]Value{"chatEnabled": "false", "tollCountries": `["DE","US"]`, "x": "1.5", "y": `["a","b"]`}},
		"twice":       {additional: map[string]string{"chatEnabled": `true`}, bad: true},
		"entitlement": {additional: map[string]string{"voipAccessible": `true`}, bad: true},
		"allowed":     {additional: map[string]string{"allowedTollCountries": `["US"]`}, bad: true},
		"an object":   {additional: map[string]string{"x": `{"y":1}`}, bad: true},
		"null":        {additional: map[string]string{"x": `null`}, bad: true},
		"numbers":     {additional: map[string]string{"x": `[1]`}, bad: true},
	} {
		spec := v1alpha1.GoToSettingsProfileSpec{Settings: named, Additional: map[string]v1alpha1.SettingValue{}}
		for name, value := range row.additional {
			spec.Additional[name] = v1alpha1.NewSettingValue(value)
		}
		got, err := Values(&spec)
		stalled := new(engine.StalledError)
		if row.bad != errors.As(err, &stalled) || (!row.bad && cmp.Diff(row.want, got) != "") {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
}

// world is a plan of some profiles and users, all of whom GoTo shows with chat on.
type world struct {
	in    Input
	users []*v1alpha1.GoToUser
	seen  map[string]gotoclient.User // by address
}

func newWorld(users ...string) *world {
	w := &world{seen: map[string]gotoclient.User{}}
	for _, name := range users {
		w.users = append(w.users, &v1alpha1.GoToUser{
			ObjectMeta: metav1.ObjectMeta{Namespace: "team", Name: name, Labels: map[string]string{"name": name}},
			Spec:       v1alpha1.GoToUserSpec{Email: name + "@example.test"},
		})
		w.seen[name+"@example.test"] = gotoclient.User{Key: gotoclient.Key(name), LicenseKeys: []gotoclient.Key{"7"}, Settings: json.RawMessage(`{"G2M":{"chatEnabled":true}}`)}
	}
	w.in.Remote = func(_ gotoclient.Key, email string) (gotoclient.User, bool) {
		u, known := w.seen[email]
		return u, known
	}
	return w
}

func (w *world) profile(name string, priority int32, chat bool, change func(*v1alpha1.GoToSettingsProfile)) {
	p := &v1alpha1.GoToSettingsProfile{ObjectMeta: metav1.ObjectMeta{
		Namespace: "team", Name: name, UID: types.UID(name), CreationTimestamp: metav1.NewTime(time.Unix(int64(len(w.in.Profiles)), 0)),
	}}
	p.Spec.Product, p.Spec.Priority, p.Spec.Settings = v1alpha1.ProductMeeting, &priority, &v1alpha1.MeetingSettings{ChatEnabled: &chat}
	p.Spec.Targets = []v1alpha1.SettingsTarget{{Selector: &metav1.LabelSelector{}}}
	change(p)
	w.in.Profiles = append(w.in.Profiles, p)
}

func (w *world) plan() *Plan {
	p := Make(w.in)
	for _, u := range w.users {
		p.Take(u, w.in)
	}
	return p
}

func asItIs(*v1alpha1.GoToSettingsProfile) {}

func TestWhoDecides(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		make func(*world)
		want string // who decides of ann's chat; "" for nobody
		lost string // whose status says that somebody else does
	}{
		"the only one":            {func(w *world) { w.profile("a", 0, false, asItIs) }, "team/a", ""},
		"the higher":              {func(w *world) { w.profile("a", 0, false, asItIs); w.profile("b", 1, true, asItIs) }, "team/b", "a"},
		"the older":               {func(w *world) { w.profile("b", 0, false, asItIs); w.profile("a", 0, true, asItIs) }, "team/b", "a"},
		"both say the same":       {func(w *world) { w.profile("a", 0, false, asItIs); w.profile("b", 1, false, asItIs) }, "team/b", ""},
		"who is being deleted":    {func(w *world) { w.profile("a", 0, false, deleted); w.profile("b", 0, true, asItIs) }, "team/b", ""},
		"who only observes":       {func(w *world) { w.profile("a", 1, false, observes); w.profile("b", 0, true, asItIs) }, "team/b", ""},
		"who is suspended":        {func(w *world) { w.profile("a", 1, false, suspended); w.profile("b", 0, true, asItIs) }, "", "b"},
		"who names no such group": {func(w *world) { w.profile("a", 1, false, group); w.profile("b", 0, true, asItIs) }, "", "b"},
		"who names no licence":    {func(w *world) { w.profile("a", 1, false, license); w.profile("b", 0, true, asItIs) }, "", "b"},
		"who names nothing, but elsewhere": {func(w *world) {
			w.profile("a", 1, false, func(p *v1alpha1.GoToSettingsProfile) { group(p); p.Namespace = "other" })
			w.profile("b", 0, true, asItIs)
		}, "team/b", ""},
		"who names nothing, and comes later": {func(w *world) { w.profile("a", 0, false, group); w.profile("b", 1, true, asItIs) }, "team/b", ""},
		"who is not valid":                   {func(w *world) { w.profile("a", 1, false, invalid); w.profile("b", 0, true, asItIs) }, "", "b"},
		"who is not valid, of the very setting": {func(w *world) {
			w.profile("a", 1, false, func(p *v1alpha1.GoToSettingsProfile) {
				p.Spec.Settings, p.Spec.Additional = nil, map[string]v1alpha1.SettingValue{"chatEnabled": v1alpha1.NewSettingValue("null")}
			})
			w.profile("b", 0, true, asItIs)
		}, "", "b"},
		"by licence":     {func(w *world) { w.profile("a", 1, false, license) }, "", ""},
		"by name":        {func(w *world) { w.profile("a", 1, false, byName("ann")) }, "team/a", ""},
		"another's name": {func(w *world) { w.profile("a", 1, false, byName("ben")) }, "", ""},
	} {
		w := newWorld("ann", "ben")
		row.make(w)
		p := w.plan()
		decides := ""
		for _, s := range p.users[types.NamespacedName{Namespace: "team", Name: "ann"}].wanted.Settings {
			decides = s.Profile
		}
		if decides != row.want {
			t.Errorf("%s: %q decides, want %q", name, decides, row.want)
		}
		for of := range p.profiles {
			said, _ := p.Profile(of)
			if lost := len(said.Conflicts) > 0; lost != (of.Name == row.lost) {
				t.Errorf("%s: conflicts of %s: %+v", name, of.Name, said.Conflicts)
			}
		}
	}
}

func deleted(p *v1alpha1.GoToSettingsProfile) {
	p.DeletionTimestamp = &metav1.Time{Time: time.Unix(1, 0)}
}
func observes(p *v1alpha1.GoToSettingsProfile)  { p.Spec.ManagementPolicy = v1alpha1.Observe }
func suspended(p *v1alpha1.GoToSettingsProfile) { p.Spec.Suspend = true }
func group(p *v1alpha1.GoToSettingsProfile) {
	p.Spec.Targets = []v1alpha1.SettingsTarget{{GroupRef: v1alpha1.GroupReference{Name: "sales"}}}
}
func invalid(p *v1alpha1.GoToSettingsProfile) {
	p.Spec.Additional = map[string]v1alpha1.SettingValue{"voipAccessible": v1alpha1.NewSettingValue("true")}
}
func license(p *v1alpha1.GoToSettingsProfile) {
	p.Spec.Targets = []v1alpha1.SettingsTarget{{License: v1alpha1.LicenseSelector{Key: "7"}}} // which the account does not list
}

func byName(name string) func(*v1alpha1.GoToSettingsProfile) {
	return func(p *v1alpha1.GoToSettingsProfile) {
		p.Spec.Targets = []v1alpha1.SettingsTarget{{UserRef: v1alpha1.UserReference{Name: name}}}
	}
}

// A plan that takes in what changes counts as one that is made of everything.
func TestCounts(t *testing.T) {
	t.Parallel()
	w := newWorld("ann", "ben", "cem", "dot")
	w.profile("a", 0, true, asItIs)
	w.profile("b", 1, false, byName("ben"))
	w.users[2].Spec.Suspend = true
	p := w.plan()
	check := func(want Users) {
		t.Helper()
		for _, plan := range []*Plan{p, w.plan()} {
			if said, _ := plan.Profile(types.NamespacedName{Namespace: "team", Name: "a"}); said.Users != want {
				t.Errorf("%+v, want %+v", said.Users, want)
			}
		}
	}
	check(Users{Selected: 4, Applied: 4, Overridden: 1})
	if said, _ := p.Profile(types.NamespacedName{Namespace: "team", Name: "b"}); said.Users != (Users{Selected: 1, Pending: 1}) {
		t.Errorf("b: %+v", said.Users)
	}
	p.Drop(types.NamespacedName{Namespace: "team", Name: "ben"})
	w.users = append(w.users[:1:1], w.users[2:]...)
	check(Users{Selected: 3, Applied: 3})
	w.users[0].Spec.Email = "nobody@example.test"
	p.Take(w.users[0], w.in)
	check(Users{Selected: 3, Applied: 2, Pending: 1})
}

// A level of the account has one who decides; one that puts back what it found decides until it is gone.
func TestWhoDecidesOfALevel(t *testing.T) {
	t.Parallel()
	newUsers := func(more ...func(*v1alpha1.GoToSettingsProfile)) func(*v1alpha1.GoToSettingsProfile) {
		return func(p *v1alpha1.GoToSettingsProfile) {
			p.Spec.Targets, p.Spec.NewUsers = nil, true
			for _, f := range more {
				f(p)
			}
		}
	}
	restores := func(p *v1alpha1.GoToSettingsProfile) { p.Spec.DeletionPolicy = v1alpha1.SettingsRestore }
	for name, row := range map[string]struct {
		a    func(*v1alpha1.GoToSettingsProfile)
		want string
	}{
		"the higher":               {newUsers(), "a"},
		"who leaves what is there": {newUsers(deleted), "b"},
		"who puts back":            {newUsers(deleted, restores), "a"},
		"who only observes":        {newUsers(observes), "b"},
	} {
		w := newWorld()
		w.profile("a", 1, false, row.a)
		w.profile("b", 0, true, newUsers())
		p := w.plan()
		said, _ := p.Profile(types.NamespacedName{Namespace: "team", Name: "b"})
		if decides := len(said.Decides[v1alpha1.LevelNewUsers]) > 0; decides != (row.want == "b") {
			t.Errorf("%s: b decides %t", name, decides)
		}
	}
}
