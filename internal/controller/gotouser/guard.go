package gotouser

import (
	"context"
	"fmt"
	"slices"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// roleLimit is which admin roles an object may give and take. In the account's own namespace there is no limit.
type roleLimit struct {
	limited bool
	allowed []v1alpha1.AdminRole
	sets    []v1alpha1.RoleSet
}

func (l roleLimit) allows(role v1alpha1.AdminRole) bool {
	return !l.limited || slices.Contains(l.allowed, role)
}

// roleLimit reads the limit off the account, and refuses a spec that goes beyond it.
func (k Kind) roleLimit(ctx context.Context, u *v1alpha1.GoToUser) (roleLimit, error) {
	name := engine.AccountName(u)
	if name.Namespace == u.Namespace || u.Spec.AdminRoles == nil && u.Spec.RoleSets == nil {
		return roleLimit{}, nil
	}
	var ga v1alpha1.GoToAccount
	if err := k.reader.Get(ctx, name, &ga); err != nil {
		return roleLimit{}, client.IgnoreNotFound(err)
	}
	limit := roleLimit{limited: true, allowed: ga.Spec.AllowedAdminRoles, sets: ga.Spec.AllowedRoleSets}
	for _, role := range u.Spec.AdminRoles {
		if !limit.allows(role) {
			return limit, roleNotAllowed(role)
		}
	}
	return limit, nil
}

func roleNotAllowed(role v1alpha1.AdminRole) error {
	return &engine.StalledError{Reason: v1alpha1.ReasonRoleNotAllowed, Message: fmt.Sprintf(
		"the account's spec.allowedAdminRoles does not let objects of this namespace give or take the role %s", role)}
}

// Guard refuses what would lock the operator out, and roles taken away that the account does not let this object decide
// about.
func (Kind) Guard(acct *account.Account, u *v1alpha1.GoToUser, want *wants, seen *gotoclient.User, changes []engine.Change) error {
	lost := lostRoles(u, seen, changes)
	for _, role := range lost {
		if !want.roles.allows(role) {
			return roleNotAllowed(role)
		}
	}
	lostSets := lostRoleSets(u, want, seen, changes)
	for _, id := range lostSets {
		if !want.roles.allowsSet(acct.RoleSets(), id) {
			return roleSetNotAllowed(string(id))
		}
	}
	if !isOwn(acct, seen) {
		return nil
	}
	if len(lostSets) > 0 {
		return ownUser("custom roles cannot be taken away from it")
	}
	for _, c := range changes {
		switch {
		case c.Field == fieldEmail:
			return ownUser("its e-mail address cannot be changed here")
		case c.Field == fieldAdminRoles && len(lost) > 0:
			return ownUser(fmt.Sprintf("the roles %v cannot be taken away from it", lost))
		case c.Field == fieldManagedGroupKeys && c.Desired != "":
			return ownUser("its roles cannot be limited to groups")
		case c.Field == fieldState && u.Spec.State == v1alpha1.UserSuspended:
			return ownUser("it cannot be suspended")
		}
	}
	return nil
}

// isOwn is true for the user whose credentials the operator uses. Where GoTo gave no key, the address tells.
func isOwn(acct *account.Account, seen *gotoclient.User) bool {
	me := acct.Me()
	return me.Key != "" && me.Key == seen.Key || me.Email != "" && gotoclient.SameEmail(me.Email, seen.Email)
}

func ownUser(what string) error {
	return &engine.StalledError{Reason: v1alpha1.ReasonOwnUser, Message: "this is the user whose credentials the operator uses: " + what}
}

// lostRoles are the admin roles that changes take away.
func lostRoles(u *v1alpha1.GoToUser, seen *gotoclient.User, changes []engine.Change) []v1alpha1.AdminRole {
	if !slices.ContainsFunc(changes, func(c engine.Change) bool { return c.Field == fieldAdminRoles }) {
		return nil
	}
	var lost []v1alpha1.AdminRole
	for _, role := range seen.AdminRoles {
		if !contains(rolesAfter(u, seen), role) {
			lost = append(lost, v1alpha1.AdminRole(role))
		}
	}
	return lost
}
