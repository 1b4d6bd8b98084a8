#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Build the module by DKMS for one kernel, all of it below build/.
#
#	tests/dkms.sh KERNEL_VERSION
set -eu

cd "$(dirname "$0")/.."
kver=$1
version=$(<VERSION)
dir=$PWD/build/dkms/$kver
tree=$dir/tree

rm -rf "$dir"
mkdir -p "$tree"
make --no-print-directory NODEPS=1 dkms-source DESTDIR="$dir"

# Unsigned: else dkms makes itself a key in /var/lib/dkms.
export sign_file=/nonexistent

dkms_() {
	dkms "$@" -m svcnat -v "$version" --dkmstree "$tree" --sourcetree "$dir/usr/src"
}

dkms_ add
if ! dkms_ build -k "$kver"; then
	cat "$tree/svcnat/$version/build/make.log"
	exit 1
fi

ko=$(find "$tree/svcnat/$version/$kver" -name 'svcnat.ko*' | head -1)
[ -n "$ko" ]
[ "$(modinfo -F version "$ko")" = "$version" ]
[ "$(modinfo -F vermagic "$ko" | cut -d' ' -f1)" = "$kver" ]
made=$(find "$tree/svcnat/$version/$kver" -name make.log)
[ -s "$made" ]
if grep -i warning "$made"; then
	exit 1
fi
