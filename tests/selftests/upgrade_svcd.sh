#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# "svcctl upgrade" while svcd is at work, while it stands still, and while there is
# none: its services and those made by hand are all there afterwards, once, established
# connections go on, and what svcd is told next comes to the new module.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"
. "$(dirname "$0")/conns.bash"
. "$(dirname "$0")/svcd.bash"

needs ip svcctl svcd jq curl
begin
node_up
for f in "${families[@]}"; do
	server "$pod1" tcp "${pod1_ip[$f]}" 8080 one || fail "server one IPv$f"
	server "$pod2" tcp "${pod2_ip[$f]}" 8080 two || fail "server two IPv$f"
done

expect "something added by hand" svc add service hand/own tcp --frontend 10.96.255.1:80 \
	--endpoint "${pod2_ip[4]}:8080"
expect "svcd starts" svcd_start --service-cidr fd96::/108 --pod-cidr "${pod_cidr[6]}"
svcd_pid=$(<"$svcd_dir/pid")
declare -A web=() port=()
for f in "${families[@]}"; do
	expect "a service, IPv$f" make_object \
		"$(service "web$f" NodePort | jq ".spec.ipFamilies = [\"IPv$f\"]")"
	expect "its endpoints" make_object "$(endpoints "web$f" "${pod1_ip[$f]}")"
	web[$f]=$(cluster_ip "web$f")
	port[$f]=$(node_port "web$f")
	expect "come to the kernel" wait_for 5 kernel_has "default/web$f" "${pod1_ip[$f]}:8080"
	held "cluster$f" "$client" tcp "${web[$f]}" 80 || fail "a connection, IPv$f"
	held "port$f" "$client" tcp "${node_ip[$f]}" "${port[$f]}" || fail "a NodePort's, IPv$f"
done
kinds=(cluster4 port4 cluster6 port6)
expect "${#kinds[@]} connections" all_answer

saved() { svc save | grep -v '^#'; }
before=$(saved)
as_before() { [ "$(saved)" = "$before" ] || { diff <(echo "$before") <(saved); return 1; }; }
# again: all is there, by whomever it was brought back
again() {
	expect "all services are there, each once" wait_for 10 as_before
	expect "the connections go on" all_answer
	for f in "${families[@]}"; do
		expect "new ones, IPv$f" ask "$client" tcp "${web[$f]}" 80 one
		expect "through the NodePort, IPv$f" ask "$client" tcp "${node_ip[$f]}" \
			"${port[$f]}" one
	done
	expect "what was added by hand, too" ask "$client" tcp 10.96.255.1 80 two
}
which_one() { command stat -c %i /sys/module/svcnat; }

# ---- at work, with new connections all the while

(while client "$client" tcp "${web[4]}" 80 --timeout 20; do :; done) >"$lib_scratch/busy" 2>&1 &
busy=$!
at_exit eval "kill $busy 2>/dev/null"
answers() { [ "$(grep -c '^one ' "$lib_scratch/busy")" -ge "$1" ]; }
expect "a client that connects all the time" wait_for 10 answers 3
known=$(which_one)
expect "upgrade" svcctl upgrade --force "$SVCNAT_KO"
expect "it is another module" test "$(which_one)" != "$known"
again
n=$(grep -c '^one ' "$lib_scratch/busy")
expect "the client goes on" wait_for 20 answers $((n + 3))
kill $busy
wait $busy 2>/dev/null
same "each of its connections was answered" "" "$(grep -v '^one ' "$lib_scratch/busy")"
expect "svcd is the same process" kill -0 "$svcd_pid"
expect "and is ready" wait_for 10 svcd_ready
for f in "${families[@]}"; do
	expect "it is told of another endpoint, IPv$f" replace_endpoints "web$f" "${pod2_ip[$f]}"
	expect "the new module has it" wait_for 5 kernel_has "default/web$f" "${pod2_ip[$f]}:8080"
	expect "new connections go there" ask "$client" tcp "${web[$f]}" 80 two
	expect "and back" replace_endpoints "web$f" "${pod1_ip[$f]}"
	expect "likewise" wait_for 5 kernel_has "default/web$f" "${pod1_ip[$f]}:8080"
done

# ---- it stands still, and has to find out later

expect "svcd stands still" svcd_kill STOP
expect "upgrade" svcctl upgrade --force "$SVCNAT_KO"
again
expect "svcd goes on" svcd_kill CONT
expect "it is ready" wait_for 10 svcd_ready
expect "all is as it was" as_before
expect "a service is deleted" svcctl delete service web6
expect "the new module heard of it" wait_for 5 kernel_has_not default/web6
expect "its address is nobody's" unanswered "$client" tcp "${web[6]}" 80
families=(4)
before=$(saved)

# ---- there is none

expect "svcd stops" svcd_stop TERM
expect "upgrade" svcctl upgrade --force "$SVCNAT_KO"
again
shown=$(svc show -j)
expect "svcd starts" svcd_start --service-cidr fd96::/108 --pod-cidr "${pod_cidr[6]}"
same "and has nothing to do" "$shown" "$(svc show -j)"
expect "the connections go on" all_answer

finish
