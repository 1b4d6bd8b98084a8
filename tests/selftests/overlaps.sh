#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Claims that overlap: services that share an address, an address that is the node's
# as well, CIDRs that cover what they should not, a NodePort's number at an address of
# its own. Who gets what, by packets and by resolve, in both families.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"
. "$(dirname "$0")/verdicts.bash"
. "$(dirname "$0")/conns.bash"

needs ip svcctl nft ping
begin
node_up
pod_servers
declare -A nft_family=([4]=ip [6]=ip6)
declare -A zero_by=([4]=203.0.113.99 [6]=2001:db8::99)
for f in "${families[@]}"; do
	for p in tcp udp; do
		for port in 80 2222; do
			server "$node" "$p" "${node_ip[$f]}" "$port" own ||
				fail "the node's own, $p $port IPv$f"
		done
	done
	# On all addresses, as a node's sshd is.
	server "$node" tcp "${any_ip[$f]}" "333$f" leak || fail "on all addresses, IPv$f"
done
expect "pod CIDRs" svc settings pod-cidrs "${pod_cidr[4]},${pod_cidr[6]}"

# claim NAME PROTO POD FAMILY FRONTEND... [-- OPTION...]: a service of the endpoint that
# the pod has, "-" for none
claim() {
	local name=$1 p=$2 pod=$3 f=$4 options=(--family "$4")

	shift 4
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		options+=(--frontend "$1")
		shift
	done
	[ "$pod" = - ] || options+=(--endpoint "$(at "$pod" 8080)")
	svc add service "test/$name" "$p" --replace "${options[@]}" "${@:2}"
}
gone() { svc del service "test/$1" "$2" --family "$3"; }

# says_of FROM WANTED ADDRESS PORT PROTO: resolve, of who comes from the address FROM
says_of() {
	same "resolve: $1 to $3 $4/$5 is $2" "$2" "$(verdict "$1" "$(at "$3" "$4")/$5")"
}

# ---- one ClusterIP, several services

one_address() {
	local f=$1 v=IPv$1 to=${vip[$1]} c=${client_ip[$1]} from

	expect "TCP 80, $v" claim web tcp "${pod1_ip[$f]}" "$f" "$(at "$to" 80)"
	expect "UDP 53, $v" claim dns udp "${pod2_ip[$f]}" "$f" "$(at "$to" 53)"
	expect "TCP 8443, $v" claim admin tcp "${pod2_ip[$f]}" "$f" "$(at "$to" 8443)"
	expect "TCP 9090 without endpoints, $v" claim none tcp - "$f" "$(at "$to" 9090)"
	refuse "TCP 80 is taken, for another kind of frontend too, $v" "test/web" \
		claim thief tcp "${pod2_ip[$f]}" "$f" "external:$(at "$to" 80)"

	for from in client node; do
		expect "each has its own, from $from, $v" ask "${!from}" tcp "$to" 80 one
		expect "by another port, $v" ask "${!from}" tcp "$to" 8443 two
		expect "by another protocol, $v" ask "${!from}" udp "$to" 53 two
		expect "the one's port in the other's protocol is nobody's, $v" \
			refused "${!from}" udp "$to" 80
		expect "the other's, $v" refused "${!from}" tcp "$to" 53
		expect "the one without endpoints refuses for itself, $v" \
			refused "${!from}" tcp "$to" 9090
	done
	says_of "$c" "reject undefined-port" "$to" 53 tcp
	says_of "$c" "reject undefined-port" "$to" 80 udp
	says_of "$c" "reject no-endpoints" "$to" 9090 tcp

	# An external address that is somebody else's ClusterIP: its port, and no more.
	expect "an external address that is the ClusterIP, $v" \
		claim guest tcp "${pod2_ip[$f]}" "$f" "external:$(at "$to" 81)"
	expect "has its own port, $v" ask "$client" tcp "$to" 81 two
	expect "the next one is no more open than before, $v" \
		refused "$client" tcp "$to" 82

	expect "the ClusterIPs go, but UDP 53, $v" gone web tcp "$f"
	expect "and the others, $v" gone none tcp "$f"
	expect "and the others, $v" gone admin tcp "$f"
	expect "the port of one that went is refused, $v" \
		refused "$client" tcp "$to" 80
	expect "UDP 53 too, $v" gone dns udp "$f"
	says_of "$c" "pass no-service" "$to" 80 tcp
	expect "the guest stays, $v" ask "$client" tcp "$to" 81 two
	expect "flush, $v" svc flush
}

