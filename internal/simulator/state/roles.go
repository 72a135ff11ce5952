package state

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

// AllRoles returns every administrator role.
func AllRoles() []string {
	return []string{
		RoleSuperUser, RoleAddUsers, RoleManageUsers, RoleManageSeats, RoleManageSettings, RoleManageGroups, RoleRunReports,
		RoleManageAccount,
	}
}
