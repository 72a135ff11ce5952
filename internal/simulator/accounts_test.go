package simulator_test

import (
	"net/http"
	"reflect"
	"testing"

	"github.com/goto-operator/goto-operator/internal/simulator"
)

func TestMe(t *testing.T) {
	e := start(t)
	e.sim.UpdateUser(acct, simulator.DefaultAdminKey, func(u *simulator.User) {
		u.LicenseKeys = []string{simulator.DefaultWebinarLicenseKey, simulator.DefaultMeetingLicenseKey}
	})
	want := object{
		"key": simulator.DefaultAdminKey, "accountKey": acct, "email": simulator.DefaultAdminEmail,
		"firstName": "Olive", "lastName": "Ops", "locale": "en_US", "timeZone": "America/Los_Angeles",
		"adminRoles": []any{"SUPER_USER"}, "products": []any{"G2W", "G2M"},
		"accounts": []any{object{"key": acct, "name": simulator.DefaultAccountName, "adminRoles": []any{"SUPER_USER"}}},
	}
	got := decode[object](t, e.send(http.MethodGet, adminRoot+"/me?includeAdmins=true", nil))
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestMeWithSeveralAccounts(t *testing.T) {
	e := start(t)
	e.sim.AddUser(simulator.OtherAccountKey, simulator.User{
		Key: simulator.DefaultAdminKey, Email: simulator.DefaultAdminEmail, IdentityReadOnly: true,
	})
	got := decode[struct {
		AccountKey string
		Accounts   []struct{ Key string }
	}](t, e.send(http.MethodGet, adminRoot+"/me", nil))
	if got.AccountKey != acct || len(got.Accounts) != 2 || got.Accounts[1].Key != simulator.OtherAccountKey {
		t.Errorf("got %+v", got)
	}
}

func TestWhoMayCall(t *testing.T) {
	e := start(t)
	noScope := "Bearer " + e.swapPAT(simulator.NoAdminScopePersonalAccessToken)
	other := "Bearer " + e.swapPAT(simulator.OtherAccountPersonalAccessToken)
	e.wantRefusal(e.sendAs(noScope, http.MethodGet, adminRoot+"/me", nil), 401, "not.authenticated")
	e.wantRefusal(e.sendAs(noScope, http.MethodGet, usersPath, nil), 401, "not.authenticated")
	e.wantStatus(e.sendAs(other, http.MethodGet, adminRoot+"/me", nil), 200)
	e.wantStatus(e.sendAs(other, http.MethodGet, usersPath, nil), 403)
	e.wantStatus(e.send(http.MethodGet, adminRoot+"/accounts/7299999999999999999/users", nil), 403)
}

func TestRolesOfTheCaller(t *testing.T) {
	const (
		get    = http.MethodGet
		post   = http.MethodPost
		put    = http.MethodPut
		remove = http.MethodDelete
	)
	tests := []struct {
		roles                  []string
		list, add, edit, erase int
	}{
		{nil, 403, 403, 403, 403},
		{[]string{"RUN_REPORTS"}, 200, 403, 403, 403},
		{[]string{"ADD_USERS"}, 200, 200, 403, 403},
		{[]string{"MANAGE_SEATS"}, 200, 403, 403, 403},
		{[]string{"MANAGE_USERS"}, 200, 200, 200, 204},
		{[]string{"SUPER_USER"}, 200, 200, 200, 204},
	}
	for _, test := range tests {
		t.Run(asJSON(t, test.roles), func(t *testing.T) {
			e := start(t)
			fay := e.create("fay@example.test")[0]
			e.sim.UpdateUser(acct, simulator.DefaultAdminKey, func(u *simulator.User) { u.AdminRoles = test.roles })
			e.wantStatus(e.send(get, usersPath, nil), test.list)
			e.wantStatus(e.send(post, usersPath, object{"users": []object{person("new@example.test")}}), test.add)
			e.wantStatus(e.send(put, usersPath+"/"+fay, object{"firstName": "May"}), test.edit)
			e.wantStatus(e.send(remove, usersPath+"/"+fay, nil), test.erase)
		})
	}
	t.Run("seats by MANAGE_SEATS", func(t *testing.T) {
		e := start(t)
		fay := e.create("fay@example.test")[0]
		e.sim.UpdateUser(acct, simulator.DefaultAdminKey, func(u *simulator.User) { u.AdminRoles = []string{"MANAGE_SEATS"} })
		licence := object{"licenseKeys": []string{simulator.DefaultMeetingLicenseKey}}
		e.wantStatus(e.send(put, usersPath+"/"+fay, licence), 200)
		licence["firstName"] = "May"
		e.wantStatus(e.send(put, usersPath+"/"+fay, licence), 403)
	})
	t.Run("roles by SUPER_USER alone", func(t *testing.T) {
		e := start(t)
		fay := e.create("fay@example.test")[0]
		e.sim.UpdateUser(acct, simulator.DefaultAdminKey, func(u *simulator.User) { u.AdminRoles = []string{"MANAGE_USERS"} })
		e.wantStatus(e.send(put, usersPath+"/"+fay, object{"adminRoles": []string{"RUN_REPORTS"}}), 403)
	})
}

func TestAccounts(t *testing.T) {
	e := start(t)
	if got := e.send(http.MethodGet, adminRoot+"/accounts", nil).body; got != `[{"key":"`+acct+`","name":"Example Corp"}]` {
		t.Errorf("list: %s", got)
	}
	e.wantStatus(e.send(http.MethodPut, acctRoot, object{"name": "Sample Corp"}), 200)
	want := `{"key":"` + acct + `","name":"Sample Corp","hasAdminAccess":true}`
	if got := e.send(http.MethodGet, acctRoot, nil).body; got != want {
		t.Errorf("after the change: %s, want %s", got, want)
	}
	e.wantStatus(e.send(http.MethodPut, acctRoot, object{"name": ""}), 400)
	e.wantStatus(e.send(http.MethodPut, acctRoot, "nonsense"), 400)
}

func TestUnknownPaths(t *testing.T) {
	e := start(t)
	for _, path := range []string{"/", "/admin/rest/v2/me", acctRoot + "/nonsense", "/oauth/revoke"} {
		a := e.send(http.MethodPost, path, "{}")
		e.wantStatus(a, http.StatusNotFound)
		if decode[map[string]string](t, a)["errorCode"] != "NOT_FOUND" {
			t.Errorf("%s: got %s", path, a.body)
		}
	}
	if got := e.sim.Calls()[simulator.OpUnknown]; got != 3 {
		t.Errorf("%d unknown calls are counted, want 3", got)
	}
}

func TestGroupsAndLicenses(t *testing.T) {
	e := start(t)
	blue := e.sim.AddGroup(acct, simulator.Group{Name: "Blue"})
	azure := e.sim.AddGroup(acct, simulator.Group{Name: "Azure", ParentKey: blue})
	fay := e.sim.AddUser(acct, simulator.User{Email: "fay@example.test", GroupKey: azure,
		LicenseKeys: []string{simulator.DefaultMeetingLicenseKey}})

	groups := e.list(acctRoot + "/groups")
	want := []map[string]any{
		{"key": azure, "name": "Azure", "keyPath": []any{blue, azure}, "namePath": []any{"Blue", "Azure"},
			"userKeys": []any{fay}, "memberCount": 1.0, "totalMemberCount": 1.0},
		{"key": blue, "name": "Blue", "keyPath": []any{blue}, "namePath": []any{"Blue"}, "memberCount": 0.0, "totalMemberCount": 1.0},
	}
	if !reflect.DeepEqual(groups.Results, want) {
		t.Errorf("groups: got  %v\nwant %v", groups.Results, want)
	}
	if one := decode[map[string]any](t, e.send(http.MethodGet, acctRoot+"/groups/"+azure, nil)); !reflect.DeepEqual(one, want[0]) {
		t.Errorf("group: got  %v\nwant %v", one, want[0])
	}
	e.wantRefusal(e.send(http.MethodGet, acctRoot+"/groups/7499999999999999999", nil), 404, "group.not.found")
	if got := e.list(acctRoot + `/groups?filter=(name="Blue")`); len(got.Results) != 1 || got.Results[0]["key"] != blue {
		t.Errorf("filtered groups: %v", got)
	}

	licenses := e.list(acctRoot + "/licenses").Results
	if len(licenses) != 2 || licenses[0]["seats"] != 10000.0 || licenses[0]["userCount"] != 1.0 ||
		!reflect.DeepEqual(licenses[0]["userKeys"], []any{fay}) || !reflect.DeepEqual(licenses[1]["products"], []any{"G2W", "G2M"}) {
		t.Errorf("licences: %v", licenses)
	}
}
