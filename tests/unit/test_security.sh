#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What docs/security.md says is shown by tests: those that it names are there.
set -u

here=$(cd "$(dirname "$0")/../.." && pwd)
tests=0
bad=0

# there NAME: among the selftests, or the unit tests
there() {
	[ -x "$here/tests/selftests/$1" ] || [ -e "$here/tests/unit/$1" ] ||
		[ -e "$here/tests/unit/$1.c" ]
}

judge() {
	tests=$((tests + 1))
	if "${@:2}"; then
		echo "ok $tests - $1"
	else
		bad=1
		echo "not ok $tests - $1"
	fi
}

# Between brackets; the introduction has them without.
# shellcheck disable=SC2016 # what is quoted there is no command
names=$(tr '\n' ' ' <"$here/docs/security.md" | grep -oE '\[(`[a-z_.]+`(, *)?)+\]' |
	grep -oE '[a-z_]+(\.sh)?' | sort -u)
judge "it names tests" test "$(wc -w <<<"$names")" -ge 20
for name in $names; do
	judge "$name is there" there "$name"
done
judge "one that is not there would be noticed" eval '! there nothing.sh && ! there test_nothing'

echo "1..$tests"
exit "$bad"
