package gotolicensebinding

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/entitlement"
)

// +kubebuilder:rbac:groups=goto-operator.dev,resources=gotolicensebindings,verbs=list;watch;patch
// +kubebuilder:rbac:groups=goto-operator.dev,resources=gotolicensebindings/status,verbs=patch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// countDelay gathers the changes of many users into one count.
const countDelay = time.Second

// Setup adds the controllers of the bindings, and of the plans that they are part of, to a manager.
func Setup(mgr ctrl.Manager, planner *entitlement.Planner, o engine.Options) error {
	o.Name = "gotolicensebinding"
	b, r, err := engine.Setup(mgr, Kind{planner}, o)
	if err != nil {
		return err
	}
	b.WatchesRawSource(source.Func(func(_ context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
		planner.Subscribe(func(a entitlement.Affected) { later(queue, a.Bindings...) })
		return nil
	}))
	if err := b.Complete(r); err != nil {
		return err
	}
	return setupPlans(mgr, planner, o.Registry)
}

func later(queue workqueue.TypedRateLimitingInterface[reconcile.Request], names ...types.NamespacedName) {
	for _, name := range names {
		engine.StartAfter(queue, countDelay, reconcile.Request{NamespacedName: name})
	}
}
