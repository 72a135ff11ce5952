package gotogroup

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// dependents counts the objects of the account that name a group, by reference or by its key in GoTo. One that may not use the
// account holds nothing up.
func (k Kind) dependents(ctx context.Context, g *v1alpha1.GoToGroup, key gotoclient.Key) (users, groups int, err error) {
	for _, naming := range []client.MatchingFields{engine.NamingGroup(g), engine.NamingGroupKey(key)} {
		u, err := engine.Count(ctx, k.reader, g, &v1alpha1.GoToUserList{}, naming)
		if err != nil {
			return 0, 0, err
		}
		below, err := engine.Count(ctx, k.reader, g, &v1alpha1.GoToGroupList{}, naming)
		if err != nil {
			return 0, 0, err
		}
		users, groups = users+u, groups+below
	}
	return users, groups, nil
}
