#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Which functions of the kernel a packet passes in the rows of "make bench", and how many
# instructions each of them takes of it: UDP, IPv4, PRE_ROUTING.
#
#	tests/bench/profile.sh
#
#	BENCH_ROWS="empty-nat svcnat"	the first one is what the others are held against
#	BENCH_KERNELS=6.12
#	BENCH_SIZES=1000
#
# Leaves build/bench/profile/KERNEL/ROW.profile, .blocks and .symbols, and prints what
# differs. How much of the module's hook is what: "profile.py --inlined".
set -u

cd "$(dirname "$0")/../.." || exit 1
export BENCH_FAMILIES=4 BENCH_PROTOS=udp BENCH_PATHS=pre BENCH_REPEAT=1 BENCH_PACKETS=2000
export BENCH_SIZES=${BENCH_SIZES:-1000} BENCH_KERNELS BENCH_ROWS BENCH_OUT VM_QEMU_ARGS
export BENCH_MARK=$PWD/build/tests/mark
top=build/bench/profile
rows=${BENCH_ROWS:-empty-nat svcnat}

# profile ROW FILE: makes FILE.profile
profile() {
	local blocks=$PWD/$2.blocks symbols=$2.symbols

	BENCH_ROWS=$1
	BENCH_OUT=$top/run
	VM_QEMU_ARGS="-plugin $PWD/build/tests/profile.so,out=$blocks"
	tests/bench/run.sh || return 1
	mv "$BENCH_OUT/vm/symbols" "$symbols"
	tests/bench/profile.py --packets "$BENCH_PACKETS" "$blocks" "$symbols" >"$2.profile"
}

for BENCH_KERNELS in ${BENCH_KERNELS:-6.12}; do
	out=$top/$BENCH_KERNELS
	mkdir -p "$out" || exit 1
	for row in $rows; do
		profile "$row" "$out/$row" || exit 1
	done
	for row in $rows; do
		[ "$row" = "${rows%% *}" ] || tests/bench/profile.py --compare \
			"$out/${rows%% *}.profile" "$out/$row.profile"
	done
done
