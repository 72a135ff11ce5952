package main

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
)

const (
	// garbage is how much memory may be garbage, in percent of what is in use, unless the environment says GOGC. Go's own 100 is for processes
	// that have no time to lose. This one waits for GoTo and for the API server, and holds all objects.
	garbage = 15
	// uncounted is how much of the memory of a process Go does not count, in percent: the pages of the program, and the kernel's own.
	uncounted = 10
)

// saveMemory tells the Go runtime to. GOMEMLIMIT says how much the process may have in all, since the Deployment can say its limit there and
// nothing less than that.
func saveMemory(profiled bool) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
	}
	if limit := debug.SetMemoryLimit(-1); limit != math.MaxInt64 {
		debug.SetMemoryLimit(limit / 100 * (100 - uncounted))
	}
	if !profiled {
		runtime.MemProfileRate = 0 // samples that nobody can ask for take 2 MiB
	}
}
