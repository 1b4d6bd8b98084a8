#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The walkthrough: three nodes, a client, a pod, and the manifests beside this
# file as they stand. Runs as root in the VM (tests/walkthrough/run.sh), with
# the module loaded. Prints each command with its output, and a line "ok" or
# "not ok" for each thing that must be seen.
set -u

here=$(cd "$(dirname "$0")" && pwd)
repo=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
PATH=$repo/build/bin:$PATH
export SVCD_SOCKET=$work/k8master1.net/svcd.sock
# shellcheck source-path=SCRIPTDIR source=cluster.sh
. "$here/cluster.sh"
cd "$here" || exit 1

exec 2>&1
pod=spring-boot-rest-pod-app
count=0
failed=0
out=
code=0
curl_name=$(curl -V | sed -n '1s/^curl \([^ ]*\).*/curl\/\1/p')

# ---- commands and checks

# as WHERE COMMAND...: run it there, show it and what it says; sets out and code.
as() {
	local where=$1

	shift
	printf '\n[%s]$ %s\n' "$where" "$*"
	out=$(in_ns "$where" timeout 20 "$@" 2>&1)
	code=$?
	[ -z "$out" ] || printf '%s\n' "$out"
}

# ctl ARGS...: svcctl against the authority.
ctl() { as "$authority" svcctl "$@"; }

# ctl with the manifest on stdin; MANIFEST is what the reader may know about it.
ctl_stdin() {
	local file=$1

	shift
	printf '\n[%s]$ svcctl %s   # stdin: %s\n' "$authority" "$*" "$(describe_change "$file")"
	out=$(timeout 20 svcctl "$@" <"$file" 2>&1)
	code=$?
	printf '%s\n' "$out"
}

describe_change() { head -1 "$1" | sed 's/^# //'; }

say() { printf '\n---- %s\n' "$*"; }

check() {
	local name=$1

	shift
	if "$@"; then
		echo "ok $((++count)) - $name"
	else
		echo "not ok $((++count)) - $name"
		failed=$((failed + 1))
	fi
}

succeeded() { [ "$code" -eq 0 ]; }
is() { [ "$code" -eq 0 ] && [ "$out" = "$1" ]; }
has() {
	local text

	[ "$code" -eq 0 ] || return 1
	for text in "$@"; do
		[[ $out == *"$text"* ]] || return 1
	done
}
lacks() {
	local text

	for text in "$@"; do
		[[ $out != *"$text"* ]] || return 1
	done
}
# Failed as a user's mistake does, with this text.
refused_with() { [ "$code" -eq 1 ] && [[ $out == *"$1"* ]]; }

# The pod's JSON, byte for byte, for a request to HOST:PORT.
pod_json() {
	printf '{\n  "result" : "first",\n  "headers" : {\n    "host" : "%s",\n' "$1"
	printf '    "user-agent" : "%s",\n    "accept" : "*/*"\n  },\n' "$curl_name"
	printf '  "hostname" : "%s",\n  "address" : "10.244.1.10"\n}' "$pod"
}

# answers WHERE HOST:PORT
answers() {
	as "$1" curl -sS -m 10 "http://$2/"
	check "$2 answers $1" is "$(pod_json "$2")"
}

# stays_silent WHERE HOST:PORT: refused at once (curl's 7), not only after a while (28)
stays_silent() {
	as "$1" curl -sS -m 10 "http://$2/"
	check "$2 refuses $1 at once" [ "$code" -eq 7 ]
}

# A field of a service, by its name in the JSON.
field() {
	svcctl get services "$1" -o json |
		sed -nE "s/.*\"$2\": *\"?([0-9.]+)\"?.*/\1/p" | head -1
}
cluster_ip() { field "$1" clusterIP; }
node_port() { field "$1" nodePort; }

# ---- the steps

