#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: one
#
# A real kubectl against svcd, through a bridge from TCP to its socket: what its
# users type does what they know, and svcctl says the same of the same objects.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"
. "$(dirname "$0")/svcd.bash"

needs ip svcctl svcd kubectl socat curl
begin
ns_add node
expect "svcd starts" svcd_start
cd "$lib_scratch" || exit 1
cp "$lib_repo"/tests/walkthrough/*sample-*.yml .
export HOME=$lib_scratch

bridge=127.0.0.1:8001
ip netns exec "$node" socat "TCP-LISTEN:8001,bind=127.0.0.1,fork,reuseaddr" \
	"UNIX-CONNECT:$SVCD_SOCKET" &
disown
expect "a bridge" wait_for 10 in_ns "$node" curl -sf "http://$bridge/readyz"

k() { in_ns "$node" kubectl --server "http://$bridge" "$@"; }

# Before 1.25 it wants the schema as protobuf.
validate=()
minor=$(k version --client -o json | sed -n 's/.*"minor": "\([0-9]*\).*/\1/p' | head -1)
[ "$minor" -ge 25 ] || validate=(--validate=false)
echo "# kubectl 1.$minor"

# says NAME WANTED COMMAND...: exactly so
says() { same "$1" "$2" "$("${@:3}" 2>&1)"; }
# like NAME PATTERN COMMAND...: an extended regular expression for all of it
like() {
	local out

	out=$("${@:3}" 2>&1)
	if [[ $out =~ ^$2$ ]]; then pass "$1"; else fail "$1" "$out"; fi
}
# The ages differ by a second, or by some.
alike() { same "$1" "$(k "${@:2}" | no_age)" "$(svcctl "${@:2}" | no_age)"; }
no_age() { sed -E 's/ ([0-9]+m)?[0-9]*s\b/ s/; s/  */ /g; s/ *$//'; }

# ---- create, get, describe

pod=spring-boot-rest-pod-app
says "create a pod" "pod/$pod created" k create "${validate[@]}" -f sample-pod.yml
says "create a service" "service/clusterip-sample-service created" \
	k create "${validate[@]}" -f clusterip-sample-service.yml
refuse "create it again" 'services "clusterip-sample-service" already exists' \
	k create "${validate[@]}" -f clusterip-sample-service.yml
says "apply one that is new" "service/nodeport-sample-service created" \
	k apply "${validate[@]}" -f nodeport-sample-service.yml
says "apply it again" "service/nodeport-sample-service unchanged" \
	k apply "${validate[@]}" -f nodeport-sample-service.yml
sed -i 's/30303/30304/' nodeport-sample-service.yml
says "apply it changed" "service/nodeport-sample-service configured" \
	k apply "${validate[@]}" -f nodeport-sample-service.yml
says "what changed" 30304 k get svc nodeport-sample-service -o 'jsonpath={.spec.ports[0].nodePort}'
says "svcctl applies the same" "service/nodeport-sample-service unchanged" \
	svcctl apply -f nodeport-sample-service.yml
sed -i 's/30304/30305/' nodeport-sample-service.yml
says "svcctl applies it changed" "service/nodeport-sample-service configured" \
	svcctl apply -f nodeport-sample-service.yml
says "kubectl applies the same" "service/nodeport-sample-service unchanged" \
	k apply "${validate[@]}" -f nodeport-sample-service.yml
sed -i 's/30305/80/' nodeport-sample-service.yml
refuse "apply what is wrong" "spec.ports[0].nodePort: Invalid value: 80: provided port is not in" \
	k apply "${validate[@]}" -f nodeport-sample-service.yml
alike "get, wide" get services -o wide
alike "get in all namespaces" get services -A
alike "get pods" get pods -o wide
says "get names" "service/clusterip-sample-service
service/nodeport-sample-service" k get svc -o name
refuse "get what is not there" 'Error from server (NotFound): services "none" not found' \
	k get svc none
says "get nothing" "No resources found in default namespace." k get svc -l a=b
like "describe" "Name: +clusterip-sample-service
Namespace: +default
Labels: +<none>
Annotations: +<none>
Selector: +app=$pod
Type: +ClusterIP
IP Family Policy: +SingleStack
IP Families: +IPv4
IP: +10\.[0-9.]+
IPs: +10\.[0-9.]+
Port: +http +8080/TCP
TargetPort: +8080/TCP
Endpoints: +
?(<none>)?
?Session Affinity: +None
(Internal Traffic Policy: +Cluster
)?Events: +<none>" k describe svc clusterip-sample-service

