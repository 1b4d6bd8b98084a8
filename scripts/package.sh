#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Build the Debian packages, svcnat and svcnat-dkms, and have lintian look at them.
#
#	scripts/package.sh [NEXT_VERSION]
#
# In a copy of the tree, build/package/tree/svcnat: debhelper writes into it, and what it
# has built is kept there for the next time. The packages come to build/package. With
# NEXT_VERSION: packages of that version, too, out of the same tree, which an upgrade
# can be tried with; they come to build/package/next.
set -eu

cd "$(dirname "$0")/.."
out=$PWD/build/package
tree=$out/tree
src=$tree/svcnat
version=$(<VERSION)

say() { printf '  %-8s%s\n' "$1" "$2"; }
die() { echo "package.sh: $*" >&2; exit 1; }

# What is a file of the tree, and not what is built in it; its times as well, so that
# nothing is built again that is the same. But for the version, after another one.
copy_tree() {
	local before

	mkdir -p "$src"
	before=$(cat "$src/VERSION" 2>/dev/null || true)
	find "$src" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} +
	if [ -e .git ]; then
		git ls-files -z -co --exclude-standard --deduplicate | while IFS= read -rd '' f; do
			[ ! -e "$f" ] || printf '%s\0' "$f"
		done
	else
		find . -path ./build -prune -o -type f -print0
	fi | tar -c --null --no-recursion -T - | tar -x -C "$src"
	[ "$before" = "$version" ] || touch "$src/VERSION"
}

# build DIR: all that stands in src; the packages come to DIR
build() {
	local log=$1/build.log

	mkdir -p "$1"
	rm -f "$1"/svcnat*_* "$tree"/svcnat*_*
	if ! (cd "$src" && dh_clean && dpkg-buildpackage -b -nc -us -uc) >"$log" 2>&1; then
		tail -30 "$log" >&2
		die "the packages could not be built: see $log"
	fi
	mv "$tree"/svcnat*_* "$1"
}

# What it has to say has either been put right, or has a reason in debian/*overrides.
check() {
	lintian --allow-root --display-info --pedantic \
		--fail-on error,warning,info,pedantic "$1"/*.changes || die "lintian is not content"
}

main() {
	for tool in dpkg-buildpackage dh dh_dkms; do
		command -v "$tool" >/dev/null || die "no $tool: scripts/deps.sh package installs it"
	done
	copy_tree
	say DEB "build/package/svcnat*_${version}_*.deb"
	build "$out"
	if command -v lintian >/dev/null; then
		say LINTIAN "svcnat_$version"
		check "$out"
	else
		echo "package.sh: no lintian here: nobody has looked at the packages" >&2
	fi
	[ $# -eq 0 ] || next "$1"
}

next() {
	echo "$1" >"$src/VERSION"
	sed -i "1s/(.*)/($1)/" "$src/debian/changelog"
	say DEB "build/package/next/svcnat*_$1_*.deb"
	build "$out/next"
}

main "$@"
