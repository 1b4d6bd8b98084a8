# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# The cluster of the walkthrough, as network namespaces of one kernel:
#
#	client 192.168.56.1          gateway of the LAN; knows no pod and no service network
#	   |
#	  lan (a bridge) --- k8master1.net .150 --- pods 10.244.0.0/24
#	                 --- k8node1.net   .151 --- pods 10.244.1.0/24
#	                 --- k8node2.net   .152 --- pods 10.244.2.0/24
#
# Each node has its own kernel table and its own svcd. k8master1.net's is the
# authority, the others follow it. Each answers names for its pods, and one of them
# answers on the LAN for an address of the pool. Scheduler and kubelet are played by
# this script, through the API.
#
# Needs: $repo, $work (a folder for sockets, data, logs).

nodes=(k8master1.net k8node1.net k8node2.net)
client=client
pod_cidr=10.244.0.0/16
dns_listen=169.254.20.10	# on each node
dns_ip=10.96.0.10		# leads there
authority=${nodes[0]}

# 0, 1, 2: a node's number is the third byte of its pods' addresses.
node_number() {
	local i

	for i in "${!nodes[@]}"; do
		[ "${nodes[i]}" != "$1" ] || echo "$i"
	done
}

node_address() { echo "192.168.56.$((150 + $(node_number "$1")))"; }
node_socket() { echo "$work/$1/svcd.sock"; }

# In the background say "ip netns exec" itself: $! is to be the command, not a shell.
in_ns() { ip netns exec "$@"; }

wait_for() {
	local end=$((${EPOCHREALTIME/./} + $1 * 1000000))

	shift
	until "$@" >/dev/null 2>&1; do
		((${EPOCHREALTIME/./} < end)) || return 1
		sleep 0.03
	done
}

# ---- networks

ns_add() {
	ip netns add "$1" && ip -n "$1" link set lo up
}

# A namespace on the LAN; ADDRESS without the prefix.
lan_add() {
	ns_add "$1" || return 1
	ip link add eth0 netns "$1" type veth peer name "v${2##*.}" netns lan || return 1
	ip -n lan link set "v${2##*.}" master br0 up
	ip -n "$1" addr add "$2/24" dev eth0
	ip -n "$1" link set eth0 up
	in_ns "$1" sysctl -qw net.ipv4.ip_forward=1
}

node_net() {
	local node=$1 other

	lan_add "$node" "$(node_address "$node")" || return 1
	for other in "${nodes[@]}"; do
		[ "$other" = "$node" ] || ip -n "$node" route add \
			"10.244.$(node_number "$other").0/24" via "$(node_address "$other")"
	done
	ip -n "$node" addr add "$dns_listen/32" dev lo
	# a local connect() to a service's address needs some route to it
	ip -n "$node" route add default via 192.168.56.1
}

# pod_net NAME NODE ADDRESS: a namespace with one link to its node.
pod_net() {
	local ns=$1 node=$2 address=$3 gw=${3%.*}.1

	mkdir -p "/etc/netns/$ns"
	cat >"/etc/netns/$ns/resolv.conf" <<-END
	nameserver $dns_ip
	search default.svc.cluster.local svc.cluster.local cluster.local
	options ndots:5
	END
	ns_add "$ns" || return 1
	ip link add eth0 netns "$ns" type veth peer name "pod${address##*.}" \
		netns "$node" || return 1
	ip -n "$node" addr add "$gw/32" dev "pod${address##*.}"
	ip -n "$node" link set "pod${address##*.}" up
	ip -n "$node" route add "$address" dev "pod${address##*.}"
	ip -n "$ns" addr add "$address/32" dev eth0
	ip -n "$ns" link set eth0 up
	ip -n "$ns" route add "$gw" dev eth0
	ip -n "$ns" route add default via "$gw"
}

lan_net() {
	local node

	ns_add lan && ip -n lan link add br0 type bridge forward_delay 0 &&
		ip -n lan link set br0 up || return 1
	lan_add "$client" 192.168.56.1 || return 1
	# What nobody routes is refused at once, not once a second.
	in_ns "$client" sysctl -qw net.ipv4.icmp_ratelimit=0
	sysctl -qw net.ipv4.route.error_cost=0
	for node in "${nodes[@]}"; do
		node_net "$node" || return 1
		echo "$(node_address "$node") $node" >>/etc/hosts
	done
}

# ---- the daemons

node_ready() {
	[ "$(curl -s -m 5 -o /dev/null -w '%{http_code}' --unix-socket "$(node_socket "$1")" \
		http://localhost/readyz)" = 200 ]
}

# With serviceCIDRs a deleted service's address would be silent, not refused. Only an
# authority gives out what is in the pools; all nodes announce that, and nothing else.
svcd_options() {
	cat <<-END
	nodeName: $1
	socket: $(node_socket "$1")
	dataDir: $work/$1/data
	podCIDRs: [$pod_cidr]
	pools:
	- name: lan
	  addresses: [192.168.56.240-192.168.56.250]
	announce: layer2
	dns:
	  listen: [$dns_listen]
	  service: kube-system/kube-dns
	  upstreams: [none]
	END
	[ "$1" = "$authority" ] || echo "follow: unix://$(node_socket "$authority")"
}

