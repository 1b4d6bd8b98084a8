# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# For the unit tests that are scripts: each check is a line of TAP.
#
#	ok NAME GOT EXPECTED		two strings must be equal
#	judge NAME COMMAND...		COMMAND must succeed
#	finish				the plan; exits
tests=0
bad=0

ok() {
	tests=$((tests + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $tests - $1"
	else
		bad=1
		echo "not ok $tests - $1"
		printf '# got:      %s\n# expected: %s\n' "$2" "$3"
	fi
}

judge() { if "${@:2}"; then ok "$1" yes yes; else ok "$1" no yes; fi; }

finish() {
	echo "1..$tests"
	exit "$bad"
}
