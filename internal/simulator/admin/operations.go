// Package admin is the Administration API: accounts, users, groups, licences and seats below /admin/rest/v1. It knows neither the
// GoToMeeting API nor the OAuth server.
package admin

import (
	"github.com/goto-operator/goto-operator/internal/simulator/call"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
)

const (
	adminPath   = "/admin/rest/v1"
	accountPath = adminPath + "/accounts/{account}"
)

// Operations returns the endpoint table of this API.
func Operations() []call.Operation {
	return call.AdminAPI.Of(authorize, userOperations(), groupOperations(), licenseOperations(),
		definitionOperations(), valueOperations(), settingsOperations(), reportOperations())
}

// userOperations is the part of the endpoint table about accounts and users.
func userOperations() []call.Operation {
	creators := []string{state.RoleSuperUser, state.RoleAddUsers, state.RoleManageUsers}
	editors := []string{state.RoleSuperUser, state.RoleManageUsers, state.RoleManageSeats}
	return []call.Operation{
		{ID: call.OpGetMe, Pattern: "GET " + adminPath + "/me", Handle: getMe},
		{ID: call.OpListAccounts, Pattern: "GET " + adminPath + "/accounts", List: true, Handle: listAccounts},
		{ID: call.OpGetAccount, Pattern: "GET " + accountPath, Handle: getAccount},
		{ID: call.OpUpdateAccount, Pattern: "PUT " + accountPath, Roles: []string{state.RoleSuperUser}, Handle: updateAccount},
		movable(call.Operation{ID: call.OpGetProducts, Pattern: "GET " + accountPath + "/products", Roles: state.AllRoles(), Handle: getProducts}),
		movable(call.Operation{ID: call.OpUploadLogo, Pattern: "PUT " + accountPath + "/logo", Also: []string{"POST " + accountPath + "/logo"},
			Roles: []string{state.RoleSuperUser}, Handle: uploadLogo}),
		{ID: call.OpListUsers, Pattern: "GET " + accountPath + "/users", Roles: state.AllRoles(), List: true, Handle: listUsers},
		{ID: call.OpCreateUsers, Pattern: "POST " + accountPath + "/users", Roles: creators, Handle: createUsers},
		{ID: call.OpGetUser, Pattern: "GET " + accountPath + "/users/{keys}", Roles: state.AllRoles(), Handle: getUser},
		{ID: call.OpUpdateUsers, Pattern: "PUT " + accountPath + "/users/{keys}", Roles: editors, Handle: updateUsers},
		{ID: call.OpDeleteUsers, Pattern: "DELETE " + accountPath + "/users/{keys}",
			Roles: []string{state.RoleSuperUser, state.RoleManageUsers}, Handle: deleteUsers},
	}
}

// groupOperations is the part of the endpoint table about groups. Which roles may move users is not known (U): those that may
// change the group or the user.
func groupOperations() []call.Operation {
	const group = accountPath + "/groups/{group}"
	editors := []string{state.RoleSuperUser, state.RoleManageGroups}
	movers := []string{state.RoleSuperUser, state.RoleManageGroups, state.RoleManageUsers}
	return []call.Operation{
		{ID: call.OpLeaveGroups, Pattern: "DELETE " + accountPath + "/users/{keys}/groups", Roles: movers, Handle: leaveGroups},
		{ID: call.OpListGroups, Pattern: "GET " + accountPath + "/groups", Roles: state.AllRoles(), List: true, Handle: listGroups},
		{ID: call.OpCreateGroup, Pattern: "POST " + accountPath + "/groups", Roles: editors, Handle: createGroup},
		{ID: call.OpGetGroup, Pattern: "GET " + group, Roles: state.AllRoles(), Handle: getGroup},
		{ID: call.OpUpdateGroup, Pattern: "PUT " + group, Roles: editors, Handle: updateGroup},
		{ID: call.OpDeleteGroup, Pattern: "DELETE " + group, Roles: editors, Handle: deleteGroup},
		movable(call.Operation{ID: call.OpListSubgroups, Pattern: "GET " + group + "/groups", Roles: state.AllRoles(), List: true, Handle: listSubgroups}),
		movable(call.Operation{ID: call.OpListGroupUsers, Pattern: "GET " + group + "/users", Roles: state.AllRoles(), List: true, Handle: listGroupUsers}),
		{ID: call.OpMoveUsers, Pattern: "PUT " + group + "/users/{keys}", Roles: movers, Handle: moveUsers},
	}
}

// licenseOperations is the part of the endpoint table about licences and seats. Which roles the calls for seats need is not known
// (U): those that may give licences to existing users.
func licenseOperations() []call.Operation {
	const seat = accountPath + "/licenses/{license}/users/{keys}"
	editors := []string{state.RoleSuperUser, state.RoleManageUsers, state.RoleManageSeats}
	return []call.Operation{
		{ID: call.OpListLicenses, Pattern: "GET " + accountPath + "/licenses", Roles: state.AllRoles(), List: true, Handle: listLicenses},
		movable(call.Operation{ID: call.OpGetLicense, Pattern: "GET " + accountPath + "/licenses/{license}", Roles: state.AllRoles(), Handle: getLicense}),
		{ID: call.OpAddSeat, Pattern: "PUT " + seat, Roles: editors, Handle: addSeat},
		{ID: call.OpRemoveSeat, Pattern: "DELETE " + seat, Roles: editors, Handle: removeSeat},
	}
}
