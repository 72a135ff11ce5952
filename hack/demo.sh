#!/usr/bin/env bash
# Builds what the demo needs and runs it. The control plane comes first: it has
# four fifths of the packages that the product is made of, in the same versions,
# and two builds at once would compile those twice.
#
# usage: LDFLAGS=… hack/demo.sh [--once]      make demo
set -euo pipefail
cd "$(dirname "$0")/.."

printf '==> Looking for a control plane (%d s)\n' $SECONDS
KUBEBUILDER_ASSETS=$(hack/controlplane.sh)
export KUBEBUILDER_ASSETS
printf '==> Building the operator, the simulator and the demo: a minute the first time (%d s)\n' $SECONDS
"${GO:-go}" build -ldflags "${LDFLAGS-}" -o bin/ ./cmd/...
"${GO:-go}" build -o bin/demo ./hack/demo # links anew for no other commit
printf '==> Built in %d s\n' $SECONDS
exec bin/demo "$@"
