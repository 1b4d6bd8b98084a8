#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Build the debug kernel: Debian's source of 6.12, "make tinyconfig", and over
# it debug.config, which stands beside this script.
#
#	tests/vm/debug-kernel.sh	build it, unless it is kept already
#	tests/vm/debug-kernel.sh -p	print the folder of the kept one; exit 1 without
#
# It is kept in ${SVCNAT_CACHE:-$HOME/.cache/svcnat}/debug-kernel/VERSION-HASH,
# so that every clone finds it: VERSION is that of Debian's package, HASH that
# of the options in debug.config. There are
#
#	vmlinuz		what tests/vm/run -k debug boots
#	release		what "uname -r" says
#	config		all options
#	build/		what a module is built against
#	modules/	its /lib/modules: the list of what is built in
#
# A build that was interrupted goes on where it was.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
fragment=$here/debug.config
package=linux-source-6.12
archive=/usr/src/$package.tar.xz
cache=${SVCNAT_CACHE:-${HOME:-/root}/.cache/svcnat}/debug-kernel

say() { printf '  %-8s%s\n' "$1" "$2"; }
die() { printf 'debug-kernel: %s\n' "$*" >&2; exit 1; }

options() { grep -E '^(# )?CONFIG_' "$fragment"; }

# Where the package is gone, the newest that was built of it.
find_kept() {
	local all

	all=("$cache"/*-"$hash")
	[ -z "$version" ] || all=("$cache/$version-$hash")
	kept=$(printf '%s\n' "${all[@]}" | sort -V | tail -1)
	[ -e "$kept/release" ]
}

unpack() {
	[ ! -d "$work/source" ] || return 0
	say UNPACK "$archive"
	rm -rf "$work/unpacked"
	mkdir -p "$work/unpacked"
	tar -C "$work/unpacked" --strip-components=1 -xf "$archive"
	mv "$work/unpacked" "$work/source"
}

kmake() {
	make --no-print-directory -s -C "$work/source" O="$work/object" ARCH=x86_64 \
		LOCALVERSION="-debug-$hash" KBUILD_BUILD_USER=svcnat KBUILD_BUILD_HOST=debug "$@"
}

# Every option that did not survive, on stderr; false if there is one.
lost_options() {
	local line option lost=0

	while read -r line; do
		option=${line#\# }
		option=${option%%[= ]*}
		case $line in
		CONFIG_*) ! grep -qxF "$line" "$1" || continue ;;
		*) grep -q "^$option=" "$1" || continue ;;
		esac
		printf 'debug-kernel: lost: "%s" in debug.config, "%s" in the result\n' "$line" \
			"$(grep -wE "^(# )?$option" "$1" || echo 'no such option')" >&2
		lost=1
	done < <(options)
	[ "$lost" -eq 0 ]
}

configure() {
	local object=$work/object

	say CONFIG "$fragment"
	mkdir -p "$object"
	kmake tinyconfig >/dev/null
	cp "$object/.config" "$work/tinyconfig"
	(cd "$work/source" && ARCH=x86_64 scripts/kconfig/merge_config.sh -m -O "$object" \
		"$work/tinyconfig" "$fragment") >"$work/merge.log" || die "see $work/merge.log"
	kmake olddefconfig >/dev/null
	lost_options "$object/.config" ||
		die "an option needs another one, or is gone from this version of Linux"
}

build() {
	say BUILD "$cache/$name, some minutes"
	kmake -j"$(nproc)" bzImage modules
}

# Complete before it has its name.
keep() {
	local new=$work/new release

	rm -rf "$new"
	mkdir -p "$new"
	release=$(<"$work/object/include/config/kernel.release")
	kmake run-command \
		KBUILD_RUN_COMMAND="+\$(srctree)/scripts/package/install-extmod-build $new/build"
	kmake modules_install INSTALL_MOD_PATH="$work/installed"
	cp -r "$work/installed/lib/modules/$release" "$new/modules"
	rm -f "$new/modules/build" "$new/modules/source"
	cp "$work/object/.config" "$new/config"
	cp "$work/object/arch/x86/boot/bzImage" "$new/vmlinuz"
	echo "$release" >"$new/release"
	mv "$new" "$cache/$name"
	rm -rf "$work"
	say KEPT "$cache/$name"
}

hash=$(options | sha256sum | cut -c1-8)
version=$(dpkg-query -W -f '${Version}' "$package" 2>/dev/null) || version=

case ${1:-} in
'') ;;
-p)
	find_kept || exit 1
	echo "$kept"
	exit
	;;
*) die "usage: debug-kernel.sh [-p]" ;;
esac

mkdir -p "$cache"
# Two clones may want it at the same time: the second one finds it.
exec {lock}>"$cache/.lock"
flock "$lock"
if find_kept; then
	say KEPT "$kept"
	exit
fi
if [ ! -e "$archive" ] || [ -z "$version" ]; then
	die "no $archive: run scripts/deps.sh debug"
fi
name=$version-$hash
work=$cache/.work-$name
unpack
configure
build
keep
