package admin

import (
	"net/http"
	"slices"
	"unicode/utf8"

	"github.com/goto-operator/goto-operator/internal/simulator/call"
	"github.com/goto-operator/goto-operator/internal/simulator/state"
	"github.com/goto-operator/goto-operator/internal/simulator/switches"
	"github.com/goto-operator/goto-operator/internal/simulator/wire"
)

// maxName is the longest first or last name of a user, in characters (D).
const maxName = 32

// checkName refuses a first or last name that is empty or too long.
func checkName(c *call.Call, name string) *wire.Refusal {
	if name == "" || utf8.RuneCountInString(name) > maxName {
		return c.Invalid(wire.CodeNameInvalid, name)
	}
	return nil
}

// checkRoles refuses unknown roles, roles in an account without admin access, and roles given by someone who is no SUPER_USER (D).
func checkRoles(c *call.Call, roles []string) *wire.Refusal {
	for _, role := range roles {
		if !slices.Contains(state.AllRoles(), role) {
			return c.Invalid(wire.CodeRoleInvalid, role)
		}
	}
	if len(roles) > 0 && c.Account.NoAdminAccess {
		return wire.Refuse(http.StatusForbidden, wire.CodeRoleNotAllowed, roles[0])
	}
	if len(roles) > 0 && !c.MayAct(state.RoleSuperUser) {
		return missingRole(c)
	}
	return nil
}

// checkReferences refuses licences and groups that the account does not have.
func checkReferences(c *call.Call, licenses, groups []string) *wire.Refusal {
	for _, key := range licenses {
		if c.Account.Licenses.Get(key) == nil {
			return wire.Refuse(switches.Status(c.Switches.UnknownReferenceStatus), wire.CodeLicenseNotFound, key)
		}
	}
	for _, key := range groups {
		if c.Account.Groups.Get(key) == nil {
			return wire.Refuse(switches.Status(c.Switches.UnknownReferenceStatus), wire.CodeGroupNotFound, key)
		}
	}
	return nil
}

// checkBatch refuses more users in one request than the switch allows.
func checkBatch(c *call.Call, n int) *wire.Refusal {
	if limit := c.Switches.MaxBatch; limit > 0 && n > limit {
		return c.Invalid(wire.CodeTooMany, "")
	}
	return nil
}