# ---- the node's own address as one of a service

# own_address FAMILY KIND FROM...
own_address() {
	local f=$1 kind=$2 v="$2 IPv$1" to=${node_ip[$1]} from p

	for p in tcp udp; do
		expect "the node's address, $p $v" claim web "$p" "${pod1_ip[$f]}" "$f" \
			"$kind:$(at "$to" 80)" nodeport:30080
		expect "a NodePort of another, $p $v" \
			claim other "$p" "${pod2_ip[$f]}" "$f" nodeport:30081
	done
	for from in "${@:3}"; do
		expect "the service's port is the service's, from $from, $v" \
			ask "${!from}" tcp "$to" 80 one
		expect "its NodePort is there too, $v" ask "${!from}" tcp "$to" 30080 one
		expect "so is another service's, $v" ask "${!from}" tcp "$to" 30081 two
		expect "the node's own port is the node's, $v" ask "${!from}" tcp "$to" 2222 own
		expect "also of a server on all addresses, $v" \
			ask "${!from}" tcp "$to" "333$f" leak
	done
	expect "the service's port, UDP, $v" ask "$client" udp "$to" 80 one
	expect "the NodePort of another, UDP, $v" ask "$client" udp "$to" 30081 two
	expect "the node's own port, UDP, $v" ask "$client" udp "$to" 2222 own
	says_of "${client_ip[$f]}" "pass no-service" "$to" 2222 tcp
	for p in tcp udp; do
		expect "no endpoint, $p $v" claim web "$p" - "$f" "$kind:$(at "$to" 80)"
		expect "its port is refused, and not the node's, $p $v" \
			refused "$client" "$p" "$to" 80
		expect "the node's own is not, $p $v" ask "$client" "$p" "$to" 2222 own
	done
	expect "ping, $v" pings "$client" "$to"
	expect "flush, $v" svc flush
	expect "the port is the node's, $v" ask "$client" tcp "$to" 80 own
}

# ---- an external address that is another service's LoadBalancer address

announce() { ip -n "$node" "-$1" route "$2" local "${lb_ip[$1]}/${bits[$1]}" dev lo; }

shared_balancer() {
	local f=$1 v=IPv$1 to=${lb_ip[$1]} c=${client_ip[$1]} pod=${pod1_ip[$1]}

	expect "a LoadBalancer address for pods, $v" claim inner tcp "$pod" "$f" \
		"loadbalancer:$(at "$to" 80)" -- --source-range "${pod1_cidr[$f]}"
	expect "the same address, another port, for clients, $v" claim outer tcp \
		"${pod2_ip[$f]}" "$f" "loadbalancer:$(at "$to" 443)" -- \
		--source-range "${client_cidr[$f]}"
	expect "and as an external address, $v" claim guest tcp "${pod2_ip[$f]}" "$f" \
		"external:$(at "$to" 81)"
	refuse "a port that is taken, $v" "test/inner" \
		claim thief tcp "$pod" "$f" "external:$(at "$to" 80)"
	counted source-range "each has its own ranges, $v" unanswered "$client" tcp "$to" 80
	expect "those of the other let the client in, $v" ask "$client" tcp "$to" 443 two
	says_of "$c" "drop source-range" "$to" 80 tcp
	says_of "$pod" "drop source-range" "$to" 443 tcp
	expect "and the pod, $v" ask "$pod1" tcp "$to" 80 one
	expect "the external address has none, $v" ask "$client" tcp "$to" 81 two
	says_of "$c" "pass no-service" "$to" 82 tcp

	expect "it is announced here, $v" announce "$f" add
	says_of "$c" "reject undefined-port" "$to" 82 tcp
	expect "the node's servers are not reached by it, $v" \
		refused "$client" tcp "$to" "333$f"
	expect "what is defined is, $v" ask "$client" tcp "$to" 81 two
	expect "one LoadBalancer goes, $v" gone inner tcp "$f"
	expect "the other still keeps them out, $v" \
		refused "$client" tcp "$to" "333$f"
	expect "the last one goes, $v" gone outer tcp "$f"
	expect "an external address keeps nobody out, $v" \
		ask "$client" tcp "$to" "333$f" leak
	expect "its own port stays, $v" ask "$client" tcp "$to" 81 two
	expect "not announced any more, $v" announce "$f" del
	expect "flush, $v" svc flush
}

