package gotouser

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// fullUser asks for every field.
func fullUser() *v1alpha1.GoToUser {
	u := &v1alpha1.GoToUser{}
	u.Generation, u.Status.ObservedGeneration = 2, 2
	u.Spec = v1alpha1.GoToUserSpec{
		Email: "ada@example.test", FirstName: "Ada", LastName: "Lovelace", Locale: "en_GB", TimeZone: "Europe/London",
		AdminRoles: []v1alpha1.AdminRole{"MANAGE_USERS", "RUN_REPORTS"}, ManagedGroupKeys: []v1alpha1.Key{"12", "34"},
	}
	return u
}

// fullSeen is the user that fullUser asks for.
func fullSeen() *gotoclient.User {
	return &gotoclient.User{
		Key: "7100000000000000009", Email: "ada@example.test", FirstName: "Ada", LastName: "Lovelace", Locale: "en_GB",
		TimeZone: "Europe/London", AdminRoles: []string{"MANAGE_USERS", "RUN_REPORTS"}, ManagedGroupKeys: []gotoclient.Key{"12", "34"},
	}
}

func TestDiffOfEveryField(t *testing.T) {
	rows := map[string]struct {
		edit func(*v1alpha1.GoToUserSpec)
		want engine.Change
	}{
		"email": {
			func(s *v1alpha1.GoToUserSpec) { s.Email = "countess@example.test" },
			engine.Change{Field: "email", Current: "ada@example.test", Desired: "countess@example.test"},
		},
		"firstName": {
			func(s *v1alpha1.GoToUserSpec) { s.FirstName = "ada" }, // only an address is compared without case
			engine.Change{Field: "firstName", Current: "Ada", Desired: "ada"},
		},
		"lastName": {
			func(s *v1alpha1.GoToUserSpec) { s.LastName = "Byron" },
			engine.Change{Field: "lastName", Current: "Lovelace", Desired: "Byron"},
		},
		"locale": {
			func(s *v1alpha1.GoToUserSpec) { s.Locale = "de_DE" },
			engine.Change{Field: "locale", Current: "en_GB", Desired: "de_DE"},
		},
		"timeZone": {
			func(s *v1alpha1.GoToUserSpec) { s.TimeZone = "Europe/Berlin" },
			engine.Change{Field: "timeZone", Current: "Europe/London", Desired: "Europe/Berlin"},
		},
		"adminRoles": {
			func(s *v1alpha1.GoToUserSpec) { s.AdminRoles = []v1alpha1.AdminRole{"MANAGE_SEATS"} },
			engine.Change{Field: "adminRoles", Current: "MANAGE_USERS, RUN_REPORTS", Desired: "MANAGE_SEATS, MANAGE_USERS, RUN_REPORTS"},
		},
		"adminRoles exactly": {
			func(s *v1alpha1.GoToUserSpec) {
				s.AdminRoles, s.AdminRolesMatch = []v1alpha1.AdminRole{"RUN_REPORTS"}, v1alpha1.RolesExactly
			},
			engine.Change{Field: "adminRoles", Current: "MANAGE_USERS, RUN_REPORTS", Desired: "RUN_REPORTS"},
		},
		"no adminRoles": {
			func(s *v1alpha1.GoToUserSpec) { s.AdminRoles = []v1alpha1.AdminRole{} },
			engine.Change{Field: "adminRoles", Current: "MANAGE_USERS, RUN_REPORTS"},
		},
		"managedGroupKeys": {
			func(s *v1alpha1.GoToUserSpec) { s.ManagedGroupKeys = []v1alpha1.Key{"56"} },
			engine.Change{Field: "managedGroupKeys", Current: "12, 34", Desired: "56"},
		},
		"no managedGroupKeys": {
			func(s *v1alpha1.GoToUserSpec) { s.ManagedGroupKeys = []v1alpha1.Key{} },
			engine.Change{Field: "managedGroupKeys", Current: "12, 34"},
		},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			u := fullUser()
			row.edit(&u.Spec)
			if d := cmp.Diff([]engine.Change{row.want}, diff(u, &wants{}, fullSeen())); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestDiffFindsNone(t *testing.T) {
	rows := map[string]struct {
		spec func(*v1alpha1.GoToUserSpec)
		seen func(*gotoclient.User)
	}{
		"equal":                       {},
		"the address in another case": {seen: func(s *gotoclient.User) { s.Email = "ADA@Example.Test" }},
		"roles in another order":      {seen: func(s *gotoclient.User) { s.AdminRoles = []string{"RUN_REPORTS", "MANAGE_USERS"} }},
		"groups in another order":     {seen: func(s *gotoclient.User) { s.ManagedGroupKeys = []gotoclient.Key{"34", "12"} }},
		"optional fields left out of the spec": {spec: func(s *v1alpha1.GoToUserSpec) {
			s.Locale, s.TimeZone, s.AdminRoles, s.ManagedGroupKeys = "", "", nil, nil
		}},
		"no roles asked for and none shown": {
			spec: func(s *v1alpha1.GoToUserSpec) { s.AdminRoles = []v1alpha1.AdminRole{} },
			seen: func(s *gotoclient.User) { s.AdminRoles = nil },
		},
		"everything locked, nothing different": {seen: func(s *gotoclient.User) {
			s.IdentityReadOnly, s.EmailLocked, s.NameLocked = true, true, true
		}},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			u, seen := fullUser(), fullSeen()
			if row.spec != nil {
				row.spec(&u.Spec)
			}
			if row.seen != nil {
				row.seen(seen)
			}
			if got := diff(u, &wants{}, seen); len(got) != 0 {
				t.Errorf("found %+v", got)
			}
		})
	}
}

