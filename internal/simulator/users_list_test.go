package simulator_test

import (
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goto-operator/goto-operator/internal/simulator"
)

func TestUserObject(t *testing.T) {
	e := start(t)
	group := e.sim.AddGroup(acct, simulator.Group{Name: "Blue"})
	a := e.send(http.MethodPost, usersPath, object{
		"users":       []object{{"email": "fay@example.test", "firstName": "Fay", "lastName": "Field", "locale": "de_DE", "timeZone": "Europe/Berlin"}},
		"licenseKeys": []string{simulator.DefaultMeetingLicenseKey}, "groupKey": group, "adminRoles": []string{"RUN_REPORTS"},
	})
	e.wantStatus(a, http.StatusOK)
	key := decode[[]struct{ Key string }](t, a)[0].Key
	want := object{
		"key": key, "email": "fay@example.test", "firstName": "Fay", "lastName": "Field", "locale": "de_DE",
		"timeZone": "Europe/Berlin", "licenseKeys": []any{simulator.DefaultMeetingLicenseKey}, "products": []any{"G2M"},
		"groupKey": group, "groupName": "Blue", "groupKeyPath": []any{group}, "groupNamePath": []any{"Blue"},
		"adminRoles": []any{"RUN_REPORTS"}, "settings": object{}, "passwordCreated": false,
		"invitedDate": float64(e.clock.Now().UnixMilli()), "nameLocked": false, "emailLocked": false, "identityReadOnly": false,
		"canAuthenticate": false, "status": "INVITED", "inviteCount": 1.0,
	}
	if got := decode[object](t, e.send(http.MethodGet, usersPath+"/"+key, nil)); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}

	founder := e.send(http.MethodGet, usersPath+"/"+simulator.DefaultAdminKey, nil).body
	for _, absent := range []string{"licenseKeys", "products", "group", "invitedDate"} {
		if strings.Contains(founder, absent) {
			t.Errorf("the founder shows %s: %s", absent, founder)
		}
	}
	if !strings.Contains(founder, `"inviteCount":1`) {
		t.Errorf("the founder has no inviteCount: %s", founder)
	}
}

func TestStatus(t *testing.T) {
	licence := []string{simulator.DefaultMeetingLicenseKey}
	role := []string{"RUN_REPORTS"}
	tests := []struct {
		user simulator.User
		want string
	}{
		{simulator.User{}, "SUSPENDED"},
		{simulator.User{PasswordCreated: true}, "SUSPENDED"},
		{simulator.User{LicenseKeys: licence}, "INVITED"},
		{simulator.User{AdminRoles: role}, "INVITED"},
		{simulator.User{LicenseKeys: licence, PasswordCreated: true}, "ACTIVE"},
		{simulator.User{AdminRoles: role, PasswordCreated: true}, "ACTIVE"},
		{simulator.User{LicenseKeys: licence, PasswordCreated: true, Inactive: true}, "INACTIVE"},
	}
	e := start(t)
	for i, test := range tests {
		test.user.Email = fmt.Sprintf("u%d@example.test", i)
		key := e.sim.AddUser(acct, test.user)
		shown := decode[object](t, e.send(http.MethodGet, usersPath+"/"+key, nil))
		if shown["status"] != test.want || e.user(key).Status != test.want {
			t.Errorf("%+v is shown as %v, want %s", test.user, shown["status"], test.want)
		}
		if shown["canAuthenticate"] != test.user.PasswordCreated {
			t.Errorf("%+v: canAuthenticate is %v", test.user, shown["canAuthenticate"])
		}
	}
}

func TestUnknownUser(t *testing.T) {
	e := start(t)
	e.wantRefusal(e.send(http.MethodGet, usersPath+"/7199999999999999999", nil), 404, "user.not.found")
	for _, bad := range []string{"abc", "1,2", "01", "-1", "9223372036854775808"} {
		a := e.send(http.MethodGet, usersPath+"/"+bad, nil)
		e.wantStatus(a, http.StatusBadGateway)
		if strings.HasPrefix(a.body, "{") {
			t.Errorf("the gateway's error is JSON: %s", a.body)
		}
	}
}

