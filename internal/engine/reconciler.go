package engine

import (
	"context"
	"errors"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
)

// Reconciler drives one kind. Its life of an object is reconcile; everything else here serves it.
type Reconciler[O Object, W, S any] struct {
	Client   client.Client
	Events   events.EventRecorder
	Registry *account.Registry
	Kind     Kind[O, W, S]
	// Count is told of every outcome and of the number of differences found; nil for nobody.
	Count func(outcome string, drift int)
	// Timeout bounds one reconcile; 5 minutes.
	Timeout time.Duration
}

// Reconcile brings one object and its remote counterpart together.
func (r *Reconciler[O, W, S]) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	timeout := r.Timeout
	if timeout == 0 {
		timeout = 5 * time.Minute
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	obj := r.Kind.New()
	if err := r.Client.Get(ctx, req.NamespacedName, obj); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	before, _ := obj.DeepCopyObject().(O)
	out := r.reconcile(ctx, obj)
	if r.Count != nil {
		_, status := obj.Managed()
		r.Count(out.reason, len(status.Drift))
	}
	if apierrors.IsConflict(out.err) {
		return ctrl.Result{RequeueAfter: 100 * time.Millisecond}, nil // our copy was old; the newer one is on its way
	}
	if !out.silent {
		setConditions(obj, out)
		if err := r.patchStatus(ctx, before, obj); err != nil {
			if apierrors.IsConflict(err) {
				return ctrl.Result{RequeueAfter: 100 * time.Millisecond}, nil
			}
			return ctrl.Result{}, client.IgnoreNotFound(err)
		}
	}
	if out.err != nil {
		return ctrl.Result{}, out.err
	}
	if out.expired {
		uid := obj.GetUID()
		return ctrl.Result{}, client.IgnoreNotFound(r.Client.Delete(ctx, obj, client.Preconditions{UID: &uid}))
	}
	return ctrl.Result{RequeueAfter: out.after}, nil
}

// reconcile is the life of an object, in order. It changes obj's status and leaves the conditions to its outcome.
func (r *Reconciler[O, W, S]) reconcile(ctx context.Context, obj O) outcome {
	spec, status := obj.Managed()
	confirmed := status.Origin != ""
	if !obj.GetDeletionTimestamp().IsZero() {
		return r.finalize(ctx, obj)
	}
	if spec.Suspend {
		return outcome{ready: metav1.ConditionFalse, reason: v1alpha1.ReasonSuspended, message: "spec.suspend is true"}
	}
	acct, err := r.connect(ctx, obj)
	if err != nil {
		return outcomeOf(err)
	}
	want, err := r.Kind.Resolve(ctx, acct, obj)
	if err != nil {
		return outcomeOf(err)
	}
	seen, err := r.Kind.Observe(ctx, acct, obj, want)
	if err != nil {
		return outcomeOf(err)
	}
	claims := r.Kind.Claims(obj)
	if seen != nil {
		claims = append(claims, r.Kind.Claim(seen.Remote))
	}
	owner, err := r.owner(ctx, acct, obj, claims...)
	if err != nil {
		return outcomeOf(err)
	}
	if owner != "" {
		return outcomeOf(&StalledError{v1alpha1.ReasonConflict, owner + " is older and claims the same; change or delete one of the two"})
	}
	if spec.ManagementPolicy == v1alpha1.Observe {
		return r.observeOnly(obj, want, seen)
	}
	if seen, err = r.ensure(ctx, acct, obj, want, seen, confirmed); err != nil {
		return outcomeOf(err)
	}
	return r.correct(ctx, acct, obj, want, seen)
}

func (r *Reconciler[O, W, S]) observeOnly(obj O, want W, seen *Seen[S]) outcome {
	_, status := obj.Managed()
	if seen == nil {
		status.Drift = nil
		return outcome{ready: metav1.ConditionFalse, reason: v1alpha1.ReasonNotFound, message: "there is no counterpart in GoTo; managementPolicy Observe creates none"}
	}
	r.report(obj, seen)
	status.Drift = drift(r.Kind.Diff(obj, want, seen.Remote))
	return outcome{ready: metav1.ConditionTrue, reason: v1alpha1.ReasonObserved, message: "observed; nothing is written to GoTo"}
}

