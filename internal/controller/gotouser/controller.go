package gotouser

import (
	"context"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// +kubebuilder:rbac:groups=goto-operator.dev,resources=gotousers,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=goto-operator.dev,resources=gotousers/status,verbs=patch
// +kubebuilder:rbac:groups=goto-operator.dev,resources=gotousers/finalizers,verbs=update
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch
// +kubebuilder:rbac:groups="",resources=namespaces,verbs=get;list;watch

const (
	indexClaim   = "claim"
	indexAccount = engine.IndexAccount
)

// Setup adds the controller to a manager, with so many reconciles at once. A reconcile that creates or changes a user
// waits for the batch it is part of, so the number should be several times the batch size.
func Setup(mgr ctrl.Manager, registry *account.Registry, concurrency int, count func(string, int)) error {
	if err := addIndexes(mgr.GetFieldIndexer()); err != nil {
		return err
	}
	r := &engine.Reconciler[*v1alpha1.GoToUser, gotoclient.User]{
		Client: mgr.GetClient(), Events: mgr.GetEventRecorder("gotouser-controller"), Registry: registry,
		Kind: Kind{reader: mgr.GetClient()}, Count: count,
	}
	w := watcher{mgr.GetClient()}
	return ctrl.NewControllerManagedBy(mgr).
		Named("gotouser").
		For(&v1alpha1.GoToUser{}, builder.WithPredicates(predicate.Or(predicate.GenerationChangedPredicate{}, engine.ReconcileRequested()))).
		Watches(&v1alpha1.GoToUser{}, handler.EnqueueRequestsFromMapFunc(w.rivals), builder.WithPredicates(deletedOnly())).
		Watches(&v1alpha1.GoToAccount{}, handler.EnqueueRequestsFromMapFunc(w.usersOf), builder.WithPredicates(accountMatters())).
		WatchesRawSource(source.Func(func(ctx context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
			registry.Subscribe(func(name string, c account.Change) { w.enqueueChanged(ctx, queue, name, c) })
			return nil
		})).
		WithOptions(controller.Options{MaxConcurrentReconciles: concurrency}).
		Complete(r)
}

func addIndexes(indexer client.FieldIndexer) error {
	ctx := context.Background()
	err := indexer.IndexField(ctx, &v1alpha1.GoToUser{}, indexClaim, func(o client.Object) []string {
		u, _ := o.(*v1alpha1.GoToUser)
		claims := []string{emailClaim(u.Spec.Email)}
		if u.Status.UserKey != "" {
			claims = append(claims, keyClaim(u.Status.UserKey))
		}
		return claims
	})
	if err != nil {
		return err
	}
	return indexer.IndexField(ctx, &v1alpha1.GoToUser{}, indexAccount, func(o client.Object) []string {
		u, _ := o.(*v1alpha1.GoToUser)
		return []string{engine.AccountName(u).String()}
	})
}

type watcher struct{ reader client.Reader }

// usersOf are all users of an account.
func (w watcher) usersOf(ctx context.Context, o client.Object) []reconcile.Request {
	return w.requests(ctx, client.MatchingFields{indexAccount: client.ObjectKeyFromObject(o).String()})
}

// rivals are the users that may own what a deleted one owned.
func (w watcher) rivals(ctx context.Context, o client.Object) []reconcile.Request {
	u, _ := o.(*v1alpha1.GoToUser)
	out := w.requests(ctx, client.MatchingFields{indexClaim: emailClaim(u.Spec.Email)})
	if u.Status.UserKey != "" {
		out = append(out, w.requests(ctx, client.MatchingFields{indexClaim: keyClaim(u.Status.UserKey)})...)
	}
	return out
}

// enqueueChanged starts the users whose remote side a reading found changed, or all once their account is in use.
func (w watcher) enqueueChanged(ctx context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request], name string, c account.Change) {
	if c.Connected {
		for _, req := range w.requests(ctx, client.MatchingFields{indexAccount: name}) {
			queue.Add(req)
		}
	}
	for _, ref := range c.Users {
		for _, claim := range []string{keyClaim(v1alpha1.Key(ref.Key)), emailClaim(ref.Email)} {
			for _, req := range w.requests(ctx, client.MatchingFields{indexClaim: claim}) {
				queue.Add(req)
			}
		}
	}
}

func (w watcher) requests(ctx context.Context, fields client.MatchingFields) []reconcile.Request {
	var users v1alpha1.GoToUserList
	if err := w.reader.List(ctx, &users, fields); err != nil {
		return nil // the cache is stopping
	}
	out := make([]reconcile.Request, len(users.Items))
	for i := range users.Items {
		out[i].NamespacedName = types.NamespacedName{Namespace: users.Items[i].Namespace, Name: users.Items[i].Name}
	}
	return out
}

func deletedOnly() predicate.Predicate {
	return predicate.Funcs{
		CreateFunc: func(event.CreateEvent) bool { return false },
		UpdateFunc: func(event.UpdateEvent) bool { return false },
	}
}

// accountMatters lets through what makes a difference to an account's users: whether it is Ready, who may use it, and
// whether deletions are approved.
func accountMatters() predicate.Predicate {
	return predicate.Funcs{
		CreateFunc: func(event.CreateEvent) bool { return false }, // its users are started as they are
		UpdateFunc: func(e event.UpdateEvent) bool {
			before, _ := e.ObjectOld.(*v1alpha1.GoToAccount)
			now, _ := e.ObjectNew.(*v1alpha1.GoToAccount)
			return before.Generation != now.Generation ||
				!equality.Semantic.DeepEqual(before.Status.Deletions.ApprovedUntil, now.Status.Deletions.ApprovedUntil) ||
				meta.IsStatusConditionTrue(before.Status.Conditions, v1alpha1.ConditionReady) !=
					meta.IsStatusConditionTrue(now.Status.Conditions, v1alpha1.ConditionReady)
		},
	}
}
