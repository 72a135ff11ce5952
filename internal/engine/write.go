package engine

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
)

// objects writes those of a kind to the API server.
type objects[O Object, S any] struct {
	client   client.Client
	memories memories[O]
	writes   *ownWrites
}

func (r *Reconciler[O, W, S]) objects() objects[O, S] {
	return objects[O, S]{r.Client, r.memories(), &r.writes}
}

// claim sets the finalizer and, in the same write, the identity, unless metadata is said to have enough of it. It writes
// only if something is missing.
func (r objects[O, S]) claim(ctx context.Context, obj O, enough bool) error {
	base, _ := obj.DeepCopyObject().(O)
	changed := controllerutil.AddFinalizer(obj, v1alpha1.Finalizer)
	if !enough {
		id := r.memories.known(obj)
		changed = id.set(obj) || changed
	}
	if !changed {
		return nil
	}
	return r.patchMeta(ctx, base, obj)
}

// patchMeta writes metadata. The status that was computed so far, which the answer does not know, stays.
func (r objects[O, S]) patchMeta(ctx context.Context, base, obj O) error {
	written, _ := obj.DeepCopyObject().(O)
	if err := r.client.Patch(ctx, written, client.MergeFromWithOptions(base, client.MergeFromWithOptimisticLock{})); err != nil {
		obj.SetAnnotations(base.GetAnnotations())
		obj.SetFinalizers(base.GetFinalizers())
		return err
	}
	r.writes.note(written, time.Now())
	copyMeta(written, obj)
	return nil
}

func copyMeta(from, to client.Object) {
	to.SetResourceVersion(from.GetResourceVersion())
	to.SetFinalizers(from.GetFinalizers())
	to.SetAnnotations(from.GetAnnotations())
	to.SetManagedFields(from.GetManagedFields())
}

// patchStatus writes the status, if it says something new.
func (r objects[O, S]) patchStatus(ctx context.Context, w *work[O, S], before, obj O) error {
	base, _ := before.DeepCopyObject().(O)
	copyMeta(obj, base)
	if !equality.Semantic.DeepEqual(base, obj) {
		if err := r.client.Status().Patch(ctx, obj, client.MergeFromWithOptions(base, client.MergeFromWithOptimisticLock{})); err != nil {
			return err
		}
		r.writes.note(obj, time.Now())
	}
	w.written()
	return nil
}
