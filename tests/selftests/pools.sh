#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: one
#
# Pools of svcd.yaml: a LoadBalancer service gets an address, keeps it over a crash, and
# what is sent there arrives. (The client's default route leads to the node, as a router's
# route for the pool would.)
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"
. "$(dirname "$0")/svcd.bash"

needs ip svcctl svcd jq curl
begin
node_up
for f in "${families[@]}"; do
	server "$pod1" tcp "${pod1_ip[$f]}" 8080 one || fail "server one IPv$f"
	server "$pod2" tcp "${pod2_ip[$f]}" 8080 two || fail "server two IPv$f"
done
config=$lib_scratch/svcd.yaml

# pools RANGE...: of the one pool, in the file
pools() { printf 'pools:\n- name: lan\n  addresses: [%s]\n' "$(IFS=,; echo "$*")" >"$config"; }
svcd_up() {
	svcd_start --service-cidr fd00:10:96::/112 --config "$config"
}
hangup() { svcd_kill HUP; }
# lb NAME [FILTER]: a service for a load balancer, without what the filter of jq changes
lb() { make_object "$(service "$1" LoadBalancer | jq "${2:-.}")"; }
addresses() {
	svcctl get service "$1" -o json | jq -r '[.status.loadBalancer.ingress[]?.ip] | join(" ")'
}
has() { [ "$(addresses "$1")" = "$2" ]; }
pending() { svcctl get service "$1" | grep -q '<pending>'; }
# event NAME REASON TEXT
event() { svcctl describe service "$1" | grep -F "$2" | grep -qF "$3"; }

pools 203.0.113.20-203.0.113.21 10.96.0.0/24
refuse "a pool in the service network" "svcd.yaml:3:41: pools[0].addresses[1]: 10.96.0.0/24 \
overlaps 10.96.0.0/12, where ClusterIPs are from" \
	ip netns exec "$node" svcd --node-name node --socket "$svcd_dir/x.sock" --config "$config"

pools 203.0.113.20-203.0.113.21 2001:db8::20/127
expect "svcd starts with a pool" svcd_up
expect "a service for a load balancer" lb a
expect "gets an address" has a 203.0.113.20
same "in its status" '{"ip":"203.0.113.20","ipMode":"VIP"}' \
	"$(svcctl get service a -o json | jq -c '.status.loadBalancer.ingress[0]')"
expect "an Event says so" event a IPAllocated "Assigned IP 203.0.113.20 from pool lan"
expect "its endpoint" make_object "$(endpoints a "${pod1_ip[4]}")"
expect "what is sent there arrives" wait_for 5 ask "$client" tcp 203.0.113.20 80 one
expect "another address of the pool is not answered" unanswered "$client" tcp 203.0.113.21 80

expect "a wish outside of the pool" lb wish '.spec.loadBalancerIP = "198.51.100.1"'
expect "is not fulfilled" pending wish
expect "an Event says why" event wish AllocationFailed "198.51.100.1 is in no pool"
expect "nothing comes from there" unanswered "$client" tcp 198.51.100.1 80
expect "a wish for the other one of the pool" \
	patch wish '{"spec": {"loadBalancerIP": "203.0.113.21"}}'
expect "is" has wish 203.0.113.21
expect "one more service" lb b
expect "waits, for the pool is empty" pending b
expect "an Event says so" event b AllocationFailed 'of the pool "lan" are in use'

# With two families, none of which is free in the one.
expect "one for IPv6" lb six '.spec.ipFamilies = ["IPv6"]'
expect "has an address" has six 2001:db8::20
expect "its endpoint" make_object "$(endpoints six "${pod2_ip[6]}")"
expect "what is sent there arrives" wait_for 5 ask "$client" tcp 2001:db8::20 80 two

# Nothing of that is lost, and nobody gets what another one has.
expect "svcd crashes" svcd_stop KILL
expect "its work goes on" ask "$client" tcp 203.0.113.20 80 one
expect "svcd starts again" svcd_up
same "the first has its address" 203.0.113.20 "$(addresses a)"
same "the second too" 203.0.113.21 "$(addresses wish)"
same "and IPv6" 2001:db8::20 "$(addresses six)"
expect "the other one still waits" pending b
expect "new connections go on" ask "$client" tcp 203.0.113.20 80 one

expect "its endpoint is there already" make_object "$(endpoints b "${pod2_ip[4]}")"
expect "a service goes" svcctl delete service wish
expect "the one that waited has its address" has b 203.0.113.21
expect "and what is sent there arrives" wait_for 5 ask "$client" tcp 203.0.113.21 80 two

# Two services, one address.
share='.metadata.annotations = {"svcnat/allow-shared-ip": "k"}'
expect "they may share an address" \
	patch b '{"metadata": {"annotations": {"svcnat/allow-shared-ip": "k"}}}'
expect "another one with another port" lb c "$share | .spec.ports[0].port = 81"
expect "has the same address" has c 203.0.113.21
expect "its endpoint" make_object "$(endpoints c "${pod1_ip[4]}")"
expect "it answers there" wait_for 5 ask "$client" tcp 203.0.113.21 81 one
expect "the first one, too" ask "$client" tcp 203.0.113.21 80 two
expect "one with the same port" lb d "$share"
expect "has to wait" pending d
expect "a connection" held conn "$client" tcp 203.0.113.20 80

# Another file, and no restart.
pools 203.0.113.20/32 192.0.2.100-192.0.2.109
expect "other pools" hangup
expect "who was in the old one moves" wait_for 5 has b 192.0.2.100
expect "an Event says so" event b IPReleased "Released IP 203.0.113.21: 203.0.113.21 is in no pool"
expect "with who shares it" has c 192.0.2.100
expect "who waited gets one" has d 192.0.2.101
expect "who is in both stays" has a 203.0.113.20
expect "so do connections" held_ask "$conn" "still there"
expect "the new address answers" wait_for 5 ask "$client" tcp 192.0.2.100 80 two
expect "the old one does not" wait_for 5 unanswered "$client" tcp 203.0.113.21 80
printf 'pools: [nonsense]\n' >"$config"
expect "a wrong file" hangup
expect "is said" wait_for 5 grep -q 'the options stay as they are: .*pools\[0\]' "$svcd_dir/log"
expect "and changes nothing" has a 203.0.113.20

# What others write is theirs.
expect "an address by hand" \
	patch a/status '{"status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.99"}]}}}'
expect "stays" has a 203.0.113.99
expect "and is served" wait_for 5 ask "$client" tcp 203.0.113.99 80 one
expect "a service with a class" lb foreign '.spec.loadBalancerClass = "example.com/other"'
expect "is left alone" pending foreign
expect "another type" patch b '{"spec": {"type": "ClusterIP"}}'
expect "gives the address back" has b ""
finish
