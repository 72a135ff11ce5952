package simulator_test

import (
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/goto-operator/goto-operator/internal/simulator"
)

// put changes users by key.
func (e *env) put(query string, patch any, keys ...string) answer {
	e.t.Helper()
	return e.send(http.MethodPut, usersPath+"/"+strings.Join(keys, ",")+query, patch)
}

func TestUpdateChangesWhatIsSentAndNothingElse(t *testing.T) {
	e := start(t)
	group := e.sim.AddGroup(acct, simulator.Group{Name: "Blue"})
	full := simulator.User{
		Email: "fay@example.test", FirstName: "Fay", LastName: "Field", Locale: "en_US", TimeZone: "Europe/Berlin",
		LicenseKeys: []string{simulator.DefaultMeetingLicenseKey}, AdminRoles: []string{"RUN_REPORTS"}, GroupKey: group,
		ManagedGroupKeys: []string{group},
	}
	tests := []struct {
		name   string
		patch  object
		change func(*simulator.User)
	}{
		{"nothing", object{}, func(*simulator.User) {}},
		{"e-mail", object{"email": "may@example.test"}, func(u *simulator.User) { u.Email = "may@example.test" }},
		{"case of the e-mail", object{"email": "FAY@example.test"}, func(u *simulator.User) { u.Email = "FAY@example.test" }},
		{"first name", object{"firstName": "May"}, func(u *simulator.User) { u.FirstName = "May" }},
		{"last name", object{"lastName": "Day"}, func(u *simulator.User) { u.LastName = "Day" }},
		{"locale", object{"locale": "de_DE"}, func(u *simulator.User) { u.Locale = "de_DE" }},
		{"time zone", object{"timeZone": "Asia/Tokyo"}, func(u *simulator.User) { u.TimeZone = "Asia/Tokyo" }},
		{"no licences", object{"licenseKeys": []string{}}, func(u *simulator.User) {
			u.LicenseKeys, u.Products = nil, nil
			u.Status = "INVITED" // the role keeps it from SUSPENDED
		}},
		{"other licence", object{"licenseKeys": []string{simulator.DefaultWebinarLicenseKey}}, func(u *simulator.User) {
			u.LicenseKeys, u.Products = []string{simulator.DefaultWebinarLicenseKey}, []string{"G2W", "G2M"}
		}},
		{"no roles", object{"adminRoles": []string{}}, func(u *simulator.User) { u.AdminRoles = nil }},
		{"roles", object{"adminRoles": []string{"MANAGE_SEATS"}}, func(u *simulator.User) { u.AdminRoles = []string{"MANAGE_SEATS"} }},
		{"no managed groups", object{"managedGroupKeys": []string{}}, func(u *simulator.User) { u.ManagedGroupKeys = nil }},
		{"null is absent", object{"locale": nil, "licenseKeys": nil}, func(*simulator.User) {}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := start(t)
			e.sim.AddGroup(acct, simulator.Group{Key: group, Name: "Blue"})
			key := e.sim.AddUser(acct, full)
			want := e.user(key)
			test.change(&want)
			a := e.put("", test.patch, key)
			e.wantStatus(a, http.StatusOK)
			if a.body != "" {
				t.Errorf("the answer has the body %q", a.body)
			}
			if got := e.user(key); asJSON(t, got) != asJSON(t, want) {
				t.Errorf("got  %s\nwant %s", asJSON(t, got), asJSON(t, want))
			}
		})
	}
}

func TestRenamedUserIsFoundByTheNewEmail(t *testing.T) {
	e := start(t)
	fay := e.create("fay@example.test")[0]
	e.wantStatus(e.put("", object{"email": "may@example.test"}, fay), http.StatusOK)
	if u, ok := e.sim.UserByEmail(acct, "MAY@example.test"); !ok || u.Key != fay {
		t.Errorf("got %+v", u)
	}
	if other := e.create("fay@example.test"); other[0] == fay {
		t.Error("the old e-mail gives the renamed user")
	}
	e.wantRefusal(e.put("", object{"email": "Fay@example.test"}, fay), http.StatusConflict, "user.name.conflict")
}

