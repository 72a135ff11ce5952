package gotouser

import (
	"testing"

	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/test/kindtest"
)

// TestFaultsOfRolesAndValues lets every fault strike every operation by which a user gets custom roles and values of attributes.
func TestFaultsOfRolesAndValues(t *testing.T) {
	t.Parallel()
	build := func(t *testing.T) *walkWorld { t.Helper(); return newWorld(t).World }
	used := kindtest.Afflict(t, gotoclient.OpListUsers, build, func(t *testing.T, w *walkWorld) { t.Helper(); rolesAndValues(t, &world{w}) })
	for _, operation := range []string{
		gotoclient.OpSetUserAttributes, gotoclient.OpSetUserRoleSets, gotoclient.OpAssignRoleSet, gotoclient.OpClearRoleSets, gotoclient.OpListAttributes, gotoclient.OpListRoleSets,
	} {
		if used[operation] == 0 {
			t.Errorf("no %s is made: %v", operation, used)
		}
	}
}
