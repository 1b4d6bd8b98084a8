#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What docs/security.md says is shown by tests: those that it names are there.
set -u

here=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/unit/tap.bash
. "$here/tests/unit/tap.bash"

# there NAME: among the selftests, or the unit tests; replay_NAME is a corpus
there() {
	[ -x "$here/tests/selftests/$1" ] || [ -e "$here/tests/unit/$1" ] ||
		[ -e "$here/tests/unit/$1.c" ] ||
		[[ $1 == replay_* && -e $here/tests/fuzz/target_${1#replay_}.c ]]
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

finish
