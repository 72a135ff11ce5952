package engine

import (
	"cmp"
	"context"
	"math/rand/v2"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/account/budget"
	"github.com/goto-operator/goto-operator/internal/grace"
	"github.com/goto-operator/goto-operator/internal/inflight"
	"github.com/goto-operator/goto-operator/internal/tracing"
)

// Reconciler drives one kind. Its life of an object is reconcile; everything else here serves it.
type Reconciler[O Object, W, S any] struct {
	Client   client.Client
	Events   events.EventRecorder
	Registry *account.Registry
	Kind     Kind[O, W, S]
	// Name of the controller, in traces.
	Name string
	// Count is told of every outcome and of the number of differences found; nil for nobody.
	Count func(outcome string, drift int)
	// Timeout bounds one reconcile; 5 minutes.
	Timeout time.Duration
	// Watched tells whether a namespace is watched; nil where all are.
	Watched func(namespace string) bool
	// Now is the clock of corrections; time.Now when nil.
	Now func() time.Time
	// Grace lets a reconcile under way finish when the operator stops; nil for not.
	Grace *grace.Grace

	corrections corrections
	writes      ownWrites
	conflicts   Conflicts
	failures    *Failures
	held        held
	underWay    underWay[O, S]
	again       func(budget.Priority, reconcile.Request)                     // starts an object with which it can be gone on; nil where no queue does
	finishing   chan struct{}                                                // has room for those that are finished at once when the operator stops
	express     *express                                                     // nil for no spare workers
	wake        func(ctx context.Context, by client.Object, claims []string) // starts the others who wait for a claim; nil for nobody
}

func (r *Reconciler[O, W, S]) now() time.Time {
	if r.Now != nil {
		return r.Now()
	}
	return time.Now()
}

// Reconcile brings one object and its remote counterpart together.
func (r *Reconciler[O, W, S]) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	if r.express == nil {
		return r.relay().inline(ctx, req)
	}
	return r.express.reconciler(reconcile.Func(r.once), false).Reconcile(ctx, req)
}

func (r *Reconciler[O, W, S]) once(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	ctx, span := tracing.Reconcile(ctx, r.Name, req.NamespacedName)
	result, err := r.traced(ctx, req, span)
	span.End(err)
	return result, err
}

// traced is a reconcile, in its span.
func (r *Reconciler[O, W, S]) traced(ctx context.Context, req ctrl.Request, span tracing.Span) (ctrl.Result, error) {
	w, ctx := r.relay().begin(ctx, req)
	if w == nil {
		return ctrl.Result{}, nil // it is started again, or the next process begins with it
	}
	known := w.way
	defer func() { r.relay().end(req, w, known) }()
	obj, err := r.read(ctx, req, w)
	switch {
	case err != nil || obj.GetUID() == "":
		return ctrl.Result{}, err
	case r.writes.ahead(obj):
		w.conflict = true
		return ctrl.Result{RequeueAfter: r.conflicts.Next(obj.GetUID())}, nil
	case isEdit(obj):
		ctx = inflight.Edit(ctx)
	}
	before, _ := obj.DeepCopyObject().(O)
	out := r.timed(ctx, obj, before, w)
	if w.way != known && w.way != nil {
		return ctrl.Result{}, nil // and is started when it is known what came of it
	}
	span.Reason(out.reason)
	return r.close(ctx, req, w, before, obj, out)
}

// read is the object, ready to be worked on; one without a UID is gone.
func (r *Reconciler[O, W, S]) read(ctx context.Context, req ctrl.Request, w *work[O, S]) (O, error) {
	obj := r.Kind.New()
	err := client.IgnoreNotFound(r.Client.Get(ctx, req.NamespacedName, obj))
	switch {
	case err != nil:
	case obj.GetUID() == "":
		w.way = nil
		r.failures.Over(req)
		r.rivals().gone(ctx, req.NamespacedName)
	default:
		unpack(obj)
		w.about(obj)
	}
	return obj, err
}

// longest is for how long a reconcile may work on an object, and then for how long it may take to write down what came of that.
func (r *Reconciler[O, W, S]) longest() time.Duration { return cmp.Or(r.Timeout, 5*time.Minute) }

func (r *Reconciler[O, W, S]) timed(ctx context.Context, obj, before O, w *work[O, S]) outcome {
	ctx, cancel := context.WithTimeout(budget.WithPriority(ctx, w.urgency), r.longest())
	defer cancel()
	return r.reconcile(ctx, obj, before, w)
}

// close ends a reconcile with its outcome. Who has used up the time says so all the same.
func (r *Reconciler[O, W, S]) close(ctx context.Context, req ctrl.Request, w *work[O, S], before, obj O, out outcome) (ctrl.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, r.longest())
	defer cancel()
	err := r.conclude(ctx, w, before, obj, out)
	if w.conflict = apierrors.IsConflict(err); w.conflict {
		return ctrl.Result{RequeueAfter: r.conflicts.Next(obj.GetUID())}, nil
	}
	r.conflicts.Reset(obj.GetUID())
	r.hold(obj, req, &out)
	if r.Count != nil {
		_, status := obj.Managed()
		r.Count(out.reason, len(status.Drift))
	}
	if err != nil {
		return ctrl.Result{}, err
	}
	r.failures.Over(req)
	if out.expired {
		return ctrl.Result{}, nil
	}
	return ctrl.Result{RequeueAfter: out.after}, nil
}