# ---- a pod that becomes ready, as a kubelet would say it

in_ns "$node" kubectl --server "http://$bridge" get endpoints clusterip-sample-service -w \
	--no-headers >watched 2>&1 &
watcher=$!
expect "the watch begins" wait_for 20 grep -q '<none>' watched
status='{"status": {"phase": "Running", "podIP": "10.244.1.10", "hostIP": "192.168.56.151",
	"podIPs": [{"ip": "10.244.1.10"}], "conditions": [{"type": "Ready", "status": "True"}]}}'
refuse "wait for what does not come" "timed out waiting for the condition" \
	k wait pod "$pod" --for=condition=Ready --timeout=1s
expect "the pod's status" curl -sf -o /dev/null --unix-socket "$SVCD_SOCKET" -X PATCH \
	-H 'Content-Type: application/strategic-merge-patch+json' -d "$status" \
	"http://svcd/api/v1/namespaces/default/pods/$pod/status"
says "wait for what is there" "pod/$pod condition met" \
	k wait pod "$pod" --for=condition=Ready --timeout=20s
expect "the watch tells" wait_for 20 grep -q '10\.244\.1\.10:8080' watched
kill "$watcher"
expect "the kernel has it" wait_for 10 kernel_has default/clusterip-sample-service:http \
	10.244.1.10:8080

# ---- change

says "a strategic patch: the other port stays" "service/clusterip-sample-service patched" \
	k patch svc clusterip-sample-service -p \
	'{"spec": {"ports": [{"name": "more", "port": 9090, "targetPort": 8080}]}}'
says "both" "9090 8080" k get svc clusterip-sample-service -o 'jsonpath={.spec.ports[*].port}'
says "a JSON patch" "service/clusterip-sample-service patched" \
	k patch svc clusterip-sample-service --type=json \
	-p '[{"op": "remove", "path": "/spec/ports/0"}]'
refuse "one that does not fit" "The request is invalid" \
	k patch svc clusterip-sample-service --type=json \
	-p '[{"op": "remove", "path": "/spec/ports/7"}]'
says "a merge patch" "service/clusterip-sample-service patched" \
	k patch svc clusterip-sample-service --type=merge \
	-p '{"metadata": {"labels": {"tier": "a"}}}'
refuse "what may not change" "spec.clusterIPs[0]: Invalid value" \
	k patch svc clusterip-sample-service -p '{"spec": {"clusterIP": "10.96.3.3"}}'
says "edit" "service/clusterip-sample-service edited" env EDITOR="sed -i s/tier:.a/tier:\ b/" \
	ip netns exec "$node" kubectl --server "http://$bridge" edit "${validate[@]}" svc \
	clusterip-sample-service
says "by label" "service/clusterip-sample-service" k get svc -l 'tier in (b, c)' -o name
says "server-side apply" "service/nodeport-sample-service serverside-applied" \
	k apply "${validate[@]}" --server-side --force-conflicts \
	-f "$lib_repo/tests/walkthrough/nodeport-sample-service.yml"
says "a dry run" "service/dry created (server dry run)" \
	k create service clusterip dry --tcp=80 --dry-run=server
says "nothing came of it" "" k get svc dry --ignore-not-found
says "create by words" "service/words created" k create service nodeport words --tcp=80:8080
expect "kubectl's object is svcctl's" svcctl get svc words

# ---- what else its users type

