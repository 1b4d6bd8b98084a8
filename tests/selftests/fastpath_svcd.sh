#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The fast path as svcd keeps it: its devices come and go by themselves, it is made again when
# somebody has flushed it, it outlives svcd, and it goes when it is switched off.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"
. "$(dirname "$0")/conns.bash"
. "$(dirname "$0")/fastpath.bash"
. "$(dirname "$0")/svcd.bash"

needs ip svcctl svcd nft jq curl conntrack
begin
node_up
pod_servers
watch_forward || fail "a counter"
config=$lib_scratch/svcd.yaml
said() { grep -qF "$1" "$svcd_dir/log"; }
metric() {
	[ "$(in_ns "$node" curl -sf http://127.0.0.1:10249/metrics |
		sed -n "s/^$1 //p")" = "$2" ]
}
status_says() { svcctl status | grep -q "^fast path   $1"; }
no_status() { ! svcctl status | grep -q '^fast path'; }
no_table() { ! in_ns "$node" nft list table inet svcnat-fastpath; }
# hangup LINE...: another file, and svcd reads it
hangup() {
	local had

	had=$(times_read)
	printf '%s\n' "$@" >"$config"
	svcd_kill HUP
	wait_for 5 read_since "$had"
}
times_read() { grep -c 'the options \(were read\|stay as\)' "$svcd_dir/log"; }
read_since() { [ "$(times_read)" -gt "$1" ]; }

: >"$config"
expect "svcd, without it" svcd_start --pod-cidr "${pod_cidr[6]}" --config "$config"
expect "there is no table" no_table
expect "the status says nothing of it" no_status
expect "a Service" make_object "$(service web)"
expect "its endpoint" make_object "$(endpoints web "${pod1_ip[4]}")"
web=$(cluster_ip web)
expect "it works" wait_for 5 ask "$client" tcp "$web" 80 one
held conn "$client" tcp "$web" 80 || fail "a connection to hold"
expect "by the long way" long_way "$conn" one

expect "fastPath: auto" hangup 'fastPath: auto'
expect "the way out, and those to pods" wait_for 15 devices_are lan pod1 pod2
expect "the status says so" status_says "3 devices; taken"
expect "the metrics, too" metric svcnat_fastpath_devices 3
expect "the connection that is there takes off" takes_off "$conn" one 4 tcp "$web"
expect "by the short way" short_way "$conn" one

# ---- what is wrong changes nothing

expect "a wrong value" hangup 'fastPath: sometimes'
expect "is refused" said 'fastPath: "sometimes" is neither off nor auto'
expect "a wrong pattern" hangup 'fastPath: auto' 'fastPathDevices: [a/b]'
expect "too" said 'fastPathDevices[0]: "a/b" is not a pattern'
same "all is as it was" "lan pod1 pod2" "$(devices)"
expect "patterns" hangup 'fastPath: auto' 'fastPathDevices: ["new*", "!pod2"]'
expect "take effect" wait_for 15 devices_are lan pod1
expect "the connection goes on" wait_for 10 short_way "$conn" one
expect "none" hangup 'fastPath: auto'
expect "are the usual ones" wait_for 15 devices_are lan pod1 pod2

# ---- devices come and go: with each change of routes the next packet goes the long way once

ns_add pod3
link "$node" cali77 10.244.7.1/24,fd44:7::1/64 "${pod3:?}" eth0 10.244.7.10/24,fd44:7::10/64
default_route "$pod3" 10.244.7.1 fd44:7::1
expect "a device comes" wait_for 15 devices_are cali77 lan pod1 pod2
server "$pod3" udp 10.244.7.10 8080 three || fail "a server"
server "$pod3" tcp 10.244.7.10 8080 three || fail "a server"
expect "a service that leads there" svc add service test/three udp \
	--frontend "${external_ip[4]}:80" --endpoint 10.244.7.10:8080
held third "$client" udp "${external_ip[4]}" 80 || fail "a connection to hold"
expect "it takes off" takes_off "$third" three 4 udp "${external_ip[4]}"
expect "by the short way" short_way "$third" three
ip -n "$node" link del cali77
expect "it goes" wait_for 15 devices_are lan pod1 pod2
expect "the others go on" wait_for 10 short_way "$conn" one
link "$node" cali77 10.244.7.1/24,fd44:7::1/64 "$pod3" eth0 10.244.7.10/24,fd44:7::10/64
ip -n "$pod3" route add default via 10.244.7.1
expect "another one of its name" wait_for 15 devices_are cali77 lan pod1 pod2
held third "$client" udp "${external_ip[4]}" 80 || fail "a connection to hold"
expect "carries connections" takes_off "$third" three 4 udp "${external_ip[4]}"
expect "by the short way" short_way "$third" three
# Between two looks: what svcd knows of it is of the one before.
ip -n "$node" link set cali77 down
ip -n "$node" link set cali77 name cali78
ip -n "$node" link set cali78 up
expect "a device gets another name" wait_for 15 devices_are cali78 lan pod1 pod2
ip -n "$node" addr replace 10.244.7.1/24 dev cali78
ip -n "$node" link add dummy7 type dummy
ip -n "$node" link set dummy7 up
ip -n "$node" link add cali79 type dummy
ip -n "$node" link set cali79 up
come_and_go() {
	local i

	for i in 1 2 3 4 5 6 7 8 9 10; do
		ip -n "$node" link add "calix$i" type veth peer name "caliy$i" || return 1
		ip -n "$node" link set "calix$i" up
		ip -n "$node" link set "caliy$i" up
	done
	for i in 1 2 3 4 5 6 7 8 9 10; do
		ip -n "$node" link del "calix$i"
	done
}
expect "a score of devices comes and goes" come_and_go
expect "what is left is in it" wait_for 15 devices_are cali78 lan pod1 pod2
expect "nothing is wrong" svcctl status
expect "the connection goes on" wait_for 10 short_way "$conn" one

