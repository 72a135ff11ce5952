// Package heap measures memory for benchmarks.
//
// It imports nothing of the project.
package heap

import "runtime"

// InUse is how many bytes are in use.
func InUse() int64 {
	runtime.GC()
	runtime.GC() // what has a finalizer goes with the second
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc) //nolint:gosec // no machine has as much
}
