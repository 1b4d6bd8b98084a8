#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Run unit test programs, each in a temporary directory of its own, with a time
# limit, and print each test as a KTAP line.
#
#	tests/unit.sh [-t SECONDS] PROGRAM...
set -u

limit=300
failed=0
[ "${1:-}" != -t ] || { limit=$2; shift 2; }

export ASAN_OPTIONS=detect_leaks=1 UBSAN_OPTIONS=print_stacktrace=1 CMOCKA_MESSAGE_OUTPUT=TAP

# cmocka's TAP with the program's name in each line; all else as it stands.
label() {
	sed -uE -e "s/^(not )?ok ([0-9]+) # SKIP (.*)/ok \2 - \3 # SKIP/" \
		-e "s/^((not )?ok) ([0-9]+) - /\1 \3 $1: /"
}

# A crash or a leak has no line of its own, nor has an early exit.
judge() {
	local code=$1 name=$2 out=$3 plan ran

	plan=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$out" | awk '{ n += $1 } END { print n + 0 }')
	ran=$(grep -cE '^(not )?ok ' "$out")
	if [ "$code" -ne 0 ] && ! grep -q '^not ok ' "$out"; then
		echo "not ok 0 $name: exit code $code"
	elif [ "$code" -eq 0 ] && { [ "$plan" -eq 0 ] || [ "$plan" -ne "$ran" ]; }; then
		echo "not ok 0 $name: $ran tests of $plan were run"
	else
		return "$code"
	fi
	return 1
}

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
for program in "$@"; do
	name=$(basename "$program")
	path=$(realpath -- "$program")
	mkdir "$scratch/$name"
	(cd "$scratch/$name" && TMPDIR=$PWD timeout -k 5 "$limit" "$path" 2>&1) |
		label "$name" | tee "$scratch/out"
	judge "${PIPESTATUS[0]}" "$name" "$scratch/out" || failed=1
done
exit "$failed"
