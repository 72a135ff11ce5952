package planning

import (
	"context"
	"strings"
	"time"

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
)

// delay is the least time in which the changes of many objects are gathered into one update of a plan.
const delay = 500 * time.Millisecond

// Planner keeps the plans of all accounts.
type Planner interface {
	// Changed notes that a GoToUser came, went, or is different, ChangedInGoTo what a reading of an account found different.
	Changed(u *v1alpha1.GoToUser)
	ChangedInGoTo(account types.NamespacedName, c account.Change)
	// Rests is true for an account in which there is nothing to plan, until an object comes that is to be planned for.
	Rests(account types.NamespacedName) bool
	// Delay is how long changes of an account should be gathered: least, or longer where a plan costs much.
	Delay(account types.NamespacedName, least time.Duration) time.Duration
	// Refresh brings a plan up to date. It returns after how long that should be done again though nothing changes, 0 for never.
	Refresh(ctx context.Context, account types.NamespacedName) (time.Duration, error)
	// SubscribeStale calls f with the name of an account whose plan should be brought up to date.
	SubscribeStale(f func(account types.NamespacedName))
}

// Differ tells whether a change of an object may be one for a plan.
type Differ func(before, now client.Object) bool

// Watch is a kind of objects that a plan is made of.
type Watch struct {
	Object client.Object
	Differ Differ
}

// Options of the controller of plans.
type Options struct {
	Name string
	// Users tells which changes of a GoToUser matter.
	Users Differ
	// Watches are what is planned for, which wakes a plan that rests.
	Watches []Watch
}

type queue = workqueue.TypedRateLimitingInterface[reconcile.Request]

// plans brings the plan of an account up to date when something that it rests on has changed.
type plans struct{ planner Planner }

// Reconcile brings the plan of the account of the given name up to date.
func (p plans) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	again, err := p.planner.Refresh(ctx, req.NamespacedName)
	return ctrl.Result{RequeueAfter: again}, err
}

// Setup adds the controller that keeps the plans of a planner up to date.
func Setup(mgr ctrl.Manager, planner Planner, registry *account.Registry, o Options) error {
	p := plans{planner}
	b := ctrl.NewControllerManagedBy(mgr).Named(o.Name).
		Watches(&v1alpha1.GoToUser{}, whenDifferent(o.Users, p.chosen)).
		Watches(&v1alpha1.GoToGroup{}, whenDifferent(groupDiffers, p.chosen)).
		WatchesRawSource(source.Func(func(_ context.Context, q queue) error {
			registry.Subscribe(func(name string, c account.Change) { p.whenRead(q, name, c) })
			planner.SubscribeStale(func(name types.NamespacedName) { p.start(q, name) })
			return nil
		}))
	for _, w := range o.Watches {
		b.Watches(w.Object, whenDifferent(w.Differ, p.planned))
	}
	return b.Complete(p)
}

func (p plans) start(q queue, account types.NamespacedName) {
	q.AddAfter(reconcile.Request{NamespacedName: account}, p.planner.Delay(account, delay))
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

// planned starts the account of something that is planned for, or an account itself.
func (p plans) planned(q queue, o client.Object) {
	if obj, managed := o.(engine.Object); managed {
		p.start(q, engine.AccountName(obj))
		return
	}
	p.start(q, client.ObjectKeyFromObject(o))
}

// chosen starts the account of a user or a group, unless nothing is planned there.
func (p plans) chosen(q queue, o client.Object) {
	obj, _ := o.(engine.Object)
	account := engine.AccountName(obj)
	if p.planner.Rests(account) {
		return
	}
	if u, user := o.(*v1alpha1.GoToUser); user {
		p.planner.Changed(u)
	}
	p.start(q, account)
}

// whenDifferent starts something for an object that comes, goes, or differs in what a plan depends on.
func whenDifferent(differ Differ, start func(queue, client.Object)) handler.EventHandler {
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

// Generation differs where a person has changed the spec.
func Generation(before, now client.Object) bool { return before.GetGeneration() != now.GetGeneration() }

func groupDiffers(before, now client.Object) bool {
	b, _ := before.(*v1alpha1.GoToGroup)
	n, _ := now.(*v1alpha1.GoToGroup)
	return Generation(before, now) || b.Status.GroupKey != n.Status.GroupKey
}
