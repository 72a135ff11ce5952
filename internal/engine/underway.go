package engine

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/goto-operator/goto-operator/internal/account"
	"github.com/goto-operator/goto-operator/internal/account/budget"
	"github.com/goto-operator/goto-operator/internal/gotoclient"
	"github.com/goto-operator/goto-operator/internal/grace"
)

// UnderWay is the error of a Create that GoTo has taken, and of which is not known yet what came of it. Ten thousand objects may wait for
// that at once, so none of them holds a worker: the object is reconciled again when it is known.
type UnderWay[O Object, S any] struct {
	// Then calls a function once it is known, which may be at once. The function does not wait for anything.
	Then func(func())
	// Seen is what came of it, from then on; nil where it is gone again. It takes out of status what was true of an earlier counterpart.
	Seen func(ctx context.Context, acct *account.Account, obj O) (*Seen[S], error)
}

func (*UnderWay[O, S]) Error() string { return "GoTo has not shown yet what it was asked to create" }

// work is one reconcile of an object, or several where a Create is under way between them. A stop of the operator lets it come to its end.
type work[O Object, S any] struct {
	done func() // tells the grace that this reconcile is over, or that the object is not waited for any more
	// way is the Create whose end the object waits for, or has not been written down; nil for none. The rest is about that.
	way      *UnderWay[O, S]
	uid      types.UID
	urgency  budget.Priority
	account  gotoclient.Key // that it was made in
	reserved bool           // it is not known yet what came of it
	conflict bool           // the last reconcile had an old copy of the object
	noted    bool           // status, once it is written, says what came of it
	// postponed is true where the object waits for no Create, but for its status to be written: whatever else starts it goes on with it.
	postponed bool
}

// about says which object was read. What came of the Create of another one of that name is nothing of its own.
func (w *work[O, S]) about(obj Object) {
	w.noted = false
	if w.uid != obj.GetUID() {
		w.way = nil
	}
	w.uid, w.urgency = obj.GetUID(), urgency(obj)
}

// written is told that status is. It need not say what came of the Create: an object that is suspended, or whose account cannot be used, does
// not come to that for a while.
func (w *work[O, S]) written() {
	if w.noted {
		w.way = nil
	}
}

// underWay are the objects of whose Create is not known yet, or not written down, what came of it, while nobody works on them.
type underWay[O Object, S any] struct {
	mu sync.Mutex
	of map[reconcile.Request]*work[O, S]
}

// take is the work that has begun on an object, which goes on now; nil for none. wait is true where it cannot go on yet.
func (u *underWay[O, S]) take(req reconcile.Request) (begun *work[O, S], wait bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	begun = u.of[req]
	if begun == nil || begun.reserved && !begun.postponed {
		return nil, begun != nil
	}
	if begun.postponed {
		begun.way, begun.postponed = nil, false
	}
	delete(u.of, req)
	return begun, false
}

func (u *underWay[O, S]) put(req reconcile.Request, w *work[O, S], reserved bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.of == nil {
		u.of = map[reconcile.Request]*work[O, S]{}
	}
	w.reserved, u.of[req] = reserved, w
}

// free lets an object be gone on with that waits for that; false for one that does not any more.
func (u *underWay[O, S]) free(req reconcile.Request, way *UnderWay[O, S]) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	w := u.of[req]
	if w == nil || w.way != way {
		return false
	}
	w.reserved = false
	return true
}

// all are the objects.
func (u *underWay[O, S]) all() []reconcile.Request {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.Collect(maps.Keys(u.of))
}

// waitsFor is what an object waits for; nil for nothing.
func (u *underWay[O, S]) waitsFor(req reconcile.Request) *UnderWay[O, S] {
	u.mu.Lock()
	defer u.mu.Unlock()
	if w := u.of[req]; w != nil && w.reserved {
		return w.way
	}
	return nil
}

