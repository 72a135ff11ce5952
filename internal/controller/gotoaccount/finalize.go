package gotoaccount

import (
	"context"
	"fmt"

	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
)

// claim keeps a connected account until what it is needed for is gone: objects that are deleted together with it still
// have counterparts in GoTo to delete. It records which account the object stands for, and which Secret is held.
func (r *Reconciler) claim(ctx context.Context, ga *v1alpha1.GoToAccount, c *connection) error {
	if err := r.secrets.letFormerGo(ctx, ga); err != nil {
		return err
	}
	base := ga.DeepCopy()
	claimed := controllerutil.AddFinalizer(ga, v1alpha1.Finalizer)
	if remember(ga, c.acct.Key()) || claimed {
		return r.patchMeta(ctx, base, ga)
	}
	return nil
}

// patchMeta writes metadata and keeps the status that was computed so far, which the answer does not know.
func (r *Reconciler) patchMeta(ctx context.Context, base, ga *v1alpha1.GoToAccount) error {
	status := ga.Status.DeepCopy()
	err := r.Client.Patch(ctx, ga, client.MergeFromWithOptions(base, client.MergeFromWithOptimisticLock{}))
	ga.Status = *status
	return err
}

// finalize lets an account go once no object of the cluster needs it any more, and works on until then.
func (r *Reconciler) finalize(ctx context.Context, ga *v1alpha1.GoToAccount, asked bool) (ctrl.Result, error) {
	name := client.ObjectKeyFromObject(ga)
	if !controllerutil.ContainsFinalizer(ga, v1alpha1.Finalizer) {
		r.connector.disconnect(name)
		return ctrl.Result{}, nil
	}
	n, err := count(ctx, r.Client, ga, r.live.get(name))
	if err != nil {
		return ctrl.Result{}, err
	}
	if n.holding == 0 {
		return ctrl.Result{}, r.release(ctx, ga)
	}
	result := ctrl.Result{}
	if !ga.Spec.Suspend {
		c, err := r.workOn(ctx, ga, asked)
		if c == nil {
			return r.unconnected(ga, err)
		}
		if result, err = r.show(ctx, ga, c, err); err != nil {
			return ctrl.Result{}, err
		}
	}
	setReconciling(ga, v1alpha1.ReasonInUse, inUse(n))
	return result, nil
}

// workOn connects an account that is being deleted, and holds its Secret.
func (r *Reconciler) workOn(ctx context.Context, ga *v1alpha1.GoToAccount, asked bool) (*connection, error) {
	secret, err := readSecret(ctx, r.Secrets, secretName(ga))
	if err != nil {
		return r.live.get(client.ObjectKeyFromObject(ga)), err
	}
	if err := r.secrets.hold(ctx, secret); err != nil {
		return r.live.get(client.ObjectKeyFromObject(ga)), err
	}
	return r.connector.connect(ctx, ga, secret, asked)
}

// release lets go of the Secret, then of the account: the other way round nobody would be left to do it.
func (r *Reconciler) release(ctx context.Context, ga *v1alpha1.GoToAccount) error {
	r.connector.disconnect(client.ObjectKeyFromObject(ga))
	if err := r.secrets.letAllGo(ctx, ga); err != nil {
		return err
	}
	base := ga.DeepCopy()
	controllerutil.RemoveFinalizer(ga, v1alpha1.Finalizer)
	return client.IgnoreNotFound(r.patchMeta(ctx, base, ga))
}

func inUse(n tally) string {
	if n.staying == 0 {
		return fmt.Sprintf("%d objects that use this account are still to be deleted in GoTo", n.holding)
	}
	return fmt.Sprintf("%d objects use this account, and %d of them are not being deleted: delete them, or set deletionPolicy: Orphan and delete them",
		n.holding, n.staying)
}
