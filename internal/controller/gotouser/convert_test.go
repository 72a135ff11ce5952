package gotouser

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/entitlement"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

func TestToCreate(t *testing.T) {
	full := account.CreateUser{
		User: gotoclient.NewUser{
			Email: "ada@example.test", FirstName: "Ada", LastName: "Lovelace", Locale: "en_GB", TimeZone: "Europe/London",
		},
		AdminRoles: []string{"MANAGE_USERS", "RUN_REPORTS"}, ManagedGroupKeys: []gotoclient.Key{"12", "34"},
	}
	rows := map[string]struct {
		spec func(*v1alpha1.GoToUserSpec)
		want func(*account.CreateUser)
	}{
		"every field": {func(*v1alpha1.GoToUserSpec) {}, func(*account.CreateUser) {}},
		"required fields only": {
			func(s *v1alpha1.GoToUserSpec) {
				*s = v1alpha1.GoToUserSpec{Email: s.Email, FirstName: s.FirstName, LastName: s.LastName}
			},
			func(c *account.CreateUser) {
				*c = account.CreateUser{User: gotoclient.NewUser{Email: c.User.Email, FirstName: c.User.FirstName, LastName: c.User.LastName}}
			},
		},
		// Users are created together only if this is equal, so no list and an empty one must not be told apart.
		"empty lists": {
			func(s *v1alpha1.GoToUserSpec) {
				s.AdminRoles, s.ManagedGroupKeys = []v1alpha1.AdminRole{}, []v1alpha1.Key{}
			},
			func(c *account.CreateUser) { c.AdminRoles, c.ManagedGroupKeys = nil, nil },
		},
		"GoTo's own mail": {
			func(s *v1alpha1.GoToUserSpec) {
				s.WelcomeEmail = &v1alpha1.WelcomeEmail{Policy: v1alpha1.SendWelcomeEmail}
			},
			func(*account.CreateUser) {},
		},
		"no mail": {
			func(s *v1alpha1.GoToUserSpec) {
				s.WelcomeEmail = &v1alpha1.WelcomeEmail{Policy: v1alpha1.SuppressWelcomeEmail}
			},
			func(c *account.CreateUser) { c.SuppressEmail = true },
		},
		"a mail of one's own": {
			func(s *v1alpha1.GoToUserSpec) {
				s.WelcomeEmail = &v1alpha1.WelcomeEmail{Policy: v1alpha1.SendWelcomeEmail, Subject: "Hello", Text: "Welcome."}
			},
			func(c *account.CreateUser) {
				c.EmailContent = &gotoclient.EmailContent{Subject: "Hello", Text: "Welcome."}
			},
		},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			u, want := fullUser(), full
			row.spec(&u.Spec)
			row.want(&want)
			if d := cmp.Diff(&want, toCreate(u, &wants{})); d != "" {
				t.Error(d)
			}
		})
	}
}

var given = entitlement.User{Give: map[gotoclient.Key][]string{"88": {"b"}, "77": {"a"}}}

func TestToPatchHoldsOnlyWhatDiffers(t *testing.T) {
	rows := map[string]struct {
		fields []string
		spec   func(*v1alpha1.GoToUserSpec)
		want   string
	}{
		"nothing":          {want: `{}`},
		"email":            {fields: []string{"email"}, want: `{"email":"ada@example.test"}`},
		"firstName":        {fields: []string{"firstName"}, want: `{"firstName":"Ada"}`},
		"lastName":         {fields: []string{"lastName"}, want: `{"lastName":"Lovelace"}`},
		"locale":           {fields: []string{"locale"}, want: `{"locale":"en_GB"}`},
		"timeZone":         {fields: []string{"timeZone"}, want: `{"timeZone":"Europe/London"}`},
		"adminRoles":       {fields: []string{"adminRoles"}, want: `{"adminRoles":["MANAGE_USERS","RUN_REPORTS"]}`},
		"managedGroupKeys": {fields: []string{"managedGroupKeys"}, want: `{"managedGroupKeys":["12","34"]}`},
		"group":            {fields: []string{"group"}, want: `{"groupKey":"12"}`},
		"licenses":         {fields: []string{"licenses"}, want: `{"licenseKeys":["77","88"]}`},
		"several":          {fields: []string{"email", "timeZone"}, want: `{"email":"ada@example.test","timeZone":"Europe/London"}`},
		// An empty list takes everything away; null or no field at all would leave it.
		"lists that became empty": {
			fields: []string{"adminRoles", "managedGroupKeys"}, want: `{"adminRoles":[],"managedGroupKeys":[]}`,
			spec: func(s *v1alpha1.GoToUserSpec) {
				s.AdminRoles, s.ManagedGroupKeys = []v1alpha1.AdminRole{}, []v1alpha1.Key{}
			},
		},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			u := fullUser()
			if row.spec != nil {
				row.spec(&u.Spec)
			}
			var changes []engine.Change
			for _, f := range row.fields {
				changes = append(changes, engine.Change{Field: f})
			}
			patch, leave := toPatch(u, &wants{group: "12", entitled: given}, fullSeen(), changes)
			if got := encode(t, patch); got != row.want || leave {
				t.Errorf("got %s, want %s", got, row.want)
			}
		})
	}
}