step_0() {
	say "The cluster: three nodes, a client, one LAN"
	check "namespaces" lan_net
	for node in "${nodes[@]}"; do
		check "svcd on $node" svcd_start "$node"
	done
	node_objects >"$work/nodes.yml"
	ctl_stdin "$work/nodes.yml" create -f -
	check "nodes" has "node/k8master1.net created" "node/k8node2.net created"
	dns_object >"$work/dns.yml"
	ctl_stdin "$work/dns.yml" create -f -
	check "a name server" has "service/kube-dns created"
	# a pod that is nobody's endpoint
	check "another pod" pod_net other-pod k8node2.net 10.244.2.20
}

step_1() {
	say "Step 1: a pod"
	ctl create -f sample-pod.yml
	check "created" is "pod/$pod created"
	check "k8node1.net runs it" pod_run "$pod" k8node1.net 10.244.1.10
	ctl get pods -o wide
	check "columns" has "NAME" "READY" "STATUS" "RESTARTS" "AGE" "IP" "NODE" "NOMINATED NODE" \
		"READINESS GATES"
	check "address and node" has "$pod" "1/1" "Running" "10.244.1.10" "k8node1.net"
	ctl describe pod "$pod"
	check "describe" has "$pod" "k8node1.net" "app=spring-boot-rest-pod-app" "Running" \
		"10.244.1.10" "spring-boot-rest-pod-container" "jinhokwon/spring-boot-rest-first" \
		"Conditions:" "Ready" "Events:"
}

step_2() {
	local node

	say "Step 2: ClusterIP"
	ctl create -f clusterip-sample-service.yml
	check "created" is "service/clusterip-sample-service created"
	ip1=$(cluster_ip clusterip-sample-service)
	ctl get services -o wide
	check "columns" has "NAME" "TYPE" "CLUSTER-IP" "EXTERNAL-IP" "PORT(S)" "AGE" "SELECTOR"
	check "row" has "clusterip-sample-service" "ClusterIP" "${ip1:-no address}" "<none>" \
		"8080/TCP" "app=spring-boot-rest-pod-app"
	ctl get endpoints
	check "endpoint" has "10.244.1.10:8080"
	check "in the kernel of each node" all_have "$ip1"
	for node in "${nodes[@]}"; do
		answers "$node" "$ip1:8080"
	done
	answers other-pod "$ip1:8080"
	answers "$pod" "$ip1:8080"
	stays_silent "$client" "$ip1:8080"
	as k8node2.net svcctl resolve 10.244.2.20:40000 "$ip1:8080/tcp"
	check "the kernel says why" has "10.244.1.10" "clusterip-sample-service"
}

# Each of the addresses that the manifests name, from the client and from the nodes.
external_answers() {
	local from to

	for to in "${nodes[@]}"; do
		answers "$client" "$to:$1"
		answers "$client" "$(node_address "$to"):$1"
		for from in "${nodes[@]}"; do
			answers "$from" "$(node_address "$to"):$1"
		done
	done
}

external_silent() {
	local to

	for to in "${nodes[@]}"; do
		stays_silent "$client" "$(node_address "$to"):$1"
	done
}

# A manifest that differs from one of the files; its first line says how.
changed() {
	local file=$work/changed.yml

	printf '# %s with %s\n' "$1" "$2" >"$file"
	shift 2
	sed "$@" >>"$file"
	echo "$file"
}

