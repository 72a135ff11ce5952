package engine

import (
	"context"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/account/budget"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/grace"
	"github.com/goto-operator/goto-operator/internal/inflight"
)

// Indexes of every managed kind.
const (
	// IndexAccount is by AccountName.
	IndexAccount = "account"
	// indexClaim is by claimBucket.
	indexClaim = "claim"
)

// Options of a kind's controller.
type Options struct {
	// Name of the controller, in logs, metrics, events and traces.
	Name     string
	Registry *account.Registry
	// Concurrency is the number of objects worked on at once.
	Concurrency int
	// Count is told of every outcome and of the number of differences found; nil for nobody.
	Count func(outcome string, drift int)
	// Watched tells whether a namespace is watched; nil where all are.
	Watched func(namespace string) bool
	// Now is the clock of corrections; time.Now when nil.
	Now func() time.Time
	// Grace lets reconciles under way finish when the operator stops; nil for not.
	Grace *grace.Grace
	// Predicate says which updates of an object start it, besides those of its spec and of the annotation that asks for
	// it; nil for no others.
	Predicate predicate.Predicate
}

// Setup adds the controller of a kind to a manager: its indexes, and the watches that every kind needs. The builder that
// it returns takes those of the kind's own references; the Reconciler completes it.
func Setup[O Object, W, S any](mgr ctrl.Manager, kind Kind[O, W, S], o Options) (*builder.Builder, *Reconciler[O, W, S], error) {
	if err := AddIndexes(mgr.GetFieldIndexer(), kind); err != nil {
		return nil, nil, err
	}
	starts := []predicate.Predicate{predicate.GenerationChangedPredicate{}, ReconcileRequested(), MetadataLost(), adoptionAllowed()}
	if o.Predicate != nil {
		starts = append(starts, o.Predicate)
	}
	r := &Reconciler[O, W, S]{
		Client: mgr.GetClient(), Events: gathered(mgr, o.Name, kind.New()), Registry: o.Registry, Kind: kind, Count: o.Count,
		Name: o.Name, Watched: o.Watched, Now: o.Now, Grace: o.Grace, failures: NewFailures(),
		express: newExpress(o.Concurrency), finishing: make(chan struct{}, inflight.Width),
	}
	if err := r.express.serve(mgr, o.Name, reconcile.Func(r.once), r.failures); err != nil {
		return nil, nil, err
	}
	w := watcher[O, W, S]{reader: mgr.GetClient(), kind: kind, inUse: r.accounts().inUse, written: &r.corrections}
	w.claimer, _ = kind.(Claimer[O, S])
	b := ctrl.NewControllerManagedBy(mgr).
		Named(o.Name).
		For(kind.New(), builder.WithPredicates(predicate.Or(starts...), r.notAtStart(), noEdit())).
		Watches(kind.New(), editsFirst(r.express.start), builder.WithPredicates(predicate.Or(starts...))).
		Watches(kind.New(), w.whenRivalsChange()).
		Watches(&corev1.Namespace{}, w.whenLabelsChange(), builder.WithPredicates(predicate.LabelChangedPredicate{})).
		Watches(&v1alpha1.GoToAccount{}, w.whenAccountChanges(), builder.WithPredicates(accountMatters(w.inUse))).
		WatchesRawSource(source.Func(func(ctx context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
			r.express.use(&r.express.all, queue)
			r.again = func(urgency budget.Priority, req reconcile.Request) { goOn(queue, urgency, req) }
			o.Registry.Subscribe(func(name string, c account.Change) {
				w.enqueueChanged(ctx, queue, name, c)
				if c.Reachable || c.Connected {
					Start(queue, r.held.take(named(name))...)
				}
			})
			context.AfterFunc(o.Grace.Stopping(), r.relay().finishAll) //nolint:contextcheck // what is under way outlives the queue
			r.wake = func(_ context.Context, by client.Object, claims []string) { w.enqueueClaims(ctx, queue, claims, by) }
			return nil
		})).
		WithOptions(controller.Options{MaxConcurrentReconciles: o.Concurrency, RateLimiter: r.failures})
	return b, r, nil
}

// AddIndexes adds the indexes by account and by claim.
func AddIndexes[O Object, W, S any](indexer client.FieldIndexer, kind Kind[O, W, S]) error {
	ctx := context.Background()
	err := indexer.IndexField(ctx, kind.New(), indexClaim, func(o client.Object) []string {
		obj, _ := o.(O)
		if c, ok := kind.(Claimer[O, S]); ok {
			return bucketsOf(claimsOf(c, obj))
		}
		return nil
	})
	if err != nil {
		return err
	}
	return IndexByAccount(indexer, kind.New())
}

// IndexByAccount adds the index by account for a managed kind.
func IndexByAccount(indexer client.FieldIndexer, kind Object) error {
	return indexer.IndexField(context.Background(), kind, IndexAccount, func(o client.Object) []string {
		obj, _ := o.(Object)
		return []string{AccountName(obj).String()}
	})
}

