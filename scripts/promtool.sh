#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Prometheus' own reader of metrics, for the tests, out of Debian's package: unpacked and
# not installed, for with that comes a server, which would be started.
#
#	scripts/promtool.sh FILE
#
# Leaves an empty FILE, and says why, where it cannot be had: tests skip then.
set -u

file=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "${file%/*}"

fetch() {
	local here

	here=$(command -v promtool) && { cp "$here" "$file"; return; }
	chmod 755 "$work"
	cd "$work" && apt-get -qq download prometheus && dpkg-deb -x prometheus_*.deb . &&
		cd "$OLDPWD" && cp "$work/usr/bin/promtool" "$file"
}
if ! said=$(fetch 2>&1); then
	echo "promtool.sh: no promtool; the tests do without it: ${said##*$'\n'}" >&2
	: >"$file"
	chmod -x "$file"
fi
