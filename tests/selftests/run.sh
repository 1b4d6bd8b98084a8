#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Run the selftests (in the VM, as root) and print their KTAP output, one
# subtest for each script, and the totals of all their checks.
#
#	tests/selftests/run.sh [-t SECONDS] [MODULE.ko] [TEST.sh...]
#
# -t: time limit for each script, default 180. Without tests: all that stand
# beside this script. Exit: 0 when nothing failed, else 1.
set -u

here=$(cd "$(dirname "$0")" && pwd)
limit=180
failed=0
number=0
totals=$(mktemp)
export SVCNAT_KO=${SVCNAT_KO:-}

# Prints the script's output with two spaces in front, as KTAP has it.
run_one() {
	local name=$1 path=$2 code

	timeout -k 5 "$limit" "$path" 2>&1 | tee -a "$totals" | sed -u 's/^/  /'
	code=${PIPESTATUS[0]}
	case $code in
	0) echo "ok $number $name" ;;
	4) echo "ok $number $name # SKIP" ;;
	124 | 137) echo "not ok $number $name # time limit of $limit s" ;;
	*) echo "not ok $number $name # exit $code" ;;
	esac
	[ "$code" -eq 0 ] || [ "$code" -eq 4 ] || failed=$((failed + 1))
	# A script that failed by itself, with no check to show for it, counts as one.
	[ "$code" -eq 0 ] || [ "$code" -eq 4 ] || echo "not ok $name as a whole" >>"$totals"
}

count() { grep -cE "$1" "$totals"; }

if [ "${1:-}" = -t ]; then
	limit=$2
	shift 2
fi
if [[ ${1:-} == *.ko ]]; then
	SVCNAT_KO=$(realpath -- "$1")
	shift
fi
tests=("$@")
if [ $# -eq 0 ]; then
	for file in "$here"/*.sh; do
		case ${file##*/} in
		lib.sh | run.sh) ;;
		*) tests+=("$file") ;;
		esac
	done
fi

# Where the module is installed, the kernel would load that one as soon as
# svcctl asks for its family; a test says itself when there is to be a module.
mkdir -p /run/modprobe.d
echo "blacklist svcnat" >/run/modprobe.d/svcnat-selftests.conf

echo "TAP version 13"
echo "1..${#tests[@]}"
for file in "${tests[@]}"; do
	number=$((number + 1))
	name=$(basename "$file" .sh)
	echo "# $name"
	run_one "$name" "$(realpath -- "$file")"
done
skipped=$(count '^ok .*# SKIP')
echo "# Totals: pass:$(($(count '^ok ') - skipped)) fail:$(count '^not ok ') skip:$skipped"
rm -f "$totals"
[ "$failed" -eq 0 ]