// hold keeps an object that found GoTo unreachable until it answers. Where it has meanwhile, nothing else starts the object.
func (r *Reconciler[O, W, S]) hold(obj O, req ctrl.Request, out *outcome) {
	if out.down == nil {
		return
	}
	r.held.add(AccountName(obj), req)
	if out.down.Over() {
		out.after = jittered(conflictRetry)
	}
}

// urgency tells what a person has just changed, or asked for, from what follows from something else.
func urgency(obj Object) budget.Priority {
	_, status := obj.Managed()
	if obj.GetGeneration() != status.ObservedGeneration || Asked(obj) || !obj.GetDeletionTimestamp().IsZero() {
		return budget.Interactive
	}
	return budget.Bulk
}

// conclude writes the status that a reconcile ended with, and deletes an object that has served its time.
func (r *Reconciler[O, W, S]) conclude(ctx context.Context, w *work[O, S], before, obj O, out outcome) error {
	if apierrors.IsConflict(out.err) {
		return out.err // our copy was old; the newer one is on its way
	}
	if !out.silent {
		setConditions(obj, out)
	}
	if !out.silent || out.stopped {
		if err := r.objects().patchStatus(ctx, w, before, obj); err != nil {
			return client.IgnoreNotFound(err)
		}
	}
	if out.identify { // after the status, which is believed first
		if err := r.objects().claim(ctx, obj, out.identified); err != nil {
			return client.IgnoreNotFound(err)
		}
	}
	if out.err == nil && out.expired {
		uid := obj.GetUID()
		return client.IgnoreNotFound(r.Client.Delete(ctx, obj, client.Preconditions{UID: &uid}))
	}
	return out.err
}

// reconcile is the life of an object, in order, which was read as before. It changes obj's status and leaves the conditions to its outcome.
func (r *Reconciler[O, W, S]) reconcile(ctx context.Context, obj, before O, w *work[O, S]) outcome {
	spec, _ := obj.Managed()
	recalled := r.memories().recall(obj)
	if !obj.GetDeletionTimestamp().IsZero() {
		return (&death[O, W, S]{r, obj, w, recalled}).finalize(ctx)
	}
	if err := r.heal(ctx, obj, recalled); err != nil {
		return outcomeOf(err)
	}
	if spec.Suspend {
		r.rivals().gone(ctx, client.ObjectKeyFromObject(obj))
		return r.pause(obj, outcome{ready: metav1.ConditionFalse, reason: v1alpha1.ReasonSuspended, message: "spec.suspend is true"})
	}
	acct, policy, err := r.accounts().of(ctx, obj)
	if err != nil {
		r.rivals().gone(ctx, client.ObjectKeyFromObject(obj)) // until that is mended it does nothing either
		return r.pause(obj, refused(err, recalled).undo(obj, before))
	}
	l := life[O, W, S]{Reconciler: r, work: w, acct: acct, policy: policy, before: before, obj: obj, recalled: recalled}
	out := l.live(ctx).undo(obj, before)
	if out.again {
		out.after = sooner(out.after, jittered(acct.ResyncInterval()))
	}
	return out
}

// pause is an outcome of an object for which nothing is done.
func (r *Reconciler[O, W, S]) pause(obj O, out outcome) outcome {
	if p, ok := r.Kind.(Pauser[O]); ok {
		out.conditions = p.Pause(obj)
	}
	return out
}

// heal puts back finalizer and identity of an object that has a counterpart, where somebody has taken them away: a PUT
// replaces metadata, and without a finalizer the object would go without its counterpart.
func (r *Reconciler[O, W, S]) heal(ctx context.Context, obj O, recalled bool) error {
	if _, status := obj.Managed(); status.Origin == "" || recalled {
		return nil
	}
	open := identityOf(obj).open() // what it is about may have been made, and is looked for by it
	return r.objects().claim(ctx, obj, open || r.memories().remembered(obj, true))
}

func sooner(a, b time.Duration) time.Duration {
	if a == 0 || b > 0 && b < a {
		return b
	}
	return a
}

// jittered spreads what comes back after the same time.
func jittered(d time.Duration) time.Duration {
	return d + time.Duration(rand.Int64N(int64(d)/10+1)) //nolint:gosec // jitter, not a secret
}

func (r *Reconciler[O, W, S]) event(obj O, kind, reason, message string) {
	r.Events.Eventf(obj, nil, kind, reason, "Reconcile", "%s", message)
}

func (r *Reconciler[O, W, S]) normal(obj O, reason, message string) {
	r.event(obj, corev1.EventTypeNormal, reason, message)
}