step_3() {
	local file=nodeport-sample-service.yml

	say "Step 3: NodePort"
	ctl create -f $file
	check "created" is "service/nodeport-sample-service created"
	ctl get services -o wide
	check "row" has "nodeport-sample-service" "NodePort" "8080:30303/TCP" \
		"192.168.56.150,192.168.56.151,192.168.56.152"
	check "in the kernel of each node" all_have "30303"
	external_answers 30303
	external_answers 8080
	answers k8node2.net "$(cluster_ip nodeport-sample-service):8080"

	ctl_stdin "$(changed $file 'another name' \
		's/name: nodeport-.*/name: second-service/' $file)" create -f -
	check "30303 a second time is refused" refused_with "provided port is already allocated"
	ctl_stdin "$(changed $file 'another name and nodePort 29999' \
		-e 's/name: nodeport-.*/name: third-service/' -e 's/30303/29999/' $file)" \
		create -f -
	check "a port out of range is refused" refused_with \
		"provided port is not in the valid range. The range of valid ports is 30000-32767"
	ctl get services
	check "the first one is there" has "nodeport-sample-service"
	check "nothing of the others was made" lacks "second-service" "third-service"
	ctl create -f $file
	check "the same once more is refused" refused_with \
		'"nodeport-sample-service" already exists'

	ctl delete -f $file
	check "deleted" is 'service "nodeport-sample-service" deleted from default namespace'
	check "gone from the kernel of each node" all_lack "30303"
	external_silent 30303
	external_silent 8080
	answers k8node2.net "$ip1:8080"
}

step_4() {
	say "Step 4: LoadBalancer"
	ctl create -f loadbalancer-sample-service.yml
	check "created" is "service/loadbalancer-sample-service created"
	ctl get services -o wide
	check "row" has "loadbalancer-sample-service" "LoadBalancer" "8080:3" \
		"192.168.56.150,192.168.56.151,192.168.56.152"
	ip2=$(cluster_ip loadbalancer-sample-service)
	port2=$(node_port loadbalancer-sample-service)
	lb2=$(field loadbalancer-sample-service ip)
	check "a NodePort of its own" [ "${port2:-0}" -ge 30000 ]
	check "an address of the pool beside its externalIPs" has \
		"192.168.56.240,192.168.56.150,192.168.56.151,192.168.56.152"
	check "in the kernel of each node" all_have "$ip2"
	external_answers 8080
	external_answers "$port2"
	answers k8node2.net "$ip2:8080"
	pool_answers "$lb2"
}

# On the LAN: one of the nodes says that it has the address.
pool_answers() {
	local node macs=0

	check "a node announces it" wait_for 20 in_ns "$client" ping -c 1 -W 1 "$1"
	for node in "${nodes[@]}"; do
		answers "$node" "$1:8080"
	done
	answers "$client" "$1:8080"
	stays_silent "$client" "$1:22"
	as "$client" ip neigh show "$1"
	for node in "${nodes[@]}"; do
		! grep -qF "$(in_ns "$node" cat /sys/class/net/eth0/address)" <<<"$out" ||
			macs=$((macs + 1))
	done
	check "it is one of the nodes" [ "$macs" -eq 1 ]
}

step_5() {
	local name=externalname-sample-service.default.svc.cluster.local

	say "Step 5: ExternalName"
	ctl create -f externalname-sample-service.yml
	check "created" is "service/externalname-sample-service created"
	ctl get services externalname-sample-service
	check "row" has "ExternalName" "<none>" "foo.bar.example.com"
	as other-pod nslookup -type=CNAME $name
	check "an alias" has "canonical name = foo.bar.example.com."
	as "$pod" dig +noall +answer $name
	check "a CNAME" has "CNAME" "foo.bar.example.com."
	as other-pod nslookup no-such-service.default.svc.cluster.local.
	check "no such name" grep -q NXDOMAIN <<<"$out"
	answers other-pod clusterip-sample-service:8080
	answers other-pod clusterip-sample-service.default.svc.cluster.local:8080
	ctl delete -f externalname-sample-service.yml
	check "deleted" has 'service "externalname-sample-service" deleted'
	as other-pod dig $name
	check "there is no such name any more" has NXDOMAIN
}

# serves WHERE ADDRESS:PORT SERVICE: the kernel's own word
serves() {
	in_ns "$1" svcctl resolve 192.168.56.1:40000 "$2/tcp" | grep -q "$3"
}

