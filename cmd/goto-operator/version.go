package main

import (
	"runtime"

	"github.com/goto-operator/goto-operator/internal/metrics"
)

// What the linker writes: see LDFLAGS in the Makefile.
var (
	version = "dev"
	commit  = "unknown"
)

// build is what this binary was built from.
func build() metrics.Build {
	return metrics.Build{Version: version, Commit: commit, GoVersion: runtime.Version()}
}