// addUsers adds n users without licence, beside the admin.
func addUsers(e *env, n int) {
	for i := range n {
		e.sim.AddUser(acct, simulator.User{Email: fmt.Sprintf("user%05d@example.test", i), FirstName: fmt.Sprintf("F%05d", n-i), LastName: "L"})
	}
}

func TestPages(t *testing.T) {
	e := start(t)
	addUsers(e, 249) // and the admin
	tests := []struct {
		query                  string
		results, from, toIndex int
	}{
		{"", 100, 0, 100},
		{"offset=200", 50, 200, 250},
		{"offset=0&pageSize=250", 250, 0, 250},
		{"offset=100&pageSize=7", 7, 100, 107},
		{"offset=250", 0, 250, 250},
		{"offset=1000", 0, 1000, 1000},
		{"pageSize=5000", 250, 0, 250},
	}
	for _, test := range tests {
		got := e.list(usersPath + "?" + test.query)
		if len(got.Results) != test.results || got.FromIndex != test.from || got.ToIndex != test.toIndex || got.Total != 250 {
			t.Errorf("%q: got %d results, %d to %d of %d; want %+v", test.query, len(got.Results), got.FromIndex, got.ToIndex, got.Total, test)
		}
	}
	for _, bad := range []string{"offset=-1", "offset=x", "pageSize=0", "pageSize=x"} {
		e.wantStatus(e.send(http.MethodGet, usersPath+"?"+bad, nil), http.StatusBadRequest)
	}
	seen := map[string]bool{}
	for offset := 0; offset < 250; offset += 30 {
		for _, email := range e.list(fmt.Sprintf("%s?pageSize=30&offset=%d", usersPath, offset)).emails() {
			seen[email] = true
		}
	}
	if len(seen) != 250 {
		t.Errorf("the pages show %d users, want 250", len(seen))
	}
}

func TestPageSizeIsCutAtTheMaximum(t *testing.T) {
	e := start(t)
	addUsers(e, 1100)
	if got := e.list(usersPath + "?pageSize=5000"); len(got.Results) != 1000 || got.Total != 1101 {
		t.Errorf("got %d of %d", len(got.Results), got.Total)
	}
}

func TestSelectionOfFields(t *testing.T) {
	e := start(t)
	for _, parameter := range []string{"attributes", "attributeNames"} {
		a := e.send(http.MethodGet, usersPath+"?"+parameter+"=key,email", nil)
		want := `{"results":[{"key":"` + simulator.DefaultAdminKey + `","email":"ops@example.test"}],"fromIndex":0,"toIndex":1,"total":1}`
		if a.body != want {
			t.Errorf("%s: got %s, want %s", parameter, a.body, want)
		}
	}
}

func TestOrder(t *testing.T) {
	e := start(t)
	for _, email := range []string{"c@example.test", "B@example.test", "a@example.test"} {
		e.sim.AddUser(acct, simulator.User{Email: email})
	}
	byKey := []string{"ops@example.test", "c@example.test", "B@example.test", "a@example.test"}
	byEmail := []string{"a@example.test", "B@example.test", "c@example.test", "ops@example.test"}
	down := slices.Clone(byEmail)
	slices.Reverse(down)
	for query, want := range map[string][]string{
		"": byEmail, "ascending=email": byEmail, "ascending=email=true": byEmail, "descending=email=true": down, "ascending=nonsense": byEmail,
		"ascending=key": byKey,
	} {
		if got := e.list(usersPath + "?" + query).emails(); !slices.Equal(got, want) {
			t.Errorf("%q: got %v, want %v", query, got, want)
		}
	}
}

// escape writes a filter as it has to be in a query: a space is %20.
func escape(filter string) string { return strings.ReplaceAll(url.QueryEscape(filter), "+", "%20") }

