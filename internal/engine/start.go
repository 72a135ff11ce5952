package engine

import (
	"context"
	"time"

	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/goto-operator/goto-operator/internal/account/budget"
)

// Start has objects reconciled for which something else has changed: a reading, a plan, an account, another object. They may be ten thousand;
// what a person makes or edits goes first.
func Start(queue workqueue.TypedRateLimitingInterface[reconcile.Request], objects ...reconcile.Request) {
	StartAfter(queue, 0, objects...)
}

// StartAfter is Start after a while in which more may come that concerns the same objects.
func StartAfter(queue workqueue.TypedRateLimitingInterface[reconcile.Request], after time.Duration, objects ...reconcile.Request) {
	add(queue, priorityqueue.AddOpts{Priority: new(handler.LowPriority), After: after}, objects...)
}

// Starts is Start of those whom another object concerns that comes, goes or changes, as it was and as it is.
func Starts(concerned handler.MapFunc) handler.EventHandler {
	start := func(ctx context.Context, q requests, objects ...client.Object) {
		for _, o := range objects {
			Start(q, concerned(ctx, o)...)
		}
	}
	return handler.Funcs{
		CreateFunc: func(ctx context.Context, e event.CreateEvent, q requests) { start(ctx, q, e.Object) },
		UpdateFunc: func(ctx context.Context, e event.UpdateEvent, q requests) { start(ctx, q, e.ObjectOld, e.ObjectNew) },
		DeleteFunc: func(ctx context.Context, e event.DeleteEvent, q requests) { start(ctx, q, e.Object) },
	}
}

func add(queue requests, o priorityqueue.AddOpts, objects ...reconcile.Request) {
	if q, ok := queue.(priorityqueue.PriorityQueue[reconcile.Request]); ok {
		q.AddWithOpts(o, objects...)
		return
	}
	for _, r := range objects {
		queue.AddAfter(r, o.After)
	}
}

// Priorities above that of objects that are new, of which there may be ten thousand at once: of an edit, and of what has begun and is new.
// Where something else has started what has begun, it goes before what that has only started.
const (
	editPriority  = 2
	begunPriority = 1
	laterPriority = handler.LowPriority + 1
)

// goOn starts an object on which work has begun, and is as urgent as it was then.
func goOn(queue requests, urgency budget.Priority, object reconcile.Request) {
	priority := laterPriority
	if urgency == budget.Interactive {
		priority = begunPriority
	}
	add(queue, priorityqueue.AddOpts{Priority: &priority}, object)
}

// editsFirst starts an object that a person has just edited before those that are new.
func editsFirst(start func(reconcile.Request)) handler.EventHandler {
	return handler.Funcs{UpdateFunc: func(_ context.Context, e event.UpdateEvent, _ requests) {
		if obj, managed := e.ObjectNew.(Object); managed && isEdit(obj) {
			start(reconcile.Request{NamespacedName: client.ObjectKeyFromObject(obj)})
		}
	}}
}

// noEdit leaves edits to editsFirst: an object that both start would be worked on twice.
func noEdit() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		obj, managed := e.ObjectNew.(Object)
		return !managed || !isEdit(obj)
	}}
}

// isEdit is true of an object that was worked on before, and that a person has changed since.
func isEdit(obj Object) bool {
	_, status := obj.Managed()
	return status.ObservedGeneration > 0 && urgency(obj) == budget.Interactive
}
