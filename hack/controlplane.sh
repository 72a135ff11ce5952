#!/usr/bin/env bash
# Prints the directory (KUBEBUILDER_ASSETS) of the control plane that tests and
# the demo run against: etcd, kube-apiserver, kubectl.
#
# usage: hack/controlplane.sh [--all]
#   --all   kube-controller-manager too, which downloaded sets do not have and
#           one test alone wants
#
# The binaries are looked for in this order:
#   1. setup-envtest's own store: nothing to do;
#   2. setup-envtest's download;
#   3. where that fails (no access to it), a build from Go modules, of the
#      versions pinned in hack/controlplane/go.mod. The result goes into
#      setup-envtest's store, so that 1. holds from then on, for every clone.
#
# kube-apiserver is as small as an API server with Secrets and RBAC gets: the
# generic control plane in Kubernetes' own module has 6 packages of 2,079 less.
#
# Only the directory goes to stdout; everything else is progress, on stderr.
# Two runs at once wait for each other, and a run killed half way leaves nothing
# that a later run would take for complete.
set -euo pipefail
export GOWORK=off

root=$(cd "$(dirname "$0")/.." && pwd)
module=$root/hack/controlplane
work=$root/bin/controlplane
lock=${XDG_CACHE_HOME:-$HOME/.cache}/goto-operator/controlplane.lock
setup_envtest=${SETUP_ENVTEST:-$root/bin/setup-envtest}

# What is built here is archived between two markers, and setup-envtest unpacks
# in order: a set that has the first but not the last was cut short.
first=built
last=complete

say() { printf 'controlplane: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

wanted=(etcd kube-apiserver kubectl)
case ${1-} in
'') ;;
--all) wanted+=(kube-controller-manager) ;;
*) die "unknown argument: $1 (usage: hack/controlplane.sh [--all])" ;;
esac

module_version() { (cd "$module" && go list -m -f '{{.Version}}' "$1"); }

package_of() {
	case $1 in
	etcd) echo go.etcd.io/etcd/server/v3 ;;
	*) echo "k8s.io/kubernetes/cmd/$1" ;;
	esac
}

# installed prints the directory of the stored set, if it is one to use.
installed() {
	local dir name
	dir=$("$setup_envtest" use --installed-only --print path "$series" 2>/dev/null) || return 1
	if [[ -e $dir/$first && ! -e $dir/$last ]]; then
		return 1
	fi
	for name in "${wanted[@]}"; do
		[[ -x $dir/$name ]] || return 1
	done
	echo "$dir"
}

# limited runs a command that may hang where the network swallows packets.
limited() {
	local seconds=$1
	shift
	if command -v timeout >/dev/null; then
		timeout "$seconds" "$@"
	else
		"$@"
	fi
}

# download asks for the index first, with little patience: a machine without
# access should not wait for the time a slow download may take.
download() {
	limited 15 "$setup_envtest" list "$series" 2>/dev/null | grep '^(available)' >/dev/null || return 1
	say "downloading the control plane $series"
	limited 900 "$setup_envtest" use "$series" >/dev/null 2>&1
}

ldflags() {
	local version=$1 package flags='-s -w'
	local major=${version#v} minor
	minor=${major#*.}
	for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
		flags+=" -X $package.gitVersion=$version"
		flags+=" -X $package.gitMajor=${major%%.*} -X $package.gitMinor=${minor%%.*}"
		flags+=" -X $package.gitCommit=unknown -X $package.gitTreeState=archive"
	done
	echo "$flags"
}

# minutes_for is about how long so many packages take here, from an empty cache:
# 2,737 took five to six minutes on two cores.
minutes_for() { echo $((1 + $1 * 10 / 38 / $(cores) / 60)); }

cores() { nproc 2>/dev/null || sysctl -n hw.ncpu 2>/dev/null || echo 2; }

# report_while prints, until the process ends, how far its log of compiled
# packages has come, and what is left at the pace so far.
report_while() {
	local pid=$1 log=$2 total=$3 ticks=0 compiled left
	while kill -0 "$pid" 2>/dev/null; do
		sleep 1
		ticks=$((ticks + 1))
		((ticks % 15 == 0)) || continue
		compiled=$(grep -c . "$log" || true)
		left=
		if ((ticks >= 60 && compiled > 0 && compiled < total)); then
			left=", about $((1 + ticks * (total - compiled) / compiled / 60)) min left"
		fi
		say "$(printf '%2d min %02d s: %s of at most %s packages compiled%s' $((ticks / 60)) $((ticks % 60)) "$compiled" "$total" "$left")"
	done
}

build() {
	local version=$1 name packages=() log=$work/build.log total pid
	for name in "${wanted[@]}"; do
		packages+=("$(package_of "$name")")
	done
	total=$(cd "$module" && CGO_ENABLED=0 go list -deps "${packages[@]}" | wc -l)
	say "building Kubernetes $version and etcd $(module_version go.etcd.io/etcd/server/v3) from Go modules, $total packages: about"
	say "$(minutes_for "$total") minutes on the $(cores) cores of this machine the first time, seconds where the Go build cache has them"

	rm -rf "$work"
	mkdir -p "$work/out"
	(cd "$module" && CGO_ENABLED=0 exec go build -v -buildvcs=false \
		-ldflags "$(ldflags "$version")" -o "$work/out/" "${packages[@]}") 2>"$log" &
	pid=$!
	trap 'kill "$pid" 2>/dev/null || true' EXIT
	report_while "$pid" "$log" "$total"
	if ! wait "$pid"; then
		tail -n 30 "$log" >&2
		die 'the build failed'
	fi
	trap - EXIT
	mv "$work/out/server" "$work/out/etcd"
}

# store hands the built set to setup-envtest.
store() {
	local version=$1
	printf 'kubernetes %s\netcd %s\n' "$version" "$(module_version go.etcd.io/etcd/server/v3)" | tee "$work/out/$first" >"$work/out/$last"
	say "storing the set as ${version#v}"
	tar -C "$work/out" -cf - "$first" "${wanted[@]}" "$last" | gzip -1 |
		"$setup_envtest" sideload "${version#v}" >/dev/null
	rm -rf "$work"
}

version=$(module_version k8s.io/kubernetes)
series=${version#v}
series=${series%.*}.x

[[ -x $setup_envtest ]] || make -C "$root" --no-print-directory setup-envtest >&2

if ! installed; then
	mkdir -p "$(dirname "$lock")"
	exec 9>"$lock"
	if command -v flock >/dev/null; then
		flock --nonblock 9 || { say 'another run is at it, waiting'; flock 9; }
	fi
	if ! installed; then
		if download && installed; then
			exit 0
		fi
		say 'setup-envtest cannot download what is needed here'
		build "$version"
		store "$version"
		installed || die 'the stored set is not complete'
	fi
fi