type watcher[O Object, W, S any] struct {
	reader  client.Reader
	kind    Kind[O, W, S]
	claimer Claimer[O, S]                    // nil for a kind that claims nothing
	inUse   func(*v1alpha1.GoToAccount) bool // tells whether an account is in use

	written *corrections // by whom
}

// ofAccount are all objects of an account.
func (w watcher[O, W, S]) ofAccount(ctx context.Context, o client.Object) []reconcile.Request {
	return w.requests(ctx, client.MatchingFields{IndexAccount: client.ObjectKeyFromObject(o).String()})
}

// rivals are the objects that may own what another one has owned.
func (w watcher[O, W, S]) rivals(ctx context.Context, obj O) []reconcile.Request {
	var out []reconcile.Request
	for _, claim := range w.claims(obj) {
		out = append(out, w.withClaim(ctx, claim)...)
	}
	return out
}

func (w watcher[O, W, S]) claims(obj O) []string {
	if w.claimer == nil {
		return nil
	}
	return claimsOf(w.claimer, obj)
}

// enqueueChanged starts the objects whose remote side a reading found changed, those that wait for rights that are back, those that wait for
// anything once a connection takes the place of another, or all once it is known whether their account is in use.
func (w watcher[O, W, S]) enqueueChanged(
	ctx context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request], name string, c account.Change,
) {
	all := client.MatchingFields{IndexAccount: name}
	switch {
	case c.Replaced:
		Start(queue, w.those(ctx, func(o O) bool { return !steady(o) }, all)...)
	case c.Connected, c.Unusable:
		Start(queue, w.requests(ctx, all)...)
	case c.Rights:
		Start(queue, w.those(ctx, func(o O) bool { return isForbidden(o) }, all)...)
	}
	if w.claimer != nil {
		w.enqueueClaims(ctx, queue, w.claimer.Changed(c), nil)
	}
}

// enqueueClaims starts the objects that have one of the claims, but for one (nil for none).
func (w watcher[O, W, S]) enqueueClaims(
	ctx context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request], claims []string, except client.Object,
) {
	for _, claim := range claims {
		for _, req := range w.withClaim(ctx, claim) {
			if except == nil || req.NamespacedName != client.ObjectKeyFromObject(except) {
				Start(queue, req)
			}
		}
	}
}

func (w watcher[O, W, S]) withClaim(ctx context.Context, claim string) []reconcile.Request {
	found, err := withClaim(ctx, w.reader, w.claimer, w.kind.NewList(), claim)
	if err != nil {
		return nil // the cache is stopping
	}
	return requestsFor(found)
}

func (w watcher[O, W, S]) requests(ctx context.Context, fields client.MatchingFields) []reconcile.Request {
	return Requests(ctx, w.reader, w.kind.NewList(), fields)
}

// Requests start the objects that a list finds. Of these only the names are read, so they are not copied.
func Requests(ctx context.Context, reader client.Reader, into client.ObjectList, opts ...client.ListOption) []reconcile.Request {
	if err := reader.List(ctx, into, append(slices.Clone(opts), client.UnsafeDisableDeepCopy)...); err != nil {
		return nil // the cache is stopping
	}
	var out []reconcile.Request
	_ = meta.EachListItem(into, func(item runtime.Object) error {
		if o, ok := item.(client.Object); ok {
			out = append(out, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(o)})
		}
		return nil
	})
	return out
}

// whenLabelsChange starts the objects of a namespace whose account lets them do something else by its labels than before. One that is not
// known yet starts its objects when it comes.
func (w watcher[O, W, S]) whenLabelsChange() handler.EventHandler {
	return handler.Funcs{UpdateFunc: func(ctx context.Context, e event.UpdateEvent, q workqueue.TypedRateLimitingInterface[reconcile.Request]) {
		namespace := e.ObjectNew.GetName()
		concerned := once(func(account types.NamespacedName) bool {
			var ga v1alpha1.GoToAccount
			if err := w.reader.Get(ctx, account, &ga, client.UnsafeDisableDeepCopy); err != nil {
				return !apierrors.IsNotFound(err)
			}
			return labelsMatter(&ga, namespace, e.ObjectOld.GetLabels(), e.ObjectNew.GetLabels())
		})
		Start(q, w.those(ctx, func(o O) bool { return concerned(AccountName(o)) }, client.InNamespace(namespace))...)
	}}
}

// once asks each question once.
func once[K comparable](ask func(K) bool) func(K) bool {
	known := map[K]bool{}
	return func(k K) bool {
		if _, asked := known[k]; !asked {
			known[k] = ask(k)
		}
		return known[k]
	}
}

