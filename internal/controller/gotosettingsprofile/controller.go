package gotosettingsprofile

import (
	"context"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/settings"
)

// +kubebuilder:rbac:groups=goto-operator.dev,resources=gotosettingsprofiles,verbs=list;watch;patch
// +kubebuilder:rbac:groups=goto-operator.dev,resources=gotosettingsprofiles/status,verbs=patch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// countDelay gathers the changes of many users into one count.
const countDelay = time.Second

type queue = workqueue.TypedRateLimitingInterface[reconcile.Request]

// Setup adds the controllers of the profiles, and of the plans that they are part of, to a manager.
func Setup(mgr ctrl.Manager, planner *settings.Planner, o engine.Options) error {
	o.Name = "gotosettingsprofile"
	now := o.Now
	if now == nil {
		now = time.Now
	}
	b, r, err := engine.Setup(mgr, Kind{planner, now}, o)
	if err != nil {
		return err
	}
	reader := mgr.GetClient()
	b.WatchesRawSource(source.Func(func(ctx context.Context, q queue) error {
		planner.Subscribe(func(a settings.Affected) { later(q, a.Profiles...) })
		o.Registry.Subscribe(func(name string, c account.Change) { later(q, writing(ctx, reader, name, c.Settings)...) })
		return nil
	}))
	if err := b.Complete(r); err != nil {
		return err
	}
	return setupPlans(mgr, planner, o.Registry)
}

func later(q queue, names ...types.NamespacedName) {
	for _, name := range names {
		engine.StartAfter(q, countDelay, reconcile.Request{NamespacedName: name})
	}
}

// writing are the profiles of an account that write levels that somebody has changed.
func writing(ctx context.Context, reader client.Reader, account string, changed []account.SettingsRef) []types.NamespacedName {
	var list v1alpha1.GoToSettingsProfileList
	if len(changed) == 0 || reader.List(ctx, &list, client.MatchingFields{engine.IndexAccount: account}, client.UnsafeDisableDeepCopy) != nil {
		return nil
	}
	var out []types.NamespacedName
	for _, p := range list.Items {
		if slices.ContainsFunc(settings.Levels, func(level v1alpha1.SettingsLevel) bool {
			return settings.Writes(&p.Spec, level) && slices.Contains(changed, settings.RefOf(level, string(p.Spec.Product)))
		}) {
			out = append(out, client.ObjectKeyFromObject(p))
		}
	}
	return out
}