svcd_start() {
	local node=$1

	mkdir -p "$work/$node/data"
	svcd_options "$node" >"$work/$node/svcd.yaml"
	ip netns exec "$node" svcd --config "$work/$node/svcd.yaml" >>"$work/$node/log" 2>&1 &
	wait_for 30 node_ready "$node" && return
	echo "svcd on $node is not ready; its last words:"
	tail -20 "$work/$node/log"
	return 1
}

# By which the nodes know of each other.
node_objects() {
	local node

	echo "# the three nodes"
	for node in "${nodes[@]}"; do
		cat <<-END
		---
		apiVersion: v1
		kind: Node
		metadata: {name: $node}
		status: {addresses: [{type: InternalIP, address: $(node_address "$node")}]}
		END
	done
}

dns_object() {
	cat <<-END
	# the name server's Service, and its namespace
	apiVersion: v1
	kind: Namespace
	metadata: {name: kube-system}
	---
	apiVersion: v1
	kind: Service
	metadata: {name: kube-dns, namespace: kube-system}
	spec:
	  clusterIP: $dns_ip
	  ports:
	  - {name: dns, port: 53, protocol: UDP}
	  - {name: dns-tcp, port: 53, protocol: TCP}
	END
}

# ---- scheduler and kubelet

# api METHOD PATH TYPE BODY; said in one line, white space aside
api() {
	printf '\n[%s]$ curl --unix-socket %s -X %s -H "Content-Type: %s" -d '"'%s' %s\n" \
		"$authority" "$(node_socket "$authority")" "$1" "$3" \
		"$(tr -s '\n\t ' ' ' <<<"$4")" "http://svcd/api/v1/namespaces/default/$2"
	curl -sS -m 10 --fail-with-body -o "$work/api" -X "$1" -H "Content-Type: $3" -d "$4" \
		--unix-socket "$(node_socket "$authority")" \
		"http://localhost/api/v1/namespaces/default/$2" && return
	cat "$work/api"
	return 1
}

pod_bind() {
	api POST "pods/$1/binding" application/json \
		'{"apiVersion":"v1","kind":"Binding","metadata":{"name":"'"$1"'"},
		  "target":{"apiVersion":"v1","kind":"Node","name":"'"$2"'"}}'
}

pod_status() {
	local now

	now=$(date -u +%Y-%m-%dT%H:%M:%SZ)
	api PATCH "pods/$1/status" application/merge-patch+json '{"status":{
		"phase":"Running", "startTime":"'"$now"'",
		"hostIP":"'"$(node_address "$2")"'", "podIP":"'"$3"'", "podIPs":[{"ip":"'"$3"'"}],
		"conditions":['"$(pod_conditions "$now")"'],
		"containerStatuses":[{"name":"spring-boot-rest-pod-container", "ready":true,
			"started":true, "restartCount":0, "imageID":"",
			"image":"jinhokwon/spring-boot-rest-first",
			 "state":{"running":{"startedAt":"'"$now"'"}}}]}}'
}

pod_conditions() {
	local type out=

	for type in Initialized Ready ContainersReady PodScheduled; do
		out+=',{"type":"'$type'","status":"True","lastTransitionTime":"'$1'"}'
	done
	echo "${out:1}"
}

# pod_run NAME NODE ADDRESS: what a node does with a pod that was created. The
# process's id goes to $work/NAME.pid, its requests to $work/NAME.requests.
pod_run() {
	pod_bind "$1" "$2" && pod_net "$1" "$2" "$3" || return 1
	ip netns exec "$1" "$repo/build/tests/pod" "$3" 8080 "$1" "$work/$1.requests" \
		>>"$work/$1.log" 2>&1 &
	echo $! >"$work/$1.pid"
	wait_for 10 in_ns "$1" curl -s -m 2 -o /dev/null "http://$3:8080/" || return 1
	pod_status "$1" "$2" "$3"
}

pod_stop() { kill "$(<"$work/$1.pid")"; }

# ---- what a node's kernel knows

table_has() { in_ns "$1" svcctl show | grep -F -- "$2" >/dev/null; }

# A table that cannot be read lacks nothing.
table_lacks() {
	local table

	table=$(in_ns "$1" svcctl show) && [[ $table != *"$2"* ]]
}

# Wait until the table of each node has (or lacks) TEXT.
all_tables() {
	local node pid pids=() bad=0

	for node in "${nodes[@]}"; do
		wait_for 30 "$1" "$node" "$2" &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do
		wait "$pid" || bad=1
	done
	return "$bad"
}

all_have() { all_tables table_has "$1"; }
all_lack() { all_tables table_lacks "$1"; }
