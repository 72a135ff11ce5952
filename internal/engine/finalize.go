package engine

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
)

// finalize deletes the remote object or deliberately leaves it, and lets the object go.
func (r *Reconciler[O, W, S]) finalize(ctx context.Context, obj O) outcome {
	spec, _ := obj.Managed()
	if !controllerutil.ContainsFinalizer(obj, v1alpha1.Finalizer) {
		return outcome{silent: true, reason: v1alpha1.ReasonDeleting}
	}
	keep := spec.Suspend || spec.ManagementPolicy == v1alpha1.Observe || deletionPolicy(obj) == v1alpha1.DeletionPolicyOrphan
	if keep || !r.Kind.Remembers(obj) {
		if keep {
			r.event(obj, corev1.EventTypeNormal, v1alpha1.EventOrphaned, "the counterpart in GoTo is left as it is")
		}
		return r.release(ctx, obj)
	}
	acct, err := r.connect(ctx, obj)
	if err != nil {
		return outcomeOf(err)
	}
	var none W
	seen, err := r.Kind.Observe(ctx, acct, obj, none)
	if err != nil {
		return outcomeOf(err)
	}
	_, status := obj.Managed()
	if seen == nil && status.Origin == "" {
		// All there is is an intent: what it led to may have come after the last reading.
		if err := acct.Refresh(ctx); err != nil {
			return outcomeOf(err)
		}
		if seen, err = r.Kind.Observe(ctx, acct, obj, none); err != nil {
			return outcomeOf(err)
		}
	}
	if seen == nil || deletionPolicyOf(obj, seen.Origin) == v1alpha1.DeletionPolicyOrphan {
		return r.release(ctx, obj)
	}
	if owner, err := r.owner(ctx, acct, obj, r.Kind.Claim(seen.Remote)); err != nil {
		return outcomeOf(err)
	} else if owner != "" {
		return r.release(ctx, obj) // another object's now
	}
	if err := r.Kind.Delete(ctx, acct, obj, seen.Remote); err != nil {
		return outcomeOf(err)
	}
	r.event(obj, corev1.EventTypeNormal, v1alpha1.EventDeleted, "deleted the counterpart in GoTo")
	return r.release(ctx, obj)
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

func (r *Reconciler[O, W, S]) release(ctx context.Context, obj O) outcome {
	base, _ := obj.DeepCopyObject().(O)
	controllerutil.RemoveFinalizer(obj, v1alpha1.Finalizer)
	err := r.patchMeta(ctx, base, obj)
	return outcome{silent: true, reason: v1alpha1.ReasonDeleting, err: client.IgnoreNotFound(err)}
}
