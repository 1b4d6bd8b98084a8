# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Three namespaces in a row, on top of tests/selftests/lib.sh:
#
#	client eth0 --- client  node  pod --- eth0 pod
#
# Every packet for an endpoint ends at the pod's ingress, which counts and drops it. What
# no one translates ends in the node's device "nowhere", and is missed at the pod. There
# are no other packets: all neighbours are known, IPv6 is off where it is not measured,
# and no address is made up or asked for.
#
#	topology_make FAMILY	the namespaces $client, $node, $pod
#	topology_delivered	how many packets have come to the pod
#	topology_tracked	how many connections the node knows
#	topology_speak		IPv4: the client and the pod are hosts from now on, with the
#				addresses of all endpoints, and send no frame above 1,500 bytes;
#				$speaker is the client's
#
# Sources: 16,384 in the pod CIDR behind the client, as many that the node sends from.
# Nobody masquerades them. Nothing on the node has an address of them, so that an answer
# to what the node sent is not refused there.
# shellcheck disable=SC2034 # for the other files

source_client=([4]=10.244.128.0 [6]=fd00:10:244:1::)
source_node=([4]=10.244.192.0 [6]=fd00:10:244:2::)
endpoint=([4]=10.244.0.1 [6]=fd00:10:244::1)
endpoint_port=8080

client_mac=02:00:00:00:00:01
node_client_mac=02:00:00:00:00:02
node_pod_mac=02:00:00:00:00:03
pod_mac=02:00:00:00:00:04

# The node's routes: NETWORK DEVICE, by family.
topology_routes() {
	case $1 in
	4) printf '%s\n' "10.244.128.0/18 client" "10.244.0.0/17 pod" "10.245.0.0/16 pod" \
		"10.128.0.0/10 pod" "default nowhere" ;;
	6) printf '%s\n' "fd00:10:244:1::/64 client" "fd00:10:244::/64 pod" \
		"fd00:10:245::/48 pod" "fd00:10:128::/48 pod" "fd00:10:160::/48 pod" \
		"default nowhere" ;;
	esac
}

# Further than a link, for which the route would ask by ARP or NDP.
topology_via() {
	case $1-$2 in
	4-client) echo via 169.254.1.2 ;;
	4-pod) echo via 169.254.2.2 ;;
	6-client) echo via fe80::1:2 ;;
	6-pod) echo via fe80::2:2 ;;
	esac
}

# topology_veth NAMESPACE ITS_MAC NODES_DEVICE MAC
topology_veth() {
	ip link add eth0 netns "$1" address "$2" type veth \
		peer name "$3" netns "$node" address "$4" || return 1
	ip -n "$1" link set eth0 up
	ip -n "$node" link set "$3" up
}

topology_node() {
	local family=$1 net device

	ip -n "$node" link add nowhere type dummy || return 1
	ip -n "$node" link set nowhere up
	if [ "$family" = 4 ]; then
		ip -n "$node" addr add 169.254.1.1/24 dev client
		ip -n "$node" addr add 169.254.2.1/24 dev pod
	fi
	while read -r net device; do
		# shellcheck disable=SC2046 # words
		ip -n "$node" -"$family" route add "$net" $(topology_via "$family" "$device") \
			dev "$device" || return 1
	done < <(topology_routes "$family")
	topology_neighbour "$family" client "$client_mac"
	topology_neighbour "$family" pod "$pod_mac"
}

topology_neighbour() {
	local via

	via=$(topology_via "$1" "$2")
	ip -n "$node" neigh add "${via#via }" lladdr "$3" dev "$2" nud permanent
}

# A clock that counts instructions leaps over what a guest waits for: nothing expires.
topology_stay() {
	local timeout

	for timeout in udp_timeout udp_timeout_stream tcp_timeout_syn_sent tcp_timeout_syn_recv; do
		in_ns "$node" sysctl -qw "net.netfilter.nf_conntrack_$timeout=86400" || return 1
	done
}

topology_make() {
	local family=$1 quiet=(net.ipv6.conf.default.addr_gen_mode=1)

	[ "$family" = 6 ] || quiet+=(net.ipv6.conf.default.disable_ipv6=1)
	ns_add client "${quiet[@]}" && ns_add node "${quiet[@]}" && ns_add pod "${quiet[@]}" &&
		topology_veth "$client" "$client_mac" client "$node_client_mac" &&
		topology_veth "$pod" "$pod_mac" pod "$node_pod_mac" &&
		topology_node "$family" && topology_stay || return 1
	in_ns "$pod" tc qdisc add dev eth0 clsact &&
		in_ns "$pod" tc filter add dev eth0 ingress matchall action drop
}

topology_delete() {
	ns_del "$client"
	ns_del "$node"
	ns_del "$pod"
	lib_namespaces=()
}

topology_delivered() {
	local said

	said=$(in_ns "$pod" tc -s filter show dev eth0 ingress)
	[[ $said =~ Sent\ [0-9]+\ bytes\ ([0-9]+)\ pkt ]] && echo "${BASH_REMATCH[1]}"
}

# topology_host NAMESPACE ADDRESS NODES_ADDRESS NODES_MAC [SOURCE]
topology_host() {
	ip -n "$1" addr add "$2/24" dev eth0 &&
		ip -n "$1" neigh add "$3" lladdr "$4" dev eth0 nud permanent &&
		ip -n "$1" link set eth0 gso_max_segs 1 || return 1
	[ -z "${5:-}" ] || ip -n "$1" addr add "$5/32" dev eth0 || return 1
	# shellcheck disable=SC2086 # words
	ip -n "$1" route add default via "$3" ${5:+src $5}
}

topology_speak() {
	local net device

	speaker=$(v4_plus "${source_client[4]}" $((flow_number + 2)))
	topology_host "$client" 169.254.1.2 169.254.1.1 "$node_client_mac" "$speaker" &&
		topology_host "$pod" 169.254.2.2 169.254.2.1 "$node_pod_mac" || return 1
	while read -r net device; do
		[ "$device" != pod ] || ip -n "$pod" route add local "$net" dev lo || return 1
	done < <(topology_routes 4)
	in_ns "$pod" tc filter del dev eth0 ingress
}

topology_tracked() { in_ns "$node" cat /proc/sys/net/netfilter/nf_conntrack_count; }
