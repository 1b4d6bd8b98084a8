# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The network of most tests: a client on a LAN, a node, two pods behind it, in
# both families. Sourced after lib.sh; node_up makes it:
#
#	client			node				pod1, pod2
#	192.168.50.2/24		192.168.50.1/24 (lan)
#				10.244.1.1/24 (pod1)		10.244.1.10
#				10.244.2.1/24 (pod2)		10.244.2.10
#
# and with the same numbers in IPv6: fd50::, fd44:1::, fd44:2::. Clients and
# pods reach everything through the node, and the node what it does not know
# through the client, so that a service's address has a route everywhere and
# that an untranslated packet for it is never answered.

# shellcheck disable=SC2034,SC2154 # used by the tests; set by ns_add

# What the tests loop over; V6 is the second element.
families=(4 6)
declare -A client_ip=([4]=192.168.50.2 [6]=fd50::2)
declare -A node_ip=([4]=192.168.50.1 [6]=fd50::1)
declare -A pod1_ip=([4]=10.244.1.10 [6]=fd44:1::10)
declare -A pod2_ip=([4]=10.244.2.10 [6]=fd44:2::10)
declare -A pod1_gw=([4]=10.244.1.1 [6]=fd44:1::1)
declare -A pod2_gw=([4]=10.244.2.1 [6]=fd44:2::1)
declare -A pod_cidr=([4]=10.244.0.0/16 [6]=fd44::/16)
declare -A vip=([4]=10.96.0.10 [6]=fd96::10)
declare -A external_ip=([4]=203.0.113.10 [6]=2001:db8::10)
declare -A lb_ip=([4]=203.0.113.20 [6]=2001:db8::20)

node_up() {
	ns_add client
	# A redirect would use up what the client may be sent of ICMP in this second.
	ns_add node net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.default.send_redirects=0
	ns_add pod1
	ns_add pod2
	link "$client" eth0 192.168.50.2/24,fd50::2/64 "$node" lan 192.168.50.1/24,fd50::1/64
	link "$node" pod1 10.244.1.1/24,fd44:1::1/64 "$pod1" eth0 10.244.1.10/24,fd44:1::10/64
	link "$node" pod2 10.244.2.1/24,fd44:2::1/64 "$pod2" eth0 10.244.2.10/24,fd44:2::10/64
	default_route "$client" 192.168.50.1 fd50::1
	default_route "$node" 192.168.50.2 fd50::2
	default_route "$pod1" 10.244.1.1 fd44:1::1
	default_route "$pod2" 10.244.2.1 fd44:2::1
	# No UDP flow ends by itself during a test, however slow the VM is.
	in_ns "$node" sysctl -qw net.netfilter.nf_conntrack_udp_timeout=600 \
		net.netfilter.nf_conntrack_udp_timeout_stream=600
	# A loop of two hosts that route to each other would only end by the hop limit.
	in_ns "$client" sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0
}

# On each pod one for each protocol and family; they answer "one" and "two".
pod_servers() {
	local f p

	for f in "${families[@]}"; do
		for p in tcp udp; do
			server "$pod1" "$p" "${pod1_ip[$f]}" 8080 one || fail "server one $p IPv$f"
			server "$pod2" "$p" "${pod2_ip[$f]}" 8080 two || fail "server two $p IPv$f"
		done
	done
}

# at ADDR [PORT]: as svcctl takes them
at() {
	if [[ $1 == *:* ]]; then echo "[$1]${2:+:$2}"; else echo "$1${2:+:$2}"; fi
}

# svc VERB...: svcctl on the node
svc() { in_ns "$node" svcctl "$@"; }

# The node's counters of its table: "services frontends endpoints"
table_counts() {
	local said

	said=$(svc settings -j)
	echo "$(field services "$said") $(field frontends "$said") $(field endpoints "$said")"
}

# ---- packets that wait on the node, between PRE_ROUTING and POST_ROUTING

# queue_on MATCH: those that match, from now on
queue_on() {
	local log=$lib_scratch/queue

	in_ns "$node" nft -f - <<-RULES || return 1
		table inet waiting {
			chain forward {
				type filter hook forward priority 0;
				$1 queue num 0 bypass
			}
			chain output {
				type filter hook output priority 0;
				$1 queue num 0 bypass
			}
		}
	RULES
	[ -p "$log.in" ] || mkfifo "$log.in" || return 1
	ip netns exec "$node" "$lib_repo/build/tests/queue" 0 <"$log.in" >"$log" 2>&1 &
	disown
	exec {queue_fd}>"$log.in"
	wait_for 30 grep -q '^ready$' "$log"
}

queue_held() { [ "$(grep -c '^held$' "$lib_scratch/queue")" -ge "$1" ]; }

# queue_holds [N]: so many have come, one if not said
queue_holds() { wait_for 30 queue_held "${1:-1}"; }
queue_lets_go() { echo >&"$queue_fd"; }

queue_off() {
	exec {queue_fd}>&-
	in_ns "$node" nft delete table inet waiting
}
