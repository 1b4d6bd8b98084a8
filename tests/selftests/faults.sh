#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Each allocation of each command fails in turn: it is refused and has changed
# nothing, or it is done. On kernels that have fault injection.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"

needs ip svcctl
debug=/sys/kernel/debug
if [ ! -e $debug/failslab ] || [ ! -e /proc/self/fail-nth ]; then
	skip_all "no fault injection in this kernel"
fi
begin
node_up
for f in failslab fail_page_alloc; do
	echo 0 >$debug/$f/verbose
	echo N >$debug/$f/ignore-gfp-wait
done
nested in_ns "$node" "$lib_repo/build/tests/nlcheck" faults
expect "a packet without memory for what is kept of it" test \
	"$(field affinity-full "$(svc stats -j)")" -gt 0
same "and one without memory for its record" 1 \
	"$(($(field connections-full "$(svc stats -j)") > 0))"
expect "the module goes" timeout 60 rmmod svcnat
expect "and comes back" load_module

finish
