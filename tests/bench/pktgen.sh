#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# One run of pktgen in the namespace that this is started in; prints its report.
#
#	tests/bench/pktgen.sh DEVICE MAC TARGET PORT COUNT FIRST_ADDRESS LAST_ADDRESS
#		FIRST_PORT LAST_PORT
#
# Frames of 60 bytes of UDP in IPv4; sources are counted up from the first ones.
set -eu

device=$1 mac=$2 target=$3 port=$4 count=$5
control=/proc/net/pktgen

tell() { echo "$2" >"$control/$1"; }

tell kpktgend_0 rem_device_all
tell kpktgend_0 "add_device $device"
for word in "count $count" "clone_skb 0" "burst 1" "delay 0" "pkt_size 60" "dst_mac $mac" \
	"dst_min $target" "dst_max $target" "udp_dst_min $port" "udp_dst_max $port" \
	"src_min $6" "src_max $7" "udp_src_min $8" "udp_src_max $9"; do
	tell "$device" "$word"
done
[ -z "${BENCH_MARK:-}" ] || "$BENCH_MARK"
tell pgctrl start
[ -z "${BENCH_MARK:-}" ] || "$BENCH_MARK" end
cat "$control/$device"
tell kpktgend_0 rem_device_all
