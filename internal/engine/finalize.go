package engine

import (
	"context"
	"errors"

	corev1 "k8s.io/api/core/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/account"
)

// death is one reconcile of one object that is being deleted.
type death[O Object, W, S any] struct {
	*Reconciler[O, W, S]

	obj      O
	work     *work[O, S]
	recalled bool // the object knows its counterpart by metadata alone
}

// finalize deletes the remote object or deliberately leaves it, and lets the object go.
func (e *death[O, W, S]) finalize(ctx context.Context) outcome {
	obj := e.obj
	spec, _ := obj.Managed()
	if !controllerutil.ContainsFinalizer(obj, v1alpha1.Finalizer) {
		return outcome{silent: true, reason: v1alpha1.ReasonDeleting}
	}
	d, deletes := e.Kind.(Deleter[O, S])
	if spec.Suspend || spec.ManagementPolicy == v1alpha1.Observe || deletionPolicy(obj) == v1alpha1.DeletionPolicyOrphan {
		return e.leave(ctx)
	}
	if !deletes || !d.Remembers(obj) {
		return e.release(ctx)
	}
	acct, policy, err := e.accounts().of(ctx, obj)
	if err != nil {
		return outcomeOf(err)
	}
	if _, reads := any(e.Kind).(Reader); policy.observe && !reads {
		return e.leave(ctx)
	}
	seen, err := e.doomed(ctx, acct, policy)
	if err != nil {
		return outcomeOf(err)
	}
	if seen == nil {
		return e.release(ctx)
	}
	if err := d.Delete(ctx, acct, obj, seen.Remote); err != nil {
		return e.stays(ctx, d, seen.Remote, err)
	}
	e.rivals().freed(ctx, obj, e.rivals().namesOf(seen.Remote), nil)
	e.normal(obj, v1alpha1.EventDeleted, "deleted the counterpart in GoTo")
	return e.release(ctx)
}

// stays is the outcome of a deletion that could not be made.
func (e *death[O, W, S]) stays(ctx context.Context, d Deleter[O, S], seen S, err error) outcome {
	if left := new(LeftError); errors.As(err, &left) {
		return e.lose(ctx, left)
	}
	out := outcomeOf(err)
	if judge, ok := d.(DeletionJudge[O, S]); ok {
		out.conditions = judge.JudgeDeletion(e.obj, seen)
	}
	return out
}

// doomed is the counterpart that is to be deleted with its object; nil if there is none, if it is to stay, or if it is not the
// object's.
func (e *death[O, W, S]) doomed(ctx context.Context, acct *account.Account, p policy) (*Seen[S], error) {
	obj := e.obj
	_, status := obj.Managed()
	first := e.recalled || status.Origin == ""
	var none W
	seen, _, err := e.observe(ctx, acct, obj, none, e.work)
	if seen == nil && err == nil && status.Origin == "" {
		// All there is is an intent: what it led to may have come after the last reading.
		if err := acct.Refresh(ctx); err != nil {
			return nil, err
		}
		seen, err = e.Kind.Observe(ctx, acct, obj, none)
	}
	if err != nil || seen == nil || deletionPolicyOf(obj, seen.Origin) == v1alpha1.DeletionPolicyOrphan {
		return nil, err
	}
	c := e.claimer()
	if c == nil {
		return seen, nil
	}
	if refusal := p.mayHave(obj, seen.Origin); first && refusal != nil {
		return nil, nil //nolint:nilerr // what the object may not have stays
	}
	key := c.Key(seen.Remote)
	holder, err := e.rivals().first(ctx, acct, obj, e.recalled, key, KeyClaim(key))
	if err != nil || holder != nil {
		return nil, err // another object's now
	}
	return seen, nil
}

// deletionPolicy in force: the spec's, or what follows from how the object came by its counterpart.
func deletionPolicy(obj Object) v1alpha1.DeletionPolicy {
	_, status := obj.Managed()
	return deletionPolicyOf(obj, status.Origin)
}

func deletionPolicyOf(obj Object, origin v1alpha1.Origin) v1alpha1.DeletionPolicy {
	spec, status := obj.Managed()
	if spec.DeletionPolicy != "" {
		return spec.DeletionPolicy
	}
	if status.Origin != "" {
		origin = status.Origin
	}
	if origin == v1alpha1.Adopted {
		return v1alpha1.DeletionPolicyOrphan
	}
	return v1alpha1.DeletionPolicyDelete
}

// leave lets the object go and its counterpart stay.
func (e *death[O, W, S]) leave(ctx context.Context) outcome {
	e.normal(e.obj, v1alpha1.EventOrphaned, "the counterpart in GoTo is left as it is")
	return e.release(ctx)
}

// lose lets the object go though its counterpart stays against the object's will. The API server takes no events in a namespace that is
// being deleted, so the log says it too.
func (e *death[O, W, S]) lose(ctx context.Context, left *LeftError) outcome {
	e.event(e.obj, corev1.EventTypeWarning, v1alpha1.EventOrphaned, left.Message)
	ctrl.LoggerFrom(ctx).Info(left.Message)
	return e.release(ctx)
}

func (e *death[O, W, S]) release(ctx context.Context) outcome {
	obj := e.obj
	base, _ := obj.DeepCopyObject().(O)
	controllerutil.RemoveFinalizer(obj, v1alpha1.Finalizer)
	err := e.objects().patchMeta(ctx, base, obj)
	if err == nil {
		e.corrections.set(obj.GetUID(), nil, e.now())
		e.work.way = nil
	}
	return outcome{silent: true, reason: v1alpha1.ReasonDeleting, err: client.IgnoreNotFound(err)}
}
