#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The tools are built so that a mistake in them is harder to make use of: position-
# independent, with nothing that can be written and executed, tables of addresses that are
# read-only before main(), a canary on the stack, checked copies.
set -u

here=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/unit/tap.bash
. "$here/tests/unit/tap.bash"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# lacks FILE: what it does not have, in words
lacks() {
	local elf

	elf=$(readelf -hldW --dyn-syms "$1") || { echo unreadable; return; }
	{
		grep -q 'Type: *DYN (Position-Independent' <<<"$elf" || echo pie
		grep -q '^ *GNU_RELRO ' <<<"$elf" || echo relro
		grep -qE 'BIND_NOW|\(FLAGS_1\).* NOW' <<<"$elf" || echo now
		grep -qE '^ *GNU_STACK .* RW +0x' <<<"$elf" || echo stack
		! grep -qE '^ *LOAD .* RWE ' <<<"$elf" || echo segments
		! grep -qE '\((TEXTREL|RPATH|RUNPATH)\)' <<<"$elf" || echo paths
		grep -q ' __stack_chk_fail' <<<"$elf" || echo canary
		grep -qE ' __[a-z]+_chk(@|$)' <<<"$elf" || echo fortify
	} | xargs
}

for tool in svcd svcctl; do
	ok "$tool has all of it" "$(lacks "$here/build/bin/$tool")" ""
done

# The same of a program that has nothing of it: the test would notice.
cat >"$scratch/soft.c" <<'END'
#include <stdio.h>
#include <string.h>
int main(int argc, char **argv)
{
	char buf[64];

	strcpy(buf, argv[argc - 1]);
	return puts(buf);
}
END
${CC:-cc} -O2 -U_FORTIFY_SOURCE -fno-stack-protector -no-pie -fno-pie -Wl,-z,norelro,-z,lazy \
	-Wl,-z,execstack -Wl,-rpath,/tmp -o "$scratch/soft" "$scratch/soft.c" 2>"$scratch/said"
ok "a program without any of it lacks all" "$(lacks "$scratch/soft")" \
	"pie relro now stack paths canary fortify"

# What leaves no mark in a program is in what the compiler says of how it was called.
object=$here/build/obj/daemon/svcd/server.o
flags=$(readelf --debug-dump=info "$object" 2>/dev/null | grep -m1 DW_AT_producer)
has() { [[ $flags == *" $1"* ]] && echo yes; }
ok "no jump over the end of the stack" "$(has -fstack-clash-protection)" yes
ok "a canary in each function that has an array" "$(has -fstack-protector-strong)" yes
if [ "$(uname -m)" = x86_64 ]; then
	ok "calls and returns go where they should" \
		"$(readelf -n "$object" | grep -o 'x86 feature: .*')" "x86 feature: IBT, SHSTK"
fi

finish
