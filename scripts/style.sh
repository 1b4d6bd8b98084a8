#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The checkers of style, all of them; exit 1 if one found something. The
# module's own warnings are fatal in every build (W=1, -Werror).
set -u

cd "$(dirname "$0")/.." || exit 1
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
bad=0
out=$(mktemp)
trap 'rm -f "$out"' EXIT

# check NAME COMMAND...: its output is shown only when it fails
check() {
	local name=$1

	shift
	if "$@" >"$out" 2>&1; then
		printf '%-12s ok\n' "$name"
	else
		printf '%-12s FAILED\n' "$name"
		sed 's/^/    /' "$out"
		bad=1
	fi
}

# Out of Debian's kernel source: a few files of its hundred thousand.
fetch_kernel_files() {
	local archive

	[ ! -e build/linux/tools/net/ynl/lib/nlspec.py ] || return 0
	archive=$(printf '%s\n' /usr/src/linux-source-6.*.tar.xz | sort -V | tail -1)
	[ -e "$archive" ] || { echo "no /usr/src/linux-source-6.*.tar.xz"; return 1; }
	mkdir -p build/linux
	tar -C build/linux --strip-components=1 --wildcards -xf "$archive" \
		'*/scripts/checkpatch.pl' '*/scripts/spelling.txt' \
		'*/scripts/const_structs.checkpatch' \
		'*/Documentation/netlink/genetlink*.yaml' '*/tools/net/ynl/lib/*.py'
}

# Not its business here: the tree is no kernel tree, and shims ask for versions. Of
# the macros of a tracepoint it knows only those in the kernel's own folder.
run_checkpatch() {
	local ignore=FILE_PATH_CHANGES,LINUX_VERSION_CODE
	local patch="build/linux/scripts/checkpatch.pl --no-tree --strict --terse
		--no-summary --max-line-length=100"

	# shellcheck disable=SC2086 # words
	fetch_kernel_files && find kmod include/uapi -name '*.[ch]' ! -path kmod/trace.h -print0 |
		xargs -0 $patch --ignore "$ignore" -f &&
		$patch --ignore "$ignore,PARENTHESIS_ALIGNMENT,OPEN_ENDED_LINE" -f kmod/trace.h
}

# The schema, and that each name in the specification is one of it.
run_ynl() {
	fetch_kernel_files && PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=build/linux/tools/net/ynl \
		python3 -c '
import sys
from lib import SpecFamily
SpecFamily(sys.argv[1], sys.argv[2])' \
		include/uapi/linux/svcnat.yaml \
		build/linux/Documentation/netlink/genetlink-legacy.yaml
}

run_sparse() {
	local found kver

	kver=$(tests/vm/run -n -k 6.12) || return 1
	find "build/kmod/$kver" -name '*.o' -delete 2>/dev/null
	make --no-print-directory kmod KVER="$kver" \
		KMODFLAGS="C=2 CHECK='sparse -Wno-shift-count-overflow'" >"$out.sparse" 2>&1
	# what sparse says about the kernel's own headers is not ours
	found=$(grep -E '/kmod/[^ ]*: (warning|error):' "$out.sparse")
	tail -3 "$out.sparse"
	rm -f "$out.sparse"
	echo "$found"
	[ -z "$found" ]
}

run_shellcheck() {
	local first='^#!.*[/ ](ba|da|)sh\b|^# shellcheck shell='

	git ls-files -co --exclude-standard | while read -r f; do
		[ ! -f "$f" ] || ! head -c 100 "$f" | head -1 | grep -qE "$first" || echo "$f"
	done | xargs shellcheck -x
}

run_mandoc() {
	local pages=(man/*.[1-8])

	[ -e "${pages[0]}" ] || { echo "no man pages"; return 0; }
	mandoc -Tlint -W warning "${pages[@]}"
}

run_cppcheck() {
	cppcheck -q --std=c11 --enable=warning,portability --inline-suppr --error-exitcode=1 \
		--suppress=missingInclude --suppress=legacyUninitvar \
		-D'json_array_foreach(a, i, v)=while (json_next(a, &i, &v))' \
		-D'json_object_foreach(o, k, v)=while (json_next(o, &k, &v))' \
		-D'TAILQ_FOREACH(v, h, f)=while (tailq_next(h, &v))' \
		-Iinclude/uapi -Idaemon/lib -Idaemon/svcd -Idaemon/svcctl \
		daemon tests/selftests tests/walkthrough tests/bench tests/fuzz \
		tests/load
}

# No line past 100 columns, no blank at its end. Of the module checkpatch knows which
# lines may be longer: texts are not broken, so that they can be searched for.
run_columns() {
	! git ls-files -co --exclude-standard -- '*.[ch]' '*.sh' Makefile | while read -r f; do
		expand "$f" | awk -v f="$f" '
			length > 100 && f !~ /^kmod/ { print f ":" NR ": " length " columns" }
			/[ \t]$/ { print f ":" NR ": blank at the end" }'
	done | grep .
}

# What the daemon may do under systemd: no more than 2.1, which is "OK", and no typing
# errors.
run_unit() {
	local dir rc

	dir=$(mktemp -d)
	sed 's,@SBINDIR@,/bin,' systemd/svcd.service >"$dir/svcd.service"
	sed -i 's,^ExecStart=.*,ExecStart=/bin/true,' "$dir/svcd.service"
	systemd-analyze verify --man=no "$dir/svcd.service" 2>&1 &&
		systemd-analyze security --offline=true --threshold=21 --no-pager \
			"$dir/svcd.service"
	rc=$?
	rm -rf "$dir"
	return "$rc"
}

check checkpatch run_checkpatch
check ynl run_ynl
check sparse run_sparse
check shellcheck run_shellcheck
check mandoc run_mandoc
check cppcheck run_cppcheck
check columns run_columns
check unit run_unit
exit "$bad"
