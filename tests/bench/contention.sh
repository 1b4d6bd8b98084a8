#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Two CPUs send first packets through svcnat, to one service and to many, while its
# endpoints are replaced all the time: what do they write that the other one writes, too?
#
#	tests/bench/contention.sh
#
#	BENCH_KERNELS=6.12
#	BENCH_PACKETS=2000	of each CPU, for each line of the result
#
# Prints a table; exit code 1: by default packets write to a line that both CPUs write to.
set -u

cd "$(dirname "$0")/../.." || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
bench=tests/bench
packets=${BENCH_PACKETS:-2000}
failed=0

for kernel in ${BENCH_KERNELS:-6.12}; do
	out=build/bench/contention/$kernel
	kver=$(tests/vm/run -n -k "$kernel") || exit 1
	make -s --no-print-directory daemon tests kmod build/tests/profile.so build/tests/mark \
		KVER="$kver" || exit 1
	rm -rf "$out" && mkdir -p "$out/vm" || exit 1
	VM_QEMU_ARGS="-plugin $PWD/build/tests/profile.so,out=$PWD/$out/blocks,stores=on" \
		tests/vm/run -i -c 2 -k "$kernel" -M 3072 -t 900 -o "$out/vm" -- \
		env SVCNAT_KO="$PWD/build/kmod/$kver/svcnat.ko" BENCH_PACKETS="$packets" \
		BENCH_MARK="$PWD/build/tests/mark" "$bench/contention_guest.sh" \
		>"$out/lines" || { cat "$out/lines" >&2; exit 1; }
	echo "kernel $kernel"
	"$bench/contention.py" "$out/blocks" "$out/vm/symbols" "$out/lines" || failed=1
done
exit "$failed"
