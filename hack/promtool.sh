#!/usr/bin/env bash
# Prints the path of promtool, which tests the alerts: the machine's own, or Debian's package unpacked into bin/, without
# installing anything and without a daemon. Debian only, where there is none.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v promtool && exit
if [[ ! -x bin/prometheus/usr/bin/promtool ]]; then
	mkdir -p bin/prometheus
	(
		cd bin/prometheus
		apt-get download -qq prometheus >&2 || { apt-get update -qq >&2 && apt-get download -qq prometheus >&2; }
		dpkg-deb -x prometheus_*.deb .
	)
fi
echo "$PWD/bin/prometheus/usr/bin/promtool"
