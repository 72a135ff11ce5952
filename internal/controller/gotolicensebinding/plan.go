package gotolicensebinding

import (
	"context"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/entitlement"
)

// planDelay gathers the changes of many objects into one plan.
const planDelay = 500 * time.Millisecond

// plans makes the plan of an account anew when something that it rests on has changed.
type plans struct{ planner *entitlement.Planner }

// Reconcile makes the plan of the account of the given name.
func (p plans) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	return ctrl.Result{}, p.planner.Refresh(ctx, req.NamespacedName)
}

func setupPlans(mgr ctrl.Manager, planner *entitlement.Planner, registry *account.Registry) error {
	return ctrl.NewControllerManagedBy(mgr).
		Named("licenseplan").
		Watches(&v1alpha1.GoToUser{}, whenDifferent(func(o client.Object) any {
			u, _ := o.(*v1alpha1.GoToUser)
			s := &u.Status
			return []any{o.GetGeneration(), o.GetLabels(), s.UserKey, s.LicenseKeys, s.GivenLicenses, s.Group.Key, engine.WaitsForBrake(u), engine.IsStalled(u)}
		})).
		Watches(&v1alpha1.GoToLicenseBinding{}, whenDifferent(func(o client.Object) any { return []any{o.GetGeneration(), o.GetFinalizers()} })).
		Watches(&v1alpha1.GoToGroup{}, whenDifferent(func(o client.Object) any {
			g, _ := o.(*v1alpha1.GoToGroup)
			return []any{o.GetGeneration(), g.Status.GroupKey}
		})).
		WatchesRawSource(source.Func(func(_ context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
			registry.Subscribe(func(name string, c account.Change) {
				if c.Connected || c.Licenses || len(c.Users) > 0 {
					namespace, name, _ := strings.Cut(name, "/")
					queue.AddAfter(reconcile.Request{NamespacedName: types.NamespacedName{Namespace: namespace, Name: name}}, planDelay)
				}
			})
			planner.SubscribeStale(func(name types.NamespacedName) { queue.AddAfter(reconcile.Request{NamespacedName: name}, planDelay) })
			return nil
		})).
		Complete(plans{planner})
}

// whenDifferent starts the account of an object that comes, goes, or differs in what the plan depends on.
func whenDifferent(of func(client.Object) any) handler.EventHandler {
	start := func(queue workqueue.TypedRateLimitingInterface[reconcile.Request], o client.Object) {
		if obj, ok := o.(engine.Object); ok {
			queue.AddAfter(reconcile.Request{NamespacedName: engine.AccountName(obj)}, planDelay)
		}
	}
	return handler.Funcs{
		CreateFunc: func(_ context.Context, e event.CreateEvent, q workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			start(q, e.Object)
		},
		DeleteFunc: func(_ context.Context, e event.DeleteEvent, q workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			start(q, e.Object)
		},
		UpdateFunc: func(_ context.Context, e event.UpdateEvent, q workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			if !equality.Semantic.DeepEqual(of(e.ObjectOld), of(e.ObjectNew)) {
				start(q, e.ObjectNew)
			}
		},
	}
}
