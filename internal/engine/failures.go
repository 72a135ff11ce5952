package engine

import (
	"time"

	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// The delays between two tries of an object that fails, as controllers have them by default.
const (
	firstRetry = 5 * time.Millisecond
	lastRetry  = 1000 * time.Second
)

// Failures paces objects that fail, at distances that double. A controller forgets an object's failures whenever the object is to be looked
// at at a certain time, as after a conflict or while the cache lags behind our own write; one that fails and writes by turns would be tried
// again without a pause for ever. Here they are over only when the work on the object has come to an end.
type Failures struct {
	workqueue.TypedRateLimiter[reconcile.Request]
}

// NewFailures returns a rate limiter for the options of a controller.
func NewFailures() *Failures {
	return &Failures{workqueue.NewTypedItemExponentialFailureRateLimiter[reconcile.Request](firstRetry, lastRetry)}
}

// Forget does nothing: see Over.
func (*Failures) Forget(reconcile.Request) {}

// Over ends the failures of an object. It may be called of nil.
func (f *Failures) Over(object reconcile.Request) {
	if f != nil {
		f.TypedRateLimiter.Forget(object)
	}
}