func TestFilters(t *testing.T) {
	e := start(t)
	licence := []string{simulator.DefaultMeetingLicenseKey}
	e.sim.AddUser(acct, simulator.User{Key: "7100000000000000010", Email: "Ann.Smith@example.test", FirstName: "Ann", LastName: "Smith", LicenseKeys: licence})
	e.sim.AddUser(acct, simulator.User{Email: "bob+x@example.test", FirstName: "Bob", LastName: "Blacksmith"})
	e.sim.AddUser(acct, simulator.User{Email: "carl@example.test", FirstName: `C"arl`, LastName: "O (Neil)"})
	ann, bob, carl := "Ann.Smith@example.test", "bob+x@example.test", "carl@example.test"
	tests := []struct {
		filter string
		want   []string
	}{
		{`(email="(?i).*smith.*") | (lastName="(?i).*smith.*")`, []string{ann, bob}},
		{`(email="carl@example.test")`, []string{carl}},
		{`(email="arl@example.test")`, nil},
		{`(email="Carl@example.test")`, nil},
		{`(key="7100000000000000010")`, []string{ann}},
		{`(firstName="Ann") | (firstName="Bob") & (lastName="Smith")`, []string{ann}},
		{`((firstName="Ann") | (firstName="Bob")) & (lastName="Blacksmith")`, []string{bob}},
		{`(email="bob\+x@example\.test")`, []string{bob}},
		{`(firstName="C\"arl")`, []string{carl}},
		{`(licenseKeys="` + simulator.DefaultMeetingLicenseKey + `")`, []string{ann}},
		{`email eq "ann.smith@EXAMPLE.test"`, []string{ann}},
		{`email eq "bob+x@example.test"`, []string{bob}},
		{`email eq "ann.smith"`, nil},
		{`email sw "ann" or lastName co "neil)"`, []string{ann, carl}},
		{`email co "example" and (firstName eq "Bob" or firstName eq "C\"arl")`, []string{bob, carl}},
		{`status eq "SUSPENDED"`, []string{bob, carl}},
	}
	for _, test := range tests {
		t.Run(test.filter, func(t *testing.T) {
			got := e.list(usersPath + "?filter=" + escape(test.filter))
			if !slices.Equal(got.emails(), test.want) || got.Total != len(test.want) {
				t.Errorf("got %v of %d, want %v", got.emails(), got.Total, test.want)
			}
		})
	}
	for _, bad := range []string{`(email="("`, `(email="(")`, `email eq`, `email eq ann`, `nonsense eq "x"`, `email is "x"`, `(email="x") y`, `"x"`} {
		if a := e.send(http.MethodGet, usersPath+"?filter="+escape(bad), nil); a.status != http.StatusBadRequest {
			t.Errorf("%s is answered with %d %s", bad, a.status, a.body)
		}
	}
}

func TestPlusIsNoSpaceInFilters(t *testing.T) {
	e := start(t)
	a := e.send(http.MethodGet, usersPath+`?filter=email+eq+%22ops@example.test%22`, nil)
	e.wantStatus(a, http.StatusBadRequest)
	if got := e.list(usersPath + `?filter=email%20eq%20%22ops@example.test%22`); len(got.Results) != 1 {
		t.Errorf("got %v", got)
	}
}

func TestVisibilityLag(t *testing.T) {
	e := start(t, with("visibilityLag", "2s"))
	key := e.create("fay@example.test")[0]
	e.clock.Add(2*time.Second - 1)
	if got := e.list(usersPath); got.Total != 1 {
		t.Errorf("a lagging user is listed: %v", got)
	}
	e.wantStatus(e.send(http.MethodGet, usersPath+"/"+key, nil), http.StatusNotFound)
	again := e.send(http.MethodPost, usersPath, object{"users": []object{person("fay@example.test")}})
	e.wantRefusal(again, http.StatusConflict, "user.name.conflict")
	e.clock.Add(1)
	if got := e.list(usersPath); got.Total != 2 {
		t.Errorf("the user stays invisible: %v", got)
	}
	e.wantStatus(e.send(http.MethodGet, usersPath+"/"+key, nil), http.StatusOK)
}
