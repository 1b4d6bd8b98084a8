#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: one
#
# What load balancers, service managers and Prometheus ask svcd, on a real kernel:
# healthCheckNodePorts to the byte, /healthz, /livez, and /metrics, of which each
# number is compared with what packets made and with what svcctl says.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"
. "$(dirname "$0")/svcd.bash"

needs ip svcctl svcd jq curl
begin
node_up
head=$lib_scratch/head body=$lib_scratch/body
declare -A scraped=([before]=$lib_scratch/before [now]=$lib_scratch/metrics)
for f in "${families[@]}"; do
	server "$pod1" tcp "${pod1_ip[$f]}" 8080 one || fail "server one IPv$f"
	server "$pod2" tcp "${pod2_ip[$f]}" 8080 two || fail "server two IPv$f"
done

# ---- requests

# get NS URL [CURL_OPTION...]: prints the code; the rest is in $head and $body
get() {
	: >"$body"
	in_ns "$1" curl -s -g -m 10 -D "$head" -o "$body" -w '%{http_code}' "$2" "${@:3}"
}
# gives CODE NS URL [CURL_OPTION...]
gives() {
	local code

	code=$(get "${@:2}")
	[ "$code" = "$1" ] || { echo "$code, wanted $1"; cat "$body"; return 1; }
}

# ---- healthCheckNodePorts

# local_service NAME PORT: of a load balancer, for this node's endpoints
local_service() {
	service "$1" LoadBalancer | jq ".spec.externalTrafficPolicy = \"Local\" |
		.spec.healthCheckNodePort = $2"
}
declare -A conditions=(
	[ready]='{"ready": true, "serving": true, "terminating": false}'
	[terminating]='{"ready": false, "serving": true, "terminating": true}'
	[gone]='{"ready": false, "serving": false, "terminating": true}'
)
# slice SERVICE [ADDRESS@NODE[,STATE]]...
slice() {
	local one at list=() type=IPv4

	for one in "${@:2}"; do
		at=${one%,*}
		[[ $at != *:*@* ]] || type=IPv6
		[[ $one == *,* ]] || one+=,ready
		list+=("{\"addresses\": [\"${at%@*}\"], \"nodeName\": \"${at#*@}\",
			\"conditions\": ${conditions[${one#*,}]}}")
	done
	cat <<-END
	{"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
	 "metadata": {"name": "$1-${type,,}", "labels": {"kubernetes.io/service-name": "$1"}},
	 "addressType": "$type", "ports": [{"port": 8080, "protocol": "TCP"}],
	 "endpoints": [$(IFS=,; echo "${list[*]}")]}
	END
}
replace_slice() { svcctl replace -f - <<<"$(slice "$@")"; }

