#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# tests/selftests/soak.sh at length in a VM: svcd and the module for SOAK_SECONDS,
# an hour, with SOAK_SERVICES, 1,000.
#
#	tests/soak-vm.sh [KERNEL]	6.12 (default), 6.1, or a full version
set -eu

cd "$(dirname "$0")/.."
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
kernel=${1:-6.12}
kver=$(tests/vm/run -n -k "$kernel")
seconds=${SOAK_SECONDS:-3600}
limit=$((seconds + 1800))

make -s --no-print-directory daemon tests
make -s --no-print-directory kmod KVER="$kver"
exec tests/vm/run -k "$kernel" -c 1 -t $((limit + 100)) -- \
	env SOAK_SECONDS="$seconds" SOAK_SERVICES="${SOAK_SERVICES:-1000}" \
	SOAK_SEED="${SOAK_SEED:-$RANDOM}" tests/selftests/run.sh -t "$limit" \
	"build/kmod/$kver/svcnat.ko" tests/selftests/soak.sh
