#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Run the selftests (in the VM, as root) and print their KTAP output, one
# subtest for each script, and the totals of all their checks.
#
#	tests/selftests/run.sh [-t SECONDS] [-l SECONDS] [-c CPUS] [-s I/N] [-k I/N]
#		[MODULE.ko] [TEST.sh...]
#
# -t: time limit for each script, default 180. -l: time for all of them; what is
# not done by then is skipped. -c: only the scripts that ask for so many CPUs, by
# a line "# CPUS: N"; those without it ask for one. -s: of these the Ith of N parts,
# which together are all. -k: this is the Ith of N kernels that are tested: of the
# scripts with a line "# KERNELS: one", which are about svcd, each runs on one of
# them. Without tests: all that stand beside this script. On a
# kernel that has kmemleak, what it finds once the module is gone is a further test.
# Exit: 0 when nothing failed, else 1.
set -u

here=$(cd "$(dirname "$0")" && pwd)
leaks=/sys/kernel/debug/kmemleak
limit=180
all_limit=
cpus=
part=1/1
kernel=1/1
failed=0
number=0
scratch=$(mktemp -d)
totals=$scratch/totals
tests=()
export SVCNAT_KO=${SVCNAT_KO:-}

usage() { sed -n '/^#	tests/,/^# Exit/s/^# \{0,1\}//p' "$0" >&2; exit 2; }

parse_options() {
	local o

	while getopts 't:l:c:s:k:' o; do
		case $o in
		t) limit=$OPTARG ;;
		l) all_limit=$OPTARG ;;
		c) cpus=$OPTARG ;;
		s) part=$OPTARG ;;
		k) kernel=$OPTARG ;;
		*) usage ;;
		esac
	done
	if ! is_part "$part" || ! is_part "$kernel"; then
		usage
	fi
}

is_part() { [[ $1 =~ ^[1-9][0-9]*/[1-9][0-9]*$ && ${1%/*} -le ${1#*/} ]]; }
# mine N I/N: is it the turn of the Ith?
mine() { [ $(($1 % ${2#*/})) -eq $((${2%/*} - 1)) ]; }

# asks FILE: for how many CPUs
asks() {
	local n

	n=$(sed -n 's/^# CPUS: \([0-9]*\)$/\1/p;10q' "$1")
	echo "${n:-1}"
}

one_kernel() { head -10 "$1" | grep -qx '# KERNELS: one'; }

# Sets tests: those named, or all; of them those for so many CPUs, and for this kernel;
# of them each Nth.
choose() {
	local file all=("$@") n=0 once=0

	if [ $# -eq 0 ]; then
		for file in "$here"/*.sh; do
			case ${file##*/} in
			lib.sh | run.sh) ;;
			*) all+=("$file") ;;
			esac
		done
	fi
	for file in "${all[@]}"; do
		[ -z "$cpus" ] || [ "$(asks "$file")" = "$cpus" ] || continue
		! one_kernel "$file" || mine $((once++)) "$kernel" || continue
		! mine $((n++)) "$part" || tests+=("$(realpath -- "$file")")
	done
}

# Prints the output of COMMAND with two spaces in front, as KTAP has it.
subtest() {
	local name=$1 code begin=$SECONDS

	shift
	number=$((number + 1))
	echo "# $name"
	"$@" 2>&1 | tee -a "$totals" | sed -u 's/^/  /'
	code=${PIPESTATUS[0]}
	echo "# $name: $((SECONDS - begin)) s"
	case $code in
	0) echo "ok $number $name" ;;
	4) echo "ok $number $name # SKIP" ;;
	124 | 137)
		if out_of_time; then
			no_time "$name"
			return
		fi
		echo "not ok $number $name # time limit of $limit s"
		;;
	*) echo "not ok $number $name # exit $code" ;;
	esac
	[ "$code" -ne 0 ] && [ "$code" -ne 4 ] || return 0
	failed=$((failed + 1))
	# A script that failed by itself, with no check to show for it, counts as one.
	echo "not ok $name as a whole" >>"$totals"
}

out_of_time() { [ -n "$all_limit" ] && [ "$SECONDS" -ge "$all_limit" ]; }

no_time() {
	echo "ok $number $1 # SKIP no time left"
	echo "ok $1 # SKIP" >>"$totals"
}

run_one() {
	local name seconds=$limit

	name=$(basename "$1" .sh)
	if out_of_time; then
		number=$((number + 1))
		no_time "$name"
		return
	fi
	if [ -n "$all_limit" ] && [ $((all_limit - SECONDS)) -lt "$seconds" ]; then
		seconds=$((all_limit - SECONDS))
	fi
	subtest "$name" timeout -k 5 "$seconds" "$1"
}

# The names of the addresses that the module had, which the kernel has forgotten
# with it. All addresses have 16 digits: they compare as text.
name_symbols() {
	awk 'NR == FNR { addr[++n] = $1 ""; name[n] = $3; next }
		/^ *0x[0-9a-f]+$/ {
			for (i = n; i > 0 && addr[i] > substr($1, 3); i--)
				;
			if (i > 0)
				$0 = $0 " after " name[i] " [svcnat]"
		}
		{ print }' "$scratch/symbols" -
}

# kmemleak wants an object to be 5 s old, and to be found so by two scans. What
# kfree_rcu() has not freed yet, for up to 5 s, looks lost to it. It refuses to
# scan when it has turned itself off, for want of memory.
find_leaks() {
	local end

	echo "TAP version 13"
	echo "1..3"
	grep '\[svcnat\]$' /proc/kallsyms | sort >"$scratch/symbols"
	if [ -s "$scratch/symbols" ] && ! rmmod svcnat; then
		echo "not ok 1 the module goes"
		return 1
	fi
	echo "ok 1 the module goes"
	end=$((SECONDS + 7))
	while [ "$SECONDS" -lt "$end" ]; do
		sleep 0.2
	done
	for _ in 1 2 3; do
		echo scan >"$leaks" || return 1
	done
	name_symbols <"$leaks" >"$scratch/leaks"
	if [ -s "$scratch/leaks" ]; then
		echo "not ok 2 kmemleak finds nothing"
		head -300 "$scratch/leaks" | sed 's/^/# /'
		return 1
	fi
	echo "ok 2 kmemleak finds nothing"
	if ! grep -q '^ *debug_locks: *1$' /proc/lockdep_stats; then
		echo "not ok 3 lockdep is still at work"
		return 1
	fi
	echo "ok 3 lockdep is still at work"
}

parse_options "$@"
shift $((OPTIND - 1))
if [[ ${1:-} == *.ko ]]; then
	SVCNAT_KO=$(realpath -- "$1")
	shift
fi
choose "$@"

# Where the module is installed, the kernel would load that one as soon as
# svcctl asks for its family; a test says itself when there is to be a module.
mkdir -p /run/modprobe.d
echo "blacklist svcnat" >/run/modprobe.d/svcnat-selftests.conf

echo "TAP version 13"
echo "1..$((${#tests[@]} + $([ -e "$leaks" ] && echo 1 || echo 0)))"
for file in "${tests[@]}"; do
	run_one "$file"
done
[ ! -e "$leaks" ] || subtest leaks find_leaks
skipped=$(grep -cE '^ok .*# SKIP' "$totals")
# A script that is skipped as a whole is one.
echo "# Totals: pass:$(($(grep -c '^ok ' "$totals") - skipped))" \
	"fail:$(grep -c '^not ok ' "$totals")" \
	"skip:$((skipped + $(grep -c '^1\.\.0 # SKIP' "$totals")))"
rm -rf "$scratch"
[ "$failed" -eq 0 ]
