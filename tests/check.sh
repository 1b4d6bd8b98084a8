#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# All tests. One line a step, the logs in build/log/, and at the end
# "N passed, N failed, N skipped", where each single test counts.
#
#	KERNEL="6.1 6.12 debug" CHECK_UNTIL=TIME tests/check.sh [STEP...]
#
# STEP: names as they are printed, or their beginnings; the builds are always done.
#
# KERNEL: on which ones. The debug kernel, which runs the selftests and no more,
# is among them by default if "make debug-kernel" has built it.
#
# CHECK_UNTIL: when to end, in seconds since 1970. The debug kernel then comes
# last, is built if it is not kept, and has the time that the others left: what
# of it cannot be done in that is said, and counted as skipped.
set -u
# Each step in a process group of its own, to be ended as a whole.
set -m

cd "$(dirname "$0")/.." || exit 1
# Each step is a make of its own; the caller's job slots are not handed on.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
kernels=()
debug=no
deadline=${CHECK_UNTIL:-}
only=("$@")
# So many that two lanes come to their end at about the same time.
debug_parts=7

# Seconds: what a build of the debug kernel needs, the least time worth a run on it (a
# part of its scripts says little, and one that is cut off may leave memory behind), and
# what a run needs before and after its tests.
debug_build=600
debug_tests=2400
around_tests=120
log=build/log
lanes=2
passed=0
failed=0
skipped=0
broken=0
declare -A running=()

# ---- the steps: functions, all output to the step's log

step_tools() { make --no-print-directory daemon tests units; }
step_module() {
	local kver=$1

	[ "$kver" = debug ] || kver=$(tests/vm/run -n -k "$1") || return 1
	make --no-print-directory kmod KVER="$kver"
}

step_unit() { make --no-print-directory unit; }
step_vm() { tests/vm/selftest.sh "$1"; }
step_demo() { tests/walkthrough/run.sh "$1"; }
step_dkms() { tests/dkms.sh "$(tests/vm/run -n -k "$1")"; }

# One CPU: two guests at a time have one each then, and neither waits for the other.
# What races needs two.
step_selftests() {
	selftests "$1" -t 2400 -c 1 -- -t 600 -c 1 -k "$(place_of "$1")"
}

# place_of KERNEL: I/N, the Ith of N
place_of() {
	local i

	for i in "${!kernels[@]}"; do
		[ "${kernels[i]}" != "$1" ] || echo "$((i + 1))/${#kernels[@]}"
	done
}

step_races() {
	selftests "$1" -t 1200 -c 2 -- -t 600 -c 2
}

# $1: a part of them, such as 1/2; or races. Ten times as slow as the others.
step_debug() {
	local limit=9000 args=(-t 3000) cpus=1

	if [ -n "$deadline" ]; then
		limit=$(time_left)
		if [ "$limit" -lt $((2 * around_tests)) ]; then
			echo "ok 1 debug $1 # SKIP no time left"
			return
		fi
		args+=(-l $((limit - around_tests)))
	fi
	if [ "$1" = races ]; then cpus=2; else args+=(-s "$1"); fi
	selftests debug -t "$limit" -c "$cpus" -- "${args[@]}" -c "$cpus"
}

# selftests KERNEL RUN_OPTION... -- SCRIPT_OPTION...
selftests() {
	local kernel=$1 run=()

	shift
	while [ "$1" != -- ]; do
		run+=("$1")
		shift
	done
	tests/vm/run -k "$kernel" "${run[@]}" -- tests/selftests/run.sh "${@:2}" \
		"build/kmod/$(tests/vm/run -n -k "$kernel")/svcnat.ko"
}

# Interrupted, it goes on the next time.
step_debug-kernel() {
	timeout "$(time_left)" make --no-print-directory debug-kernel && return
	[ $? -eq 124 ] || return 1
	echo "ok 1 debug kernel # SKIP no time left"
}

# ---- counting and reporting

# Sets pass, fail, skip from a log: its totals, or its KTAP lines, or the exit code alone.
count() {
	local code=$1 file=$2 totals

	totals=$(grep -E '^# Totals: ' "$file" | tail -1)
	if [ -n "$totals" ]; then
		read -r pass fail skip < <(tr -c '0-9\n' ' ' <<<"$totals")
	else
		skip=$(grep -cE '^ok .*# SKIP' "$file")
		pass=$(($(grep -cE '^ok ' "$file") - skip))
		fail=$(grep -cE '^not ok ' "$file")
	fi
	if [ "$code" -ne 0 ] && [ "$fail" -eq 0 ]; then
		fail=1
	elif [ "$code" -eq 0 ] && [ $((pass + fail + skip)) -eq 0 ]; then
		pass=1
	fi
}

