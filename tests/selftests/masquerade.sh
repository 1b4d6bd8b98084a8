#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Hairpin: a pod that gets itself. And the ClusterIP without pod CIDRs, where
# nobody is masqueraded but the hairpin.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"

needs ip svcctl nft
begin
node_up

for f in "${families[@]}"; do
	for p in tcp udp; do
		server "$pod1" "$p" "${pod1_ip[$f]}" 8080 one || fail "server $p IPv$f"
		expect "add $p IPv$f" svc add service "test/$p" "$p" \
			--frontend "cluster:$(at "${vip[$f]}" 80)" \
			--frontend "external:$(at "${external_ip[$f]}" 80)" \
			--frontend nodeport:30080 \
			--endpoint "$(at "${pod1_ip[$f]}" 8080)"
	done
done

for f in "${families[@]}"; do
	for p in tcp udp; do
		expect "without pod CIDRs a client keeps its address, $p IPv$f" \
			ask_from "$client" "$p" "${vip[$f]}" 80 one "${client_ip[$f]}"
		expect "and so does a pod, $p IPv$f" \
			ask_from "$pod2" "$p" "${vip[$f]}" 80 one "${pod2_ip[$f]}"
		expect "but not at an external address, $p IPv$f" \
			ask_from "$client" "$p" "${external_ip[$f]}" 80 one "${pod1_gw[$f]}"
	done
done

expect "a pod CIDR of IPv4 only" svc settings pod-cidrs "${pod_cidr[4]}"
expect "it counts for IPv4" ask_from "$client" tcp "${vip[4]}" 80 one "${pod1_gw[4]}"
expect "and not for IPv6" ask_from "$client" tcp "${vip[6]}" 80 one "${client_ip[6]}"
expect "both" svc settings pod-cidrs "${pod_cidr[4]},${pod_cidr[6]}"

for f in "${families[@]}"; do
	for p in tcp udp; do
		expect "hairpin through the ClusterIP, $p IPv$f" \
			ask_from "$pod1" "$p" "${vip[$f]}" 80 one "${pod1_gw[$f]}"
		expect "hairpin through an external address, $p IPv$f" \
			ask_from "$pod1" "$p" "${external_ip[$f]}" 80 one "${pod1_gw[$f]}"
		expect "hairpin through a NodePort, $p IPv$f" \
			ask_from "$pod1" "$p" "${node_ip[$f]}" 30080 one "${pod1_gw[$f]}"
	done
done

# ---- source ports

# port_kept FAMILY PROTO: the source port that the endpoint sees of the client's 45000
port_seen() { client "$client" "$2" "${external_ip[$1]}" 80 --sport 45000 | cut -d' ' -f3; }
moved() { [[ $1 =~ ^[0-9]+$ ]] && [ "$1" != 45000 ]; }
masqueraded() { field masqueraded "$(svc stats -j)"; }

for f in "${families[@]}"; do
	before=$(masqueraded)
	expect "a random port for TCP, IPv$f" moved "$(port_seen "$f" tcp)"
	same "its own for UDP, whose first packets may race, IPv$f" 45000 "$(port_seen "$f" udp)"
	same "both are counted" $((before + 2)) "$(masqueraded)"
done

# ---- a policy that changes while a first packet is between the two decisions

# A SYN that is sent again, a second later, would be the first by the new rules, and go first.
one_syn() {
	in_ns "$client" nft -f - <<-END
	table inet once {}
	delete table inet once
	table inet once {
		chain out {
			type filter hook output priority 0;
			tcp dport 90 tcp flags & (syn | ack) == syn \
				limit rate over 1/hour burst 1 packets drop
		}
	}
	END
}

server "$pod2" tcp "${pod2_ip[4]}" 8090 far || fail "server far"
server "$pod2" tcp "${pod2_ip[6]}" 8090 far || fail "server far, IPv6"

# The first decision leaves a note for the second. Another connection that comes between
# them takes its place, and then the second one has to look for itself.
another() { [ "$1" = alone ] || ask "$pod1" tcp "${external_ip[4]}" 80 one; }

