package gotouser

import (
	"context"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/entitlement"
	"github.com/goto-operator/goto-operator/internal/settings"
)

// +kubebuilder:rbac:groups=goto-operator.dev,resources=gotousers,verbs=list;watch;patch
// +kubebuilder:rbac:groups=goto-operator.dev,resources=gotousers/status,verbs=patch
// +kubebuilder:rbac:groups=goto-operator.dev,resources=gotogroups,verbs=list;watch
// +kubebuilder:rbac:groups=goto-operator.dev,resources=gotoattributes;gotoemailtemplates,verbs=list;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch
// +kubebuilder:rbac:groups="",resources=namespaces,verbs=list;watch

// Setup adds the controller to a manager. A reconcile that creates or changes a user waits for the batch it is part of, so
// the concurrency should be several times the batch size.
func Setup(mgr ctrl.Manager, planner *entitlement.Planner, profiles *settings.Planner, o engine.Options) error {
	o.Name = "gotouser"
	reader := mgr.GetClient()
	if err := addIndexes(mgr.GetFieldIndexer()); err != nil {
		return err
	}
	b, r, err := engine.Setup(mgr, byProvisioning{Kind: newKind(reader, planner, profiles)}, o)
	if err != nil {
		return err
	}
	return b.
		Watches(&v1alpha1.GoToGroup{}, engine.Starts(func(ctx context.Context, o client.Object) []reconcile.Request {
			return engine.Requests(ctx, reader, &v1alpha1.GoToUserList{}, engine.NamingGroup(o))
		}), builder.WithPredicates(groupMatters(), engine.Later())).
		Watches(&v1alpha1.GoToAttribute{}, engine.Starts(func(ctx context.Context, o client.Object) []reconcile.Request {
			a, _ := o.(*v1alpha1.GoToAttribute)
			return needing(ctx, reader, needsAttribute(engine.AccountName(a).String(), a.Spec.Name))
		}), builder.WithPredicates(attributeMatters(), engine.Later())).
		Watches(&v1alpha1.GoToEmailTemplate{}, engine.Starts(func(ctx context.Context, o client.Object) []reconcile.Request {
			return needing(ctx, reader, needsTemplate(o.GetNamespace(), o.GetName()))
		}), builder.WithPredicates(predicate.Funcs{UpdateFunc: func(event.UpdateEvent) bool { return false }}, engine.Later())).
		WatchesRawSource(source.Func(func(ctx context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
			o.Registry.Subscribe(func(name string, c account.Change) { engine.Start(queue, redefined(ctx, reader, name, c)...) })
			return nil
		})).
		WatchesRawSource(source.Func(func(_ context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
			start := func(users []types.NamespacedName) {
				for _, name := range users {
					engine.Start(queue, reconcile.Request{NamespacedName: name})
				}
			}
			planner.Subscribe(func(a entitlement.Affected) { start(a.Users) })
			profiles.Subscribe(func(a settings.Affected) { start(a.Users) })
			return nil
		})).
		Complete(r)
}

func addIndexes(indexer client.FieldIndexer) error {
	return indexer.IndexField(context.Background(), &v1alpha1.GoToUser{}, indexNeeds, func(o client.Object) []string {
		u, _ := o.(*v1alpha1.GoToUser)
		return needs(u)
	})
}

// groupMatters lets through that a group comes, goes, has another key, or is about to have one or not any more.
func groupMatters() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		before, _ := e.ObjectOld.(*v1alpha1.GoToGroup)
		now, _ := e.ObjectNew.(*v1alpha1.GoToGroup)
		return before.Status.GroupKey != now.Status.GroupKey || engine.Groups.Awaited(before) != engine.Groups.Awaited(now)
	}}
}
