package simulator_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/goto-operator/goto-operator/internal/simulator"
)

const (
	groupsPath   = acctRoot + "/groups"
	unknownGroup = "7499999999999999999"
	unknownUser  = "7199999999999999999"
)

// createGroup adds a group by the API and returns its key.
func (e *env) createGroup(name, parent string) string {
	e.t.Helper()
	body := object{"name": name}
	if parent != "" {
		body["parentKey"] = parent
	}
	a := e.send(http.MethodPost, groupsPath, body)
	e.wantStatus(a, http.StatusOK)
	return strings.Trim(a.body, `"`)
}

// move puts users into a group.
func (e *env) move(group string, users ...string) answer {
	e.t.Helper()
	return e.send(http.MethodPut, groupsPath+"/"+group+"/users/"+strings.Join(users, ","), nil)
}

// group returns a group as the API shows it.
func (e *env) group(key string) string {
	e.t.Helper()
	a := e.send(http.MethodGet, groupsPath+"/"+key, nil)
	e.wantStatus(a, http.StatusOK)
	return a.body
}

func TestLifeOfAGroup(t *testing.T) {
	e := start(t)
	a := e.send(http.MethodPost, groupsPath, object{"name": "Blue"})
	e.wantStatus(a, http.StatusOK)
	var key json.Number
	if err := json.Unmarshal([]byte(a.body), &key); err != nil || a.body != key.String() {
		t.Fatalf("the answer is %s, want an unquoted number", a.body)
	}
	blue := key.String()
	want := `{"key":"` + blue + `","name":"Blue","keyPath":["` + blue + `"],"namePath":["Blue"],"memberCount":0,"totalMemberCount":0}`
	if got := e.group(blue); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	navy := e.createGroup("Navy", blue)
	fay := e.create("fay@example.test")[0]
	e.wantStatus(e.move(navy, fay), http.StatusNoContent)
	rename := e.send(http.MethodPut, groupsPath+"/"+blue, object{"name": "Zinc"})
	e.wantStatus(rename, http.StatusNoContent)
	want = `{"key":"` + navy + `","name":"Navy","keyPath":["` + blue + `","` + navy + `"],"namePath":["Zinc","Navy"],` +
		`"userKeys":["` + fay + `"],"memberCount":1,"totalMemberCount":1}`
	if got := e.group(navy); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := e.group(blue); !strings.Contains(got, `"memberCount":0,"totalMemberCount":1`) {
		t.Errorf("got %s", got)
	}
	var names []string
	for _, g := range e.list(groupsPath).Results {
		names = append(names, g["name"].(string))
	}
	if got := strings.Join(names, " "); got != "Navy Zinc" {
		t.Errorf("the list shows %s", got)
	}
	e.wantRefusal(e.send(http.MethodDelete, groupsPath+"/"+blue, nil), http.StatusConflict, "group.not.empty")
	e.wantStatus(e.send(http.MethodDelete, groupsPath+"/"+navy, nil), http.StatusNoContent)
	e.wantStatus(e.send(http.MethodDelete, groupsPath+"/"+blue, nil), http.StatusNoContent)
	e.wantRefusal(e.send(http.MethodGet, groupsPath+"/"+blue, nil), http.StatusNotFound, "group.not.found")
	shown := e.send(http.MethodGet, usersPath+"/"+fay, nil)
	if e.user(fay).GroupKey != "" || strings.Contains(shown.body, "group") {
		t.Errorf("after the deletion of the group: %s", shown.body)
	}
	if again := e.createGroup("Zinc", ""); again == blue {
		t.Error("a new group has the key of a deleted one")
	}
}