func TestReport(t *testing.T) {
	u := fullUser()
	u.Status.Origin = v1alpha1.Created
	u.Status.Products, u.Status.LicenseKeys = []string{"old"}, []v1alpha1.Key{"1"}
	seen := fullSeen()
	seen.Status, seen.Products, seen.LicenseKeys = gotoclient.UserActive, []string{"G2M"}, []gotoclient.Key{"7300000000000000001"}
	seen.GroupKey, seen.GroupName = "12", "Engines"
	report(u, seen)
	want := v1alpha1.GoToUserStatus{
		ManagedStatus: v1alpha1.ManagedStatus{ObservedGeneration: 2, Origin: v1alpha1.Created},
		UserKey:       "7100000000000000009", State: "ACTIVE", Products: []string{"G2M"}, LicenseKeys: []v1alpha1.Key{"7300000000000000001"},
		Group: v1alpha1.UserGroupStatus{Key: "12", Name: "Engines"}, ManagedGroupKeys: []v1alpha1.Key{"12", "34"},
	}
	if d := cmp.Diff(want, u.Status); d != "" {
		t.Error(d)
	}

	// What GoTo no longer says must not stay, but for what not every read carries.
	report(u, &gotoclient.User{Key: seen.Key})
	want.State, want.Products, want.LicenseKeys, want.Group = "", nil, nil, v1alpha1.UserGroupStatus{}
	if d := cmp.Diff(want, u.Status); d != "" {
		t.Error(d)
	}
}

var allRoles = []string{"SUPER_USER", "ADD_USERS", "MANAGE_USERS", "MANAGE_SEATS", "MANAGE_SETTINGS", "MANAGE_GROUPS", "RUN_REPORTS", "MANAGE_ACCOUNT"}

// pick chooses by the bits of mask: bits of words, or nil where the highest bit of the mask is set.
func pick[T ~string](mask uint16, words []string) []T {
	if mask>>15 == 1 {
		return nil
	}
	out := []T{}
	for i, w := range words {
		if mask>>i&1 == 1 {
			out = append(out, T(w))
		}
	}
	return out
}

// FuzzConverge proves that neither a create nor a correction is followed by another one.
func FuzzConverge(f *testing.F) {
	f.Add("ada@example.test", "Ada", "Lovelace", "en_GB", "Europe/London", uint16(5), uint16(3), "ADA@example.test", "", uint16(6), uint16(1), false)
	f.Add("a@b.test", "A", "B", "", "", uint16(1<<15), uint16(1<<15), "c@b.test", "C", uint16(255), uint16(1<<15), true)
	f.Add("a@b.test", "A", "B", "de_DE", "", uint16(0), uint16(0), "a@b.test", "A", uint16(1), uint16(1<<15), true)
	f.Fuzz(func(t *testing.T, email, first, last, locale, zone string, roles, groups uint16, seenEmail, seenName string, seenRoles, seenGroups uint16, locked bool) {
		for _, s := range []string{email, first, last, locale, zone, seenEmail, seenName} {
			if !utf8.ValidString(s) {
				t.Skip("neither Kubernetes nor JSON carries it")
			}
		}
		u := &v1alpha1.GoToUser{}
		u.Generation = 1
		u.Spec = v1alpha1.GoToUserSpec{
			Email: email, FirstName: first, LastName: last, Locale: locale, TimeZone: zone,
			AdminRoles: pick[v1alpha1.AdminRole](roles, allRoles), ManagedGroupKeys: pick[v1alpha1.Key](groups, []string{"1", "20", "3"}),
		}
		create := toCreate(u, &wants{})
		var made gotoclient.User
		decode(t, encode(t, create.User), &made)
		made.AdminRoles, made.ManagedGroupKeys = create.AdminRoles, append([]gotoclient.Key{}, create.ManagedGroupKeys...) // as of whom we made
		if changes := diff(u, &wants{}, &made); len(changes) > 0 {
			t.Errorf("a user made as asked for differs: %+v", changes)
		}

		seen := &gotoclient.User{
			Email: seenEmail, FirstName: seenName, LastName: seenName, Locale: seenName, TimeZone: seenName,
			AdminRoles: pick[string](seenRoles, allRoles), ManagedGroupKeys: pick[gotoclient.Key](seenGroups, []string{"3", "20", "4"}),
			IdentityReadOnly: locked,
		}
		patch, _ := toPatch(u, &wants{}, seen, diff(u, &wants{}, seen))
		decode(t, encode(t, patch), seen)
		if changes := diff(u, &wants{}, seen); len(changes) > 0 {
			t.Errorf("a corrected user differs: %+v", changes)
		}
	})
}

func encode(t *testing.T, v any) string {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// decode writes the fields that the JSON holds over those of the user, as the service does with a patch.
func decode(t *testing.T, data string, into *gotoclient.User) {
	t.Helper()
	if err := json.Unmarshal([]byte(data), into); err != nil {
		t.Fatal(err)
	}
}
