package engine

import (
	"context"

	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/priorityqueue"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/goto-operator/goto-operator/internal/account/budget"
)

// Start has objects reconciled for which something else has changed: a reading, a plan, an account. They may be ten thousand; what a
// person edits goes first.
func Start(queue workqueue.TypedRateLimitingInterface[reconcile.Request], requests ...reconcile.Request) {
	add(queue, handler.LowPriority, requests...)
}

func add(queue requests, priority int, objects ...reconcile.Request) {
	if q, ok := queue.(priorityqueue.PriorityQueue[reconcile.Request]); ok {
		q.AddWithOpts(priorityqueue.AddOpts{Priority: &priority}, objects...)
		return
	}
	for _, r := range objects {
		queue.Add(r)
	}
}

// editPriority is above that of objects that are new, of which there may be ten thousand at once.
const editPriority = 1

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
