package engine

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

func newQueue(t *testing.T) requests {
	t.Helper()
	q := workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[reconcile.Request]())
	t.Cleanup(q.ShutDown)
	return q
}

func request(name string) reconcile.Request {
	return reconcile.Request{NamespacedName: types.NamespacedName{Namespace: "team", Name: name}}
}

// Edits have workers of their own while nearly all others are taken, and no more than those can do: the rest waits with all.
func TestAnEditFindsASpareWorker(t *testing.T) {
	e := newExpress(100)
	e.use(&e.all, newQueue(t))
	e.start(request("before the start"))
	e.use(&e.edits, newQueue(t))
	for i := range 89 {
		e.take(types.NamespacedName{Name: fmt.Sprint(i)}, false)
	}
	e.start(request("few are free"))
	if n := e.all.Len(); n != 2 {
		t.Fatalf("%d with all, want both", n)
	}
	e.take(types.NamespacedName{Name: "one more"}, false)
	for i := range 2 * e.workers {
		e.start(request(fmt.Sprint("edit ", i)))
	}
	if n, m := e.edits.Len(), e.all.Len(); n != e.workers || m != 2+e.workers {
		t.Errorf("%d of %d edits for the %d spare workers, %d with all", n, 2*e.workers, e.workers, m)
	}
	e.leave(types.NamespacedName{Name: "one more"})
	if e.soonest() != e.all {
		t.Error("others are free again, and an edit goes to the spare ones")
	}
}

// One worker at a time has an object, of whichever queue; who finds it taken looks again, and what an edit is to be looked at later is an
// object as all others.
func TestOneWorkerHasAnObject(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := newExpress(1)
		e.use(&e.all, newQueue(t))
		defer e.all.ShutDown()
		var now, most, times int
		work := reconcile.Func(func(context.Context, reconcile.Request) (reconcile.Result, error) {
			now++
			most, times = max(most, now), times+1
			time.Sleep(time.Minute)
			now--
			return reconcile.Result{RequeueAfter: time.Hour}, nil
		})
		results := make(chan reconcile.Result, 2)
		for _, edits := range []bool{true, false} {
			go func() {
				result, _ := e.reconciler(work, edits).Reconcile(t.Context(), request("fay"))
				results <- result
			}()
			time.Sleep(time.Second)
		}
		busy, edit := <-results, <-results // the edit began first, and takes a minute
		if busy.RequeueAfter != busyRetry || most != 1 {
			t.Errorf("%d at once; the second is to look again in %v", most, busy.RequeueAfter)
		}
		if edit.RequeueAfter != 0 || times != 1 {
			t.Errorf("the edit comes back by itself in %v, after %d times", edit.RequeueAfter, times)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if n := e.all.Len(); n != 1 {
			t.Errorf("%d are due an hour later, want the one that was edited", n)
		}
	})
}
