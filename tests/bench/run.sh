#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Measure what a packet costs, in instructions, in a VM whose clock counts them; see
# docs/bench.md.
#
#	tests/bench/run.sh
#
# What is measured: see matrix.sh, which names the variables that narrow it. Beside them:
#
#	BENCH_PACKETS=4000	packets of one figure
#	BENCH_REPEAT=3		figures of which the median is taken
#	BENCH_MIB=8		MiB that iperf3 sends for one figure; 0: it does not
#	BENCH_ADD=1		keep the points of the run before that this one does not measure
#	BENCH_SHARE=1		all rows of a kernel in one VM, not one each: quicker
#	BENCH_LIMIT=900		seconds for one VM
#	BENCH_OUT=build/bench	where the results go
#	BENCH_MARK=PROGRAM	see profile.sh
#
# Leaves build/bench/results.json, throughput.json and the plot, prints the tables. Exit code
# 1: a point could not be measured, and has no figure.
set -u

cd "$(dirname "$0")/../.." || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
bench=tests/bench
out=${BENCH_OUT:-build/bench}
export BENCH_PACKETS=${BENCH_PACKETS:-4000} BENCH_REPEAT=${BENCH_REPEAT:-3}
export BENCH_MIB=${BENCH_MIB:-8}
limit=${BENCH_LIMIT:-900}
failed=0

say() { printf '%s\n' "$*" >&2; }

# load_for ROW FAMILY PROTO SERVICES: makes what the row loads; prints its folder's name,
# below $out/vm.
load_for() {
	local row=$1 family=$2 proto=$3 services=$4 name=load/$1-$2-$3-$4 options=()

	mkdir -p "$out/vm/$name"
	case $row in
	kube-proxy-*)
		"$bench/kube_proxy.py" "${row#kube-proxy-}" "$services" "$proto" "$family" \
			"$out/vm/$name" || return 1
		;;
	svcnat*)
		[ "$row" != svcnat-affinity ] || options=(--affinity 10800)
		[ "$row" != svcnat-accounting ] || options=(--account)
		"$bench/services.sh" "$services" "$proto" "$family" "${options[@]}" \
			>"$out/vm/$name/services" || return 1
		;;
	esac
	echo "$name"
}

# plan KERNEL ROW <points: what the guest is to measure; ROW: or all
plan() {
	local kernel row family proto path services load

	while read -r kernel row family proto path services; do
		[ "$kernel" = "$1" ] || continue
		[ "$row" = "$2" ] || [ "$2" = all ] || continue
		load=$(load_for "$row" "$family" "$proto" "$services") || return 1
		echo "$row $family $proto $path $services $load"
	done
}

# The VMs: KERNEL ROW, a line each.
vms() {
	if [ "${BENCH_SHARE:-}" = 1 ]; then
		cut -d' ' -f1 "$out/points" | uniq | sed 's/$/ all/'
	else
		cut -d' ' -f1,2 "$out/points" | uniq
	fi
}

# measure KERNEL ROW: one VM; adds to $out/lines
measure() {
	local kernel=$1 row=$2 kver code

	kver=$(tests/vm/run -n -k "$kernel") || return 1
	rm -rf "$out/vm"
	mkdir -p "$out/vm"
	plan "$kernel" "$row" <"$out/points" >"$out/vm/plan" || return 1
	say "$kernel $row: $(wc -l <"$out/vm/plan") points"
	tests/vm/run -i -k "$kernel" -M 4096 -t "$limit" -o "$out/vm" -- \
		env SVCNAT_KO="$PWD/build/kmod/$kver/svcnat.ko" BENCH_PACKETS="$BENCH_PACKETS" \
		BENCH_REPEAT="$BENCH_REPEAT" BENCH_MIB="$BENCH_MIB" \
		BENCH_MARK="${BENCH_MARK:-}" "$bench/guest.sh" |
		while IFS= read -r line; do
			case $line in
			\{*) echo "{\"kernel\": \"$kernel\", ${line#\{}" | tee -a "$out/lines" ;;
			*) say "$kernel $line" ;;
			esac
		done
	code=${PIPESTATUS[0]}
	[ "$code" -eq 0 ] || say "$kernel $row: the VM ended with $code"
	return "$code"
}

build() {
	local kernel

	make -s --no-print-directory daemon tests || return 1
	while read -r kernel; do
		make -s --no-print-directory kmod KVER="$(tests/vm/run -n -k "$kernel")" || return 1
	done < <(cut -d' ' -f1 "$out/points" | sort -u)
}

mkdir -p "$out"
"$bench/matrix.sh" >"$out/points" || exit
[ -s "$out/points" ] || { say "bench: nothing to measure: see tests/bench/matrix.sh"; exit 2; }
build || exit 1
: >"$out/lines"
begin=$SECONDS
while read -r kernel row; do
	measure "$kernel" "$row" || failed=1
done < <(vms)
say "$((SECONDS - begin)) s"
"$bench/report.py" ${BENCH_ADD:+--add} "$out/lines" "$out" || failed=1
exit "$failed"