# ---- source ranges, each sort of client, and externally Local

# ranges FAMILY RANGE...
ranges() {
	local f=$1 range options=()

	for range in "${@:2}"; do
		options+=(--source-range "$range")
	done
	claim web tcp "${pod2_ip[$f]}" "$f" "loadbalancer:$(at "${lb_ip[$f]}" 80)" -- \
		--external-local --endpoint "$(at "${pod1_ip[$f]}" 8080),local" "${options[@]}"
}

# by_node FAMILY [OPTION...]: the node is answered, and the endpoint sees it by the
# address on the endpoint's own link
by_node() {
	local f=$1 out name peer

	out=$(client "$node" tcp "${lb_ip[$f]}" 80 --timeout "$TIMEOUT" "${@:2}" 2>&1) ||
		{ echo "$out"; return 1; }
	while read -r name peer _; do
		case "$name $peer" in
		"one ${pod1_gw[$f]}" | "two ${pod2_gw[$f]}") ;;
		*) echo "$name $peer"; return 1 ;;
		esac
	done <<<"$out"
}

# ask_any FAMILY SOURCE: the node is answered from that source, and seen by it
ask_any() {
	client "$node" tcp "${lb_ip[$1]}" 80 --timeout "$TIMEOUT" --source "$2" |
		grep "^[a-z]* $2 "
}

# resolved FAMILY SOURCE: verdict, list, and whether it is masqueraded
resolved() {
	local said

	said=$(svc resolve "$2" "$(at "${lb_ip[$1]}" 80)" -j) || return 1
	echo "$(field verdict "$said") $(field list "$said") $(field masquerade "$said")"
}

balancer_ranges() {
	local f=$1 v=IPv$1 to=${lb_ip[$1]} c=${client_ip[$1]} n=${node_ip[$1]}

	expect "a range of the LAN, $v" ranges "$f" "${client_cidr[$f]}"
	same "a client is in it: local, as itself, $v" "dnat local false" "$(resolved "$f" "$c")"
	expect "by packets, $v" ask_from "$client" tcp "$to" 80 one "$c" --count 4
	same "the node is in it: all, as the node, $v" "dnat cluster true" "$(resolved "$f" "$n")"
	expect "by packets, $v" by_node "$f" --count 2
	says_of "${pod2_ip[$f]}" "drop source-range" "$to" 80 tcp

	expect "a range of the pods, $v" ranges "$f" "${pod_cidr[$f]}"
	same "a pod is in it: all, as itself, $v" "dnat cluster false" \
		"$(resolved "$f" "${pod2_ip[$f]}")"
	says_of "$n" "drop source-range" "$to" 80 tcp
	counted source-range "the node is out, by a packet, $v" unanswered "$node" tcp "$to" 80
	same "by an address of the range it is a pod, $v" "dnat cluster false" \
		"$(resolved "$f" "${pod1_gw[$f]}")"
	expect "by packets, $v" ask_any "$f" "${pod1_gw[$f]}"

	# The node has the address, so its own packets to it come from it.
	expect "now the node has the address, $v" ip -n "$node" addr add "$to/${bits[$f]}" dev lo
	expect "a range of the LAN, with the node, $v" ranges "$f" "${client_cidr[$f]}"
	says_of "$to" "drop source-range" "$to" 80 tcp
	counted source-range "does not let the address itself in, $v" \
		unanswered "$node" tcp "$to" 80
	expect "with the address itself, $v" ranges "$f" "${client_cidr[$f]}" "$to/${bits[$f]}"
	same "it is, as the node, $v" "dnat cluster true" "$(resolved "$f" "$to")"
	expect "by packets, $v" by_node "$f" --count 2
	expect "not the node's any more, $v" ip -n "$node" addr del "$to/${bits[$f]}" dev lo
	expect "flush, $v" svc flush
}

