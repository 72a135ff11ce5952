package inflight

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// server takes a second for each request, and counts those under way.
type server struct{ now, most, done atomic.Int64 }

func (s *server) RoundTrip(*http.Request) (*http.Response, error) {
	s.most.Store(max(s.most.Load(), s.now.Add(1)))
	time.Sleep(time.Second)
	s.now.Add(-1)
	s.done.Add(1)
	return &http.Response{StatusCode: http.StatusOK}, nil
}

const object = "/apis/goto-operator.dev/v1alpha1/namespaces/team/gotousers/fay"

// send makes a request; it may run in a goroutine.
func send(ctx context.Context, l http.RoundTripper, method, path string) error {
	r, err := http.NewRequestWithContext(ctx, method, "https://kubernetes.test"+path, nil)
	if err != nil {
		return err
	}
	resp, err := l.RoundTrip(r)
	if err == nil && resp.Body != nil {
		err = resp.Body.Close()
	}
	return err
}

func TestBulkIsBoundedAndAnEditPasses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s server
		l := Transport(&s, "goto-operator.dev")
		for range 10 * Width {
			go func() { _ = send(t.Context(), l, http.MethodPatch, object) }()
		}
		synctest.Wait()
		if n := s.now.Load(); n != Width {
			t.Fatalf("%d under way, want %d", n, Width)
		}
		began := time.Now()
		for _, pass := range []struct {
			ctx          context.Context
			method, path string
		}{
			{Edit(t.Context()), http.MethodPatch, object},
			{t.Context(), http.MethodPatch, object + "/status"},
			{t.Context(), http.MethodGet, object},
			{t.Context(), http.MethodPut, "/apis/coordination.k8s.io/v1/namespaces/system/leases/operator"},
			{t.Context(), http.MethodPost, "/api/v1/namespaces/team/secrets"},
		} {
			if err := send(pass.ctx, l, pass.method, pass.path); err != nil {
				t.Error(err)
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
}

func TestWhoGivesUpLeavesNoGap(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var s server
		l := Transport(&s, "goto-operator.dev")
		for range Width {
			go func() { _ = send(t.Context(), l, http.MethodPatch, object) }()
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if err := send(ctx, l, http.MethodPatch, object); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("who gave up: %v", err)
		}
		time.Sleep(2 * time.Second)
		if err := send(t.Context(), l, http.MethodPatch, object); err != nil || s.now.Load() != 0 {
			t.Errorf("after it: %v, %d under way", err, s.now.Load())
		}
	})
}
