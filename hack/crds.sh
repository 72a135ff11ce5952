#!/usr/bin/env bash
# Prints the folder of the CRDs of others whose kinds the project's manifests are of: those of Flux and of the Prometheus Operator, which
# controller-gen makes of their Go types, and Argo CD's, which its module has as files. By them a test finds a field that there is not.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
out=$root/bin/crds

# Argo CD as a dependency would bring all of Kubernetes along: its module is asked for by version and checksum instead.
argocd=github.com/argoproj/argo-cd/v3@v3.2.12
sum='h1:XbOyqcoPIjMhiP+y05Zi2U+HfG3b2TNfGJgVuK5Y8g0='

current() {
	[[ -e $out/complete && $out/complete -nt hack/crds.sh && $out/complete -nt hack/crds/go.sum ]]
}

generate() {
	make --no-print-directory "$root/bin/controller-gen"
	(
		cd hack/crds
		"$root/bin/controller-gen" crd:maxDescLen=0 output:crd:dir="$out" \
			paths=github.com/fluxcd/helm-controller/api/v2 paths=github.com/fluxcd/kustomize-controller/api/v1 \
			paths=github.com/fluxcd/source-controller/api/v1 \
			paths=github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1
	)
}

copy() {
	local module dir
	module=$(cd /tmp && go mod download -json "$argocd")
	dir=$(sed -n 's/^\t"Dir": "\(.*\)",$/\1/p' <<<"$module")
	[[ $module == *"\"Sum\": \"$sum\""* ]] || { echo "$argocd has another checksum: $module" >&2; exit 1; }
	install -m 0644 "$dir"/manifests/crds/*-crd.yaml "$out"
}

if ! current; then
	rm -rf "$out"
	mkdir -p "$out"
	generate >&2
	copy
	touch "$out/complete"
fi
echo "$out"