step_6() {
	local node

	say "Step 6: two services that claim the same addresses"
	ctl create -f nodeport-sample-service.yml
	check "created" is "service/nodeport-sample-service created"
	check "in the kernel of each node" all_have "30303"
	ip3=$(cluster_ip nodeport-sample-service)
	external_answers 30303
	answers k8node2.net "$ip3:8080"
	as k8node1.net svcctl resolve 192.168.56.1:40000 192.168.56.151:8080/tcp
	check "the older one keeps the address" has "loadbalancer-sample-service"
	external_answers 8080
	wait_for 10 event_names nodeport-sample-service loadbalancer-sample-service
	ctl describe service nodeport-sample-service
	check "an event of the younger names the older" has "Events:" "loadbalancer-sample-service"

	ctl delete -f loadbalancer-sample-service.yml
	check "deleted" is 'service "loadbalancer-sample-service" deleted from default namespace'
	for node in "${nodes[@]}"; do
		check "the younger takes over on $node" wait_for 20 serves "$node" \
			"$(node_address "$node"):8080" nodeport-sample-service
	done
	external_answers 8080
	check "gone from the kernel of each node" all_lack "$port2"
	external_silent "$port2"
	as "$client" curl -sS -m 10 "http://$lb2:8080/"
	check "nobody answers for $lb2 any more" [ "$code" -ne 0 ]
	answers k8node2.net "$ip1:8080"
}

event_names() { svcctl describe service "$1" | sed -n '/^Events:/,$p' | grep -q "$2"; }

# spread FROM HOST:PORT: 300 connections, each pod at least 60 of them
spread() {
	local file=$work/hits

	printf '\n[%s]$ hits 300 10 http://%s/\n' "$1" "$2"
	in_ns "$1" timeout 120 "$repo/build/tests/hits" 300 10 "http://$2/" >"$file" 2>&1
	code=$?
	out=$(awk '{ n[$3]++ } END { for (k in n) print n[k], k }' "$file" | sort -k2)
	echo "$out"
	check "$2 is spread for $1" is_spread
}

is_spread() {
	[ "$code" -eq 0 ] && awk '$1 < 60 { bad = 1 } { n++; sum += $1 }
		END { exit bad || n != 3 || sum != 300 }' <<<"$out"
}

replica() {
	local file

	file=$(changed sample-pod.yml "the name $1" "s/^  name: .*/  name: $1/" sample-pod.yml)
	ctl_stdin "$file" create -f -
	check "created" is "pod/$1 created"
	check "$2 runs it" pod_run "$1" "$2" "$3"
	check "in the kernel of each node" all_have "$3"
}

step_7() {
	local node

	say "Step 7: replicas"
	replica $pod-2 k8master1.net 10.244.0.10
	replica $pod-3 k8node2.net 10.244.2.10
	ctl get endpoints nodeport-sample-service
	check "three endpoints" has "10.244.0.10:8080" "10.244.1.10:8080" "10.244.2.10:8080"
	spread k8node1.net "$ip3:8080"
	for node in "${nodes[@]}"; do
		spread "$client" "$(node_address "$node"):8080"
		spread "$client" "$(node_address "$node"):30303"
	done
	pod_goes
}

