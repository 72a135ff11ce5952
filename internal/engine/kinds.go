package engine

import (
	"context"
	"slices"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
)

// Kinds are an empty object of every managed kind that a scheme knows, by name.
func Kinds(scheme *runtime.Scheme) []Object {
	var out []Object
	names := scheme.KnownTypes(v1alpha1.GroupVersion)
	sorted := make([]string, 0, len(names))
	for name := range names {
		sorted = append(sorted, name)
	}
	slices.Sort(sorted)
	for _, name := range sorted {
		o, err := scheme.New(v1alpha1.GroupVersion.WithKind(name))
		if obj, managed := o.(Object); err == nil && managed {
			obj.GetObjectKind().SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(name))
			out = append(out, obj)
		}
	}
	return out
}

// ObjectsOf are the objects of a kind that refer to a GoToAccount. They are the cache's own: read only.
func ObjectsOf(ctx context.Context, c client.Client, kind Object, account types.NamespacedName) ([]Object, error) {
	name := kind.GetObjectKind().GroupVersionKind().Kind + "List"
	o, err := c.Scheme().New(v1alpha1.GroupVersion.WithKind(name))
	if err != nil {
		return nil, err
	}
	list, ok := o.(client.ObjectList)
	if !ok {
		return nil, nil
	}
	return claimants[Object](ctx, c, list, client.MatchingFields{IndexAccount: account.String()}, client.UnsafeDisableDeepCopy)
}
