#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The guest's side of control.sh: measures what $VM_DIR/plan names,
#
#	WAY SERVICES ENDPOINTS FOLDER
#
# a line each, and prints for each a line of JSON, or one that begins with "error".
#
# $SVCNAT_KO: the module. $BENCH_CHANGES: of how many changes the figures are. Exit code 1:
# there was an error.
set -u

bench=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/selftests/lib.sh
. "$bench/../selftests/lib.sh"
# shellcheck source=tests/selftests/svcd.bash
. "$bench/../selftests/svcd.bash"

declare -A pod_cidr=([4]=10.244.0.0/16)
patience=1500
svcd_patience=$patience

complain() { echo "$*" >&2; return 1; }

# ---- what is measured

# spent COMMAND...: sets $cpu, $in_kernel and $wall, in microseconds: of its processes, of
# that in the kernel, and of the clock
spent() {
	local TIMEFORMAT='%R %U %S' times code real user sys

	{ times=$({ time "$@" >"$lib_scratch/out" 2>&1; } 2>&1); code=$?; }
	read -r real user sys <<<"$times"
	wall=$((10#${real/./} * 1000))
	in_kernel=$((10#${sys/./} * 1000))
	cpu=$((10#${user/./} * 1000 + in_kernel))
	[ "$code" -eq 0 ] || complain "$1: $(tail -1 "$lib_scratch/out")"
}

# Microseconds that svcd was on a CPU, all threads of it.
svcd_cpu() {
	cat /proc/"$(<"$svcd_dir/pid")"/task/*/schedstat |
		awk '{ s += $1 } END { print int(s / 1000) }'
}

svcd_peak() { awk '$1 == "VmHWM:" { print $2 }' /proc/"$(<"$svcd_dir/pid")"/status; }

clock() { local now=${EPOCHREALTIME/./}; echo "$now"; }

# KiB that the kernel has for itself: slabs that cannot be given back, per-CPU memory, and
# what is mapped page by page; once what goes has gone, and tables have their size, which
# workers see to: four times the same, in pauses that a clock of instructions leaps over.
kernel_memory() {
	local now=0 last same=0

	while [ "$same" -lt 3 ]; do
		last=$now
		sleep 3
		now=$(awk '/^(SUnreclaim|Percpu|VmallocUsed):/ { s += $2 } END { print s }' \
			/proc/meminfo)
		if [ $(((now - last) / 64)) -eq 0 ]; then same=$((same + 1)); else same=0; fi
	done
	echo "$now"
}

# ---- is it there?

# A look takes as long as many services: seldom.
come() {
	local until=$((SECONDS + patience))

	until "$@" >/dev/null 2>&1; do
		[ "$SECONDS" -lt "$until" ] || complain "not all is in the kernel" || return 1
		[ -e /proc/"$(<"$svcd_dir/pid")" ] || complain "svcd is gone" || return 1
		sleep 0.5
	done
}

# In the module, by svcd's word: it is what it has read there.
kernel_counts() {
	svcctl status -j | jq -e --argjson s "$services" --argjson e $((services * endpoints)) \
		'.ok and .counts.services.kernel == $s and .counts.endpoints.kernel == $e'
}

# In the module, by its own.
module_counts() {
	in_ns "$node" svcctl show -j |
		jq -e --argjson s "$services" --argjson e $((services * endpoints)) \
		'length == $s and ([.[].endpoints | length] | add) == $e'
}

# ---- ways; each prints a line of JSON without its braces

way_restore() {
	local before after

	before=$(kernel_memory)
	spent in_ns "$node" svcctl restore "$folder/services" || return 1
	after=$(kernel_memory)
	[ $((services * endpoints)) -gt 50000 ] || module_counts >/dev/null ||
		complain "not all is in the kernel" || return 1
	printf '"cpu_us": %s, "in_kernel_us": %s, "wall_us": %s, "kernel_kib": %s' \
		"$cpu" "$in_kernel" "$wall" $((after - before))
}

# loaded BEGIN: svcd's figures, when all is in the kernel
loaded() {
	come kernel_counts || return 1
	printf '"cpu_us": %s, "wall_us": %s, "peak_kib": %s' \
		"$(svcd_cpu)" $(($(clock) - $1)) "$(svcd_peak)"
}

way_manifests() {
	local begin

	begin=$(clock)
	svcd_start --manifests "$folder/manifests" >&2 || return 1
	loaded "$begin"
}

# Through the API, by svcctl, which is counted beside it.
way_api() {
	local begin

	svcd_start >&2 || return 1
	begin=$(clock)
	spent svcctl create -f "$folder/manifests" || return 1
	loaded "$begin" && printf ', "client_us": %s' "$cpu"
}

# A start with all of it in the store and in the kernel; then one endpoint at a time.
way_change() {
	local begin before times

	svcd_start --manifests "$folder/manifests" >&2 &&
		come kernel_counts && svcd_stop TERM || return 1
	begin=$(clock)
	svcd_start --manifests "" >&2 && loaded "$begin" || return 1
	before=$(svcd_cpu)
	times=$(in_ns "$node" "$lib_repo/build/tests/change" "$SVCD_SOCKET" \
		"$(<"$folder/change/url")" "$folder/change/with" "$folder/change/without" \
		"$BENCH_CHANGES") || return 1
	read -ra times <<<"$times"
	printf ', "change_ns": {"kernel_p50": %s, "kernel_p99": %s' "${times[@]:0:2}"
	printf ', "answer_p50": %s, "answer_p99": %s}' "${times[@]:2}"
	printf ', "change_cpu_us": %s' $((($(svcd_cpu) - before) / BENCH_CHANGES))
}

# ---- kube-proxy's rules, by the tool that it calls for them.
way_kube_proxy_nftables() { peer nft -f "$folder/rules.nft"; }
way_kube_proxy_iptables() { peer iptables-legacy-restore "$folder/rules.iptables"; }
way_kube_proxy_iptables_nft() { peer iptables-nft-restore "$folder/rules.iptables"; }

# What it takes beside the services is not counted: sets, addresses.
way_kube_proxy_ipvs() {
	modprobe ip_vs && modprobe ip_vs_rr || return 1
	peer sh -c "ipvsadm -R <'$folder/ipvs.services'"
}

peer() {
	local before after

	in_ns "$node" nfacct add ct_state_invalid_dropped_pkts || return 1
	before=$(kernel_memory)
	spent in_ns "$node" "$@" || return 1
	after=$(kernel_memory)
	printf '"cpu_us": %s, "in_kernel_us": %s, "wall_us": %s, "kernel_kib": %s' \
		"$cpu" "$in_kernel" "$wall" $((after - before))
}

# ---- all of them

measure() {
	local way=$1 services=$2 endpoints=$3 folder=$lib_scratch/load log=$lib_scratch/log
	local figures code

	# What has to come from the host is waited for, and the clock leaps.
	rm -rf "$folder"
	cp -r "$VM_DIR/$4" "$folder" || return 1

	ns_add node
	figures=$("way_${way//-/_}" 2>"$log")
	# shellcheck disable=SC2181 # the assignment's
	if [ $? -eq 0 ]; then
		printf '{"way": "%s", "services": %s, "endpoints": %s, %s}\n' \
			"$way" "$services" "$endpoints" "$figures"
		code=0
	else
		echo "error: $*: $(tail -1 "$log")"
		sed 's/^/# /' "$log"
		code=1
	fi
	svcd_stop KILL
	rm -rf "$svcd_dir"
	ns_del "$node"
	lib_namespaces=()
	# Waits for the namespace to be gone.
	unload_module && load_module
	return "$code"
}

failed=0
modprobe -a nf_conntrack nf_nat nf_tables nfnetlink_acct && load_module || exit 1
# Their files, into the guest's memory.
for tool in svcd svcctl nft iptables-legacy-restore iptables-nft-restore ipvsadm; do
	"$tool" --version >/dev/null 2>&1
done
while read -r line; do
	# shellcheck disable=SC2086 # words
	measure $line || failed=1
done <"$VM_DIR/plan"
exit "$failed"
