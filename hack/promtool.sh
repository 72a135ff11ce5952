#!/usr/bin/env bash
# Prints the path of promtool, which tests the alerts, or of Prometheus itself, which scrapes the operator in a test: the
# machine's own, or Debian's package unpacked into bin/, without installing anything and without a daemon. Debian only, where
# there is none. usage: hack/promtool.sh [prometheus]
set -euo pipefail
cd "$(dirname "$0")/.."
program=${1:-promtool}
command -v "$program" && exit
if [[ ! -x bin/prometheus/usr/bin/$program ]]; then
	mkdir -p bin/prometheus
	(
		cd bin/prometheus
		apt-get download -qq prometheus >&2 || { apt-get update -qq >&2 && apt-get download -qq prometheus >&2; }
		dpkg-deb -x prometheus_*.deb .
	)
fi
echo "$PWD/bin/prometheus/usr/bin/$program"
