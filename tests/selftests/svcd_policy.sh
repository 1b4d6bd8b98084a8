#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# svcd and the module: the policies of a Service, from the object to the packet.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"
. "$(dirname "$0")/svcd.bash"

needs ip svcctl svcd jq curl
begin
node_up
server "$pod1" tcp "${pod1_ip[4]}" 8080 one || fail "server one"
server "$pod2" tcp "${pod2_ip[4]}" 8080 two || fail "server two"
expect "svcd starts" svcd_start

# externalTrafficPolicy: what comes from outside, only to endpoints on this node.
expect "a service for outside, externally Local" make_object "$(service ext NodePort |
	jq '.spec.externalTrafficPolicy = "Local"')"
expect "its endpoint is elsewhere" \
	make_object "$(endpoints ext "${pod2_ip[4]}@elsewhere")"
expect "the kernel has it" wait_for 5 kernel_has default/ext "${pod2_ip[4]}:8080"
ext=$(node_port ext)
expect "from outside it is dropped" unanswered "$client" tcp "${node_ip[4]}" "$ext"
expect "the node itself is short-circuited" ask "$node" tcp "${node_ip[4]}" "$ext" two
expect "and the ClusterIP has another policy" ask "$client" tcp "$(cluster_ip ext)" 80 two
expect "a second one on this node" replace_endpoints ext "${pod1_ip[4]}@node" \
	"${pod2_ip[4]}@elsewhere"
expect "the kernel has it too" wait_for 5 kernel_has default/ext "${pod1_ip[4]}:8080" \
	"${pod2_ip[4]}:8080"
expect "from outside that one alone answers, and sees who asks" \
	ask_from "$client" tcp "${node_ip[4]}" "$ext" one "${client_ip[4]}" --count 10
expect "policy Cluster" patch ext '{"spec": {"externalTrafficPolicy": "Cluster"}}'
both_answer() {
	client "$client" tcp "${node_ip[4]}" "$ext" --count 20 --timeout "$TIMEOUT" |
		cut -d' ' -f1 | sort -u | tr '\n' ' ' | grep -qx 'one two '
}
expect "both answer" wait_for 10 both_answer
sees_client() {
	client "$client" tcp "${node_ip[4]}" "$ext" --count 10 --timeout "$TIMEOUT" |
		cut -d' ' -f2 | grep -qx "${client_ip[4]}"
}
refuse "and do not see who asks" "" sees_client

# Affinity: a client keeps its endpoint.
one_answers() {
	[ "$(client "$client" tcp "${node_ip[4]}" "$ext" --count 20 --timeout "$TIMEOUT" |
		cut -d' ' -f1 | sort -u | wc -l)" = 1 ]
}
refuse "without affinity both answer" "" one_answers
expect "sessionAffinity ClientIP" patch ext '{"spec": {"sessionAffinity": "ClientIP",
	"sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 600}}}}'
expect "one answers" wait_for 10 one_answers
kept=$(client "$client" tcp "${node_ip[4]}" "$ext" --timeout "$TIMEOUT" | cut -d' ' -f1)
expect "the same one at the ClusterIP" ask "$client" tcp "$(cluster_ip ext)" 80 "$kept" --count 10
if [ "$kept" = one ]; then other=two left=${pod2_ip[4]}; else other=one left=${pod1_ip[4]}; fi
expect "it goes" replace_endpoints ext "$left"
expect "the other one answers" wait_for 5 ask "$client" tcp "${node_ip[4]}" "$ext" "$other"
expect "it comes back" replace_endpoints ext "${pod1_ip[4]}" "${pod2_ip[4]}"
expect "the kernel has both" wait_for 5 kernel_has default/ext "${pod1_ip[4]}:8080" \
	"${pod2_ip[4]}:8080"
expect "the client stays where it is" ask "$client" tcp "${node_ip[4]}" "$ext" "$other" --count 10

# Source ranges: who may come in through a load balancer's address.
expect "a load balancer for the client alone" make_object "$(service lb LoadBalancer |
	jq ".spec.loadBalancerSourceRanges = [\"${client_ip[4]}/32\"]")"
expect "its endpoint" make_object "$(endpoints lb "${pod1_ip[4]}")"
expect "its address" patch lb/status \
	"{\"status\": {\"loadBalancer\": {\"ingress\": [{\"ip\": \"${lb_ip[4]}\"}]}}}"