func TestRefusedGroups(t *testing.T) {
	e := start(t)
	blue := e.createGroup("Blue", "")
	navy := e.createGroup("Navy", blue)
	before := asJSON(t, e.sim.State())
	tests := []struct {
		name, method, path string
		body               any
		status             int
		code               string
	}{
		{"no name", "POST", "", object{}, 400, "group.name.required"},
		{"blank name", "POST", "", object{"name": " "}, 400, "group.name.required"},
		{"taken name", "POST", "", object{"name": "Blue"}, 409, "group.name.conflict"},
		{"name of a sub-group", "POST", "", object{"name": "Navy"}, 409, "group.name.conflict"},
		{"no JSON", "POST", "", "nonsense", 400, "request.invalid"},
		{"unknown parent", "POST", "", object{"name": "X", "parentKey": unknownGroup}, 400, "group.not.found"},
		{"third level", "POST", "", object{"name": "X", "parentKey": navy}, 400, "group.depth.exceeded"},
		{"rename to a taken name", "PUT", "/" + navy, object{"name": "Blue"}, 409, "group.name.conflict"},
		{"rename to nothing", "PUT", "/" + navy, object{}, 400, "group.name.required"},
		{"key in the body", "PUT", "/" + navy, object{"name": "X", "key": navy}, 400, "group.key.not.allowed"},
		{"rename without JSON", "PUT", "/" + navy, "nonsense", 400, "request.invalid"},
		{"rename of none", "PUT", "/" + unknownGroup, object{"name": "X"}, 404, "group.not.found"},
		{"deletion of none", "DELETE", "/" + unknownGroup, nil, 404, "group.not.found"},
		{"sub-groups", "DELETE", "/" + blue, nil, 409, "group.not.empty"},
		{"move to none", "PUT", "/" + unknownGroup + "/users/" + simulator.DefaultAdminKey, nil, 404, "group.not.found"},
		{"move of none", "PUT", "/" + blue + "/users/" + simulator.DefaultAdminKey + "," + unknownUser, nil, 404, "user.not.found"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e := &env{t: t, sim: e.sim, clock: e.clock, url: e.url, client: e.client, token: e.token}
			e.wantRefusal(e.send(test.method, groupsPath+test.path, test.body), test.status, test.code)
			if after := asJSON(t, e.sim.State()); after != before {
				t.Errorf("the state has changed from %s\nto %s", before, after)
			}
		})
	}
	e.wantStatus(e.send(http.MethodPut, groupsPath+"/"+blue, object{"name": "Blue"}), http.StatusNoContent)
	e.wantStatus(e.move(blue, "abc"), http.StatusBadGateway)
}

// A user is in one group at most, so that a move leaves the group before.
func TestMembership(t *testing.T) {
	e := start(t)
	blue, green := e.createGroup("Blue", ""), e.createGroup("Green", "")
	keys := e.create("a@example.test", "b@example.test")
	e.wantStatus(e.move(blue, keys...), http.StatusNoContent)
	e.wantStatus(e.move(green, keys[0]), http.StatusNoContent)
	if e.user(keys[0]).GroupKey != green || e.user(keys[1]).GroupKey != blue {
		t.Errorf("got %+v, %+v", e.user(keys[0]), e.user(keys[1]))
	}
	leave := func(key string) answer { return e.send(http.MethodDelete, usersPath+"/"+key+"/groups", nil) }
	e.wantStatus(leave(keys[0]), http.StatusNoContent)
	e.wantStatus(leave(keys[0]), http.StatusNoContent)
	if u := e.user(keys[0]); u.GroupKey != "" || e.user(keys[1]).GroupKey != blue {
		t.Errorf("after leaving: %+v", u)
	}
	e.wantRefusal(leave(unknownUser), http.StatusNotFound, "user.not.found")
	e.wantStatus(leave("abc"), http.StatusBadGateway)
}

