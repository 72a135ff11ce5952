package gotosettingsprofile

import (
	"context"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/settings"
)

// planDelay is the least time in which the changes of many objects are gathered into one update of a plan.
const planDelay = 500 * time.Millisecond

// plans brings the plan of an account up to date when something that it rests on has changed.
type plans struct{ planner *settings.Planner }

// Reconcile brings the plan of the account of the given name up to date.
func (p plans) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	again, err := p.planner.Refresh(ctx, req.NamespacedName)
	return ctrl.Result{RequeueAfter: again}, err
}

func (p plans) start(q queue, account types.NamespacedName) {
	q.AddAfter(reconcile.Request{NamespacedName: account}, p.planner.Delay(account, planDelay))
}

func setupPlans(mgr ctrl.Manager, planner *settings.Planner, registry *account.Registry) error {
	p := plans{planner}
	generation := func(before, now client.Object) bool { return before.GetGeneration() != now.GetGeneration() }
	return ctrl.NewControllerManagedBy(mgr).
		Named("settingsplan").
		Watches(&v1alpha1.GoToSettingsProfile{}, p.whenDifferent(func(before, now client.Object) bool {
			return generation(before, now) || before.GetDeletionTimestamp().IsZero() != now.GetDeletionTimestamp().IsZero()
		})).
		Watches(&v1alpha1.GoToUser{}, p.whenDifferent(settings.Matters)).
		Watches(&v1alpha1.GoToGroup{}, p.whenDifferent(func(before, now client.Object) bool {
			b, _ := before.(*v1alpha1.GoToGroup)
			n, _ := now.(*v1alpha1.GoToGroup)
			return generation(before, now) || b.Status.GroupKey != n.Status.GroupKey
		})).
		WatchesRawSource(source.Func(func(_ context.Context, q queue) error {
			registry.Subscribe(func(name string, c account.Change) { p.whenRead(q, name, c) })
			planner.SubscribeStale(func(name types.NamespacedName) { p.start(q, name) })
			return nil
		})).
		Complete(p)
}

// whenRead starts an account in which a reading found something different.
func (p plans) whenRead(q queue, name string, c account.Change) {
	namespace, name, _ := strings.Cut(name, "/")
	account := types.NamespacedName{Namespace: namespace, Name: name}
	if c.Connected || (c.Licenses || len(c.Users) > 0) && !p.planner.Rests(account) {
		p.planner.ChangedInGoTo(account, c)
		p.start(q, account)
	}
}

// whenDifferent starts the account of an object that comes, goes, or differs in what the plan depends on. Where there is no profile
// nothing but one that comes does.
func (p plans) whenDifferent(differ func(before, now client.Object) bool) handler.EventHandler {
	start := func(q queue, o client.Object) {
		obj, _ := o.(engine.Object)
		account := engine.AccountName(obj)
		if u, user := o.(*v1alpha1.GoToUser); user {
			p.planner.Changed(u)
		}
		if _, profile := o.(*v1alpha1.GoToSettingsProfile); profile || !p.planner.Rests(account) {
			p.start(q, account)
		}
	}
	return handler.Funcs{
		CreateFunc: func(_ context.Context, e event.CreateEvent, q queue) { start(q, e.Object) },
		DeleteFunc: func(_ context.Context, e event.DeleteEvent, q queue) { start(q, e.Object) },
		UpdateFunc: func(_ context.Context, e event.UpdateEvent, q queue) {
			if differ(e.ObjectOld, e.ObjectNew) {
				start(q, e.ObjectNew)
			}
		},
	}
}
