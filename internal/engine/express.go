package engine

import (
	"context"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"
)

type requests = workqueue.TypedRateLimitingInterface[reconcile.Request]

// express has a few workers of its own for what people edit while nearly all others are taken: a thousand objects that something else has
// started may wait for GoTo for minutes, each with a worker.
type express struct {
	workers, others int

	mu         sync.Mutex
	all, edits requests                      // of every object, and of edits alone; nil before the start
	under      map[types.NamespacedName]bool // objects that are worked on, and whether by a worker of all
	taken      int                           // workers of all
}

// busyRetry is when an object is looked at again that the other queue's worker has.
const busyRetry = time.Second

// spare is how many workers are added to so many.
func spare(concurrency int) int { return max(1, concurrency/20) }

func newExpress(concurrency int) *express {
	return &express{workers: spare(concurrency), others: concurrency, under: map[types.NamespacedName]bool{}}
}

// start puts an edit before everything that is new, and where it finds a worker.
func (e *express) start(req reconcile.Request) {
	add(e.soonest(), priorityqueue.AddOpts{Priority: new(editPriority)}, req)
}

// soonest is the queue of edits while one in ten of the other workers at most is free, and few wait for the spare ones.
func (e *express) soonest() requests {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.taken >= e.others-e.others/10 && e.edits != nil && e.edits.Len() < e.workers {
		return e.edits
	}
	return e.all
}

// use has both queues.
func (e *express) use(of *requests, q requests) {
	e.mu.Lock()
	defer e.mu.Unlock()
	*of = q
}

// take has an object for one worker. It is false while another has it.
func (e *express) take(name types.NamespacedName, edit bool) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, busy := e.under[name]; busy {
		return false
	}
	e.under[name] = !edit
	if !edit {
		e.taken++
	}
	return true
}

func (e *express) leave(name types.NamespacedName) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.under[name] {
		e.taken--
	}
	delete(e.under, name)
}

// reconciler lets one worker at a time have an object, of those of all objects or of those of edits.
func (e *express) reconciler(of reconcile.Reconciler, edits bool) reconcile.Reconciler {
	return reconcile.Func(func(ctx context.Context, req reconcile.Request) (reconcile.Result, error) {
		if !e.take(req.NamespacedName, edits) {
			return reconcile.Result{RequeueAfter: busyRetry}, nil
		}
		defer e.leave(req.NamespacedName)
		result, err := of.Reconcile(ctx, req)
		if edits && err == nil && result.RequeueAfter > 0 { // from now on it is an object as all others
			add(e.all, priorityqueue.AddOpts{After: result.RequeueAfter}, req)
			return reconcile.Result{}, nil
		}
		return result, err
	})
}

// serve adds the controller of the spare workers to a manager.
func (e *express) serve(mgr ctrl.Manager, name string, of reconcile.Reconciler, limiter workqueue.TypedRateLimiter[reconcile.Request]) error {
	return ctrl.NewControllerManagedBy(mgr).
		Named(name + "-edits").
		WatchesRawSource(source.Func(func(_ context.Context, edits requests) error {
			e.use(&e.edits, edits)
			return nil
		})).
		WithOptions(controller.Options{MaxConcurrentReconciles: e.workers, RateLimiter: limiter}).
		Complete(e.reconciler(of, true))
}