// ensure claims the object, and creates the remote one if it is not there. A create that was confirmed once says nothing of
// what is made after its counterpart has vanished.
func (r *Reconciler[O, W, S]) ensure(ctx context.Context, acct *account.Account, obj O, want W, seen *Seen[S], confirmed bool) (*Seen[S], error) {
	if seen != nil {
		_, status := obj.Managed()
		first := status.Origin == ""
		if err := r.claim(ctx, obj, ""); err != nil {
			return nil, err
		}
		if err := r.bind(ctx, obj, want, seen); err != nil {
			return nil, err
		}
		if first && status.Origin == v1alpha1.Adopted {
			r.event(obj, corev1.EventTypeNormal, v1alpha1.EventAdopted, "adopted the existing counterpart in GoTo")
		}
		return seen, nil
	}
	intent := r.Kind.Intent(obj, want)
	again := intent != "" && CreateIntent(obj) == intent && !confirmed
	if err := r.claim(ctx, obj, intent); err != nil {
		return nil, err
	}
	seen, err := r.Kind.Create(ctx, acct, obj, want, again)
	if err != nil && !again && !mayHaveCreated(err) {
		// Otherwise what somebody else creates meanwhile would count as ours, and be deleted with the object.
		if err := r.forgetIntent(ctx, obj); err != nil {
			return nil, err
		}
	}
	if err == nil && seen.Origin == v1alpha1.Adopted {
		err = r.forgetIntent(ctx, obj) // with it, what somebody else has made would count as ours after a crash
	}
	if err != nil {
		return nil, err
	}
	before, _ := obj.DeepCopyObject().(O)
	r.report(obj, seen)
	if b, ok := r.Kind.(Binder[O]); ok && b.Bind(obj) {
		if err := r.patchStatus(ctx, before, obj); err != nil {
			return nil, err
		}
	}
	if seen.Origin == v1alpha1.Adopted {
		r.event(obj, corev1.EventTypeNormal, v1alpha1.EventAdopted, "adopted the existing counterpart in GoTo")
	} else {
		r.event(obj, corev1.EventTypeNormal, v1alpha1.EventCreated, "created the counterpart in GoTo")
	}
	return seen, nil
}

// bind notes the counterpart. One that was found by the intent to create it, and is about to be changed, is written down
// first: after the change it might not be recognised by that intent any more.
func (r *Reconciler[O, W, S]) bind(ctx context.Context, obj O, want W, seen *Seen[S]) error {
	before, _ := obj.DeepCopyObject().(O)
	r.report(obj, seen)
	if CreateIntent(obj) == "" || slices.Equal(r.Kind.Claims(before), r.Kind.Claims(obj)) || len(r.Kind.Diff(obj, want, seen.Remote)) == 0 {
		return nil
	}
	return r.patchStatus(ctx, before, obj)
}

// correct writes what differs and may be written, and then says how things stand.
func (r *Reconciler[O, W, S]) correct(ctx context.Context, acct *account.Account, obj O, want W, seen *Seen[S]) outcome {
	_, status := obj.Managed()
	var open, locked []Change
	for _, c := range r.Kind.Diff(obj, want, seen.Remote) {
		if c.Locked {
			locked = append(locked, c)
		} else {
			open = append(open, c)
		}
	}
	status.Drift = drift(locked)
	if len(open) > 0 {
		if err := r.record(ctx, obj, want, seen.Remote, open); err != nil {
			return outcomeOf(err)
		}
		remote, err := r.Kind.Update(ctx, acct, obj, want, seen.Remote, open)
		seen.Remote = remote
		r.Kind.Report(obj, remote)
		if err != nil {
			return r.judge(obj, want, seen.Remote, outcomeOf(err))
		}
		r.event(obj, corev1.EventTypeNormal, v1alpha1.EventUpdated, "corrected in GoTo: "+fields(open))
	}
	if p, ok := r.Kind.(Publisher[O, W, S]); ok {
		if err := p.Publish(ctx, acct, obj, want, seen.Remote); err != nil {
			return r.judge(obj, want, seen.Remote, outcomeOf(err))
		}
	}
	if len(locked) > 0 {
		return r.judge(obj, want, seen.Remote, outcome{ready: metav1.ConditionFalse, reason: v1alpha1.ReasonReadOnly, stalled: true,
			message: "GoTo does not allow these fields to be changed: " + fields(locked)})
	}
	return r.judge(obj, want, seen.Remote, outcome{ready: metav1.ConditionTrue, reason: v1alpha1.ReasonSynced, message: "GoTo holds what the spec says"})
}

