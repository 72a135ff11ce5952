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

// planDelay is the least time in which the changes of many objects are gathered into one update of a plan.
const planDelay = 500 * time.Millisecond

type planQueue = workqueue.TypedRateLimitingInterface[reconcile.Request]

// plans brings the plan of an account up to date when something that it rests on has changed.
type plans struct{ planner *entitlement.Planner }

// Reconcile brings the plan of the account of the given name up to date.
func (p plans) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	return ctrl.Result{}, p.planner.Refresh(ctx, req.NamespacedName)
}

func (p plans) start(queue planQueue, account types.NamespacedName) {
	queue.AddAfter(reconcile.Request{NamespacedName: account}, p.planner.Delay(account, planDelay))
}

func setupPlans(mgr ctrl.Manager, planner *entitlement.Planner, registry *account.Registry) error {
	p := plans{planner}
	return ctrl.NewControllerManagedBy(mgr).
		Named("licenseplan").
		Watches(&v1alpha1.GoToUser{}, p.whenDifferent(entitlement.Matters)).
		Watches(&v1alpha1.GoToLicenseBinding{}, p.whenDifferent(func(before, now client.Object) bool {
			return before.GetGeneration() != now.GetGeneration() || !equality.Semantic.DeepEqual(before.GetFinalizers(), now.GetFinalizers())
		})).
		Watches(&v1alpha1.GoToGroup{}, p.whenDifferent(func(before, now client.Object) bool {
			b, _ := before.(*v1alpha1.GoToGroup)
			n, _ := now.(*v1alpha1.GoToGroup)
			return b.Generation != n.Generation || b.Status.GroupKey != n.Status.GroupKey
		})).
		Watches(&v1alpha1.GoToAccount{}, p.whenDifferent(func(before, now client.Object) bool { return before.GetGeneration() != now.GetGeneration() })).
		WatchesRawSource(source.Func(func(_ context.Context, queue planQueue) error {
			registry.Subscribe(func(name string, c account.Change) { p.whenRead(queue, name, c) })
			planner.SubscribeStale(func(name types.NamespacedName) { p.start(queue, name) })
			return nil
		})).
		Complete(p)
}

// whenRead starts an account in which a reading found something different.
func (p plans) whenRead(queue planQueue, name string, c account.Change) {
	namespace, name, _ := strings.Cut(name, "/")
	account := types.NamespacedName{Namespace: namespace, Name: name}
	if c.Connected || (c.Licenses || len(c.Users) > 0) && !p.planner.Rests(account) {
		p.planner.ChangedInGoTo(account, c)
		p.start(queue, account)
	}
}

// whenDifferent starts the account of an object that comes, goes, or differs in what the plan depends on.
func (p plans) whenDifferent(differ func(before, now client.Object) bool) handler.EventHandler {
	start := func(queue planQueue, o client.Object) {
		switch o := o.(type) {
		case *v1alpha1.GoToAccount:
			p.start(queue, client.ObjectKeyFromObject(o))
		case *v1alpha1.GoToUser:
			if account := engine.AccountName(o); !p.planner.Rests(account) {
				p.planner.Changed(o)
				p.start(queue, account)
			}
		case engine.Object:
			p.start(queue, engine.AccountName(o))
		}
	}
	return handler.Funcs{
		CreateFunc: func(_ context.Context, e event.CreateEvent, q planQueue) { start(q, e.Object) },
		DeleteFunc: func(_ context.Context, e event.DeleteEvent, q planQueue) { start(q, e.Object) },
		UpdateFunc: func(_ context.Context, e event.UpdateEvent, q planQueue) {
			if differ(e.ObjectOld, e.ObjectNew) {
				start(q, e.ObjectNew)
			}
		},
	}
}
