#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What the documents say of the tree is true: each block of commands is marked with who runs
# it, files, targets of make, verbs and options that they name are there, and docs/messages.md
# has each message of the sources, and no other.
#
# shellcheck disable=SC2016	# backticks are of the documents
set -u

here=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/unit/tap.bash
. "$here/tests/unit/tap.bash"
tools=$here/tests/docs
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# Its output is shown when it fails.
well() {
	"$@" >"$scratch/out" 2>&1 && return
	sed 's/^/# /' "$scratch/out"
	return 1
}
# notices TEXT COMMAND...: it fails, and says so
notices() { ! "${@:2}" >"$scratch/out" 2>&1 && grep -qF -- "$1" "$scratch/out"; }

# ---- blocks and names

judge "blocks of commands, and names" well "$tools/blocks.py" check "$here/README.md" \
	"$here"/docs/*.md

# wrong NAME TEXT: standard input is a document of which TEXT is said
wrong() {
	cat >"$scratch/wrong.md"
	judge "noticed: $1" notices "$2" "$tools/blocks.py" check "$scratch/wrong.md"
}
wrong "a block without a mark" 'what is this block' <<'END'
```
svcctl show
```
END
wrong "a test that is not there" 'there is no tests/selftests/nothing.sh' <<'END'
```sh by tests/selftests/nothing.sh
svcctl show
```
END
wrong "a test that does not say it" 'tests/selftests/smoke.sh does not say mokutil' <<'END'
```sh by tests/selftests/smoke.sh
mokutil --import key
```
END
wrong "a target that is not there" 'no target of the Makefile: make nothing' <<'END'
```sh
make nothing
```
END
wrong "one in the text" 'no target of the Makefile: nothing' <<<'Say `make nothing`.'
wrong "a verb that is not there" 'no verb of svcctl: nothing' <<<'Say `svcctl nothing`.'
wrong "an option that is not there" 'svcctl show has no --nothing' <<'END'
```sh
svcctl show --nothing
```
END
wrong "a file that is not there" 'no file: kmod/nothing.c' <<<'See kmod/nothing.c.'
wrong "one by its name alone" 'no file of this name: nothing.h' <<<'That is done (nothing.h).'

# ---- what is printed

# compare NAME WANTED GOT [!]
compare() {
	printf '%s\n' "$2" >"$scratch/wanted"
	printf '%s\n' "$3" >"$scratch/got"
	judge "$1" eval "${4:-} '$tools/blocks.py' same '$scratch/wanted' '$scratch/got'"
}
compare "the same" $'a b\nc' $'a b\nc'
compare "something else" $'a b\nc' $'a b\nd' !
compare "a line less" $'a b\nc' 'a b' !
compare "what varies in a line" 'for … s, or …' 'for 12 s, or so'
compare "but not the rest of it" 'for … s' 'for 12 m' !
compare "lines that vary" $'a\n…\nb' $'a\n1\n2\nb'
compare "none of them" $'a\n…\nb' $'a\nb'
compare "characters that mean something elsewhere" 'a.*(b)' 'a.*(b)'
compare "and do not here" 'a.*(b)' 'axx(b)' !

# ---- messages

list=$here/docs/messages.md
judge "each message is in the list, and each of the list is one" \
	well "$tools/messages.py" -c "$list" "$here"
sed 's/`the service exists`/`x`/' "$list" >"$scratch/list"
echo '| `nobody ever says this` | nothing |' >>"$scratch/list"
"$tools/messages.py" -c "$scratch/list" "$here" >"$scratch/said"
wanted='lacks: module: the service exists|no source says: nobody ever'
ok "noticed: one that is missing, one that nobody says" "$(grep -cE "$wanted" "$scratch/said")" 2
mkdir -p "$scratch/tree/daemon/lib"
cat >"$scratch/tree/daemon/lib/new.c" <<'END'
void told(int code, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
#define WHERE	"here"
int f(struct err *e)
{
	return err_set(e, 1, "something \"new\" is "	/* in two parts */
		       "wrong %s: %" PRIu64 " of %5d " WHERE, x(1, 2), n, m);
}
END
ok "a message is taken out of the source as it is said" \
	"$("$tools/messages.py" "$scratch/tree")" $'both\tsomething "new" is wrong …: … of … here'
judge "noticed: a new function that says messages" notices 'told() takes a format' \
	"$tools/messages.py" -c "$list" "$scratch/tree"

finish