// The rights in an account are never locked: what is locked belongs to the person.
func TestDiffLocks(t *testing.T) {
	everything := gotoclient.User{Email: "x@example.test", FirstName: "X", LastName: "X", ManagedGroupKeys: []gotoclient.Key{"1"}}
	rows := map[string]struct {
		lock func(*gotoclient.User)
		want map[string]bool
	}{
		"none":             {func(*gotoclient.User) {}, map[string]bool{}},
		"identityReadOnly": {func(s *gotoclient.User) { s.IdentityReadOnly = true }, map[string]bool{"email": true, "firstName": true, "lastName": true, "locale": true}},
		"emailLocked":      {func(s *gotoclient.User) { s.EmailLocked = true }, map[string]bool{"email": true}},
		"nameLocked":       {func(s *gotoclient.User) { s.NameLocked = true }, map[string]bool{"firstName": true, "lastName": true}},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			seen := everything
			row.lock(&seen)
			changes := diff(fullUser(), &wants{}, &seen)
			if len(changes) != 7 {
				t.Errorf("found %d differences, want all 7: %+v", len(changes), changes)
			}
			locked := map[string]bool{}
			for _, c := range changes {
				if c.Locked {
					locked[c.Field] = true
				}
			}
			if d := cmp.Diff(row.want, locked); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestDiffOfManagedGroupsThatReadsMayLack(t *testing.T) {
	rows := map[string]struct {
		shown   []gotoclient.Key
		written []v1alpha1.Key
		spec    []v1alpha1.Key
		want    bool
	}{
		"shown as another one":              {[]gotoclient.Key{"99"}, []v1alpha1.Key{"12"}, []v1alpha1.Key{"12"}, true},
		"shown as none":                     {[]gotoclient.Key{}, []v1alpha1.Key{"12"}, []v1alpha1.Key{"12"}, true},
		"not shown, as written":             {nil, []v1alpha1.Key{"12", "34"}, []v1alpha1.Key{"34", "12"}, false},
		"not shown, none written":           {nil, []v1alpha1.Key{}, []v1alpha1.Key{}, false},
		"not shown, another one written":    {nil, []v1alpha1.Key{"12"}, []v1alpha1.Key{"34"}, true},
		"not shown, written and to be none": {nil, []v1alpha1.Key{"12"}, []v1alpha1.Key{}, true},
		"not shown, never written":          {nil, nil, []v1alpha1.Key{"12"}, true},
		"not shown, to be none":             {nil, nil, []v1alpha1.Key{}, true},
		"not managed":                       {nil, []v1alpha1.Key{"12"}, nil, false},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			u, seen := fullUser(), fullSeen()
			seen.ManagedGroupKeys, u.Status.ManagedGroupKeys, u.Spec.ManagedGroupKeys = row.shown, row.written, row.spec
			u.Status.ObservedGeneration = u.Generation // what was looked at was not written for that
			if got := len(diff(u, &wants{}, seen)) == 1; got != row.want {
				t.Errorf("difference: %t, want %t", got, row.want)
			}
		})
	}
}
