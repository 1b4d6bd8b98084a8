#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# All tests. One line a step, the logs in build/log/, and at the end
# "N passed, N failed, N skipped", where each single test counts.
#
#	KERNEL="6.1 6.12" tests/check.sh [STEP...]
#
# STEP: names as they are printed, or their beginnings; the builds are always done.
set -u
# Each step in a process group of its own, to be ended as a whole.
set -m

cd "$(dirname "$0")/.." || exit 1
# Each step is a make of its own; the caller's job slots are not handed on.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
kernels=${KERNEL:-6.1 6.12}
only=("$@")
log=build/log
lanes=2
passed=0
failed=0
skipped=0
broken=0
declare -A running=()

# ---- the steps: functions, all output to the step's log

step_tools() { make --no-print-directory daemon tests units; }
step_module() { make --no-print-directory kmod KVER="$(tests/vm/run -n -k "$1")"; }
step_unit() { make --no-print-directory unit; }
step_vm() { tests/vm/selftest.sh "$1"; }
step_demo() { tests/walkthrough/run.sh "$1"; }
step_dkms() { tests/dkms.sh "$(tests/vm/run -n -k "$1")"; }

step_selftests() {
	tests/vm/run -k "$1" -t 1300 -- \
		tests/selftests/run.sh -t 300 "build/kmod/$(tests/vm/run -n -k "$1")/svcnat.ko"
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

# $1: name and argument, such as "demo 6.1".
run_step() {
	local begin=$SECONDS file=$log/${1// /-}.log code

	# shellcheck disable=SC2086 # name and argument
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
	local code seconds file=$log/${1// /-}.log

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
	file=$log/${name// /-}.log
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

main() {
	local k

	rm -rf "$log"
	mkdir -p "$log"
	trap cleanup EXIT
	trap 'exit 1' INT TERM HUP
	now tools || broken=1
	for k in $kernels; do
		now "module $k" || broken=1
	done
	if [ "$broken" -ne 0 ]; then
		echo "The rest was not run: a build failed."
		skipped=$((skipped + 1))
	else
		# the long ones first
		for k in $kernels; do
			later "selftests $k"
			later "demo $k"
		done
		later "vm ${kernels%% *}"
		for k in $kernels; do
			later "dkms $k"
		done
		later unit
		while [ ${#running[@]} -gt 0 ]; do
			reap
		done
	fi
	echo "$passed passed, $failed failed, $skipped skipped"
	[ "$failed" -eq 0 ]
}

main
exit
