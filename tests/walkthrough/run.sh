#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The walkthrough in a VM.
#
#	tests/walkthrough/run.sh [KERNEL]	6.1 (default), 6.12, or a full version
set -eu

cd "$(dirname "$0")/../.."
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
kernel=${1:-6.1}
kver=$(tests/vm/run -n -k "$kernel")

make -s --no-print-directory daemon tests
make -s --no-print-directory kmod KVER="$kver"
echo "Booting $kver ..."
exec tests/vm/run -k "$kernel" -c 1 -t 600 -m "build/kmod/$kver/svcnat.ko" -- \
	tests/walkthrough/demo.sh