# ---- a route elsewhere

ns_add far
link "$node" wan2 192.0.2.1/24 "${far:?}" eth0 192.0.2.2/24
ip -n "$node" route add 10.244.99.0/24 via 192.0.2.2
expect "a route to pods elsewhere" wait_for 15 devices_are cali78 lan pod1 pod2 wan2
ip -n "$node" route del 10.244.99.0/24
expect "that goes" wait_for 15 devices_are cali78 lan pod1 pod2
ip -n "$node" route add 198.51.100.0/24 via 192.0.2.2
ip -n "$node" route add default via 192.0.2.2 metric 500
expect "another default route" wait_for 15 devices_are cali78 lan pod1 pod2 wan2
ip -n "$node" route del default via 192.0.2.2 metric 500
expect "a route to others only" wait_for 15 devices_are cali78 lan pod1 pod2

# Of these the kernel says less than what becomes of the routes.
ip -n "$node" route add 10.244.98.0/24 via 192.0.2.2
expect "a route to pods again" wait_for 15 devices_are cali78 lan pod1 pod2 wan2
ip -n "$node" addr del 192.0.2.1/24 dev wan2
expect "that goes with an address" wait_for 15 devices_are cali78 lan pod1 pod2
ip -n "$node" addr add 192.0.2.1/24 dev wan2
ip -n "$node" route add 10.244.98.0/24 nexthop via 192.0.2.2 nexthop dev cali78
expect "one by two devices" wait_for 15 devices_are cali78 lan pod1 pod2 wan2
ip -n "$node" link set wan2 down
expect "of which one is down" wait_for 15 devices_are cali78 lan pod1 pod2
ip -n "$node" link set wan2 up
expect "and up" wait_for 15 devices_are cali78 lan pod1 pod2 wan2
ip -n "$node" route replace 10.244.98.0/24 dev cali78
expect "another in its place" wait_for 15 devices_are cali78 lan pod1 pod2
ip -n "$node" nexthop add id 7 via 192.0.2.2 dev wan2
ip -n "$node" route add 10.244.97.0/24 nhid 7
expect "one of an object" wait_for 15 devices_are cali78 lan pod1 pod2 wan2
ip -n "$node" nexthop del id 7
expect "that goes" wait_for 15 devices_are cali78 lan pod1 pod2

# ---- by others

expect "somebody flushes all rules" in_ns "$node" nft flush ruleset
watch_forward || fail "a counter"
expect "it is made again" wait_for 20 devices_are cali78 lan pod1 pod2
expect "the connection takes off again" takes_off "$conn" one 4 tcp "$web"
expect "by the short way" short_way "$conn" one
in_ns "$node" nft flush chain inet svcnat-fastpath forward
expect "only the rule" wait_for 20 status_says "4 devices"
whole() { svc fastpath show -j | grep -q '"whole": true'; }
expect "too" wait_for 20 whole

# ---- an endpoint goes

expect "UDP, too" svc add service test/udp udp --frontend "${lb_ip[4]}:53" \
	--endpoint "${pod1_ip[4]}:8080"
held udp "$client" udp "${lb_ip[4]}" 53 || fail "a connection to hold"
expect "it takes off" takes_off "$udp" one 4 udp "${lb_ip[4]}"
expect "another endpoint" svc add service test/udp udp --replace --frontend "${lb_ip[4]}:53" \
	--endpoint "${pod2_ip[4]}:8080"
expect "has it within two seconds" wait_for 2 says "$udp" two

# ---- without svcd, and without it

expect "svcd ends" svcd_stop TERM
expect "the fast path stays" wait_for 10 short_way "$conn" one
expect "svcd starts" svcd_start --pod-cidr "${pod_cidr[6]}" --config "$config"
expect "it is the same" wait_for 5 status_says "4 devices; taken [1-9]"
expect "the connection goes on" short_way "$conn" one
expect "fastPath: off" hangup 'fastPath: off'
expect "it goes at once" no_table
expect "the connection takes the long way" long_way "$conn" one
expect "the status says nothing of it" no_status
expect "svcctl makes one" svc fastpath on
expect "svcd reads its options" hangup 'logLevel: debug'
refuse "and leaves it alone" "" no_table
expect "it shall be svcd's" hangup 'fastPath: auto'
kept_by_svcd() { svc fastpath show | grep -q 'kept by svcd'; }
expect "it is" wait_for 5 kept_by_svcd
expect "svcd is killed" svcd_stop KILL
expect "another one without it" svcd_start --pod-cidr "${pod_cidr[6]}"
expect "deletes what is left" no_table

[ "$lib_failed" -eq 0 ] || tail -n 30 "$svcd_dir/log" | sed 's/^/# /'
finish