// whenRivalsChange starts those who may own what an object no longer claims, or no longer does anything about, and those who may own
// no longer what it has come by.
func (w watcher[O, W, S]) whenRivalsChange() handler.EventHandler {
	start := func(ctx context.Context, o O, q workqueue.TypedRateLimitingInterface[reconcile.Request]) {
		name := client.ObjectKeyFromObject(o)
		for _, req := range w.rivals(ctx, o) {
			if req.NamespacedName != name {
				Start(q, req)
			}
		}
		for _, by := range w.written.writersBut(name, HeldKey(o)) {
			Start(q, reconcile.Request{NamespacedName: by})
		}
	}
	return handler.Funcs{
		DeleteFunc: func(ctx context.Context, e event.DeleteEvent, q workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			obj, _ := e.Object.(O)
			start(ctx, obj, q)
		},
		UpdateFunc: func(ctx context.Context, e event.UpdateEvent, q workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			before, _ := e.ObjectOld.(O)
			now, _ := e.ObjectNew.(O)
			mine := w.claims(now)
			left := func(claim string) bool { return !slices.Contains(mine, claim) }
			if passive(before) != passive(now) || slices.ContainsFunc(w.claims(before), left) {
				start(ctx, before, q)
			}
			if key := HeldKey(now); key != "" && holdOf(now, key) != holdOf(before, key) {
				start(ctx, now, q) // who took it for free has to know, and who has changed it without ever saying so
			}
			if steady(now) {
				w.written.shows(client.ObjectKeyFromObject(now), gotoclient.Key(*now.RemoteKey()))
			}
		},
	}
}

// whenAccountChanges starts all objects of an account that appears or changes. At the start of the process they are started
// as they are.
func (w watcher[O, W, S]) whenAccountChanges() handler.EventHandler {
	start := func(ctx context.Context, o client.Object, q workqueue.TypedRateLimitingInterface[reconcile.Request]) {
		Start(q, w.ofAccount(ctx, o)...)
	}
	return handler.Funcs{
		CreateFunc: func(ctx context.Context, e event.CreateEvent, q workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			if !e.IsInInitialList {
				start(ctx, e.Object, q)
			}
		},
		DeleteFunc: func(ctx context.Context, e event.DeleteEvent, q workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			start(ctx, e.Object, q)
		},
		UpdateFunc: func(ctx context.Context, e event.UpdateEvent, q workqueue.TypedRateLimitingInterface[reconcile.Request]) {
			before, _ := e.ObjectOld.(*v1alpha1.GoToAccount)
			now, _ := e.ObjectNew.(*v1alpha1.GoToAccount)
			switch {
			case concernsAll(before, now, w.inUse):
				start(ctx, now, q)
			case brakeEased(before, now):
				waiting := func(o O) bool { return WaitsForBrake(o) }
				Start(q, w.those(ctx, waiting, client.MatchingFields{IndexAccount: client.ObjectKeyFromObject(now).String()})...)
			}
		},
	}
}

// accountMatters lets through what makes a difference to an account's objects.
func accountMatters(inUse func(*v1alpha1.GoToAccount) bool) predicate.Predicate {
	return predicate.Funcs{
		UpdateFunc: func(e event.UpdateEvent) bool {
			before, _ := e.ObjectOld.(*v1alpha1.GoToAccount)
			now, _ := e.ObjectNew.(*v1alpha1.GoToAccount)
			return concernsAll(before, now, inUse) || brakeEased(before, now)
		},
	}
}

// concernsAll is true for a change of what an account says of all its objects: who may use it and for what, and why it is not in use.
// Of one that is, they work on whatever it says.
func concernsAll(before, now *v1alpha1.GoToAccount, inUse func(*v1alpha1.GoToAccount) bool) bool {
	return !equality.Semantic.DeepEqual(concerning(before), concerning(now)) || before.DeletionTimestamp.IsZero() != now.DeletionTimestamp.IsZero() ||
		Readiness(before) != Readiness(now) && !inUse(now)
}

// concerning is what the spec of an account says of all its objects. Left out is what is the account's own affair: objects hear of what comes
// of it, from the connection or from the brake.
func concerning(ga *v1alpha1.GoToAccount) *v1alpha1.GoToAccountSpec {
	spec := ga.Spec
	spec.Credentials, spec.RequestBudget, spec.ResyncInterval = v1alpha1.AccountCredentials{}, v1alpha1.RequestBudget{}, metav1.Duration{}
	spec.Brake, spec.Settings = v1alpha1.Brake{}, nil
	return &spec
}

// brakeEased is true where more may be deleted than before: a person has approved it, the limit has risen, or a spec is in force that may
// let the time pass sooner. The limit rises with every user that is created, and concerns only who waits.
func brakeEased(before, now *v1alpha1.GoToAccount) bool {
	return !equality.Semantic.DeepEqual(before.Status.Deletions.ApprovedUntil, now.Status.Deletions.ApprovedUntil) ||
		now.Status.Deletions.Limits.Above(before.Status.Deletions.Limits) || before.Status.ObservedGeneration != now.Status.ObservedGeneration
}

// Readiness of an account, as its objects show it: an account that is not Ready has a reason that they repeat.
func Readiness(ga *v1alpha1.GoToAccount) string {
	c := meta.FindStatusCondition(ga.Status.Conditions, v1alpha1.ConditionReady)
	switch {
	case c == nil:
		return ""
	case c.Status == metav1.ConditionTrue:
		return "Ready"
	}
	return c.Reason
}