expect "the client is let in" wait_for 5 ask "$client" tcp "${lb_ip[4]}" 80 one
expect "a pod is not" unanswered "$pod2" tcp "${lb_ip[4]}" 80
expect "nor is the node" unanswered "$node" tcp "${lb_ip[4]}" 80
expect "a NodePort is for all" ask "$pod2" tcp "${node_ip[4]}" "$(node_port lb)" one
expect "a range of somebody else" patch lb \
	'{"spec": {"loadBalancerSourceRanges": ["198.51.100.0/24"]}}'
expect "the client is no longer let in" wait_for 5 unanswered "$client" tcp "${lb_ip[4]}" 80
expect "its NodePort is" ask "$client" tcp "${node_ip[4]}" "$(node_port lb)" one
# The node gets an address in that range, and no object changes.
own() { svc show default/lb -j | grep -q "${lb_ip[4]}/32"; }
refuse "the load balancer's own address is no source" "" own
expect "the node moves into the range" ip -n "$node" addr add 198.51.100.9/32 dev lo
expect "the load balancer's own address is one" wait_for 5 own
expect "the node is let in from there" ask "$node" tcp "${lb_ip[4]}" 80 one \
	--source 198.51.100.9
expect "it moves out" ip -n "$node" addr del 198.51.100.9/32 dev lo
not_own() { ! own; }
expect "and is no longer" wait_for 5 not_own
expect "the list of an other family" patch lb \
	'{"spec": {"loadBalancerSourceRanges": ["2001:db8::/32"]}}'
expect "lets in nobody of this one" wait_for 5 kernel_says lb \
	'tostring | contains("0.0.0.0/32")'
expect "indeed" unanswered "$client" tcp "${lb_ip[4]}" 80
expect "no list" patch lb '{"spec": {"loadBalancerSourceRanges": null}}'
expect "lets in everybody" wait_for 5 ask "$pod2" tcp "${lb_ip[4]}" 80 one

# A load balancer that is a proxy: its address is its own business.
ingress() {
	patch lb/status "{\"status\": {\"loadBalancer\": {\"ingress\": [{\"ip\": \"${lb_ip[4]}\",
		\"ipMode\": \"$1\"}]}}}"
}
expect "ipMode Proxy" ingress Proxy
expect "the address is not captured" wait_for 5 unanswered "$pod2" tcp "${lb_ip[4]}" 80
same "what goes there passes" "pass no-service" "$(said=$(svc resolve "${pod2_ip[4]}" \
	"${lb_ip[4]}:80" -j); echo "$(field verdict "$said") $(field reason "$said")")"
expect "the NodePort works on" ask "$pod2" tcp "${node_ip[4]}" "$(node_port lb)" one
expect "ipMode VIP" ingress VIP
expect "captures it" wait_for 5 ask "$pod2" tcp "${lb_ip[4]}" 80 one

# Services that are somebody else's.
for label in service.kubernetes.io/service-proxy-name service.kubernetes.io/headless; do
	expect "labelled $label" patch lb \
		"{\"metadata\": {\"labels\": {\"$label\": \"other\"}}}"
	expect "it leaves the kernel" wait_for 5 kernel_has_not default/lb
	expect "label gone" patch lb "{\"metadata\": {\"labels\": {\"$label\": null}}}"
	expect "it comes back" wait_for 5 ask "$pod2" tcp "${lb_ip[4]}" 80 one
done

# externalIPs from where they may be.
expect "svcd stops" svcd_stop TERM
expect "svcd starts and allows some externalIPs" svcd_start --external-cidr 203.0.113.0/24
expect "a service with an address of them and another one" make_object "$(service outer |
	jq ".spec.externalIPs = [\"${external_ip[4]}\", \"198.51.100.5\"]")"
expect "its endpoint" make_object "$(endpoints outer "${pod1_ip[4]}")"
expect "the one answers" wait_for 5 ask "$client" tcp "${external_ip[4]}" 80 one
expect "the other one does not" unanswered "$client" tcp 198.51.100.5 80
told() {
	svcctl get events -o json | jq -e '.items[] | select(.reason == "AddressNotAllowed" and
		.involvedObject.name == "outer") | .message | contains("198.51.100.5")'
}
expect "an Event says so" wait_for 5 told
refuse "by hand it is not to be had either" "198.51.100.5" svc add service hand/outer tcp \
	--frontend external:198.51.100.5:80 --endpoint "${pod2_ip[4]}:8080"
refuse "nor one of IPv6, where only ranges of IPv4 are allowed" "2001:db8::5" \
	svc add service hand/six tcp --frontend 'external:[2001:db8::5]:80' \
	--endpoint "[${pod2_ip[6]}]:8080"

finish
