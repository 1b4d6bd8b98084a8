#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Measure what it costs to load services and to change one, in a VM whose clock counts
# instructions, beside the tools that kube-proxy calls for it; see docs/bench.md.
#
#	tests/bench/control.sh
#
#	BENCH_KERNELS=6.12
#	BENCH_WAYS="restore manifests api change peers"
#	BENCH_LOADS="10000x2 100000x1 5000x50 1x10000"	SERVICESxENDPOINTS
#	BENCH_CHANGES=500	of one endpoint, for a figure
#	BENCH_ADD=1		keep of the run before what this one does not measure
#	BENCH_LIMIT=7200	seconds for one VM
#	BENCH_OUT=build/bench	where the results go
#
# Leaves build/bench/control.json, prints the table. Exit code 1: something could not be
# measured, and has no figure.
set -u

cd "$(dirname "$0")/../.." || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
bench=tests/bench
out=${BENCH_OUT:-build/bench}
export BENCH_CHANGES=${BENCH_CHANGES:-500}
read -ra ways <<<"${BENCH_WAYS:-restore manifests api change peers}"
read -ra loads <<<"${BENCH_LOADS:-10000x2 100000x1 5000x50 1x10000}"
failed=0

say() { printf '%s\n' "$*" >&2; }

# How many services each of kube-proxy's modes was recorded with.
peers() {
	local mode services

	for mode in nftables iptables ipvs; do
		for services in 1000 10000; do
			"$bench/kube_proxy.py" "$mode" "$services" tcp 4 \
				"$out/vm/$mode-$services" 2>/dev/null || continue
			echo "kube-proxy-$mode $services 2 $mode-$services"
			[ "$mode" != iptables ] ||
				echo "kube-proxy-iptables-nft $services 2 $mode-$services"
		done
	done
}

plan() {
	local way load

	for way in "${ways[@]}"; do
		[ "$way" != peers ] || { peers || return 1; continue; }
		for load in "${loads[@]}"; do
			[ -e "$out/vm/$load" ] ||
				"$bench/objects.py" "${load%x*}" "${load#*x}" "$out/vm/$load" ||
				return 1
			echo "$way ${load%x*} ${load#*x} $load"
		done
	done
}

# measure KERNEL: one VM; adds to $out/control.lines
measure() {
	local kernel=$1 kver code

	kver=$(tests/vm/run -n -k "$kernel") &&
		make -s --no-print-directory daemon tests kmod KVER="$kver" || return 1
	rm -rf "$out/vm"
	mkdir -p "$out/vm" && plan >"$out/vm/plan" || return 1
	say "$kernel: $(wc -l <"$out/vm/plan") loads"
	tests/vm/run -i -k "$kernel" -M 6144 -t "${BENCH_LIMIT:-7200}" -o "$out/vm" -- \
		env SVCNAT_KO="$PWD/build/kmod/$kver/svcnat.ko" BENCH_CHANGES="$BENCH_CHANGES" \
		"$bench/control_guest.sh" |
		while IFS= read -r line; do
			case $line in
			\{*) echo "{\"kernel\": \"$kernel\", ${line#\{}" |
				tee -a "$out/control.lines" ;;
			*) say "$kernel $line" ;;
			esac
		done
	code=${PIPESTATUS[0]}
	[ "$code" -eq 0 ] || say "$kernel: the VM ended with $code"
	return "$code"
}

mkdir -p "$out"
: >"$out/control.lines"
for kernel in ${BENCH_KERNELS:-6.12}; do
	measure "$kernel" || failed=1
done
"$bench/control.py" ${BENCH_ADD:+--add} "$out/control.lines" "$out" || failed=1
exit "$failed"