// record writes down what an update is about to do, where the kind has to remember it.
func (r *Reconciler[O, W, S]) record(ctx context.Context, obj O, want W, seen S, changes []Change) error {
	recorder, ok := r.Kind.(Recorder[O, W, S])
	if !ok {
		return nil
	}
	before, _ := obj.DeepCopyObject().(O)
	recorder.Record(obj, want, seen, changes)
	kept, _ := obj.DeepCopyObject().(O)
	err := r.patchStatus(ctx, before, obj)
	r.keepManaged(kept, obj)
	return err
}

// judge lets the kind add to an outcome. What the kind finds wrong counts only where nothing else is.
func (r *Reconciler[O, W, S]) judge(obj O, want W, seen S, out outcome) outcome {
	judge, ok := r.Kind.(Judge[O, W, S])
	if !ok {
		return r.schedule(obj, want, seen, out)
	}
	conditions, err := judge.Judge(obj, want, seen)
	if err != nil && out.ready == metav1.ConditionTrue {
		out = outcomeOf(err)
	}
	out.conditions = conditions
	return r.schedule(obj, want, seen, out)
}

// schedule lets the kind say when time alone makes a difference.
func (r *Reconciler[O, W, S]) schedule(obj O, want W, seen S, out outcome) outcome {
	scheduler, ok := r.Kind.(Scheduler[O, W, S])
	if !ok {
		return out
	}
	after, expired := scheduler.Next(obj, want, seen)
	if out.after == 0 || after > 0 && after < out.after {
		out.after = after
	}
	out.expired = expired
	return out
}

func (r *Reconciler[O, W, S]) report(obj O, seen *Seen[S]) {
	_, status := obj.Managed()
	if status.Origin == "" {
		status.Origin = seen.Origin
	}
	r.Kind.Report(obj, seen.Remote)
}

// claim sets the finalizer, and with it records what is about to be created. It writes only if something is missing.
func (r *Reconciler[O, W, S]) claim(ctx context.Context, obj O, intent string) error {
	base, _ := obj.DeepCopyObject().(O)
	changed := controllerutil.AddFinalizer(obj, v1alpha1.Finalizer)
	if intent != "" && CreateIntent(obj) != intent {
		SetCreateIntent(obj, intent)
		changed = true
	}
	if !changed {
		return nil
	}
	return r.patchMeta(ctx, base, obj)
}

// mayHaveCreated is true unless the error is proof that the create had no effect: an answer that says so, or no request.
func mayHaveCreated(err error) bool {
	return gotoclient.IsAmbiguous(err) || errors.Is(err, account.ErrUnconfirmed) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

func (r *Reconciler[O, W, S]) forgetIntent(ctx context.Context, obj O) error {
	base, _ := obj.DeepCopyObject().(O)
	annotations := obj.GetAnnotations()
	delete(annotations, v1alpha1.CreateIntentAnnotation)
	obj.SetAnnotations(annotations)
	return r.patchMeta(ctx, base, obj)
}

// patchMeta writes metadata and keeps the status that was computed so far, which the answer does not know.
func (r *Reconciler[O, W, S]) patchMeta(ctx context.Context, base, obj O) error {
	kept, _ := obj.DeepCopyObject().(O)
	err := r.Client.Patch(ctx, obj, client.MergeFromWithOptions(base, client.MergeFromWithOptimisticLock{}))
	r.keepManaged(kept, obj)
	return err
}

// keepManaged puts back the part of the status that was computed so far and that an answer has overwritten.
func (*Reconciler[O, W, S]) keepManaged(from, to O) {
	_, kept := from.Managed()
	_, status := to.Managed()
	*status = *kept
}

// patchStatus is the one write at the end, made only if the status says something new.
func (r *Reconciler[O, W, S]) patchStatus(ctx context.Context, before, obj O) error {
	base, _ := before.DeepCopyObject().(O)
	base.SetResourceVersion(obj.GetResourceVersion())
	base.SetFinalizers(obj.GetFinalizers())
	base.SetAnnotations(obj.GetAnnotations())
	base.SetManagedFields(obj.GetManagedFields())
	if equality.Semantic.DeepEqual(base, obj) {
		return nil
	}
	return r.Client.Status().Patch(ctx, obj, client.MergeFromWithOptions(base, client.MergeFromWithOptimisticLock{}))
}

func (r *Reconciler[O, W, S]) event(obj O, kind, reason, message string) {
	r.Events.Eventf(obj, nil, kind, reason, "Reconcile", "%s", message)
}
