#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Does tests/vm/run tell the truth? Exit codes, bytes, time limits, panics.
#
#	tests/vm/selftest.sh [KERNEL]
set -u

run=$(cd "$(dirname "$0")" && pwd)/run
kernel=${1:-6.1}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
count=0
failed=0

# check NAME CODE TEXT RUN_OPTIONS... -- COMMAND: the exit code, and a text on stderr
check() {
	local name=$1 code=$2 text=$3 got

	shift 3
	"$run" -k "$kernel" "$@" >"$scratch/out" 2>"$scratch/err"
	got=$?
	if [ "$got" -eq "$code" ] && [[ $(<"$scratch/err") == *"$text"* ]]; then
		echo "ok $((++count)) $name"
		return
	fi
	echo "not ok $((++count)) $name"
	echo "# exit code $got, wanted $code; wanted on stderr: '$text'"
	tail -20 "$scratch/err" | sed 's/^/# /'
	failed=$((failed + 1))
}

# The last run's stdout must be the file $2.
output() {
	if cmp -s "$scratch/out" "$2"; then
		echo "ok $((++count)) $1"
	else
		echo "not ok $((++count)) $1"
		failed=$((failed + 1))
	fi
}

echo "TAP version 13"
check "exit code 0" 0 "" -t 100 -- true
check "exit code 1" 1 "" -t 100 -- false
# shellcheck disable=SC2016 # for the guest
check "exit code 42, arguments with spaces and quotes" 42 "" -t 100 -- \
	bash -c '[ "$1" = "a b  \"c\" \$d" ] && exit 42' x "a b  \"c\" \$d"

# Every byte value, long lines, no newline at the end; stderr opened by name.
head -c 3000000 /dev/urandom >"$scratch/bytes"
check "much output" 0 "" -t 100 -- bash -c "yes 'a line' | head -c 3000001; echo x >/dev/stderr"
{ yes 'a line' | head -c 3000001; echo x; } >"$scratch/wanted"
output "its bytes" "$scratch/wanted"
mkdir -p "$scratch/keep"
cp "$scratch/bytes" "$scratch/keep/in"
# shellcheck disable=SC2016
check "binary output" 0 "" -t 100 -o "$scratch/keep" -- bash -c \
	'cp "$VM_DIR/in" "$VM_DIR/back"; cat "$VM_DIR/in"'
output "its bytes" "$scratch/bytes"
cp "$scratch/keep/back" "$scratch/out"
output "a file written to the kept folder" "$scratch/bytes"

check "a process left behind does not hold the VM" 3 "" -t 60 -- \
	bash -c 'sleep 1000 & setsid sleep 1000 & exit 3'
# shellcheck disable=SC2016
check "the host's files cannot be written" 0 "" -t 100 -- \
	bash -c 'echo changed >"$0" && grep -q changed "$0"' "$run"
if grep -q changed "$run"; then
	echo "not ok $((++count)) and are as they were"
	failed=$((failed + 1))
else
	echo "ok $((++count)) and are as they were"
fi

# A clock of instructions does not wait for the host's.
check "a clock that counts instructions" 0 "" -i -t 100 -- sleep 10000
begin=$SECONDS
check "a command that hangs" 124 "time limit" -t 20 -- sleep 1000
output "is silent" /dev/null
if [ $((SECONDS - begin)) -le 27 ]; then
	echo "ok $((++count)) and ends in time"
else
	echo "not ok $((++count)) and ends in time"
	failed=$((failed + 1))
fi
check "a panic" 125 "sysrq triggered crash" -t 100 -- bash -c 'echo c >/proc/sysrq-trigger'
check "a kernel warning" 125 "WARNING: made up" -t 100 -- \
	bash -c 'echo "WARNING: made up" >/dev/kmsg'
check "a kernel warning, allowed" 0 "" -w -t 100 -- bash -c 'echo "WARNING: made up" >/dev/kmsg'
check "a machine that ends by itself" 125 "without a result" -t 100 -- \
	bash -c 'echo "0123 exit 0" >/run/vm/result; echo b >/proc/sysrq-trigger; sleep 100'
check "a module that is none" 125 "" -t 100 -m "$0" -- true
kernel=9.99
check "a kernel that is not there" 125 "no kernel 9.99 in /boot" -t 100 -- true
check "a limit that is no number" 2 "not a positive number" -t soon -- true
check "no command" 2 "COMMAND" -t 10
echo "1..$count"
[ "$failed" -eq 0 ]
