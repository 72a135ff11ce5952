#!/usr/bin/env bash
# Builds what the demo needs and runs it. The control plane and the product are
# built at the same time: where both are new, one compiles while the other links.
#
# usage: LDFLAGS=… hack/demo.sh [--once]      make demo
set -euo pipefail
cd "$(dirname "$0")/.."

found=$(mktemp)
hack/controlplane.sh >"$found" &
plane=$!
# Work in the background of a script does not hear a Ctrl-C by itself.
trap 'kill "$plane" 2>/dev/null || true; rm -f "$found"' EXIT

"${GO:-go}" build -ldflags "${LDFLAGS-}" -o bin/ ./cmd/...
"${GO:-go}" build -o bin/demo ./hack/demo # links anew for no other commit
wait "$plane"

KUBEBUILDER_ASSETS=$(cat "$found")
export KUBEBUILDER_ASSETS
rm -f "$found"
trap - EXIT
printf '==> Built in %d s\n' $SECONDS
exec bin/demo "$@"
