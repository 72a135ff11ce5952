package engine

import (
	"math/bits"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/goto-operator/goto-operator/internal/backoff"
)

// conflictRetry is the time after which an object is looked at again that the cache showed as it was before.
const conflictRetry = 200 * time.Millisecond

// longestConflict bounds how that time grows while the cache does not catch up.
const longestConflict = 10 * time.Second

// Conflicts are objects that were read as they were before the last write, by anybody. That is no failure: the newer one is on its way, and
// is waited for at distances that double, so that a cache that lags is not kept busy. The zero value is ready for use.
type Conflicts struct {
	mu sync.Mutex
	m  map[types.UID]uint // in a row
}

// Next counts one more, and returns when to look again.
func (c *Conflicts) Next(object types.UID) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.m == nil {
		c.m = map[types.UID]uint{}
	}
	c.m[object]++
	doublings := min(c.m[object]-1, uint(bits.Len(uint(longestConflict/conflictRetry))))
	return backoff.Jittered(min(conflictRetry<<doublings, longestConflict))
}

// Reset forgets those of an object, which was read as it is.
func (c *Conflicts) Reset(object types.UID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.m, object)
}