report() {
	local name=$1 code=$2 seconds=$3 file=$4 word=ok pass fail skip

	count "$code" "$file"
	passed=$((passed + pass))
	failed=$((failed + fail))
	skipped=$((skipped + skip))
	[ "$fail" -eq 0 ] || word=FAILED
	printf '%-20s %-7s %4d s  %4d passed, %d failed, %d skipped\n' \
		"$name" "$word" "$seconds" "$pass" "$fail" "$skip"
	[ "$fail" -ne 0 ] || return 0
	grep -E -A6 '^ *not ok ' "$file" | head -60 | sed 's/^/    /'
	echo "    ... the end of $file:"
	tail -25 "$file" | sed 's/^/    /'
	return 1
}

log_of() { echo "$log/${1//[ \/]/-}.log"; }

# $1: name and arguments, such as "demo 6.1".
run_step() {
	local begin=$SECONDS file code

	file=$(log_of "$1")
	# shellcheck disable=SC2086 # name and arguments
	step_$1 >"$file" 2>&1 </dev/null
	code=$?
	echo "$code $((SECONDS - begin))" >"$file.end"
}

wanted() {
	local o

	[ ${#only[@]} -gt 0 ] || return 0
	for o in "${only[@]}"; do
		[[ $1 != "$o"* ]] || return 0
	done
	return 1
}

# One at a time, here; false if it failed.
now() {
	local code seconds file

	file=$(log_of "$1")
	run_step "$1"
	read -r code seconds <"$file.end"
	report "$1" "$code" "$seconds" "$file"
}

# As many at a time as there are lanes.
later() {
	wanted "$1" || return 0
	while [ ${#running[@]} -ge "$lanes" ]; do
		reap
	done
	run_step "$1" &
	running[$!]=$1
}

reap() {
	local pid name code seconds file

	wait -n -p pid
	name=${running[$pid]}
	unset "running[$pid]"
	file=$(log_of "$name")
	if read -r code seconds <"$file.end"; then
		report "$name" "$code" "$seconds" "$file"
	else
		report "$name" 1 0 "$file"
	fi
}

cleanup() {
	local pid

	for pid in "${!running[@]}"; do
		kill -- "-$pid" 2>/dev/null
	done
}

reap_all() {
	while [ ${#running[@]} -gt 0 ]; do
		reap
	done
}

# The long ones first.
all_steps() {
	local k

	for k in "${kernels[@]}"; do
		later "selftests $k"
	done
	for k in "${kernels[@]}"; do
		later "demo $k"
	done
	for k in "${kernels[@]}"; do
		later "races $k"
	done
	[ ${#kernels[@]} -eq 0 ] || later "vm ${kernels[0]}"
	for k in "${kernels[@]}"; do
		later "dkms $k"
	done
	[ ${#kernels[@]} -eq 0 ] || later unit
	[ "$debug" != yes ] || debug_steps
	reap_all
}

# ---- the debug kernel

debug_steps() {
	local i

	for ((i = 1; i <= debug_parts; i++)); do
		later "debug $i/$debug_parts"
	done
	later "debug races"
}

debug_kept() { tests/vm/debug-kernel.sh -p >/dev/null; }
time_left() { echo $((deadline - $(date +%s))); }

# enough NAME SECONDS
enough() {
	local left

	left=$(time_left)
	[ "$left" -lt "$2" ] || return 0
	printf '%-20s not run: it needs %d s, %d are left\n' "$1" "$2" "$left"
	skipped=$((skipped + 1))
	return 1
}

# In the time that the others left.
debug_last() {
	if ! debug_kept; then
		enough debug-kernel "$debug_build" && now debug-kernel && debug_kept || return
	fi
	enough debug "$debug_tests" && now "module debug" || return
	debug_steps
	reap_all
}

# Sets kernels, which are Debian's, and debug: no, yes, last.
choose_kernels() {
	local k

	for k in ${KERNEL:-6.1 6.12}; do
		if [ "$k" = debug ]; then
			debug=yes
		else
			kernels+=("$k")
		fi
	done
	if [ -z "${KERNEL:-}" ] && { debug_kept || [ -n "$deadline" ]; }; then
		debug=yes
	fi
	if [ "$debug" = yes ] && [ -n "$deadline" ]; then
		debug=last
	fi
}

main() {
	local k

	choose_kernels
	rm -rf "$log"
	mkdir -p "$log"
	trap cleanup EXIT
	trap 'exit 1' INT TERM HUP
	now tools || broken=1
	for k in "${kernels[@]}"; do
		now "module $k" || broken=1
	done
	[ "$debug" != yes ] || now "module debug" || broken=1
	if [ "$broken" -ne 0 ]; then
		echo "The rest was not run: a build failed."
		skipped=$((skipped + 1))
	else
		all_steps
		[ "$debug" != last ] || debug_last
	fi
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" -eq 0 ]
}

main
exit
