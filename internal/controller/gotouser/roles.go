package gotouser

import (
	"slices"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Roles that contain others, as GoTo shows when it reads a user back (L, D-help).
const (
	roleSuperUser     = "SUPER_USER"
	roleManageAccount = "MANAGE_ACCOUNT"
	roleManageUsers   = "MANAGE_USERS"
	roleSettings      = "MANAGE_SETTINGS"
)

// contains is true if one of the roles is, or contains, another. What MANAGE_ACCOUNT contains is known in part only (C): as a
// role that is there already nothing is taken for contained in it that it may lack, see implies.
func contains(roles []string, role string) bool {
	return slices.ContainsFunc(roles, func(r string) bool { return r == role || implies(r, role) })
}

func implies(role, other string) bool {
	switch role {
	case roleSuperUser:
		return true
	case roleManageAccount:
		return other != roleSuperUser
	case roleManageUsers:
		return other == roleSettings
	}
	return false
}

// rolesDiffer compares by containment: a read returns more roles than were written.
func rolesDiffer(u *v1alpha1.GoToUser, seen *gotoclient.User) bool {
	want, has := convert[string](u.Spec.AdminRoles), seen.AdminRoles
	switch {
	case u.Spec.AdminRoles == nil:
		return false
	case len(want) == 0:
		return len(has) > 0
	case slices.ContainsFunc(want, func(role string) bool { return !contains(has, role) }):
		return true
	}
	extra := func(role string) bool { return !contains(want, role) }
	return u.Spec.AdminRolesMatch == v1alpha1.RolesExactly && slices.ContainsFunc(has, extra)
}

// rolesAfter are the roles to write: those of the spec, and, unless the spec says exactly these, those that are there.
func rolesAfter(u *v1alpha1.GoToUser, seen *gotoclient.User) []string {
	roles := convert[string](u.Spec.AdminRoles)
	if len(roles) > 0 && u.Spec.AdminRolesMatch != v1alpha1.RolesExactly {
		roles = append(roles, seen.AdminRoles...)
	}
	slices.Sort(roles)
	return slices.Compact(roles)
}
