#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# A program that the tests want, out of Debian's package: unpacked and not installed, for
# with that comes a server, which would be started.
#
#	scripts/unpack.sh PACKAGE PROGRAM FILE
#
# PROGRAM: its path in the package. Leaves an empty FILE, and says why, where it cannot be
# had: tests skip then.
set -u

package=$1 program=$2 file=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "${file%/*}"

fetch() {
	local here

	here=$(command -v "${program##*/}") && { cp "$here" "$file"; return; }
	chmod 755 "$work"
	cd "$work" && apt-get -qq download "$package" && dpkg-deb -x "$package"_*.deb . &&
		cd "$OLDPWD" && cp "$work/$program" "$file"
}
if ! said=$(fetch 2>&1); then
	echo "unpack.sh: no ${program##*/}; the tests do without it: ${said##*$'\n'}" >&2
	: >"$file"
	chmod -x "$file"
fi
