package kindtest

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/goto-operator/goto-operator/api/v1alpha1"
)

// watched is the operator's client: its writes are counted and can fail, and once it is dead it reads nothing either.
func (w *World[O, W, S]) watched() client.Client {
	return interceptor.NewClient(w.Kube, interceptor.Funcs{
		Create: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.CreateOption) error {
			return w.write("create", o, func() error { return c.Create(ctx, o, opts...) })
		},
		Update: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.UpdateOption) error {
			return w.write("update", o, func() error { return c.Update(ctx, o, opts...) })
		},
		Patch: func(ctx context.Context, c client.WithWatch, o client.Object, p client.Patch, opts ...client.PatchOption) error {
			return w.write("patch", o, func() error { return c.Patch(ctx, o, p, opts...) })
		},
		Delete: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.DeleteOption) error {
			return w.write("delete", o, func() error { return c.Delete(ctx, o, opts...) })
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, p client.Patch, opts ...client.SubResourcePatchOption) error {
			return w.write("patch "+sub+" of", o, func() error {
				err := c.SubResource(sub).Patch(ctx, o, p, opts...)
				if said, ok := o.(O); ok && err == nil && w.Said != nil {
					w.Said(said)
				}
				return err
			})
		},
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
			if err := w.gate.alive(); err != nil {
				return err
			}
			return c.Get(ctx, key, o, opts...)
		},
		List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, opts ...client.ListOption) error {
			if err := w.gate.alive(); err != nil {
				return err
			}
			return c.List(ctx, list, opts...)
		},
	})
}

// write lets one write happen, or not.
func (w *World[O, W, S]) write(verb string, o client.Object, do func() error) error {
	w.mu.Lock()
	w.Writes++
	n := w.Writes
	w.mu.Unlock()
	if w.FailWrite != nil {
		if err := w.FailWrite(n); err != nil {
			return err
		}
	}
	return w.gate.pass(point{name: fmt.Sprintf("%s %T", verb, o)}, do, map[Strike]func() error{
		Refused: func() error {
			return apierrors.NewConflict(v1alpha1.GroupVersion.WithResource("x").GroupResource(), o.GetName(), errStruck)
		},
		FailedBefore: func() error { return apierrors.NewInternalError(errStruck) },
	})
}

// recorder is told of events.
type recorder func(text string)

// Eventf passes on what an event says.
func (r recorder) Eventf(_, _ runtime.Object, kind, reason, _, note string, args ...any) {
	r(kind + " " + reason + " " + fmt.Sprintf(note, args...))
}

func (w *World[O, W, S]) event(text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.Events = append(w.Events, text)
}
