#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Names of Services, as pods, the node and clients outside ask for them: through the
# Service of DNS itself, whose ClusterIP the module leads to the svcd of this node, in both
# families. The other name server, of the domain example.org, is a second svcd; between it
# and the node there is one that is dead. A third one turns out to be svcd itself.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"
. "$(dirname "$0")/svcd.bash"

needs ip svcctl svcd jq curl dig nslookup getent
begin
node_up
# Link-local, as each node may have the same one.
dns_ip=169.254.20.10
ip -n "$node" addr add "$dns_ip/32" dev lo
ip -n "$node" addr add fd53::53/128 dev lo
config=$lib_scratch/svcd.yaml
other=$lib_scratch/other
zone=default.svc.cluster.local
sample=clusterip-sample-service.$zone
www=www.default.svc.example.org
upstreams="192.168.50.99, 192.168.50.2"

# dns NS ARGS...: what dig says, in short
dns() { in_ns "$1" dig +short +time="$TIMEOUT" +tries=1 "${@:2}" 2>&1; }
# says WANTED NS ARGS...: the lines, sorted, with spaces between
says() {
	local got

	got=$(dns "${@:2}" | sort | tr '\n' ' ')
	[ "${got% }" = "$1" ] || { echo "wanted '$1', got '$got'"; return 1; }
}
# status WANTED NS ARGS...: the rcode
status() {
	local got

	got=$(in_ns "$2" dig +time="$TIMEOUT" +tries=1 "${@:3}" 2>&1)
	[[ $got == *"status: $1,"* ]] || { echo "wanted $1, got $got"; return 1; }
}
# keeps SECONDS: the time to live of answers
keeps() {
	in_ns "$pod1" dig @10.96.0.10 +noall +answer "web-0.many.$zone" |
		grep -qE "[[:space:]]$1[[:space:]]+IN[[:space:]]+A"
}
# leads_to ADDRESS...: where the Service of DNS leads, in both families
leads_to() {
	[ "$(svc show kube-system/kube-dns:dns -j | jq -r '[.[].endpoints[]? | .address] | sort |
		join(" ")')" = "$*" ]
}
# complains TEXT: that is in what svcd says of itself
complains() { grep -qF "$1" <(svcctl status); }
# in_pod NS COMMAND...: with the namespace's own resolv.conf
in_pod() { ip netns exec "$1" timeout 20 "${@:2}"; }

resolv() {
	mkdir -p "/etc/netns/$1"
	cat >"/etc/netns/$1/resolv.conf" <<-END
	nameserver $2
	search default.svc.cluster.local svc.cluster.local cluster.local
	options ndots:5 timeout:$TIMEOUT attempts:1
	END
	at_exit rm -rf "/etc/netns/$1"
}

objects() {
	cat <<-END
	apiVersion: v1
	kind: Namespace
	metadata: {name: kube-system}
	---
	apiVersion: v1
	kind: Service
	metadata: {name: kube-dns, namespace: kube-system}
	spec:
	  clusterIP: 10.96.0.10
	  clusterIPs: [10.96.0.10, "fd96::10"]
	  ipFamilyPolicy: RequireDualStack
	  internalTrafficPolicy: Local
	  ports:
	  - {name: dns, port: 53, protocol: UDP}
	  - {name: dns-tcp, port: 53, protocol: TCP}
	---
	apiVersion: v1
	kind: Service
	metadata: {name: clusterip-sample-service}
	spec:
	  clusterIP: 10.96.0.20
	  clusterIPs: [10.96.0.20, "fd96::20"]
	  ipFamilyPolicy: RequireDualStack
	  ports: [{name: http, port: 8080}]
	---
	apiVersion: discovery.k8s.io/v1
	kind: EndpointSlice
	metadata: {name: sample, labels: {kubernetes.io/service-name: clusterip-sample-service}}
	addressType: IPv4
	endpoints: [{addresses: [${pod2_ip[4]}]}]
	ports: [{name: http, port: 8080}]
	---
	apiVersion: v1
	kind: Service
	metadata: {name: ext}
	spec: {type: ExternalName, externalName: $www}
	---
	apiVersion: v1
	kind: Service
	metadata: {name: many}
	spec: {clusterIP: None, ports: [{name: http, port: 80}]}
	---
	apiVersion: discovery.k8s.io/v1
	kind: EndpointSlice
	metadata: {name: many, labels: {kubernetes.io/service-name: many}}
	addressType: IPv4
	endpoints:
	$(for i in {1..200}; do echo "- addresses: [10.244.7.$i]"; done)
	- {addresses: [10.244.8.1], hostname: web-0}
	ports: [{name: http, port: 80}]
	END
}

options() {
	cat >"$config" <<-END
	serviceCIDRs: [10.96.0.0/12, "fd96::/112"]
	dns:
	  listen: [$dns_ip, "fd53::53"]
	  service: kube-system/kube-dns
	  upstreams: [$upstreams]
	$(printf '  %s\n' "$@")
	END
}

dns_up() {
	svcd_launch svcd_ready --node-name node --socket "$SVCD_SOCKET" --data-dir "$svcd_dir" \
		--pod-cidr "${pod_cidr[4]}" --pod-cidr "${pod_cidr[6]}" --config "$config"
}

# The other name server, with one name.
other_up() {
	mkdir -p "$other/manifests"
	cat >"$other/manifests/www.yaml" <<-END
	apiVersion: v1
	kind: Service
	metadata: {name: www}
	spec: {clusterIP: 10.96.0.80, ports: [{port: 80}]}
	END
	ip netns exec "$client" svcd --node-name other --socket "$other/sock" \
		--data-dir "$other/data" --manifests "$other/manifests" --healthz-bind-address '' \
		--metrics-bind-address '' --dns-listen 192.168.50.2 --dns-domain example.org \
		--dns-upstream none >"$other/log" 2>&1 </dev/null &
	at_exit kill $!
	disown
	wait_for 20 says 10.96.0.80 "$client" @192.168.50.2 "$www"
}

in_ns "$pod2" "$lib_repo/build/tests/pod" "${pod2_ip[4]}" 8080 two "$lib_scratch/pod.log" &
disown
options
expect "another name server" other_up
expect "svcd with DNS" dns_up
objects >"$lib_scratch/objects.yaml"
expect "objects" svcctl create -f "$lib_scratch/objects.yaml"
# svcctl says it when it is there; the kernel has it a turn of the loop later.
expect "the Service of DNS leads to this node" \
	wait_for 5 leads_to "$dns_ip" fd53::53

# ---- who asks

for where in "$dns_ip" 10.96.0.10 fd96::10; do
	for who in pod1 node client; do
		# Outside, a link-local address is somebody else's.
		[ "$who/$where" != "client/$dns_ip" ] || continue
		expect "$who asks $where by UDP" says 10.96.0.20 "${!who}" "@$where" "$sample"
		expect "$who asks $where by TCP" says 10.96.0.20 "${!who}" "@$where" +tcp "$sample"
	done
done
expect "IPv6" says fd96::20 "$pod1" @10.96.0.10 "$sample" AAAA
expect "SRV" says "0 100 8080 $sample." "$pod1" @10.96.0.10 "_http._tcp.$sample" SRV
expect "PTR" says "$sample." "$pod1" @10.96.0.10 -x 10.96.0.20
expect "the version" says '"1.1.0"' "$pod1" @10.96.0.10 dns-version.cluster.local TXT
expect "the letters of the question are those of the answer" grep -q '^ClusterIP-Sample' <(
	in_ns "$pod1" dig @10.96.0.10 +noall +answer "ClusterIP-Sample-Service.$zone")
expect "a name of an endpoint" says 10.244.8.1 "$pod1" @10.96.0.10 "web-0.many.$zone"

# ---- as programs ask

resolv "$pod1" 10.96.0.10
resolv "$pod2" fd96::10
resolv "$node" "$dns_ip"
for who in pod1 pod2 node; do
	expect "getent on $who" grep -q '^10.96.0.20 ' <(
		in_pod "${!who}" getent ahostsv4 "$sample")
	expect "with search names" grep -q '^10.96.0.20 ' <(
		in_pod "${!who}" getent ahostsv4 clusterip-sample-service)
	expect "and a part of them" grep -q '^10.96.0.20 ' <(
		in_pod "${!who}" getent ahostsv4 clusterip-sample-service.default)
done
expect "nslookup" grep -q 'Address: 10.96.0.20' <(in_pod "$pod1" nslookup "$sample")
expect "nslookup of an address" grep -q "name = $sample" <(in_pod "$pod1" nslookup 10.96.0.20)
refuse "getent of nobody" "" in_pod "$pod1" getent ahostsv4 "nobody.$zone"
expect "curl from a pod" grep -q '"hostname" : "two"' <(
	in_pod "$pod1" curl -s4 -m 10 "http://$sample:8080/")
expect "curl from the node" grep -q '"hostname" : "two"' <(
	in_pod "$node" curl -s4 -m 10 "http://clusterip-sample-service:8080/")

# ---- a change is seen at once

expect "a Service goes" svcctl delete service clusterip-sample-service
expect "so does its name" status NXDOMAIN "$pod1" @10.96.0.10 "$sample"
expect "its address, too" status NXDOMAIN "$pod1" @10.96.0.10 -x 10.96.0.20
expect "a Service without that type has no data" status NOERROR "$pod1" @10.96.0.10 "many.$zone" MX
expect "a SOA says so" grep -q 'SOA' <(in_ns "$pod1" dig @10.96.0.10 "many.$zone" MX)

# ---- more than a datagram

headless=$(in_ns "$pod1" dig @10.96.0.10 +notcp +ignore "many.$zone")
expect "a large answer is cut" grep -q 'flags: qr aa tc rd' <<<"$headless"
expect "and is no larger than allowed" test "$(sed -n 's/^;; MSG SIZE  rcvd: //p' \
	<<<"$headless")" -le 1232
same "by itself dig asks again by TCP" 201 \
	"$(dns "$pod1" @10.96.0.10 "many.$zone" | grep -c '^10\.244\.')"
same "so does the C library" 201 "$(in_pod "$pod1" getent ahostsv4 many | grep -c STREAM)"

# ---- other names, of which the first upstream knows nothing: it is dead

expect "another name" says 10.96.0.80 "$pod1" @10.96.0.10 "$www"
expect "and again" says 10.96.0.80 "$pod1" @10.96.0.10 "$www"
waited=$(in_ns "$pod1" dig @10.96.0.10 "$www" | sed -n 's/^;; Query time: \([0-9]*\) msec$/\1/p')
expect "the dead one is not waited for" test "$waited" -lt 1400
expect "a name that nobody has" status NXDOMAIN "$pod1" @10.96.0.10 nobody.default.svc.example.org
expect "an alias comes with its target" says "10.96.0.80 $www." "$pod1" @10.96.0.10 "ext.$zone"
expect "getent of it" grep -q '^10.96.0.80 ' <(in_pod "$pod1" getent ahostsv4 ext)
expect "what the other one refuses is a failure" status SERVFAIL "$pod1" @10.96.0.10 www.example.com
ip -n "$client" link set eth0 down
expect "so is one that is gone" status SERVFAIL "$pod1" @10.96.0.10 "$www"
expect "and an alias that leads there" status SERVFAIL "$pod1" @10.96.0.10 "ext.$zone"
ip -n "$client" link set eth0 up
default_route "$client" 192.168.50.1

# ---- an upstream that leads back, which nobody can know of before it is asked

in_ns "$node" nft -f - <<-END
	table ip back {
		chain output {
			type nat hook output priority -100;
			ip daddr 192.168.50.77 dnat to $dns_ip
		}
	}
END
upstreams=192.168.50.77 options
expect "an upstream that is svcd" svcd_kill HUP
expect "is found out" wait_for 10 complains "192.168.50.77:53 asks this svcd"
expect "nobody is asked" status REFUSED "$pod1" @10.96.0.10 "$www"
expect "names of Services go on" status NOERROR "$pod1" @10.96.0.10 "many.$zone"
in_ns "$node" nft delete table ip back
options
expect "the others again" svcd_kill HUP
expect "are asked" wait_for 5 says 10.96.0.80 "$pod1" @10.96.0.10 "$www"
refuse "svcd has no complaint" "" complains "asks this svcd"

# ---- what is refused

expect "ANY" status REFUSED "$pod1" @10.96.0.10 "many.$zone" ANY +notcp
expect "a zone transfer" grep -q 'Transfer failed' <(
	in_ns "$pod1" dig @10.96.0.10 cluster.local AXFR)
expect "the version of the program" status REFUSED "$pod1" @10.96.0.10 version.bind TXT CH
expect "another version of EDNS" \
	status BADVERS "$pod1" @10.96.0.10 "$sample" +edns=1 +noednsnegotiation
expect "another operation" status NOTIMP "$pod1" @10.96.0.10 "$sample" +opcode=4
options "allow: [192.0.2.0/24]"
expect "others may ask" svcd_kill HUP
expect "the client outside may not" wait_for 5 status REFUSED "$client" @10.96.0.10 "many.$zone"
expect "nor by TCP" grep -qE 'failed|reset|end of file|timed out' <(
	in_ns "$client" dig @10.96.0.10 +tcp +time=2 +tries=1 "many.$zone" 2>&1)
expect "pods may" status NOERROR "$pod1" @10.96.0.10 "many.$zone"
expect "so may the node" status NOERROR "$node" @10.96.0.10 "many.$zone"
expect "it is counted" grep -qE 'svcnat_dns_refused_clients_total [1-9]' <(
	in_ns "$node" curl -s http://127.0.0.1:10249/metrics)
expect "queries are, too" grep -qE '_queries_total\{type="A",rcode="NXDOMAIN"\} [1-9]' <(
	in_ns "$node" curl -s http://127.0.0.1:10249/metrics)

# ---- an address that the node has not: there is nobody to refuse what is sent there

# is_refused NS ADDRESS: at once
is_refused() {
	in_ns "$1" dig "@$2" +time="$TIMEOUT" +tries=1 "many.$zone" 2>&1 | grep -q 'refused'
}

ip -n "$node" addr del "$dns_ip/32" dev lo
expect "an address goes: the Service does not lead there" wait_for 5 leads_to fd53::53
expect "it is refused at once" is_refused "$pod1" 10.96.0.10
expect "svcd says why" complains "$dns_ip, which is no address of this node"
expect "the other family goes on" status NOERROR "$pod1" @fd96::10 "many.$zone"
ip -n "$node" addr add "$dns_ip/32" dev lo
expect "it comes back" wait_for 5 leads_to "$dns_ip" fd53::53
expect "and is asked" status NOERROR "$pod1" @10.96.0.10 "many.$zone"
refuse "svcd has nothing to say" "" complains "no address"

# ---- without svcd, and with another one

options "domain: cluster.local" "ttl: 30"
expect "another time to live" svcd_kill HUP
expect "is told" wait_for 5 keeps 30
expect "svcd crashes" svcd_stop KILL
expect "nobody waits for an answer" is_refused "$pod1" 10.96.0.10
expect "svcd starts again" dns_up
expect "its names are there" says 10.244.8.1 "$pod1" @10.96.0.10 "web-0.many.$zone"
sed -i '/^dns:/,$d' "$config"
expect "DNS is switched off" svcd_kill HUP
expect "the Service leads nowhere" wait_for 5 leads_to ""
expect "and is refused at once" is_refused "$pod1" 10.96.0.10
finish