wanted_body() {
	printf '{\n\t"service": {\n\t\t"namespace": "default",\n\t\t"name": "%s"\n\t},\n' "$1"
	printf '\t"localEndpoints": %d,\n\t"serviceProxyHealthy": %s\n}' "$2" "$3"
}
# wanted_head STATUS ENDPOINTS LENGTH
wanted_head() {
	printf '%s\r\n' "HTTP/1.1 $1" "Content-Type: application/json" \
		"X-Content-Type-Options: nosniff" "X-Load-Balancing-Endpoint-Weight: $2" \
		"Content-Length: $3" "Connection: close" ""
}
# tells PORT SERVICE ENDPOINTS [HEALTHY]: to the byte but for the time, in both families
tells() {
	local f text status="200 OK" healthy=${4:-true}

	[ "$3" -gt 0 ] && [ "$healthy" = true ] || status="503 Service Unavailable"
	text=$(wanted_body "$2" "$3" "$healthy")
	for f in "${families[@]}"; do
		gives "${status%% *}" "$client" "http://$(at "${node_ip[$f]}" "$1")/any?thing" ||
			return 1
		printf '%s' "$text" | cmp - "$body" || return 1
		grep -qE $'^Date: [A-Z][a-z]{2}, [0-9 A-Za-z:]{20} GMT\r$' "$head" &&
			cmp <(wanted_head "$status" "$3" ${#text}) <(grep -v ^Date: "$head") ||
			return 1
	done
}
closed() {
	local f

	for f in "${families[@]}"; do
		refused "$client" tcp "${node_ip[$f]}" "$1" || return 1
	done
}

expect "svcd starts, for both families" svcd_start --pod-cidr "${pod_cidr[6]}" \
	--service-cidr fd96::/112
expect "a port that no Service has is closed" closed 30500
expect "a Service with externalTrafficPolicy Local" make_object "$(local_service one 30500)"
expect "without endpoints: 503" wait_for 5 tells 30500 one 0
expect "endpoints here and elsewhere" make_object \
	"$(slice one "${pod1_ip[4]}@node" "${pod2_ip[4]}@elsewhere")"
expect "200, and one endpoint, in bytes" wait_for 5 tells 30500 one 1
expect "POST is answered, too" gives 200 "$client" "http://${node_ip[4]}:30500/" -d x=y
expect "HEAD is answered" gives 200 "$client" "http://${node_ip[4]}:30500/" -I
expect "two endpoints here" replace_slice one "${pod1_ip[4]}@node" "${pod2_ip[4]}@node"
expect "two are told" wait_for 5 tells 30500 one 2
expect "one of them terminates" replace_slice one "${pod1_ip[4]}@node" \
	"${pod2_ip[4]}@node,terminating"
expect "one is told" wait_for 5 tells 30500 one 1
expect "the other one, too" replace_slice one "${pod1_ip[4]}@node,terminating" \
	"${pod2_ip[4]}@node,terminating"
expect "503, though both serve" wait_for 5 tells 30500 one 0
expect "the last ready one goes elsewhere" replace_slice one "${pod1_ip[4]}@elsewhere" \
	"${pod2_ip[4]}@node,gone"
expect "still 503" wait_for 5 kernel_has default/one "${pod1_ip[4]}:8080"
expect "indeed" tells 30500 one 0
expect "it comes back" replace_slice one "${pod1_ip[4]}@node"
expect "200 again" wait_for 5 tells 30500 one 1

# A second one, which is another's business.
expect "a second Service" make_object "$(local_service two 30501)"
expect "its port: 503" wait_for 5 tells 30501 two 0
expect "the first one's: 200" tells 30500 one 1
expect "its endpoint" make_object "$(slice two "${pod2_ip[4]}@node")"
expect "both: 200" wait_for 5 tells 30501 two 1
expect "the first one is Cluster" patch one \
	'{"spec": {"externalTrafficPolicy": "Cluster", "healthCheckNodePort": null}}'
expect "its port is closed" wait_for 5 closed 30500
expect "the second one's is not" tells 30501 two 1
expect "Local again, with another port" patch one \
	'{"spec": {"externalTrafficPolicy": "Local", "healthCheckNodePort": 30502}}'
expect "it is open" wait_for 5 tells 30502 one 1
expect "the second one goes" svcctl delete service two
expect "its port, too" wait_for 5 closed 30501
expect "the first one's stays" tells 30502 one 1

# Somebody has the port, of one family.
ip netns exec "$node" "$lib_net" server tcp 0.0.0.0 30503 taken >"$lib_scratch/taken" 2>&1 &
taken=$!
disown
at_exit eval "kill $taken 2>/dev/null"
expect "another server listens" wait_for 10 grep -q ready "$lib_scratch/taken"
expect "a Service with its port" make_object "$(local_service three 30503)"
told() {
	svcctl get events -o json | jq -e '.items[] | select(.involvedObject.name == "three" and
		.reason == "FailedToStartServiceHealthcheck" and .type == "Warning") | .message |
		contains("30503") and contains("Address already in use")'
}
expect "an Event says so" wait_for 5 told
expect "the other family is answered" gives 503 "$client" "http://[${node_ip[6]}]:30503/"
expect "the server goes on" ask "$client" tcp "${node_ip[4]}" 30503 taken
expect "the other Service goes on" tells 30502 one 1
kill "$taken"
expect "when it goes, the port is opened" wait_for 15 tells 30503 three 0
same "there is one Event" 1 "$(svcctl get events -o json | jq '[.items[] | select(.reason ==
	"FailedToStartServiceHealthcheck")] | map(.count // 1) | add')"
expect "the Service goes" svcctl delete service three
expect "its port, too" wait_for 5 closed 30503

# ---- /healthz and /livez

gotime='[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)? \+0000 UTC m=\+[0-9.]+'
times="\"lastUpdated\": \"$gotime\",\"currentTime\": \"$gotime\""
# probed CODE PATH TEXT: the whole body, in both families
probed() {
	local f

	for f in "${families[@]}"; do
		gives "$1" "$client" "http://$(at "${node_ip[$f]}" 10256)$2" || return 1
		[[ $(<"$body") =~ ^$3$ ]] || { cat "$body"; return 1; }
		[ "$(wc -l <"$body")" = 0 ] || return 1
		grep -q $'^Content-Type: application/json\r$' "$head" &&
			grep -q $'^X-Content-Type-Options: nosniff\r$' "$head" || return 1
	done
}
healthz() { probed "$1" /healthz "\{$times, \"nodeEligible\": $2\}"; }
livez() { probed "$1" /livez "\{$times\}"; }

expect "/healthz without a Node object" healthz 200 true
expect "/livez" livez 200
expect "another path: 404" gives 404 "$client" "http://${node_ip[4]}:10256/"
expect "POST: 405" gives 405 "$client" "http://${node_ip[4]}:10256/healthz" -d x=y
this_node() { jq -n --argjson spec "$1" '{apiVersion: "v1", kind: "Node",
	metadata: {name: "node", finalizers: ["example.com/stays"]}, spec: $spec}'; }
node_is() { svcctl replace -f - <<<"$(this_node "$1")"; }
expect "a Node object" make_object "$(this_node '{}')"
expect "is eligible" healthz 200 true
expect "no Pods may come to it" node_is '{"unschedulable": true, "taints":
	[{"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}]}'
expect "which says nothing of its Pods" healthz 200 true
expect "the autoscaler wants it gone" node_is \
	'{"taints": [{"key": "ToBeDeletedByClusterAutoscaler", "effect": "NoSchedule"}]}'
expect "it is not eligible" wait_for 5 healthz 503 false
expect "it lives" livez 200
expect "its endpoints are told as before" tells 30502 one 1
expect "the autoscaler thinks better of it" node_is '{}'
expect "it is eligible" wait_for 5 healthz 200 true
expect "it is being deleted" svcctl delete node node --wait=false
expect "it is not eligible" wait_for 5 healthz 503 false
expect "it is deleted" curl -sf --unix-socket "$SVCD_SOCKET" -X PATCH \
	-H 'Content-Type: application/merge-patch+json' -d '{"metadata": {"finalizers": null}}' \
	http://svcd/api/v1/nodes/node
expect "nor without its object" healthz 503 false
expect "another one is made" make_object "$(this_node '{}')"
expect "it is eligible" wait_for 5 healthz 200 true

# ---- /metrics

scrape() { gives 200 "$node" http://127.0.0.1:10249/metrics && cp "$body" "${scraped[now]}"; }
# value NAME{LABELS} [before|now]
value() {
	awk -v key="$1" '$1 == key { print $2; n++ } END { exit n != 1 }' "${scraped[${2:-now}]}"
}
more() { awk -v a="$(value "$1" before)" -v b="$(value "$1")" 'BEGIN { print b - a }'; }
later() { awk -v a="$(value "$1" before)" -v b="$(value "$1")" 'BEGIN { exit !(b > a) }'; }
again() { scrape && cp "${scraped[now]}" "${scraped[before]}"; }

expect "the client cannot ask for metrics" refused "$client" tcp "${node_ip[4]}" 10249
expect "the node can" again
expect "their type" grep -qx $'Content-Type: text/plain; version=0.0.4; charset=utf-8\r' "$head"
expect "all counters were read" [ "$(value svcnat_scrape_complete)" = 1 ]

rules=kubeproxy_sync_proxy_rules
expect "a service for endpoints of this node inside, and elsewhere outside" make_object \
	"$(service away NodePort | jq '.spec += {externalTrafficPolicy: "Local",
	internalTrafficPolicy: "Local", ipFamilyPolicy: "PreferDualStack"}')"
expect "its endpoint" make_object "$(slice away "${pod2_ip[4]}@elsewhere" |
	jq '.metadata.annotations["endpoints.kubernetes.io/last-change-trigger-time"] =
	(now | todate)')"
expect "comes to the kernel" wait_for 5 kernel_has default/away "${pod2_ip[4]}:8080"
expect "a scrape" scrape
same "a change of services" 1 "$(more ${rules}_service_changes_total)"
same "a change of endpoints" 1 "$(more ${rules}_endpoint_changes_total)"
same "none is left" "0 0" "$(value ${rules}_service_changes_pending) $(value \
	${rules}_endpoint_changes_pending)"
same "passes, partial ones" "$(more ${rules}_duration_seconds_count)" \
	"$(more kubeproxy_sync_partial_proxy_rules_duration_seconds_count)"
expect "that took time" later ${rules}_duration_seconds_sum
same "one was a full one" 1 "$(value kubeproxy_sync_full_proxy_rules_duration_seconds_count)"
expect "a change was seen" later ${rules}_last_queued_timestamp_seconds
expect "and written" later ${rules}_last_timestamp_seconds
same "from its cause on it was measured" 1 \
	"$(more kubeproxy_network_programming_duration_seconds_count)"
for f in internal external; do
	same "no endpoint for $f clients" 1 \
		"$(value "${rules}_no_local_endpoints_total{traffic_policy=\"$f\"}")"
done
again >/dev/null
expect "probes are counted" eval 'healthz 200 true && livez 200 && scrape'
for f in healthz livez; do
	same "/$f" 2 "$(more "kubeproxy_proxy_${f}_total{code=\"200\"}")"
done
expect "failed ones were" [ "$(value 'kubeproxy_proxy_healthz_total{code="503"}')" -ge 6 ]

# Connections whose number is known.
dual() { service "$1" LoadBalancer | jq '.spec.ipFamilyPolicy = "RequireDualStack"'; }
expect "a service with two endpoints" make_object "$(dual count)"
expect "one with affinity" make_object "$(dual sticky | jq '.spec.sessionAffinity = "ClientIP"')"
expect "one without endpoints" make_object "$(dual empty)"
expect "one for others than the client" make_object "$(dual guarded |
	jq '.spec.loadBalancerSourceRanges = ["198.51.100.0/24", "2001:db8:1::/48"]')"
patch guarded/status "{\"status\": {\"loadBalancer\": {\"ingress\": [{\"ip\": \"${lb_ip[4]}\"},
	{\"ip\": \"${lb_ip[6]}\"}]}}}" >/dev/null || fail "its addresses"
for f in "${families[@]}"; do
	for s in count sticky guarded; do
		make_object "$(slice "$s" "${pod1_ip[$f]}@node" "${pod2_ip[$f]}@node")" \
			>/dev/null || fail "endpoints of $s, IPv$f"
	done
done
make_object "$(slice away "${pod2_ip[6]}@elsewhere")" >/dev/null || fail "endpoints of away, IPv6"
all_there() { [ "$(svc show --owner svcd -j | jq '[.[].endpoints | length] | add')" = 15 ]; }
expect "all are in the kernel" wait_for 10 all_there
address() { svcctl get service "$1" -o json | jq -r ".spec.clusterIPs[] |
	select(test(\":\") == ($2 == 6))"; }
repeat() { local i; for ((i = 0; i < $1; i++)); do "${@:2}" || return 1; done; }
for f in "${families[@]}"; do
	expect "IPv$f: 20 connections" client "$client" tcp "$(address count "$f")" 80 --count 20
	expect "IPv$f: 5 with affinity" client "$client" tcp "$(address sticky "$f")" 80 --count 5
	expect "IPv$f: 3 without an endpoint" repeat 3 refused "$client" tcp \
		"$(address empty "$f")" 80
	expect "IPv$f: 2 to elsewhere" repeat 2 unanswered "$client" tcp "${node_ip[$f]}" \
		"$(node_port away)"
	expect "IPv$f: 1 of a wrong source" unanswered "$client" tcp "${lb_ip[$f]}" 80
	expect "IPv$f: 2 to a port that there is not" repeat 2 refused "$client" tcp \
		"$(address count "$f")" 81
done
expect "1 to an address that no service has" unanswered "$client" tcp 10.96.77.77 80
cp "${scraped[now]}" "${scraped[before]}"
expect "a scrape" scrape

# of NAME FAMILY: its labels
of() {
	echo "namespace=\"default\",service=\"$1\",port=\"80\",protocol=\"TCP\",family=\"IPv$2\""
}
# counted FAMILY KIND SERVICE REASON NUMBER
counted() {
	same "IPv$1: $3: $2, $4: $5" "$5" \
		"$(value "svcnat_service_${2}_total{$(of "$3" "$1"),reason=\"$4\"}")"
}
for f in "${families[@]}"; do
	counted "$f" connections count endpoint 20
	counted "$f" connections sticky endpoint 1
	counted "$f" connections sticky affinity 4
	counted "$f" rejected empty no-endpoints 3
	counted "$f" dropped away no-local 2
	counted "$f" dropped guarded source-range 1
	counted "$f" dropped count source-range 0
	same "IPv$f: the endpoints of count: 20" 20 "$(grep -F \
		"svcnat_endpoint_connections_total{$(of count "$f")" "${scraped[now]}" |
		awk '{ n += $2 } END { print n }')"
done
same "in the namespace: wrong ports" 4 \
	"$(more 'svcnat_verdicts_total{verdict="reject",reason="undefined-port"}')"
same "wrong addresses" 1 "$(more 'svcnat_verdicts_total{verdict="drop",reason="unallocated"}')"
same "no endpoint" 6 "$(more 'svcnat_verdicts_total{verdict="reject",reason="no-endpoints"}')"
same "no local endpoint" 4 "$(more 'svcnat_verdicts_total{verdict="drop",reason="no-local"}')"
same "wrong sources" 2 "$(more 'svcnat_verdicts_total{verdict="drop",reason="source-range"}')"

# All of it is what svcctl says, series by series.
from_svcctl() {
	svc stats services -j | jq -r '
	{"endpoint": "connections", "affinity": "connections", "no-endpoints": "rejected",
	 "no-local": "dropped", "source-range": "dropped"} as $kind |
	.[] | select(.owner == "svcd") | (.name | split("/")) as $name |
	({namespace: $name[0], service: $name[1], port: "80", protocol, family} | to_entries |
	 map("\(.key)=\"\(.value)\"") | join(",")) as $of |
	(.counts | to_entries[] |
	 "svcnat_service_\($kind[.key])_total{\($of),reason=\"\(.key)\"} \(.value)"),
	(.endpoints[] |
	 (if .address | test(":") then "[\(.address)]" else .address end) as $at |
	 "svcnat_endpoint_connections_total{\($of),endpoint=\"\($at):\(.port)\"} " +
	 "\(.connections)")' |
		sort
}
namespace_from_svcctl() {
	svc stats -j | jq -r 'to_entries[] | "\(.key) \(.value)"' | sort
}
namespace_from_metrics() {
	local names='masqueraded|nat_failed|stale_udp|stale_tcp|stale_walks|rescheduled'

	names+='|affinity_full|connections_full'
	sed -nE "s/^svcnat_verdicts_total\{.*reason=\"([^\"]*)\"\} /\1 /p
		s/^svcnat_($names)_total /\1 /p
		s/^svcnat_invalid_dropped_total /invalid /p" "${scraped[now]}" | tr _ - | sort
}
same "of services and endpoints, what svcctl says" "$(from_svcctl)" \
	"$(grep -E '^svcnat_(service|endpoint)_' "${scraped[now]}" | sort)"
same "of the namespace, what svcctl says" "$(namespace_from_svcctl)" "$(namespace_from_metrics)"
same "as many services as the kernel has" "$(svc show -j | jq length)" \
	"$(value 'svcnat_table_entries{table="services"}')"

# Prometheus' own reader. It finds fault with one name, which is kube-proxy's.
if command -v promtool >/dev/null; then
	found=$(promtool check metrics <"${scraped[now]}" 2>&1)
	code=$?
	fault="non-counter metrics should not have \"_total\" suffix"
	same "promtool reads it, and knows a fault of kube-proxy" \
		"3 ${rules}_no_local_endpoints_total $fault" "$code $found"
else
	skip "promtool reads it" "no promtool on this machine"
fi

# ---- what is stuck; and who asks and does not go on

# silent_for PORT TEXT: sends it, reads nothing, prints how long the server bore it, in seconds
silent_for() {
	# shellcheck disable=SC2016 # for that bash
	ip netns exec "$node" bash -c 'begin=$SECONDS; exec 3<>"/dev/tcp/127.0.0.1/$0"
		printf "%b" "$1" >&3; read -r -t 50 <&3; echo $((SECONDS - begin))' "$1" "$2"
}
silent_for 10256 'GET /healthz HTTP/1.1\r\n' >"$lib_scratch/silent" 2>&1 &
disown
expect "rmmod" unload_module
gone=$SECONDS
expect "a change" patch one '{"metadata": {"labels": {"a": "b"}}}'
expect "nothing is stuck yet" healthz 200 true
expect "the metrics" scrape
same "say what waits" 1 "$(value ${rules}_service_changes_pending)"
same "that there is no module" "0 0" "$(value svcnat_module_loaded) $(value svcnat_scrape_complete)"
same "and nothing of services" 0 "$(grep -c ^svcnat_service_ "${scraped[now]}")"
expect "who does not end the request is let go" wait_for 30 grep -qE '^(9|1[0-9])$' \
	"$lib_scratch/silent"
expect "after a minute it is stuck" wait_for 90 healthz 503 true
expect "not before" [ $((SECONDS - gone)) -ge 58 ]
expect "/livez says so, too" livez 503
expect "and the Service's port" tells 30502 one 1 false
expect "insmod" load_module
expect "all is well" wait_for 15 healthz 200 true
expect "/livez" livez 200
expect "the Service's port" tells 30502 one 1
expect "the metrics" scrape
same "nothing waits, all is told" "0 1 1" "$(value ${rules}_service_changes_pending) $(value \
	svcnat_module_loaded) $(value svcnat_scrape_complete)"

expect "svcd stops" svcd_stop TERM
expect "its ports, too" eval 'closed 30502 && closed 10256'

finish