gone='( from [a-z]+ namespace)?'
prune=--prune-allowlist
[ "$minor" -ge 26 ] || prune=--prune-whitelist
# set_of PORT [only]: a manifest of the service one, and of two
set_of() {
	printf 'kind: Service\napiVersion: v1\nmetadata: {name: %s, labels: {set: s}}\n' one
	printf 'spec: {selector: {app: a}, ports: [{name: h, port: %s}]}\n---\n' "$1"
	[ $# -eq 1 ] || return 0
	printf 'kind: Service\napiVersion: v1\nmetadata: {name: %s, labels: {set: s}}\n' two
	printf 'spec: {selector: {app: a}, ports: [{port: 80}]}\n'
}
says "may I?" yes k auth can-i delete services
expect "what there is to list" k api-resources --verbs=list
says "a page at a time" "service/clusterip-sample-service
service/nodeport-sample-service
service/words" k get svc --chunk-size=1 -o name
says "by field" "service/nodeport-sample-service
service/words" k get svc --field-selector spec.type=NodePort -o name
refuse "by a field that there is not" "field label not supported: spec.foo" \
	k get svc --field-selector spec.foo=bar
says "all" "service/words" k get all -l app=words -o name
like "in columns" "NAME +TYPE
words +NodePort" k get svc words -o custom-columns=NAME:.metadata.name,TYPE:.spec.type
expect "explain" k explain service.spec.ports.nodePort
refuse "explain what is not there" 'field "foo" does not exist' k explain service.spec.foo
says "label" "service/words labeled" k label svc words tier=c
refuse "label again" "already has a value (c), and --overwrite is false" k label svc words tier=d
says "label, whatever it was" "service/words labeled" k label svc words tier=d --overwrite
expect "annotate" k annotate svc words why=because
says "select" "service/words selector updated" k set selector svc words app=others
says "expose" "service/exposed exposed" k expose svc words --name=exposed --port=81
says "run" "pod/ran created" k run ran --image=none
refuse "there are no logs" 'svcd runs no Pods: "log" is not served' k logs ran
refuse "nothing is run in it" 'svcd runs no Pods: "exec" is not served' k exec ran -- ls
refuse "nothing is scaled" "could not find the requested resource" \
	k scale svc words --replicas=2
set_of 80 >set.yml
says "apply two" "service/one created
service/two created" k apply "${validate[@]}" -f set.yml
set_of 81 only >set.yml
refuse "the difference" "+    port: 81" k diff -f set.yml
says "apply one, and prune" "service/one configured
service/two pruned" k apply "${validate[@]}" -f set.yml --prune -l set=s "$prune=core/v1/Service"
like "what was applied" '.*"name": "h",[^}]*"port": 81[^}]*\}.*' \
	k apply view-last-applied svc one -o json
says "one says it" "service/one serverside-applied" k apply "${validate[@]}" --server-side \
	--force-conflicts --field-manager=a -f set.yml
set_of 81 only | sed 's/app: a/app: b/' >other.yml
refuse "another says otherwise" 'conflict with "a": .spec.selector' \
	k apply "${validate[@]}" --server-side --field-manager=b -f other.yml
says "and means it" "service/one serverside-applied" k apply "${validate[@]}" --server-side \
	--force-conflicts --field-manager=b -f other.yml
like "delete two kinds at once" "service \"exposed\" deleted$gone
pod \"ran\" deleted$gone" k delete svc/exposed pod/ran --now
says "replace what is not there" "service/exposed replaced" k replace "${validate[@]}" -f - \
	<<<"$(service exposed)"
like "replace it by force" "service \"exposed\" deleted$gone
service/exposed replaced" k replace "${validate[@]}" --force -f - <<<"$(service exposed)"
says "a namespace" "namespace/shop created" k create namespace shop
says "a service in it" "service/inside created" k create service clusterip inside --tcp=80 -n shop
like "it goes with it" 'namespace "shop" deleted' k delete namespace shop
says "all gone" "" k get svc inside -n shop --ignore-not-found
like "delete what is labelled" "service \"one\" deleted$gone" \
	k delete svc -l set=s --cascade=foreground
like "delete by field" "service \"exposed\" deleted$gone" \
	k delete svc --field-selector metadata.name=exposed

# ---- delete

in_ns "$node" kubectl --server "http://$bridge" wait --for=delete svc/words --timeout=60s \
	>waited 2>&1 &
waiter=$!
like "delete" 'service "words" deleted( from default namespace)?' k delete svc words
expect "who waits for it ends" wait "$waiter"
like "delete by label" 'service "clusterip-sample-service" deleted( from default namespace)?' \
	k delete svc -l tier=b
expect "the kernel follows" wait_for 10 kernel_has_not default/clusterip-sample-service:more
refuse "delete it again" 'services "clusterip-sample-service" not found' \
	k delete svc clusterip-sample-service
like "delete what a file names" 'pod "'$pod'" deleted( from default namespace)?' \
	k delete -f sample-pod.yml
finish
