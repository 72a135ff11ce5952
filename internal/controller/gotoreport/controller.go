package gotoreport

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/reportstore"
)

// +kubebuilder:rbac:groups=goto-operator.dev,resources=gotoreports,verbs=list;watch;patch
// +kubebuilder:rbac:groups=goto-operator.dev,resources=gotoreports/status,verbs=patch
// +kubebuilder:rbac:groups=goto-operator.dev,resources=gotoreports/finalizers,verbs=update
// +kubebuilder:rbac:groups=goto-operator.dev,resources=gotousers;gotogroups,verbs=list;watch
// +kubebuilder:rbac:groups="",resources=secrets,verbs=get;create;update
// +kubebuilder:rbac:groups="",resources=namespaces,verbs=list;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// Options of the controller.
type Options struct {
	// Background ends when the operator is asked to stop, and with it every report that is being made.
	Background context.Context //nolint:containedctx // it outlives Setup
	// Places are where reports may go; their Secrets are NewKind's to say.
	reportstore.Places
	// Made is told of every report that was made, or why it was not; nil for nobody.
	Made func(account types.NamespacedName, err error)
	// Now is the clock; time.Now when nil.
	Now func() time.Time
}

// indexSelected is by kind, namespace and name of what a report selects.
const indexSelected = "selected"

// Setup adds the controller to a manager.
func Setup(mgr ctrl.Manager, o engine.Options, own Options) error {
	o.Name = "gotoreport"
	if err := addIndexes(mgr.GetFieldIndexer()); err != nil {
		return err
	}
	k := NewKind(mgr.GetClient(), mgr.GetAPIReader(), own)
	b, r, err := engine.Setup(mgr, k, o)
	if err != nil {
		return err
	}
	o.Registry.Subscribe(func(name string, c account.Change) {
		if c.Connected || c.Unusable {
			k.jobs.Abandon(name)
		}
	})
	err = mgr.Add(manager.RunnableFunc(func(ctx context.Context) error {
		<-ctx.Done()
		k.jobs.Wait()
		return nil
	}))
	if err != nil {
		return err
	}
	return b.
		Watches(&v1alpha1.GoToReport{}, k.whenNotAsked()).
		Watches(&v1alpha1.GoToUser{}, selecting(mgr.GetClient(), users.Kind), builder.WithPredicates(engine.KeyChanged(), engine.Later())).
		Watches(&v1alpha1.GoToGroup{}, selecting(mgr.GetClient(), groups.Kind), builder.WithPredicates(engine.KeyChanged(), engine.Later())).
		Complete(r)
}

func addIndexes(indexer client.FieldIndexer) error {
	return indexer.IndexField(context.Background(), &v1alpha1.GoToReport{}, indexSelected, func(o client.Object) (out []string) {
		r, _ := o.(*v1alpha1.GoToReport)
		for _, name := range r.Spec.Selection.Users {
			out = append(out, selected(users.Kind, r.Namespace, name))
		}
		for _, name := range r.Spec.Selection.Groups {
			out = append(out, selected(groups.Kind, r.Namespace, name))
		}
		return out
	})
}

// selected is the entry of an object in the index.
func selected(kind, namespace, name string) string { return kind + "/" + namespace + "/" + name }

// selecting starts the reports that select an object of a kind.
func selecting(reader client.Reader, kind string) handler.EventHandler {
	return engine.Starts(func(ctx context.Context, o client.Object) []reconcile.Request {
		return engine.Requests(ctx, reader, &v1alpha1.GoToReportList{}, client.MatchingFields{indexSelected: selected(kind, o.GetNamespace(), o.GetName())})
	})
}

// whenNotAsked gives up the report that is being made for an object that is suspended or deleted. It starts nothing.
func (k Kind) whenNotAsked() handler.EventHandler {
	type queue = workqueue.TypedRateLimitingInterface[reconcile.Request]
	return handler.Funcs{
		UpdateFunc: func(_ context.Context, e event.UpdateEvent, _ queue) {
			if r, ok := e.ObjectNew.(*v1alpha1.GoToReport); ok && (r.Spec.Suspend || !r.DeletionTimestamp.IsZero()) {
				k.jobs.Forget(string(r.UID))
			}
		},
		DeleteFunc: func(_ context.Context, e event.DeleteEvent, _ queue) { k.jobs.Forget(string(e.Object.GetUID())) },
	}
}