flip() {
	local f=$1 company=$2 to=${lb_ip[$1]} far asked

	far=$(at "${pod2_ip[$f]}" 8090)
	expect "a service with an endpoint elsewhere, IPv$f" svc add service test/flip tcp \
		--frontend "loadbalancer:$(at "$to" 90)" --endpoint "$far"
	expect "a queue" queue_on "tcp dport 8090 tcp flags & (syn | ack) == syn"
	expect "a client that sends its first packet once" one_syn
	client "$client" tcp "$to" 90 --timeout 20 >"$lib_scratch/flip" 2>&1 &
	asked=$!
	expect "a first packet waits" queue_holds
	expect "now only local endpoints are for clients" svc add service test/flip tcp \
		--replace --external-local --frontend "loadbalancer:$(at "$to" 90)" \
		--endpoint "$far" --endpoint "$(at "${pod1_ip[$f]}" 8080),local"
	expect "another connection, or none: $company" another "$company"
	queue_lets_go
	wait $asked
	same "it is masqueraded by the rule that it was sent by, $company, IPv$f" \
		"far ${pod2_gw[$f]}" "$(cut -d' ' -f1,2 "$lib_scratch/flip")"
	queue_off
	expect "that service goes" svc del service test/flip tcp
}

for f in "${families[@]}"; do
	flip "$f" alone
	flip "$f" "with company"
done

# waits FROM FAMILY ADDRESS SEEN: as ask_from, but another connection is first at the end
waits() {
	local from=$1 f=$2 to=$3 seen=$4 asked

	expect "a queue" queue_on "tcp dport 8090 tcp flags & (syn | ack) == syn"
	client "$from" tcp "$to" 91 --timeout 20 >"$lib_scratch/waits" 2>&1 &
	asked=$!
	expect "a first packet waits" queue_holds
	expect "another connection" another "with company"
	queue_lets_go
	wait $asked
	same "who waits is seen as $seen" "far $seen" "$(cut -d' ' -f1,2 "$lib_scratch/waits")"
	queue_off
}

for f in "${families[@]}"; do
	expect "a service, IPv$f" svc add service test/waits tcp \
		--frontend "cluster:$(at "${vip[$f]}" 91)" \
		--endpoint "$(at "${pod2_ip[$f]}" 8090)"
	waits "$client" "$f" "${vip[$f]}" "${pod2_gw[$f]}"
	waits "$pod1" "$f" "${vip[$f]}" "${pod1_ip[$f]}"
	waits "$pod2" "$f" "${vip[$f]}" "${pod2_gw[$f]}"
	expect "it goes, IPv$f" svc del service test/waits tcp
done

expect "no pod CIDR again" svc settings pod-cidrs none
expect "hairpin needs none" ask_from "$pod1" tcp "${vip[4]}" 80 one "${pod1_gw[4]}"
expect "and nobody else is masqueraded" \
	ask_from "$pod2" tcp "${vip[4]}" 80 one "${pod2_ip[4]}"

# An endpoint on the node itself: the node reaches itself through its service.
server "$node" tcp "${node_ip[4]}" 9090 host || fail "server on the node"
expect "a service of a host-network endpoint" svc add service test/host tcp \
	--frontend "cluster:10.96.0.20:80" --endpoint "${node_ip[4]}:9090"
expect "from the node" ask "$node" tcp 10.96.0.20 80 host
expect "from a pod" ask_from "$pod1" tcp 10.96.0.20 80 host "${pod1_ip[4]}"
expect "from a client" ask_from "$client" tcp 10.96.0.20 80 host "${client_ip[4]}"
# It never comes to where a source is changed: masqueraded is only what this node made.
expect "with pod CIDRs" svc settings pod-cidrs "${pod_cidr[4]},${pod_cidr[6]}"
expect "and a NodePort" svc add service test/host tcp --replace \
	--frontend "cluster:10.96.0.20:80" --frontend nodeport:30090 --endpoint "${node_ip[4]}:9090"
for to in 10.96.0.20:80 "${pod1_gw[4]}:30090"; do
	for from in client pod1; do
		ip="${from}_ip[4]"
		expect "$from keeps its address, to $to" \
			ask_from "${!from}" tcp "${to%:*}" "${to#*:}" host "${!ip}"
		same "resolve says so, to $to" no-node \
			"$(field masqueradeReason "$(svc resolve -j "${!ip}:4000" "$to")")"
	done
done
same "what the node itself makes does get there" hairpin \
	"$(field masqueradeReason "$(svc resolve -j "${node_ip[4]}:4000" 10.96.0.20:80)")"

finish