# ---- CIDRs that cover what they should not

wide_cidr() {
	local f=$1 v=IPv$1 to=${node_ip[$1]} c=${client_ip[$1]} from

	expect "a service, $v" claim web tcp "${pod1_ip[$f]}" "$f" "$(at "${vip[$f]}" 80)" \
		nodeport:30080 "external:$(at "$to" 80)"
	expect "a service CIDR with the node and its neighbours, $v" \
		svc settings service-cidrs "${client_cidr[$f]}"
	for from in client node; do
		expect "the node's own port, from $from, $v" ask "${!from}" tcp "$to" 2222 own
		expect "the NodePort, $v" ask "${!from}" tcp "$to" 30080 one
		expect "the service's port, $v" ask "${!from}" tcp "$to" 80 one
	done
	expect "ping, $v" pings "$client" "$to"
	expect "the ClusterIP outside of it, $v" ask "$client" tcp "${vip[$f]}" 80 one
	says_of "$to" "drop unallocated" "$c" 2222 tcp
	says_of "$c" "pass no-service" "$to" 2222 tcp

	expect "armed, $v" svc settings armed on
	for from in client node; do
		expect "the node's own port, armed, from $from, $v" \
			ask "${!from}" tcp "$to" 2222 own
	done
	says_of "$c" "pass no-service" "$to" 2222 tcp
	expect "the NodePort, armed, $v" ask "$client" tcp "$to" 30080 one
	expect "ping, armed, $v" pings "$client" "$to"
	expect "the external address goes, $v" claim web tcp "${pod1_ip[$f]}" "$f" \
		"$(at "${vip[$f]}" 80)" nodeport:30080
	expect "the node's own port is as it was, $v" \
		ask "$client" tcp "$to" 2222 own
	expect "disarmed, $v" svc settings armed off

	expect "a service CIDR with the endpoint, $v" \
		svc settings service-cidrs "${pod1_cidr[$f]}"
	expect "the service reaches it, $v" ask "$client" tcp "${vip[$f]}" 80 one
	expect "from its own node, $v" ask "$node" tcp "$to" 30080 one
	says_of "$c" "drop unallocated" "${pod1_ip[$f]}" 8080 tcp
	expect "no service CIDR, $v" svc settings service-cidrs none
	expect "flush, $v" svc flush
}

# ---- a NodePort's number, and the same at one address of the node

