#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# svcd and the module: what an object becomes in the kernel; and svcd stopped,
# killed in the middle of its work, started again, the module removed and
# loaded again, all under traffic. Nothing acknowledged is lost, and what stands
# goes on.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"
. "$(dirname "$0")/svcd.bash"

needs ip svcctl svcd jq curl
begin
node_up
server "$pod1" tcp "${pod1_ip[4]}" 8080 one || fail "server one"
server "$pod2" tcp "${pod2_ip[4]}" 8080 two || fail "server two"

expect "something added by hand" svc add service hand/own tcp --frontend 10.96.255.1:80 \
	--endpoint "${pod2_ip[4]}:8080"
expect "svcd starts" svcd_start
expect "a service" make_object "$(service web NodePort)"
expect "its endpoints" make_object "$(endpoints web "${pod1_ip[4]}")"
web=$(cluster_ip web)
port=$(svcctl get service web -o json | jq -r '.spec.ports[0].nodePort')
expect "come to the kernel" wait_for 5 kernel_has default/web "${pod1_ip[4]}:8080"
expect "it answers at its ClusterIP" ask "$client" tcp "$web" 80 one
expect "and at its NodePort" ask "$client" tcp "${node_ip[4]}" "$port" one
refuse "a NodePort that is taken is refused" "provided port is already allocated" \
	make_object "$(service other NodePort | jq ".spec.ports[0].nodePort = $port")"
held conn "$client" tcp "$web" 80 || fail "a connection to hold"

expect "other endpoints" replace_endpoints web "${pod2_ip[4]}"
expect "come to the kernel too" wait_for 5 kernel_has default/web "${pod2_ip[4]}:8080"
expect "new connections go there" ask "$client" tcp "$web" 80 two
expect "the old one stays" held_ask "$conn" "still there"

# What others do to services of svcd's is put right; what is theirs is left alone.
expect "somebody deletes the service" svc del service default/web tcp --any-owner
expect "svcd puts it back" wait_for 5 kernel_has default/web "${pod2_ip[4]}:8080"
expect "somebody takes its endpoint" svc del endpoint default/web tcp "${pod2_ip[4]}:8080" \
	--any-owner
expect "svcd puts it back too" wait_for 10 kernel_has default/web "${pod2_ip[4]}:8080"
expect "one of svcd's that no Service asks for" svc add service default/stray tcp \
	--owner svcd --frontend 10.96.255.3:80
expect "goes" wait_for 5 kernel_has_not default/stray
expect "what was added by hand stays" ask "$client" tcp 10.96.255.1 80 two
expect "the old connection stays" held_ask "$conn" "after all that"
expect "svcd says that all is well" wait_for 5 svcctl status
top() { svc top default/web --once -d 1 -j | jq -e '.services[0].name == "default/web"'; }
expect "rates" top

# svcd goes and comes; the kernel keeps its state.
before=$(svc show -j)
expect "svcd stops" svcd_stop TERM
same "the kernel is as it was" "$before" "$(svc show -j)"
expect "traffic does not notice" ask "$client" tcp "$web" 80 two
expect "svcd starts again" svcd_start
same "the kernel is as it was, by ids too" "$before" "$(svc show -j)"
expect "svcd is killed" svcd_stop KILL
expect "traffic does not notice" ask "$client" tcp "$web" 80 two
expect "a service of svcd's that nobody wants" svc add service default/stale tcp \
	--owner svcd --frontend 10.96.255.2:80 --endpoint "${pod1_ip[4]}:8080"
expect "svcd starts after the kill" svcd_start
refuse "and sweeps it away" "" svc show default/stale
expect "what was added by hand stays" ask "$client" tcp 10.96.255.1 80 two

# Killed in the middle of creates: what was acknowledged is there afterwards.
for ((i = 0; i < 40; i++)); do
	make_object "$(service "many$i")" >>"$lib_scratch/acked" 2>/dev/null || break
	[ "$i" -ne 15 ] || svcd_kill KILL
done
acked=$(grep -c ' created$' "$lib_scratch/acked")
expect "svcd was killed in the middle of creates" test "$acked" -ge 15 -a "$acked" -lt 40
expect "svcd starts after that" svcd_start
lost=0
while read -r line; do
	name=${line#service/}
	ip=$(cluster_ip "${name% created}")
	[[ $ip == 10.* ]] || lost=$((lost + 1))
done <"$lib_scratch/acked"
same "none of the $acked acknowledged is lost" 0 "$lost"
all_in_kernel() {
	[ "$(svc show --owner svcd -j | jq length)" = \
		"$(svcctl get services -o json | jq '.items | length')" ]
}
expect "and all are in the kernel" wait_for 5 all_in_kernel

# The module goes and comes.
held second "$client" tcp "$web" 80 || fail "a second connection to hold"
expect "rmmod" unload_module
expect "the connections go on" held_ask "$conn" "without the module"
expect "both" held_ask "$second" "without the module"
expect "svcd still answers" svcctl get services
not_ready() { ! svcd_ready; }
expect "but is not ready" wait_for 5 not_ready
refuse "and says so" "module      not loaded" svcctl status
expect "insmod" load_module
expect "svcd fills it again" wait_for 10 kernel_has default/web "${pod2_ip[4]}:8080"
expect "it is ready" wait_for 5 svcd_ready
expect "new connections" ask "$client" tcp "$web" 80 two
expect "and the old ones" held_ask "$conn" "with the module again"

expect "the service is deleted" svcctl delete service web
no_such() { ! svc show default/web >/dev/null 2>&1; }
expect "in the kernel too" wait_for 5 no_such
expect "its address is nobody's" unanswered "$client" tcp "$web" 80
expect "its connection goes on" held_ask "$conn" "and still"

finish
