package gotogroup

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
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

// +kubebuilder:rbac:groups=goto-operator.dev,resources=gotogroups,verbs=list;watch;patch
// +kubebuilder:rbac:groups=goto-operator.dev,resources=gotogroups/status,verbs=patch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// countDelay gathers the moves of many users into one count.
const countDelay = 2 * time.Second

// Setup adds the controller to a manager.
func Setup(mgr ctrl.Manager, o engine.Options) error {
	o.Name = "gotogroup"
	if err := engine.IndexByGroup(mgr.GetFieldIndexer()); err != nil {
		return err
	}
	b, r, err := engine.Setup(mgr, Kind{mgr.GetClient()}, o)
	if err != nil {
		return err
	}
	w := watcher{mgr.GetClient()}
	return b.
		Watches(&v1alpha1.GoToGroup{}, engine.Starts(w.relatives), builder.WithPredicates(predicate.Funcs{
			UpdateFunc: func(e event.UpdateEvent) bool {
				before, _ := e.ObjectOld.(*v1alpha1.GoToGroup)
				now, _ := e.ObjectNew.(*v1alpha1.GoToGroup)
				return before.Status.GroupKey != now.Status.GroupKey || before.Generation != now.Generation ||
					engine.Groups.Awaited(before) != engine.Groups.Awaited(now)
			},
		}, engine.Later())).
		Watches(&v1alpha1.GoToUser{}, handler.Funcs{
			DeleteFunc: func(ctx context.Context, e event.DeleteEvent, q workqueue.TypedRateLimitingInterface[reconcile.Request]) {
				w.later(ctx, q, e.Object)
			},
			UpdateFunc: func(ctx context.Context, e event.UpdateEvent, q workqueue.TypedRateLimitingInterface[reconcile.Request]) {
				before, _ := e.ObjectOld.(*v1alpha1.GoToUser)
				now, _ := e.ObjectNew.(*v1alpha1.GoToUser)
				if before.Status.Group.Key != now.Status.Group.Key || before.Generation != now.Generation {
					w.later(ctx, q, before)
					w.later(ctx, q, now)
				}
			},
		}).
		// Who else is in a group shows in the readings of the account alone.
		WatchesRawSource(source.Func(func(ctx context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
			o.Registry.Subscribe(func(name string, c account.Change) {
				engine.Start(queue, w.standingFor(ctx, name, c.Counted)...)
			})
			return nil
		})).
		Complete(r)
}

type watcher struct{ reader client.Reader }

// relatives are the groups above and below one that has changed.
func (w watcher) relatives(ctx context.Context, o client.Object) []reconcile.Request {
	g, _ := o.(*v1alpha1.GoToGroup)
	out := engine.Requests(ctx, w.reader, &v1alpha1.GoToGroupList{}, engine.NamingGroup(g))
	if g.Spec.ParentRef.Name != "" {
		out = append(out, reconcile.Request{NamespacedName: types.NamespacedName{Namespace: g.Namespace, Name: g.Spec.ParentRef.Name}})
	}
	return out
}

// standingFor are the objects of an account that stand for some groups in GoTo.
func (w watcher) standingFor(ctx context.Context, account string, keys []gotoclient.Key) (out []reconcile.Request) {
	var groups v1alpha1.GoToGroupList
	if len(keys) == 0 || w.reader.List(ctx, &groups, client.MatchingFields{engine.IndexAccount: account}, client.UnsafeDisableDeepCopy) != nil {
		return nil // or the cache is stopping
	}
	named := sets.New(keys...) // of ten thousand who have moved, some name each group
	for _, g := range groups.Items {
		if key := gotoclient.Key(g.Status.GroupKey); key != "" && named.Has(key) {
			out = append(out, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(g)})
		}
	}
	return out
}

// later starts the groups that a user's object speaks of, and those above them, once for many users.
func (w watcher) later(ctx context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request], o client.Object) {
	u, _ := o.(*v1alpha1.GoToUser)
	var groups v1alpha1.GoToGroupList
	if err := w.reader.List(ctx, &groups, client.MatchingFields{engine.IndexAccount: engine.AccountName(u).String()}, client.UnsafeDisableDeepCopy); err != nil {
		return // the cache is stopping
	}
	for _, g := range groups.Items {
		named := g.Namespace == u.Namespace && g.Name == u.Spec.GroupRef.Name
		key := g.Status.GroupKey
		if named || (key != "" && (key == u.Status.Group.Key || key == u.Spec.GroupKey)) {
			engine.StartAfter(queue, countDelay, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(g)})
			if parent := g.Spec.ParentRef.Name; parent != "" {
				engine.StartAfter(queue, countDelay, reconcile.Request{NamespacedName: types.NamespacedName{Namespace: g.Namespace, Name: parent}})
			}
		}
	}
}