func TestListsOfOneGroup(t *testing.T) {
	e := start(t)
	blue := e.createGroup("Blue", "")
	navy, sky := e.createGroup("Navy", blue), e.createGroup("Sky", blue)
	keys := e.create("a@example.test", "b@example.test", "c@example.test")
	e.move(blue, keys[:2]...)
	e.move(navy, keys[2])
	users, groups := groupsPath+"/"+blue+"/users", groupsPath+"/"+blue+"/groups"
	e.wantStatus(e.send(http.MethodGet, users, nil), http.StatusNotFound)
	e.wantStatus(e.send(http.MethodGet, groups, nil), http.StatusNotFound)
	e.sim.SetSwitches(func(s *simulator.Switches) { s.GroupLists = "available" })
	if got := strings.Join(e.list(users).emails(), " "); got != "a@example.test b@example.test" {
		t.Errorf("users: %s", got)
	}
	if p := e.list(users + "?pageSize=1"); len(p.Results) != 1 || p.Total != 2 {
		t.Errorf("a page of the users: %+v", p)
	}
	p := e.list(groups)
	if len(p.Results) != 2 || p.Results[0]["key"] != navy || p.Results[1]["key"] != sky {
		t.Errorf("groups: %+v", p)
	}
	e.wantRefusal(e.send(http.MethodGet, groupsPath+"/"+unknownGroup+"/users", nil), http.StatusNotFound, "group.not.found")
	e.wantRefusal(e.send(http.MethodGet, groupsPath+"/"+unknownGroup+"/groups", nil), http.StatusNotFound, "group.not.found")
}

// Deleting a group deep down, or one with all that is under it, leaves nothing that points to it.
func TestDeletionLeavesNoTrace(t *testing.T) {
	for _, position := range []string{"deleted", "promoted"} {
		t.Run(position, func(t *testing.T) {
			e := start(t, with("subgroupsOnDelete", position, "groupDepth", "any"))
			top := e.createGroup("Top", "")
			middle := e.createGroup("Middle", top)
			low := e.createGroup("Low", middle)
			lowest := e.createGroup("Lowest", low)
			keys := e.create("a@example.test", "b@example.test")
			e.move(middle, keys[0])
			e.move(lowest, keys[1])
			e.sim.UpdateUser(acct, keys[0], func(u *simulator.User) { u.ManagedGroupKeys = []string{top, middle} })
			e.wantStatus(e.send(http.MethodDelete, groupsPath+"/"+middle, nil), http.StatusNoContent)
			if u := e.user(keys[0]); u.GroupKey != "" || len(u.ManagedGroupKeys) != 1 {
				t.Errorf("the member: %+v", u)
			}
			left, home := 1, ""
			if position == "promoted" {
				left, home = 3, lowest
				if got := e.group(lowest); !strings.Contains(got, `"namePath":["Top","Low","Lowest"]`) {
					t.Errorf("got %s", got)
				}
			}
			if u := e.user(keys[1]); u.GroupKey != home || e.list(groupsPath).Total != left {
				t.Errorf("%+v, %+v", u, e.list(groupsPath))
			}
			if err := e.sim.Load(e.sim.State()); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestRolesForGroupsAndSeats(t *testing.T) {
	for role, want := range map[string][3]int{
		"MANAGE_GROUPS": {200, 204, 403}, "MANAGE_USERS": {403, 204, 204}, "MANAGE_SEATS": {403, 403, 204}, "RUN_REPORTS": {403, 403, 403},
	} {
		t.Run(role, func(t *testing.T) {
			e := start(t)
			blue := e.createGroup("Blue", "")
			e.sim.UpdateUser(acct, simulator.DefaultAdminKey, func(u *simulator.User) { u.AdminRoles = []string{role} })
			e.wantStatus(e.send(http.MethodPost, groupsPath, object{"name": "Green"}), want[0])
			e.wantStatus(e.move(blue, simulator.DefaultAdminKey), want[1])
			e.wantStatus(e.send(http.MethodDelete, seatPath(simulator.DefaultMeetingLicenseKey, simulator.DefaultAdminKey), nil), want[2])
		})
	}
}