exact_port() {
	local f=$1 v=IPv$1 to=${node_ip[$1]} other=${pod2_gw[$1]} p

	for p in tcp udp; do
		expect "a NodePort, $p $v" claim web "$p" "${pod1_ip[$f]}" "$f" nodeport:30080
	done
	held conn "$client" udp "$to" 30080 || fail "a flow to the NodePort, $v"
	for p in tcp udp; do
		expect "an external address of the node, the same number, $p $v" \
			claim exact "$p" "${pod2_ip[$f]}" "$f" "external:$(at "$to" 30080)"
		expect "has it, $p $v" ask "$client" "$p" "$to" 30080 two
		expect "the NodePort has the other addresses, $p $v" \
			ask "$client" "$p" "$other" 30080 one
	done
	same "resolve, $v" "test/exact external" "$(frontend_at "$f" "$to")"
	same "resolve, the other address, $v" "test/web nodeport" "$(frontend_at "$f" "$other")"
	expect "the flow goes over to it, $v" says "$conn" two
	expect "NodePorts elsewhere, $v" svc settings nodeport-cidrs "$other/${bits[$f]}"
	expect "do not matter to it, $v" ask "$client" tcp "$to" 30080 two
	expect "all again, $v" svc settings nodeport-cidrs none

	expect "without endpoints, $v" claim exact tcp - "$f" "external:$(at "$to" 30080)"
	expect "it refuses: the NodePort does not step in, $v" \
		refused "$client" tcp "$to" 30080
	for p in tcp udp; do
		expect "it goes, $p $v" gone exact "$p" "$f"
		expect "the NodePort has it again, $p $v" ask "$client" "$p" "$to" 30080 one
	done
	expect "the flow comes back, $v" says "$conn" one
	expect "flush, $v" svc flush
}
frontend_at() {
	local said

	said=$(svc resolve "${client_ip[$1]}" "$(at "$2" 30080)" -j) || return 1
	echo "$(field service "$said") $(field frontend "$said")"
}

# ---- the address that NodePorts are kept under

# What the client sends to the address of nobody leaves it for the zero address. The node
# counts what comes.
zero_rewrite() {
	local ip=${nft_family[$1]}

	in_ns "$client" nft -f - <<-RULES && in_ns "$node" nft -f - <<-RULES
		table $ip zero {
			chain post {
				type filter hook postrouting priority 300;
				$ip daddr ${zero_by[$1]} $ip daddr set ${any_ip[$1]}
			}
		}
	RULES
		table inet zero {
			counter came { }
			chain pre {
				type filter hook prerouting priority raw;
				$ip daddr ${any_ip[$1]} counter name came
			}
		}
	RULES
}

zero_address() {
	local f=$1 v=IPv$1 c zero=${any_ip[$1]} came p

	c=$(at "${client_ip[$f]}" 4000)
	for p in tcp udp; do
		expect "a NodePort, $p $v" claim web "$p" "${pod1_ip[$f]}" "$f" nodeport:30080
		says_of "$c" "pass no-service" "$zero" 30080 "$p"
		says_of "$c" "pass no-service" "$zero" 30081 "$p"
	done
	expect "addresses with NodePorts, $v" svc settings nodeport-cidrs \
		"${node_ip[$f]}/${bits[$f]}"
	says_of "$c" "pass no-service" "$zero" 30080 tcp
	expect "all of the family, $v" svc settings nodeport-cidrs "$zero/0"
	says_of "$c" "pass no-service" "$zero" 30080 tcp
	expect "the node's address has it, $v" ask "$client" tcp "${node_ip[$f]}" 30080 one

	expect "a client that writes it, $v" zero_rewrite "$f"
	for p in tcp udp; do
		came=$(nft_count "$node" zero came)
		uncounted endpoint "reaches no endpoint by it, $p $v" \
			unanswered "$client" "$p" "${zero_by[$f]}" 30080
		expect "though the packet came, $p $v" \
			test "$(nft_count "$node" zero came)" -gt "$came"
	done
	in_ns "$client" nft delete table "${nft_family[$f]}" zero
	in_ns "$node" nft delete table inet zero
	expect "no choice of addresses, $v" svc settings nodeport-cidrs none
	expect "flush, $v" svc flush
}

for f in "${families[@]}"; do
	one_address "$f"
	own_address "$f" external client node pod2
	own_address "$f" loadbalancer client
	shared_balancer "$f"
	balancer_ranges "$f"
	wide_cidr "$f"
	exact_port "$f"
	zero_address "$f"
done

finish
