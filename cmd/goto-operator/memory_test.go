package main

import (
	"math"
	"runtime"
	"runtime/debug"
	"testing"
)

func TestSaveMemory(t *testing.T) {
	limit, rate, percent := debug.SetMemoryLimit(-1), runtime.MemProfileRate, debug.SetGCPercent(100)
	t.Cleanup(func() {
		runtime.MemProfileRate = rate
		debug.SetMemoryLimit(limit)
		debug.SetGCPercent(percent)
	})
	for _, row := range []struct {
		name              string
		gogc              string
		limit, wantLimit  int64
		profiled, samples bool
		wantPercent       int
	}{
		{"as a Deployment runs it", "", 512 << 20, 512 << 20 / 100 * 90, false, false, garbage},
		{"without a limit", "", math.MaxInt64, math.MaxInt64, false, false, garbage},
		{"profiled", "", 512 << 20, 512 << 20 / 100 * 90, true, true, garbage},
		{"with a GOGC of somebody's own", "70", math.MaxInt64, math.MaxInt64, false, false, 70},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Setenv("GOGC", row.gogc)
			debug.SetMemoryLimit(row.limit)
			debug.SetGCPercent(70)
			runtime.MemProfileRate = rate
			saveMemory(row.profiled)
			if got := debug.SetMemoryLimit(-1); got != row.wantLimit {
				t.Errorf("the runtime's limit is %d, not %d", got, row.wantLimit)
			}
			if got := debug.SetGCPercent(100); got != row.wantPercent {
				t.Errorf("garbage may be %d %%, not %d", got, row.wantPercent)
			}
			if got := runtime.MemProfileRate > 0; got != row.samples {
				t.Errorf("samples for profiles are taken: %t", got)
			}
		})
	}
}