# Requests run through one node from outside and on another from inside while a
# pod is deleted.
pod_goes() {
	local gone=$pod-3 hits=$repo/build/tests/hits deleted returned dropped outside inside

	say "a pod is deleted while requests run"
	ip netns exec "$client" "$hits" 0 10 http://192.168.56.150:8080/ >"$work/outside" 2>&1 &
	outside=$!
	ip netns exec k8node1.net "$hits" 0 10 "http://$ip3:8080/" >"$work/inside" 2>&1 &
	inside=$!

	check "it gets requests from outside" wait_for 20 grep -q "$gone" "$work/outside"
	check "it gets requests from inside" wait_for 20 grep -q "$gone" "$work/inside"
	deleted=${EPOCHREALTIME/./}
	ctl delete pod $gone
	returned=${EPOCHREALTIME/./}
	check "deleted" is "pod \"$gone\" deleted from default namespace"
	check "gone from the kernel of each node" all_lack "10.244.2.10"
	dropped=${EPOCHREALTIME/./}
	echo "# each node's table was seen without it after $(((dropped - deleted) / 1000)) ms"
	# its last requests are answered; then its process ends, as a kubelet would have it
	check "the requests go on" wait_for 20 more_lines "$work/outside" 50
	pod_stop $gone
	check "the requests go on" wait_for 20 more_lines "$work/inside" 50
	kill $outside $inside
	wait $outside $inside

	# The tables are looked at one after the other, slowly: two seconds are enough, too.
	[ "$dropped" -lt $((returned + 2000000)) ] || dropped=$((returned + 2000000))
	went outside "$gone" "$deleted" "$dropped"
	went inside "$gone" "$deleted" "$dropped"
}

# N lines more than when it was first asked
more_lines() {
	local now

	now=$(wc -l <"$1")
	[ -n "${begin_lines[$1]:-}" ] || begin_lines[$1]=$now
	[ $((now - begin_lines[$1])) -ge "$2" ]
}
declare -A begin_lines

# hits writes: begin end hostname address
went() {
	local summary

	summary=$(awk -v gone="$2" -v deleted="$3" -v dropped="$4" '
		$3 == "FAILED" { failed++ }
		$3 == gone && $1 >= deleted && $1 < dropped { between++; last = $1 - deleted }
		$3 == gone && $1 >= dropped { late++ }
		$3 != gone && $1 >= dropped { others++ }
		END {
			printf "%d requests, %d failed; to %s: ", NR, failed, gone
			printf "%d while the nodes learned of it, ", between
			printf "the last began after %d ms; %d later; ", last / 1000, late
			printf "to others later: %d", others
			exit failed > 0 || late > 0 || others < 20
		}' "$work/$1")
	code=$?
	echo "# $1: $summary"
	[ "$code" -eq 0 ] || grep FAILED "$work/$1" | head -5
	check "none failed, none went to the deleted pod ($1)" [ "$code" -eq 0 ]
}

step_8() {
	say "The end: no endpoints, then no services"
	ctl delete pod $pod-2
	ctl delete -f sample-pod.yml
	check "deleted" is "pod \"$pod\" deleted from default namespace"
	check "no endpoint in the kernel of each node" all_lack "10.244.1.10"
	as k8node2.net svcctl show
	check "the services are still there" has "clusterip-sample-service" \
		"nodeport-sample-service"
	external_silent 8080
	external_silent 30303
	stays_silent k8node1.net "$ip3:8080"
	stays_silent other-pod "$ip1:8080"
	ctl delete -f clusterip-sample-service.yml -f nodeport-sample-service.yml
	check "deleted" has 'service "clusterip-sample-service" deleted' \
		'service "nodeport-sample-service" deleted'
	check "the kernel of each node is empty" all_lack "sample-service"
	ctl get services
	check "none is left" [ "$code" -eq 0 ]
	stays_silent k8node1.net "$ip3:8080"
}

cleanup() {
	local node

	if [ "$failed" -ne 0 ]; then
		for node in "${nodes[@]}"; do
			echo
			echo "# the last words of svcd on $node:"
			tail -15 "$work/$node/log" | sed 's/^/# /'
		done
	fi
	# shellcheck disable=SC2046
	kill $(jobs -p) 2>/dev/null
	rm -rf "$work"
}
trap cleanup EXIT

step_0
if [ "$failed" -eq 0 ]; then
	step_1
	step_2
	step_3
	step_4
	step_5
	step_6
	step_7
	step_8
fi
echo
echo "1..$count"
echo "# Linux $(uname -r): $((count - failed)) of $count as it must be"
[ "$failed" -eq 0 ]
