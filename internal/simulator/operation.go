package simulator

import (
	"net/http"
	"slices"
)

// Names of the operations, as docs/goto-api calls them (operationId).
const (
	OpToken          = "token"
	OpRevokeToken    = "revokeToken"
	OpGetMe          = "getMe"
	OpListAccounts   = "listAccounts"
	OpGetAccount     = "getAccount"
	OpUpdateAccount  = "updateAccount"
	OpListUsers      = "listUsers"
	OpCreateUsers    = "createUsers"
	OpGetUser        = "getUser"
	OpUpdateUsers    = "updateUsers"
	OpDeleteUsers    = "deleteUsers"
	OpLeaveGroups    = "leaveGroups"
	OpListGroups     = "listGroups"
	OpCreateGroup    = "createGroup"
	OpGetGroup       = "getGroup"
	OpUpdateGroup    = "updateGroup"
	OpDeleteGroup    = "deleteGroup"
	OpListSubgroups  = "listSubgroups"
	OpListGroupUsers = "listGroupUsers"
	OpMoveUsers      = "moveUsers"
	OpListLicenses   = "listLicenses"
	OpAddSeat        = "addSeat"
	OpRemoveSeat     = "removeSeat"

	// OpUnknown counts requests for paths that the service does not have.
	OpUnknown = "unknown"
)

// Administrator roles (D).
const (
	RoleSuperUser      = "SUPER_USER"
	RoleAddUsers       = "ADD_USERS"
	RoleManageUsers    = "MANAGE_USERS"
	RoleManageSeats    = "MANAGE_SEATS"
	RoleManageSettings = "MANAGE_SETTINGS"
	RoleManageGroups   = "MANAGE_GROUPS"
	RoleRunReports     = "RUN_REPORTS"
	RoleManageAccount  = "MANAGE_ACCOUNT"
)

var allRoles = []string{
	RoleSuperUser, RoleAddUsers, RoleManageUsers, RoleManageSeats, RoleManageSettings, RoleManageGroups, RoleRunReports,
	RoleManageAccount,
}

// family is one of the APIs.
type family int

const (
	// oauthServer asks for no access token and has no rate limit.
	oauthServer family = iota
	adminAPI
	meetingAPI
)

// operation is one method of the API: where it is, who may call it and what it does.
type operation struct {
	id      string
	pattern string // of http.ServeMux
	// api says to what the operation belongs: how the caller is authenticated, how a refusal looks.
	api family
	// roles are those of which the caller needs one; none needed if empty. Which roles reading needs is not known (U): any does.
	roles []string
	// own operations need no role of a caller who is the organizer that the path names.
	own bool
	// list operations know pages.
	list bool
	// handle runs with the lock held.
	handle func(*Simulator, *call) response
}

const (
	adminPath   = "/admin/rest/v1"
	accountPath = adminPath + "/accounts/{account}"
)

// operations is the endpoint table.
func operations() []operation {
	return slices.Concat(userOperations(), groupOperations(), licenseOperations(),
		meetingOperations(), organizerOperations(), meetingGroupOperations())
}

// userOperations is the part of the endpoint table about tokens, accounts and users.
func userOperations() []operation {
	creators := []string{RoleSuperUser, RoleAddUsers, RoleManageUsers}
	editors := []string{RoleSuperUser, RoleManageUsers, RoleManageSeats}
	return []operation{
		{id: OpToken, pattern: "POST /oauth/token", handle: (*Simulator).token},
		{id: OpRevokeToken, pattern: "POST /oauth/revoke", handle: (*Simulator).revokeToken},
		{id: OpGetMe, pattern: "GET " + adminPath + "/me", api: adminAPI, handle: (*Simulator).getMe},
		{id: OpListAccounts, pattern: "GET " + adminPath + "/accounts", api: adminAPI, list: true, handle: (*Simulator).listAccounts},
		{id: OpGetAccount, pattern: "GET " + accountPath, api: adminAPI, handle: (*Simulator).getAccount},
		{id: OpUpdateAccount, pattern: "PUT " + accountPath, api: adminAPI, roles: []string{RoleSuperUser},
			handle: (*Simulator).updateAccount},
		{id: OpListUsers, pattern: "GET " + accountPath + "/users", api: adminAPI, roles: allRoles, list: true,
			handle: (*Simulator).listUsers},
		{id: OpCreateUsers, pattern: "POST " + accountPath + "/users", api: adminAPI, roles: creators, handle: (*Simulator).createUsers},
		{id: OpGetUser, pattern: "GET " + accountPath + "/users/{keys}", api: adminAPI, roles: allRoles, handle: (*Simulator).getUser},
		{id: OpUpdateUsers, pattern: "PUT " + accountPath + "/users/{keys}", api: adminAPI, roles: editors,
			handle: (*Simulator).updateUsers},
		{id: OpDeleteUsers, pattern: "DELETE " + accountPath + "/users/{keys}", api: adminAPI,
			roles: []string{RoleSuperUser, RoleManageUsers}, handle: (*Simulator).deleteUsers},
	}
}

