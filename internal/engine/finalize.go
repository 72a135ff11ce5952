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

// finalize deletes the remote object or deliberately leaves it, and lets the object go.
func (r *Reconciler[O, W, S]) finalize(ctx context.Context, obj O, recalled bool) outcome {
	spec, _ := obj.Managed()
	if !controllerutil.ContainsFinalizer(obj, v1alpha1.Finalizer) {
		return outcome{silent: true, reason: v1alpha1.ReasonDeleting}
	}
	d, deletes := r.Kind.(Deleter[O, S])
	if spec.Suspend || spec.ManagementPolicy == v1alpha1.Observe || deletionPolicy(obj) == v1alpha1.DeletionPolicyOrphan {
		return r.leave(ctx, obj)
	}
	if !deletes || !d.Remembers(obj) {
		return r.release(ctx, obj)
	}
	acct, policy, err := r.connect(ctx, obj)
	if err != nil {
		return outcomeOf(err)
	}
	if _, reads := any(r.Kind).(Reader); policy.observe && !reads {
		return r.leave(ctx, obj)
	}
	seen, err := r.doomed(ctx, acct, policy, obj, recalled)
	if err != nil {
		return outcomeOf(err)
	}
	if seen == nil {
		return r.release(ctx, obj)
	}
	if err := d.Delete(ctx, acct, obj, seen.Remote); err != nil {
		return r.stays(ctx, obj, d, seen.Remote, err)
	}
	r.freed(ctx, obj, r.namesOf(seen.Remote), nil)
	r.normal(obj, v1alpha1.EventDeleted, "deleted the counterpart in GoTo")
	return r.release(ctx, obj)
}

// stays is the outcome of a deletion that could not be made.
func (r *Reconciler[O, W, S]) stays(ctx context.Context, obj O, d Deleter[O, S], seen S, err error) outcome {
	if left := new(LeftError); errors.As(err, &left) {
		return r.lose(ctx, obj, left)
	}
	out := outcomeOf(err)
	if judge, ok := d.(DeletionJudge[O, S]); ok {
		out.conditions = judge.JudgeDeletion(obj, seen)
	}
	return out
}

// doomed is the counterpart that is to be deleted with its object; nil if there is none, if it is to stay, or if it is not the
// object's.
func (r *Reconciler[O, W, S]) doomed(ctx context.Context, acct *account.Account, p policy, obj O, recalled bool) (*Seen[S], error) {
	_, status := obj.Managed()
	first := recalled || status.Origin == ""
	var none W
	seen, err := r.Kind.Observe(ctx, acct, obj, none)
	if seen == nil && err == nil && status.Origin == "" {
		// All there is is an intent: what it led to may have come after the last reading.
		if err := acct.Refresh(ctx); err != nil {
			return nil, err
		}
		seen, err = r.Kind.Observe(ctx, acct, obj, none)
	}
	if err != nil || seen == nil || deletionPolicyOf(obj, seen.Origin) == v1alpha1.DeletionPolicyOrphan {
		return nil, err
	}
	if refusal := r.mayHave(p, obj, seen.Origin); first && refusal != nil {
		return nil, nil //nolint:nilerr // what the object may not have stays
	}
	c, claims := r.Kind.(Claimer[O, S])
	if !claims {
		return seen, nil
	}
	key := c.Key(seen.Remote)
	holder, err := r.rivalOf(ctx, acct, obj, recalled, key, KeyClaim(key))
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
func (r *Reconciler[O, W, S]) leave(ctx context.Context, obj O) outcome {
	r.normal(obj, v1alpha1.EventOrphaned, "the counterpart in GoTo is left as it is")
	return r.release(ctx, obj)
}

// lose lets the object go though its counterpart stays against the object's will. The API server takes no events in a namespace that is
// being deleted, so the log says it too.
func (r *Reconciler[O, W, S]) lose(ctx context.Context, obj O, left *LeftError) outcome {
	r.event(obj, corev1.EventTypeWarning, v1alpha1.EventOrphaned, left.Message)
	ctrl.LoggerFrom(ctx).Info(left.Message)
	return r.release(ctx, obj)
}

func (r *Reconciler[O, W, S]) release(ctx context.Context, obj O) outcome {
	base, _ := obj.DeepCopyObject().(O)
	controllerutil.RemoveFinalizer(obj, v1alpha1.Finalizer)
	err := r.patchMeta(ctx, base, obj)
	if err == nil {
		r.corrections.set(obj.GetUID(), nil)
	}
	return outcome{silent: true, reason: v1alpha1.ReasonDeleting, err: client.IgnoreNotFound(err)}
}
