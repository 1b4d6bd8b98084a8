#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Process 1 of the guest: sets up what a machine has, runs the job that
# tests/vm/run wrote, reports how it ended, and resets the machine.
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export HOME=/root TERM=dumb LANG=C.UTF-8 VM_DIR=/run/vm
vm=/run/vm

nonce=$(sed -n 's/.*vm_nonce=\([0-9a-f]*\).*/\1/p' /proc/cmdline)

setup() {
	mkdir -p /dev/pts /dev/shm /run/lock /run/netns
	mount -t devpts -o mode=620,ptmxmode=666 devpts /dev/pts
	mount -t tmpfs shm /dev/shm
	mount -t cgroup2 cgroup2 /sys/fs/cgroup
	mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null
	mount -t debugfs debugfs /sys/kernel/debug 2>/dev/null
	ln -sfn /proc/self/fd /dev/fd
	ln -sfn /proc/self/fd/0 /dev/stdin
	ln -sfn /proc/self/fd/1 /dev/stdout
	ln -sfn /proc/self/fd/2 /dev/stderr
	# of a kernel that is not installed on the host
	[ ! -d "$vm/modules" ] || ln -s "$vm/modules" "/lib/modules/$(uname -r)"
	hostname svcnat-vm
	ip link set lo up
}

load_modules() {
	local depends file
	for file in "${vm_modules[@]}"; do
		depends=$(modinfo -F depends "$file") || return 1
		# shellcheck disable=SC2086 # a comma-separated list to words
		[ -z "$depends" ] || modprobe -a ${depends//,/ } || return 1
		insmod "$file" || return 1
	done
}

job() {
	load_modules || return 125
	cd "$vm_dir" || return 125
	"${vm_command[@]}"
}

# A process that the job left behind would hold the output open. Kernel threads
# have no executable; this shell and the reader of the output have to stay.
kill_others() {
	local pid

	for pid in /proc/[0-9]*; do
		pid=${pid#/proc/}
		case $pid in
		"$$" | "$reader") continue ;;
		esac
		if readlink "/proc/$pid/exe" >/dev/null; then
			kill -KILL "$pid"
		fi
	done 2>/dev/null
}

setup
# shellcheck disable=SC1091 # written by tests/vm/run
. "$vm/job"
echo "<5>vm: begin $nonce" >/dev/kmsg

# Through a pipe: a script may open /dev/stderr anew, which would cut a file.
exec {pipe}> >(exec cat >"$vm/output")
reader=$!
(job) </dev/null >&"$pipe" 2>&1 {pipe}>&-
code=$?
exec {pipe}>&-
kill_others
wait "$reader"

dmesg >"$vm/dmesg"
echo "$nonce exit $code" >"$vm/result"
sync
echo b >/proc/sysrq-trigger
# the reset comes a moment later
while :; do wait; done
