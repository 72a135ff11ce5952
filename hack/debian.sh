#!/usr/bin/env bash
# Installs packages of Debian that are missing. usage: hack/debian.sh PACKAGE...
set -euo pipefail
dpkg -s "$@" >/dev/null 2>&1 && exit
if ((EUID != 0)); then
	printf 'missing here: apt-get install --no-install-recommends %s\n' "$*" >&2
	exit 1
fi
export DEBIAN_FRONTEND=noninteractive
install() { apt-get install --yes -qq --no-install-recommends "$@" >&2; }
install "$@" || { apt-get update -qq >&2 && install "$@"; }
