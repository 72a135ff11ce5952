package gotoattribute

import (
	"context"
	"slices"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// +kubebuilder:rbac:groups=goto-operator.dev,resources=gotoattributes,verbs=list;watch;patch
// +kubebuilder:rbac:groups=goto-operator.dev,resources=gotoattributes/status,verbs=patch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// indexAttribute is the index of GoToUsers by the names of the attributes of which they have values, as gotoclient.FoldName has them.
const indexAttribute = "attributeName"

// Setup adds the controller to a manager.
func Setup(mgr ctrl.Manager, o engine.Options) error {
	o.Name = "gotoattribute"
	if err := addIndexes(mgr.GetFieldIndexer()); err != nil {
		return err
	}
	b, r, err := engine.Setup(mgr, newKind(mgr.GetClient()), o)
	if err != nil {
		return err
	}
	return b.
		Watches(&v1alpha1.GoToUser{}, engine.Starts(func(ctx context.Context, o client.Object) []reconcile.Request {
			return waiting(ctx, mgr.GetClient(), o)
		}), builder.WithPredicates(lessNamed())).
		Complete(r)
}

func addIndexes(indexer client.FieldIndexer) error {
	return indexer.IndexField(context.Background(), &v1alpha1.GoToUser{}, indexAttribute, func(o client.Object) []string {
		u, _ := o.(*v1alpha1.GoToUser)
		names := make([]string, 0, len(u.Spec.Attributes))
		for name := range u.Spec.Attributes {
			names = append(names, gotoclient.FoldName(name))
		}
		slices.Sort(names)
		return slices.Compact(names)
	})
}

// waiting are the attributes of a user's account that are being deleted: the user may have been the last that named one.
func waiting(ctx context.Context, reader client.Reader, o client.Object) []reconcile.Request {
	u, _ := o.(*v1alpha1.GoToUser)
	var all v1alpha1.GoToAttributeList
	if err := reader.List(ctx, &all, client.MatchingFields{engine.IndexAccount: engine.AccountName(u).String()}, client.UnsafeDisableDeepCopy); err != nil {
		return nil // the cache is stopping
	}
	var out []reconcile.Request
	for _, a := range all.Items {
		if !a.DeletionTimestamp.IsZero() {
			out = append(out, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(a)})
		}
	}
	return out
}

// lessNamed lets through users who go, or change, and named attributes before.
func lessNamed() predicate.Predicate {
	named := func(o client.Object) bool {
		u, _ := o.(*v1alpha1.GoToUser)
		return len(u.Spec.Attributes) > 0
	}
	return predicate.Funcs{
		CreateFunc: func(event.CreateEvent) bool { return false },
		DeleteFunc: func(e event.DeleteEvent) bool { return named(e.Object) },
		UpdateFunc: func(e event.UpdateEvent) bool {
			return e.ObjectOld.GetGeneration() != e.ObjectNew.GetGeneration() && named(e.ObjectOld)
		},
	}
}
