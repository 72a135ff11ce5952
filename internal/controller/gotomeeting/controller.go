package gotomeeting

import (
	"context"
	"time"

	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
)

// +kubebuilder:rbac:groups=goto-operator.dev,resources=gotomeetings,verbs=list;watch;patch;delete
// +kubebuilder:rbac:groups=goto-operator.dev,resources=gotomeetings/status,verbs=patch
// +kubebuilder:rbac:groups=goto-operator.dev,resources=gotomeetings/finalizers,verbs=update
// +kubebuilder:rbac:groups=goto-operator.dev,resources=gotousers,verbs=list;watch
// +kubebuilder:rbac:groups="",resources=secrets,verbs=get;create;update
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch
// +kubebuilder:rbac:groups="",resources=namespaces,verbs=list;watch

// indexCoorganizer is by namespace and name of the GoToUsers that a meeting names.
const indexCoorganizer = "coorganizer"

// Setup adds the controller to a manager; now is the clock, time.Now when nil.
func Setup(mgr ctrl.Manager, o engine.Options, now func() time.Time) error {
	if now == nil {
		now = time.Now
	}
	o.Name = "gotomeeting"
	if err := addIndexes(mgr.GetFieldIndexer()); err != nil {
		return err
	}
	b, r, err := engine.Setup(mgr, NewKind(mgr.GetClient(), mgr.GetAPIReader(), now), o)
	if err != nil {
		return err
	}
	reader := mgr.GetClient()
	return b.
		Watches(&v1alpha1.GoToUser{}, engine.Starts(func(ctx context.Context, u client.Object) []reconcile.Request {
			return engine.Requests(ctx, reader, &v1alpha1.GoToMeetingList{}, client.MatchingFields{indexCoorganizer: client.ObjectKeyFromObject(u).String()})
		}), builder.WithPredicates(engine.KeyChanged(), engine.Later())).
		WatchesRawSource(source.Func(func(ctx context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
			o.Registry.Subscribe(func(name string, c account.Change) {
				if !c.Meetings.Recovered {
					return
				}
				engine.Start(queue, engine.Requests(ctx, reader, &v1alpha1.GoToMeetingList{}, client.MatchingFields{engine.IndexAccount: name})...)
			})
			return nil
		})).
		Complete(r)
}

func addIndexes(indexer client.FieldIndexer) error {
	return indexer.IndexField(context.Background(), &v1alpha1.GoToMeeting{}, indexCoorganizer, func(o client.Object) []string {
		m, _ := o.(*v1alpha1.GoToMeeting)
		var names []string
		for _, c := range m.Spec.Coorganizers {
			if c.UserRef.Name != "" {
				names = append(names, client.ObjectKey{Namespace: m.Namespace, Name: c.UserRef.Name}.String())
			}
		}
		return names
	})
}