// relay hands an object on from one reconcile to the next while a Create is under way.
type relay[O Object, S any] struct {
	grace     *grace.Grace
	underWay  *underWay[O, S]
	again     func(budget.Priority, reconcile.Request)
	finishing chan struct{}
	once      func(context.Context, reconcile.Request) (reconcile.Result, error)
}

func (r *Reconciler[O, W, S]) relay() relay[O, S] {
	return relay[O, S]{grace: r.Grace, underWay: &r.underWay, again: r.again, finishing: r.finishing, once: r.once}
}

// begin is the work on an object, with the context of this reconcile. It may have begun before. Nil if nothing is to be done now.
func (r relay[O, S]) begin(ctx context.Context, req ctrl.Request) (*work[O, S], context.Context) {
	begun, wait := r.underWay.take(req)
	switch {
	case wait:
		return nil, nil
	case begun != nil:
		ctx, done := r.grace.Resume(ctx)
		begun.done()
		begun.done = done
		return begun, ctx
	}
	ctx, done, may := r.grace.Begin(ctx)
	if !may {
		return nil, nil
	}
	return &work[O, S]{done: done}, ctx
}

// end is that of a reconcile. What came of a Create is kept until status says it; one that has just begun is waited for.
func (r relay[O, S]) end(req ctrl.Request, w *work[O, S], known *UnderWay[O, S]) {
	stopping := r.grace.Stopping().Err() != nil
	switch {
	case w.way == nil, w.way == known && stopping && !w.conflict:
		w.done()
	case w.way == known:
		r.park(req, w, false)
		if stopping {
			time.AfterFunc(conflictRetry, func() { r.finish(req) })
		}
	default:
		way, urgency := w.way, w.urgency
		r.park(req, w, true)
		way.Then(func() { r.resume(req, way, urgency) })
	}
}

// park keeps an object that nobody works on, without the contexts of the reconcile: there may be thousands.
func (r relay[O, S]) park(req ctrl.Request, w *work[O, S], reserved bool) {
	release := r.grace.Hold()
	w.done()
	w.done = release
	r.underWay.put(req, w, reserved)
}

// observe finds the counterpart: by what came of a Create that was under way, or as the kind does.
func (r *Reconciler[O, W, S]) observe(ctx context.Context, acct *account.Account, obj O, want W, w *work[O, S]) (seen *Seen[S], made bool, err error) {
	if w.way != nil && w.account == acct.Key() {
		if seen, err = w.way.Seen(ctx, acct, obj); err != nil || seen != nil {
			return seen, err == nil, err
		}
	}
	w.way = nil
	seen, err = r.Kind.Observe(ctx, acct, obj, want)
	return seen, false, err
}

// resume goes on with an object of whose Create is known what came of it.
func (r relay[O, S]) resume(req ctrl.Request, way *UnderWay[O, S], urgency budget.Priority) {
	free := r.underWay.free(req, way)
	switch {
	case !free:
	case r.grace.Stopping().Err() != nil:
		go r.finish(req)
	case r.again != nil:
		r.again(urgency, req)
	}
}

// finishAll writes down what came of everything that is under way when the operator is asked to stop: no queue starts an object any more.
func (r relay[O, S]) finishAll() {
	for _, req := range r.underWay.all() {
		go r.finish(req)
	}
}

// finish goes on with an object, if it is known what came of it. What cannot be written down is found by the next process, by what was
// intended.
func (r relay[O, S]) finish(req ctrl.Request) {
	r.finishing <- struct{}{}
	defer func() { <-r.finishing }()
	_, _ = r.once(context.Background(), req)
}

// inline reconciles an object that no queue starts: it waits for what is under way.
func (r relay[O, S]) inline(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	result, err := r.once(ctx, req)
	for way := r.underWay.waitsFor(req); way != nil; way = r.underWay.waitsFor(req) {
		known := make(chan struct{})
		way.Then(func() { close(known) })
		<-known
		result, err = r.once(ctx, req)
	}
	return result, err
}
