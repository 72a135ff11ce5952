// Package gotoaccount reconciles GoToAccount objects: it reads their credentials, connects, keeps the live account in the
// registry and shows its state.
//
// controller.go says what starts a reconcile and what the operator may do, reconcile.go is the life of an object,
// connect.go reaches GoTo, attempt.go does it beside the worker, keep.go reads again, rights.go asks what the credentials' user may do, token.go and secret.go look after the Secret, brake.go after the deletion brake; settings.go, settings_apply.go and logo.go after the account's own settings; operations.go has the endpoints that it moves; identity.go says
// which account an object stands for, live.go what the process knows of it, status.go what people see. It may not import another kind's package.
package gotoaccount

import (
	"context"
	"net/http"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/engine"
	"github.com/goto-operator/goto-operator/internal/entitlement"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/grace"
)

// +kubebuilder:rbac:groups=goto-operator.dev,resources=gotoaccounts,verbs=list;watch;patch
// +kubebuilder:rbac:groups=goto-operator.dev,resources=gotoaccounts/status,verbs=patch
// +kubebuilder:rbac:groups="",resources=secrets,verbs=get;update
// +kubebuilder:rbac:groups="",resources=configmaps,verbs=get
// +kubebuilder:rbac:groups="",resources=namespaces,verbs=list;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// countDelay is for how long changes of objects are gathered at least into one count for the account's status.
const countDelay = 2 * time.Second

// countShare of the time is the most that counting takes: all objects are looked at for a count, so that the more there are the longer
// changes are gathered, for this many times what the last count cost.
const countShare = 100

// concurrency is the number of accounts worked on at once. None of them waits for GoTo there.
const concurrency = 16

// Config is what a Reconciler works with.
type Config struct {
	Client client.Client
	// Secrets reads past the cache: the operator may get a Secret, or a ConfigMap, by name, but neither list nor watch them.
	Secrets  client.Reader
	Events   events.EventRecorder
	Registry *account.Registry
	// Planner knows who waits for seats.
	Planner *entitlement.Planner
	// KeepSettings says which settings of users are in use in an account, as of account.Options.
	KeepSettings func(ctx context.Context, account types.NamespacedName) (map[string][]string, error)
	// Allowed are the hosts that endpoints may point at.
	Allowed AllowedHosts
	// Transport sends the requests to GoTo; http.DefaultTransport when nil.
	Transport http.RoundTripper
	// ObserveCall and ObserveBatch are told of requests and of batches of writes, for the metrics; nil for nobody.
	ObserveCall  func(account types.NamespacedName, call gotoclient.Call)
	ObserveBatch func(account types.NamespacedName, operation string, items int)
	// Now is the clock of the accounts' snapshots; time.Now when nil.
	Now func() time.Time
	// Background is the context in which accounts live; it ends with the last work of the process.
	Background context.Context //nolint:containedctx // accounts outlive a reconcile
	// Grace lets what is under way finish when the operator stops; nil for not.
	Grace *grace.Grace
}

// Reconciler drives GoToAccount objects.
type Reconciler struct {
	*Config

	live      *liveAccounts
	secrets   *secrets
	connector *connector
	settings  *settingsKeeper
	conflicts engine.Conflicts
	failures  *engine.Failures
}

// New returns a Reconciler.
func New(c Config) *Reconciler {
	live, attempts := &liveAccounts{}, &sync.WaitGroup{}
	return &Reconciler{
		Config: &c, live: live, secrets: &secrets{client: c.Client, reader: c.Secrets},
		connector: &connector{Config: &c, live: live, tokens: &tokens{&c, live}, attempts: attempts},
		settings:  &settingsKeeper{&c, attempts},
	}
}

const controllerName = "gotoaccount"

// Setup adds the controller to a manager.
func (r *Reconciler) Setup(mgr ctrl.Manager) error {
	if err := mgr.Add(manager.RunnableFunc(r.connector.finish)); err != nil {
		return err
	}
	r.failures = engine.NewFailures()
	b := ctrl.NewControllerManagedBy(mgr).
		Named(controllerName).
		WithOptions(controller.Options{MaxConcurrentReconciles: concurrency, RateLimiter: r.failures}).
		For(&v1alpha1.GoToAccount{}, builder.WithPredicates(predicate.Or(
			predicate.GenerationChangedPredicate{}, engine.ReconcileRequested(), engine.MetadataLost(), approvalChanged()))).
		WatchesRawSource(source.Func(func(_ context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
			r.Registry.Subscribe(func(name string, c account.Change) {
				if !c.Connected {
					queue.Add(reconcile.Request{NamespacedName: parseName(name)})
				}
			})
			r.Planner.Subscribe(func(a entitlement.Affected) {
				if a.Account.Name != "" {
					r.later(queue, a.Account)
				}
			})
			return nil
		}))
	for _, kind := range engine.Kinds(mgr.GetScheme()) {
		b = b.Watches(kind, r.countedObjects())
	}
	return b.Complete(r)
}

// countedObjects starts the account of an object when its status counts the object differently.
func (r *Reconciler) countedObjects() handler.EventHandler {
	return handler.Funcs{
		CreateFunc: func(_ context.Context, e event.CreateEvent, q workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			r.laterOf(q, e.Object)
		},
		DeleteFunc: func(_ context.Context, e event.DeleteEvent, q workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			r.laterOf(q, e.Object)
		},
		UpdateFunc: func(_ context.Context, e event.UpdateEvent, q workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			if countsDiffer(e.ObjectOld, e.ObjectNew) {
				r.laterOf(q, e.ObjectNew)
			}
		},
	}
}

// laterOf starts the account of an object, once for many objects.
func (r *Reconciler) laterOf(queue workqueue.TypedRateLimitingInterface[reconcile.Request], o client.Object) {
	if obj, ok := o.(engine.Object); ok {
		r.later(queue, engine.AccountName(obj))
	}
}

func (r *Reconciler) later(queue workqueue.TypedRateLimitingInterface[reconcile.Request], account types.NamespacedName) {
	queue.AddAfter(reconcile.Request{NamespacedName: account}, r.live.gap(account))
}

// countsDiffer tells whether an account's status counts the two states of an object differently.
func countsDiffer(before, now client.Object) bool {
	a, _ := before.(engine.Object)
	b, _ := now.(engine.Object)
	if engine.WaitsForBrake(a) != engine.WaitsForBrake(b) || isContested(a) != isContested(b) || before.GetDeletionTimestamp().IsZero() != now.GetDeletionTimestamp().IsZero() {
		return true
	}
	u, isUser := before.(*v1alpha1.GoToUser)
	v, _ := now.(*v1alpha1.GoToUser)
	return isUser && (userKey(u) != userKey(v) || len(u.Status.LicenseKeys) != len(v.Status.LicenseKeys) ||
		len(u.Status.GivenLicenses) != len(v.Status.GivenLicenses))
}

func approvalChanged() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		return e.ObjectOld.GetAnnotations()[v1alpha1.ApproveDeletionsUntilAnnotation] !=
			e.ObjectNew.GetAnnotations()[v1alpha1.ApproveDeletionsUntilAnnotation]
	}}
}
