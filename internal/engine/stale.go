package engine

import (
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// ownWrites remembers what the operator wrote last of each object, for a while: an object that is started again before the
// cache shows that would be worked on as it was, and its writes refused. Of thousands of objects that is a storm of refusals,
// which keeps the cache from catching up.
type ownWrites struct {
	mu         sync.Mutex
	young, old map[types.UID]string // resource versions
	since      time.Time            // of young
}

// remembersFor is how long a write is remembered at least.
const remembersFor = 30 * time.Second

// note remembers the version of an object that has just been written.
func (w *ownWrites) note(obj client.Object, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.young == nil || now.Sub(w.since) > remembersFor {
		w.young, w.old, w.since = map[types.UID]string{}, w.young, now
	}
	w.young[obj.GetUID()] = obj.GetResourceVersion()
}

// ahead is true while an object is read as it was before our last write.
func (w *ownWrites) ahead(obj client.Object) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	written, ok := w.young[obj.GetUID()]
	if !ok {
		written, ok = w.old[obj.GetUID()]
	}
	if !ok {
		return false
	}
	order, err := resourceversion.CompareResourceVersion(obj.GetResourceVersion(), written)
	return err == nil && order < 0
}
