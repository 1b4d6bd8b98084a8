#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Look for what breaks, with input that is wrong:
#
#	FUZZ_MINUTES=5 tests/fuzz.sh [WHAT]...
#
# WHAT: none of them is all of them, in this order:
#
#	yaml api http config dns	what svcd reads, by libFuzzer: tests/fuzz/target_*.c
#	dns-server			the name server, through sockets: FUZZ_SEED, FUZZ_ROUNDS
#	module				requests and packets, in a VM: KERNEL, FUZZ_SEED,
#					FUZZ_MESSAGES, FUZZ_PACKETS
#
# Two at a time, and the module alone; each has the same part of FUZZ_MINUTES, so that 40 give
# each of all ten. What libFuzzer learns is kept in build/fuzz/corpus. An input that breaks
# something is kept in build/fuzz/found, and belongs into tests/fuzz/corpus.
#
# Exit: 0 when nothing was found, else 1.
set -u

cd "$(dirname "$0")/.." || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
readonly all=(yaml api http config dns dns-server module)
readonly out=build/fuzz
# What is freed is kept for less long, and fewer callers are noted: twice as fast.
export ASAN_OPTIONS=quarantine_size_mb=32:malloc_context_size=8
export UBSAN_OPTIONS=print_stacktrace=1
what=("$@")
[ ${#what[@]} -gt 0 ] || what=("${all[@]}")
seed=${FUZZ_SEED:-$RANDOM}
failed=0

die() {
	echo "${0##*/}: $*" >&2
	exit 2
}

wanted() { [[ " ${what[*]} " == *" $1 "* ]]; }
is_target() { [ -e "tests/fuzz/target_$1.c" ]; }
quiet_make() { make -s --no-print-directory NODEPS=1 "$@" || exit 1; }

# ---- libFuzzer

# Executions and how many a second, and how far they got: edges of the program, and features.
summary() {
	awk '/^stat::number_of_executed_units:/ { n = $2 }
	     /^stat::average_exec_per_sec:/ { rate = $2 }
	     / cov: / { for (i = 1; i < NF; i++) {
			if ($i == "cov:") cov = $(i + 1)
			if ($i == "ft:") ft = $(i + 1) } }
	     END { printf "%d executions, %d/s, coverage %d, features %d", n, rate, cov, ft
	     }' "$1"
}

# Leaks are looked for at the end: to do so after each input that has left something on purpose,
# such as a registry, would take nearly all of the time.
# fuzz_target NAME SECONDS
fuzz_target() {
	local log=$out/$1.log dict=tests/fuzz/$1.dict options=()

	mkdir -p "$out/corpus/$1" "$out/found"
	[ ! -e "$dict" ] || options+=(-dict="$dict")
	if nice -n 5 "$out/$1" -max_total_time="$2" -timeout=20 -rss_limit_mb=2048 -max_len=8192 \
		-print_final_stats=1 -detect_leaks=0 -artifact_prefix="$out/found/$1-" \
		"${options[@]}" \
		"$out/corpus/$1" "tests/fuzz/corpus/$1" >"$log" 2>&1 </dev/null; then
		echo "$1: $(summary "$log")"
		return 0
	fi
	echo "$1: FAILED: $(summary "$log")"
	grep -aE 'ERROR|SUMMARY|runtime error|^tests/fuzz/|Test unit written' "$log" |
		sed 's/^/    /'
	echo "    all of it: $log; again: $out/$1 FILE; make it short: $out/$1" \
		"-minimize_crash=1 -runs=100000 FILE"
	return 1
}

# ---- the others

# fuzz_dns_server SECONDS
fuzz_dns_server() {
	local log=$out/dns-server.log rounds=${FUZZ_ROUNDS:-$(($1 * 2000))}

	mkdir -p "$out"
	if FUZZ_SEED=$seed FUZZ_ROUNDS=$rounds nice -n 5 tests/unit.sh -t 7200 \
		build/unit/test_dns_fuzz build/unit/test_dns_fuzz_sockets >"$log" 2>&1; then
		echo "dns-server: $rounds rounds, seed $seed"
		return 0
	fi
	echo "dns-server: FAILED: seed $seed, $rounds rounds"
	tail -20 "$log" | sed 's/^/    /'
	return 1
}

# fuzz_module SECONDS
fuzz_module() {
	local messages=${FUZZ_MESSAGES:-$(($1 * 60))} packets=${FUZZ_PACKETS:-$(($1 * 120))}

	mkdir -p "$out"
	if FUZZ_SEED=$seed FUZZ_MESSAGES=$messages FUZZ_PACKETS=$packets \
		tests/at-length.sh fuzz "${KERNEL:-6.12}" >"$out/module.log" 2>&1 </dev/null; then
		echo "module: $messages requests, $packets packets, seed $seed"
		return 0
	fi
	echo "module: FAILED: $messages requests, $packets packets, seed $seed"
	grep -E -A6 '^ *not ok ' "$out/module.log" | head -40 | sed 's/^/    /'
	echo "    all of it: $out/module.log"
	return 1
}

fuzz_one() {
	case $1 in
	dns-server) fuzz_dns_server "$2" ;;
	module) fuzz_module "$2" ;;
	*) fuzz_target "$1" "$2" ;;
	esac
}

# ---- all of them

build() {
	local w files=()

	for w in "${what[@]}"; do
		if is_target "$w"; then
			files+=("$out/$w")
		elif [ "$w" = dns-server ]; then
			files+=(build/unit/test_dns_fuzz build/unit/test_dns_fuzz_sockets)
		fi
	done
	[ ${#files[@]} -eq 0 ] || quiet_make "${files[@]}"
	! wanted module || quiet_make daemon tests
}

# How many seconds each one has: two at a time are as long as the module alone.
share() {
	local pairs=0 w

	for w in "${what[@]}"; do
		[ "$w" = module ] && pairs=$((pairs + 2)) || pairs=$((pairs + 1))
	done
	echo $((${FUZZ_MINUTES:-5} * 60 / ((pairs + 1) / 2)))
}

run_pairs() {
	local seconds=$1 w running=0

	for w in "${what[@]}"; do
		[ "$w" != module ] || continue
		if [ "$running" -eq 2 ]; then
			wait -n || failed=1
			running=1
		fi
		fuzz_one "$w" "$seconds" &
		running=$((running + 1))
	done
	for (( ; running > 0; running--)); do
		wait -n || failed=1
	done
}

main() {
	local w seconds

	for w in "${what[@]}"; do
		[[ " ${all[*]} " == *" $w "* ]] || die "nothing is called $w: ${all[*]}"
	done
	[[ ${FUZZ_MINUTES:-5} =~ ^[1-9][0-9]*$ ]] || die "FUZZ_MINUTES: a number of minutes"
	trap 'kill $(jobs -p) 2>/dev/null; exit 1' INT TERM HUP
	build
	seconds=$(share)
	echo "$seconds s for each: ${what[*]}"
	run_pairs "$seconds"
	if wanted module; then
		fuzz_one module "$seconds" || failed=1
	fi
}

main
exit "$failed"
