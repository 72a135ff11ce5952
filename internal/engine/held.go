package engine

import (
	"context"
	"maps"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// held are objects that wait until GoTo answers again, by account. None of them asks by itself whether it does.
type held struct {
	mu sync.Mutex
	m  map[types.NamespacedName]map[reconcile.Request]bool
}

func (h *held) add(account types.NamespacedName, object reconcile.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.m == nil {
		h.m = map[types.NamespacedName]map[reconcile.Request]bool{}
	}
	if h.m[account] == nil {
		h.m[account] = map[reconcile.Request]bool{}
	}
	h.m[account][object] = true
}

// take returns those of an account, and forgets them.
func (h *held) take(account types.NamespacedName) []reconcile.Request {
	h.mu.Lock()
	defer h.mu.Unlock()
	objects := h.m[account]
	delete(h.m, account)
	return slices.Collect(maps.Keys(objects))
}

// notAtStart lets through an object of the API's first list only where its account is not about to start it: while an account is
// being connected nothing can be done with its objects, and then all of them are started.
func (r *Reconciler[O, W, S]) notAtStart() predicate.Predicate {
	return predicate.Funcs{CreateFunc: func(e event.CreateEvent) bool {
		obj, managed := e.Object.(O)
		return !e.IsInInitialList || !managed || !r.accounts().connecting(obj)
	}}
}

// Later lets through all but the API's first list, of which each object starts itself: for watches by which one object starts others.
func Later() predicate.Predicate {
	return predicate.Funcs{CreateFunc: func(e event.CreateEvent) bool { return !e.IsInInitialList }}
}

// those are the objects of a list that something is true of.
func (w watcher[O, W, S]) those(ctx context.Context, are func(O) bool, opts ...client.ListOption) []reconcile.Request {
	all, err := claimants[O](ctx, w.reader, w.kind.NewList(), append(opts, client.UnsafeDisableDeepCopy)...)
	if err != nil {
		return nil // the cache is stopping
	}
	return requestsFor(slices.DeleteFunc(all, func(o O) bool { return !are(o) }))
}

// requestsFor are those for objects.
func requestsFor[O Object](objects []O) []reconcile.Request {
	var out []reconcile.Request
	for _, o := range objects {
		out = append(out, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(o)})
	}
	return out
}
