package inflight

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// server takes a second for each request, and counts those under way.
type server struct {
	client.Client

	now, most, done atomic.Int64
}

func (s *server) serve() error {
	s.most.Store(max(s.most.Load(), s.now.Add(1)))
	time.Sleep(time.Second)
	s.now.Add(-1)
	s.done.Add(1)
	return nil
}

func (s *server) GroupVersionKindFor(obj runtime.Object) (schema.GroupVersionKind, error) {
	return obj.GetObjectKind().GroupVersionKind(), nil
}

func (s *server) Status() client.SubResourceWriter { return statusServer{of: s} }

func (s *server) Get(context.Context, client.ObjectKey, client.Object, ...client.GetOption) error {
	return s.serve()
}

func (s *server) Create(context.Context, client.Object, ...client.CreateOption) error {
	return s.serve()
}

func (s *server) Update(context.Context, client.Object, ...client.UpdateOption) error {
	return s.serve()
}

func (s *server) Patch(context.Context, client.Object, client.Patch, ...client.PatchOption) error {
	return s.serve()
}

func (s *server) Delete(context.Context, client.Object, ...client.DeleteOption) error {
	return s.serve()
}

type statusServer struct {
	client.SubResourceWriter

	of *server
}

func (s statusServer) Update(context.Context, client.Object, ...client.SubResourceUpdateOption) error {
	return s.of.serve()
}

func (s statusServer) Patch(context.Context, client.Object, client.Patch, ...client.SubResourcePatchOption) error {
	return s.of.serve()
}

const group = "goto-operator.dev"

func of(apiVersion, kind string) client.Object {
	o := &unstructured.Unstructured{}
	o.SetGroupVersionKind(schema.FromAPIVersionAndKind(apiVersion, kind))
	return o
}

// writes are all ways to change an object, but those of its status.
var writes = map[string]func(context.Context, client.Client, client.Object) error{
	"create": func(ctx context.Context, c client.Client, o client.Object) error { return c.Create(ctx, o) },
	"update": func(ctx context.Context, c client.Client, o client.Object) error { return c.Update(ctx, o) },
	"patch": func(ctx context.Context, c client.Client, o client.Object) error {
		return c.Patch(ctx, o, client.MergeFrom(o))
	},
	"delete": func(ctx context.Context, c client.Client, o client.Object) error { return c.Delete(ctx, o) },
}

var ends = map[string]func(context.Context, client.Client, client.Object) error{
	"update": func(ctx context.Context, c client.Client, o client.Object) error { return c.Status().Update(ctx, o) },
	"patch": func(ctx context.Context, c client.Client, o client.Object) error {
		return c.Status().Patch(ctx, o, client.MergeFrom(o))
	},
}

func TestBulkIsBoundedAndAnEditPasses(t *testing.T) {
	t.Parallel()
	user := of(group+"/v1alpha1", "GoToUser")
	for lane, bulk := range map[string]map[string]func(context.Context, client.Client, client.Object) error{"begins": writes, "ends": ends} {
		for name, write := range bulk {
			t.Run(lane+" "+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					var s server
					c := Client(&s, group)
					for range 10 * Width {
						go func() { _ = write(t.Context(), c, user) }()
					}
					synctest.Wait()
					if n := s.now.Load(); n != Width {
						t.Fatalf("%d under way, want %d", n, Width)
					}
					began := time.Now()
					other := ends["patch"]
					if lane == "ends" {
						other = writes["patch"]
					}
					for _, pass := range []error{
						write(Edit(t.Context()), c, user),
						other(t.Context(), c, user),
						c.Get(t.Context(), client.ObjectKey{}, user),
						write(t.Context(), c, of("coordination.k8s.io/v1", "Lease")),
						write(t.Context(), c, &metav1.PartialObjectMetadata{TypeMeta: metav1.TypeMeta{APIVersion: "v1", Kind: "Secret"}}),
					} {
						if pass != nil {
							t.Error(pass)
						}
					}
					if took := time.Since(began); took != 5*time.Second {
						t.Errorf("what passes took %v, one after the other, and a second each is what the server takes", took)
					}
					time.Sleep(10 * time.Second)
					synctest.Wait()
					if n := s.done.Load(); n != 10*Width+5 {
						t.Errorf("%d came through", n)
					}
				})
			})
		}
	}
}

func TestWhoGivesUpLeavesNoGap(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s server
		c, user := Client(&s, group), of(group+"/v1alpha1", "GoToUser")
		for range Width {
			go func() { _ = c.Update(t.Context(), user) }()
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if err := c.Update(ctx, user); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("who gave up: %v", err)
		}
		time.Sleep(2 * time.Second)
		if err := c.Update(t.Context(), user); err != nil || s.now.Load() != 0 {
			t.Errorf("after it: %v, %d under way", err, s.now.Load())
		}
	})
}
