package engine

import (
	"context"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
)

// Count counts the objects of a list that have the fields, are of the same account as obj, and may use it. One that may not holds
// nothing up.
func Count(ctx context.Context, reader client.Reader, obj Object, list client.ObjectList, fields client.MatchingFields) (int, error) {
	var ga v1alpha1.GoToAccount
	if err := reader.Get(ctx, AccountName(obj), &ga); err != nil {
		return 0, client.IgnoreNotFound(err)
	}
	if err := reader.List(ctx, list, fields, client.UnsafeDisableDeepCopy); err != nil {
		return 0, err
	}
	n := 0
	err := meta.EachListItem(list, func(item runtime.Object) error {
		o, is := item.(Object)
		if !is || AccountName(o) != AccountName(obj) {
			return nil
		}
		allowed, err := Allowed(ctx, reader, &ga, o.GetNamespace())
		if allowed {
			n++
		}
		return err
	})
	return n, err
}
