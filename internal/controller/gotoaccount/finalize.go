package gotoaccount

import (
	"context"
	"fmt"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
	"github.com/goto-operator/goto-operator/internal/engine"
)

// claim keeps a connected account until what it is needed for is gone: objects that are deleted together with it still
// have counterparts in GoTo to delete.
func (r *Reconciler) claim(ctx context.Context, ga *v1alpha1.GoToAccount) error {
	if controllerutil.ContainsFinalizer(ga, v1alpha1.Finalizer) {
		return nil
	}
	base := ga.DeepCopy()
	controllerutil.AddFinalizer(ga, v1alpha1.Finalizer)
	return r.patchMeta(ctx, base, ga)
}

// patchMeta writes metadata and keeps the status that was computed so far, which the answer does not know.
func (r *Reconciler) patchMeta(ctx context.Context, base, ga *v1alpha1.GoToAccount) error {
	status := ga.Status.DeepCopy()
	err := r.Client.Patch(ctx, ga, client.MergeFromWithOptions(base, client.MergeFromWithOptimisticLock{}))
	ga.Status = *status
	return err
}

// finalize lets an account go once no object of the cluster needs it any more, and works on until then.
func (r *Reconciler) finalize(ctx context.Context, ga *v1alpha1.GoToAccount) (ctrl.Result, error) {
	name := client.ObjectKeyFromObject(ga)
	if !controllerutil.ContainsFinalizer(ga, v1alpha1.Finalizer) {
		r.disconnect(name)
		return ctrl.Result{}, nil
	}
	objects, staying, err := r.dependents(ctx, ga)
	if err != nil {
		return ctrl.Result{}, err
	}
	if objects == 0 {
		r.disconnect(name)
		base := ga.DeepCopy()
		controllerutil.RemoveFinalizer(ga, v1alpha1.Finalizer)
		return ctrl.Result{}, client.IgnoreNotFound(r.patchMeta(ctx, base, ga))
	}
	c := r.live.get(name) // its Secret may be gone already
	if c == nil && !ga.Spec.Suspend {
		if c, err = r.connect(ctx, ga); err != nil {
			return r.failed(ga, err)
		}
	}
	var result ctrl.Result
	if c != nil {
		wasWaiting := ga.Status.Deletions.Waiting
		if err := r.showAccount(ctx, ga, c); err != nil {
			return ctrl.Result{}, err
		}
		result.RequeueAfter = r.approve(ga, c, wasWaiting)
	}
	message := fmt.Sprintf("%d objects that use this account are still to be deleted in GoTo", objects)
	if staying > 0 {
		message = fmt.Sprintf("%d objects use this account, and %d of them are not being deleted: delete them, or set deletionPolicy: Orphan and delete them",
			objects, staying)
	}
	setReconciling(ga, v1alpha1.ReasonInUse, message)
	return result, nil
}

// dependents counts the objects that hold on to a counterpart in the account, and those of them that nobody deletes.
func (r *Reconciler) dependents(ctx context.Context, ga *v1alpha1.GoToAccount) (objects, staying int, err error) {
	for _, kind := range engine.Kinds(r.Client.Scheme()) {
		all, err := engine.ObjectsOf(ctx, r.Client, kind, client.ObjectKeyFromObject(ga))
		if err != nil {
			return 0, 0, err
		}
		for _, o := range all {
			if controllerutil.ContainsFinalizer(o, v1alpha1.Finalizer) {
				objects++
				if o.GetDeletionTimestamp().IsZero() {
					staying++
				}
			}
		}
	}
	return objects, staying, nil
}
