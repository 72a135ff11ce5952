package gotogroup

import (
	"context"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Indexes of those who name a group, by namespace and name, or by key, of GoToUsers and GoToGroups.
const indexGroup = "group"

func addIndexes(indexer client.FieldIndexer) error {
	ctx := context.Background()
	err := indexer.IndexField(ctx, &v1alpha1.GoToUser{}, indexGroup, func(o client.Object) []string {
		u, _ := o.(*v1alpha1.GoToUser)
		return naming(u.Namespace, u.Spec.GroupRef.Name, u.Spec.GroupKey)
	})
	if err != nil {
		return err
	}
	return indexer.IndexField(ctx, &v1alpha1.GoToGroup{}, indexGroup, func(o client.Object) []string {
		g, _ := o.(*v1alpha1.GoToGroup)
		return naming(g.Namespace, g.Spec.ParentRef.Name, g.Spec.ParentKey)
	})
}

func naming(namespace, name string, key v1alpha1.Key) []string {
	switch {
	case name != "":
		return []string{byName(namespace, name)}
	case key != "":
		return []string{byKey(key)}
	}
	return nil
}

func byName(namespace, name string) string {
	return "name/" + types.NamespacedName{Namespace: namespace, Name: name}.String()
}
func byKey(key v1alpha1.Key) string { return "key/" + string(key) }

// dependents counts the objects of the account that name a group, by reference or by its key in GoTo. One that may not use the
// account holds nothing up.
func (k Kind) dependents(ctx context.Context, g *v1alpha1.GoToGroup, key gotoclient.Key) (users, groups int, err error) {
	for _, name := range []string{byName(g.Namespace, g.Name), byKey(v1alpha1.Key(key))} {
		u, err := engine.Count(ctx, k.reader, g, &v1alpha1.GoToUserList{}, client.MatchingFields{indexGroup: name})
		if err != nil {
			return 0, 0, err
		}
		below, err := engine.Count(ctx, k.reader, g, &v1alpha1.GoToGroupList{}, client.MatchingFields{indexGroup: name})
		if err != nil {
			return 0, 0, err
		}
		users, groups = users+u, groups+below
	}
	return users, groups, nil
}