// groupOperations is the part of the endpoint table about groups. Which roles may move users is not known (U): those that may
// change the group or the user.
func groupOperations() []operation {
	const group = accountPath + "/groups/{group}"
	editors := []string{RoleSuperUser, RoleManageGroups}
	movers := []string{RoleSuperUser, RoleManageGroups, RoleManageUsers}
	return []operation{
		{id: OpLeaveGroups, pattern: "DELETE " + accountPath + "/users/{keys}/groups", api: adminAPI, roles: movers,
			handle: (*Simulator).leaveGroups},
		{id: OpListGroups, pattern: "GET " + accountPath + "/groups", api: adminAPI, roles: allRoles, list: true,
			handle: (*Simulator).listGroups},
		{id: OpCreateGroup, pattern: "POST " + accountPath + "/groups", api: adminAPI, roles: editors, handle: (*Simulator).createGroup},
		{id: OpGetGroup, pattern: "GET " + group, api: adminAPI, roles: allRoles, handle: (*Simulator).getGroup},
		{id: OpUpdateGroup, pattern: "PUT " + group, api: adminAPI, roles: editors, handle: (*Simulator).updateGroup},
		{id: OpDeleteGroup, pattern: "DELETE " + group, api: adminAPI, roles: editors, handle: (*Simulator).deleteGroup},
		{id: OpListSubgroups, pattern: "GET " + group + "/groups", api: adminAPI, roles: allRoles, list: true,
			handle: (*Simulator).listSubgroups},
		{id: OpListGroupUsers, pattern: "GET " + group + "/users", api: adminAPI, roles: allRoles, list: true,
			handle: (*Simulator).listGroupUsers},
		{id: OpMoveUsers, pattern: "PUT " + group + "/users/{keys}", api: adminAPI, roles: movers, handle: (*Simulator).moveUsers},
	}
}

// licenseOperations is the part of the endpoint table about licences and seats. Which roles the calls for seats need is not known
// (U): those that may give licences to existing users.
func licenseOperations() []operation {
	const seat = accountPath + "/licenses/{license}/users/{keys}"
	editors := []string{RoleSuperUser, RoleManageUsers, RoleManageSeats}
	return []operation{
		{id: OpListLicenses, pattern: "GET " + accountPath + "/licenses", api: adminAPI, roles: allRoles, list: true,
			handle: (*Simulator).listLicenses},
		{id: OpAddSeat, pattern: "PUT " + seat, api: adminAPI, roles: editors, handle: (*Simulator).addSeat},
		{id: OpRemoveSeat, pattern: "DELETE " + seat, api: adminAPI, roles: editors, handle: (*Simulator).removeSeat},
	}
}

// Operations returns the names of the operations in the order of docs/goto-api.
func Operations() []string {
	return keysOf(operations(), func(op operation) string { return op.id })
}

// APIHandler serves the service itself: the Admin API below /admin/rest/v1, the GoToMeeting API below /G2M/rest and the OAuth
// server's /oauth/token.
func (s *Simulator) APIHandler() http.Handler {
	mux := http.NewServeMux()
	for _, op := range operations() {
		mux.Handle(op.pattern, s.serve(op))
	}
	mux.Handle("/", s.serve(operation{id: OpUnknown, handle: (*Simulator).notRouted}))
	return mux
}