func TestUpdateOfSeveralUsers(t *testing.T) {
	const missing = "7199999999999999999"
	locales := func(e *env, keys []string) []string {
		var got []string
		for _, key := range keys {
			got = append(got, e.user(key).Locale)
		}
		return got
	}
	patch := object{"locale": "de_DE"}
	tests := []struct {
		name   string
		change func(*simulator.Options)
		query  string
		extra  []string
		status int
		want   []string
	}{
		{"all", with(), "", nil, 200, []string{"de_DE", "de_DE"}},
		{"all or nothing", with(), "", []string{missing}, 404, []string{"en_US", "en_US"}},
		{"what is possible", with(), "?allOrNothing=false", []string{missing}, 200, []string{"de_DE", "de_DE"}},
		{"what is possible, told", with("partialUpdate", "error"), "?allOrNothing=false", []string{missing}, 404, []string{"de_DE", "de_DE"}},
		{"refused", with("multiKeyPut", "refused"), "", nil, 502, []string{"en_US", "en_US"}},
		{"first only", with("multiKeyPut", "firstOnly"), "", nil, 200, []string{"de_DE", "en_US"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := start(t, test.change)
			keys := e.create("a@example.test", "b@example.test")
			e.wantStatus(e.put(test.query, patch, append(keys, test.extra...)...), test.status)
			if got := locales(e, keys); !reflect.DeepEqual(got, test.want) {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
	t.Run("one e-mail for two", func(t *testing.T) {
		e := start(t)
		keys := e.create("a@example.test", "b@example.test")
		e.wantStatus(e.put("", object{"email": "c@example.test"}, keys...), http.StatusConflict)
		if _, ok := e.sim.UserByEmail(acct, "c@example.test"); ok {
			t.Error("a part of the refused request was done")
		}
	})
	t.Run("one seat for two", func(t *testing.T) {
		e := start(t)
		e.sim.UpdateLicense(acct, simulator.DefaultWebinarLicenseKey, func(l *simulator.License) { l.Seats = 1 })
		keys := e.create("a@example.test", "b@example.test")
		webinar := object{"licenseKeys": []string{simulator.DefaultWebinarLicenseKey}}
		e.wantRefusal(e.put("", webinar, keys...), http.StatusConflict, "license.seats.exceeded")
		e.wantStatus(e.put("?allOrNothing=false", webinar, keys...), http.StatusOK)
		if a, b := e.user(keys[0]), e.user(keys[1]); len(a.LicenseKeys) != 1 || len(b.LicenseKeys) != 0 {
			t.Errorf("got %v and %v, want the seat to go to the first", a.LicenseKeys, b.LicenseKeys)
		}
	})
}

func TestRefusedUpdates(t *testing.T) {
	tests := []struct {
		name   string
		user   simulator.User
		patch  any
		status int
		code   string
	}{
		{"key in the body", simulator.User{}, object{"key": "1"}, 400, "user.key.not.allowed"},
		{"no JSON", simulator.User{}, "nonsense", 400, "request.invalid"},
		{"long name", simulator.User{}, object{"firstName": strings.Repeat("x", 33)}, 400, "user.name.invalid"},
		{"bad e-mail", simulator.User{}, object{"email": "x"}, 400, "user.email.invalid"},
		{"unknown role", simulator.User{}, object{"adminRoles": []string{"KING"}}, 400, "user.role.invalid"},
		{"unknown licence", simulator.User{}, object{"licenseKeys": []string{"7399999999999999999"}}, 400, "license.not.found"},
		{"unknown group", simulator.User{}, object{"groupKey": "7499999999999999999"}, 400, "group.not.found"},
		{"no group", simulator.User{}, object{"groupKey": ""}, 400, "request.invalid"},
		{"locked e-mail", simulator.User{EmailLocked: true}, object{"email": "x@example.test"}, 403, "user.identity.read.only"},
		{"locked name", simulator.User{NameLocked: true}, object{"lastName": "X"}, 403, "user.identity.read.only"},
		{"foreign e-mail", simulator.User{IdentityReadOnly: true}, object{"email": "x@example.test"}, 403, "user.identity.read.only"},
		{"foreign name", simulator.User{IdentityReadOnly: true}, object{"firstName": "X"}, 403, "user.identity.read.only"},
		{"foreign locale", simulator.User{IdentityReadOnly: true}, object{"locale": "de_DE"}, 403, "user.identity.read.only"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := start(t)
			test.user.Email, test.user.FirstName, test.user.LastName = "fay@example.test", "Fay", "Field"
			key := e.sim.AddUser(acct, test.user)
			before := e.user(key)
			e.wantRefusal(e.put("", test.patch, key), test.status, test.code)
			if got := e.user(key); !reflect.DeepEqual(got, before) {
				t.Errorf("the refused change was made: %+v", got)
			}
		})
	}
	t.Run("the present value is no change", func(t *testing.T) {
		e := start(t)
		key := e.sim.AddUser(acct, simulator.User{Email: "fay@example.test", FirstName: "Fay", IdentityReadOnly: true})
		e.wantStatus(e.put("", object{"email": "fay@example.test", "firstName": "Fay", "timeZone": "Asia/Tokyo"}, key), http.StatusOK)
	})
}

func TestDelete(t *testing.T) {
	e := start(t)
	keys := e.create("a@example.test", "b@example.test", "c@example.test")
	path := usersPath + "/"
	a := e.send(http.MethodDelete, path+keys[0], nil)
	e.wantStatus(a, http.StatusNoContent)
	e.wantRefusal(e.send(http.MethodDelete, path+keys[0], nil), http.StatusNotFound, "user.not.found")
	e.wantStatus(e.send(http.MethodDelete, path+"abc", nil), http.StatusBadGateway)
	e.wantStatus(e.send(http.MethodDelete, path+keys[1]+","+keys[0], nil), http.StatusNotFound)
	if _, ok := e.sim.User(acct, keys[1]); !ok {
		t.Error("a part of the refused request was done")
	}
	e.wantStatus(e.send(http.MethodDelete, path+keys[1]+","+keys[2], nil), http.StatusNoContent)
	if got := e.list(usersPath); got.Total != 1 {
		t.Errorf("left are %v", got.emails())
	}
}

func TestDeleteByTheSwitch(t *testing.T) {
	for position, left := range map[string]int{"refused": 3, "firstOnly": 2} {
		e := start(t, with("multiKeyDelete", position))
		keys := e.create("a@example.test", "b@example.test")
		e.send(http.MethodDelete, usersPath+"/"+strings.Join(keys, ","), nil)
		if got := len(e.sim.Users(acct)); got != left {
			t.Errorf("%s: %d users are left, want %d", position, got, left)
		}
	}
}

func TestDeletingOneself(t *testing.T) {
	self := usersPath + "/" + simulator.DefaultAdminKey
	for _, name := range []string{"selfDelete", "lastSuperUserDelete"} {
		e := start(t, with(name, "refused"))
		e.wantStatus(e.send(http.MethodDelete, self, nil), http.StatusForbidden)
		e.sim.AddUser(acct, simulator.User{Email: "second@example.test", AdminRoles: []string{"SUPER_USER"}})
		want := map[string]int{"selfDelete": http.StatusForbidden, "lastSuperUserDelete": http.StatusNoContent}[name]
		e.wantStatus(e.send(http.MethodDelete, self, nil), want)
	}
	e := start(t)
	e.wantStatus(e.send(http.MethodDelete, self, nil), http.StatusNoContent)
	e.wantStatus(e.send(http.MethodGet, adminRoot+"/me", nil), http.StatusUnauthorized)
}
