#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Changes: all at once or not at all, only to what they name, and unseen by
# connections that stand.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"

needs ip svcctl jq
begin
node_up
server "$pod1" tcp "${pod1_ip[4]}" 8080 one || fail "server one"
server "$pod2" tcp "${pod2_ip[4]}" 8080 two || fail "server two"

expect "add" svc add service test/web tcp --frontend "${vip[4]}:80" \
	--endpoint "${pod1_ip[4]}:8080"
held conn "$client" tcp "${vip[4]}" 80 || fail "a connection to hold"

refuse "the same once more is refused" "the service exists" \
	svc add service test/web tcp --frontend "${vip[4]}:80" --endpoint "${pod2_ip[4]}:8080"
expect "and changed nothing" ask "$client" tcp "${vip[4]}" 80 one

refuse "another service cannot take the address" \
	"${vip[4]}:80/TCP is taken by service 'test/web' of owner 'hand'" \
	svc add service test/thief tcp --frontend 10.96.0.99:80 --frontend "${vip[4]}:80" \
	--endpoint "${pod2_ip[4]}:8080"
expect "nor keep the address that was free" unanswered "$client" tcp 10.96.0.99 80
same "the table is as it was" "1 1 1" "$(table_counts)"
expect "the same address with another protocol is another frontend" \
	svc add service test/thief udp --frontend "${vip[4]}:80"
expect "delete it" svc del service test/thief udp

expect "replace: another address, another endpoint" svc add service test/web tcp --replace \
	--frontend 10.96.0.11:80 --frontend external:203.0.113.10:80 \
	--endpoint "${pod2_ip[4]}:8080"
expect "the new address leads to the new endpoint" ask "$client" tcp 10.96.0.11 80 two
expect "the old address is nobody's" unanswered "$client" tcp "${vip[4]}" 80
expect "the connection through it goes on" held_ask "$conn" "still there"
expect "another kind for the same address" svc add service test/web tcp --replace \
	--frontend 10.96.0.11:80 --frontend loadbalancer:203.0.113.10:80 \
	--endpoint "${pod2_ip[4]}:8080"
same "is shown" "cluster loadbalancer" \
	"$(svc show -j | jq -r '[.[0].frontends[].kind] | sort | join(" ")')"
expect "and works" ask "$client" tcp 203.0.113.10 80 two

refuse "an endpoint twice" "${pod1_ip[4]}:8080 stands twice" \
	svc add service test/twice tcp --frontend 10.96.0.12:80 \
	--endpoint "${pod1_ip[4]}:8080" --endpoint "${pod1_ip[4]}:8080"
refuse "a frontend twice" "10.96.0.12:80/TCP stands twice" \
	svc add service test/twice tcp --frontend 10.96.0.12:80 --frontend external:10.96.0.12:80
same "changed nothing" "1 2 1" "$(table_counts)"

# Owners.
refuse "another owner's service cannot be replaced" "belongs to owner 'hand'" \
	svc add service test/web tcp --replace --owner other --frontend 10.96.0.11:80
refuse "nor deleted" "belongs to owner 'hand'" svc del service test/web tcp --owner other
expect "a service of another owner" svc add service test/other tcp --owner other \
	--frontend 10.96.0.13:80
expect "flush that owner" svc flush --owner other
same "deleted only its own" "test/web" "$(svc show -j | jq -r '[.[].name] | join(" ")')"

# Limits.
expect "a limit" svc settings max-services 1
refuse "refuses the next by name" "max-services" \
	svc add service test/more tcp --frontend 10.96.0.14:80
expect "but not a change" svc add service test/web tcp --replace \
	--frontend 10.96.0.11:80 --endpoint "${pod1_ip[4]}:8080"
expect "no limit" svc settings max-services 100 max-endpoints 2
refuse "too many endpoints" "max-endpoints" svc add service test/more tcp \
	--frontend 10.96.0.14:80 --endpoint 10.0.0.1:1 --endpoint 10.0.0.2:1
same "changed nothing" "1 1 1" "$(table_counts)"

# Replaced back and forth while connections are made: none fails.
expect "a service on the node's way" svc add service test/busy tcp --frontend 10.96.0.20:80 \
	--endpoint "${pod1_ip[4]}:8080"
client "$client" tcp 10.96.0.20 80 --count 400 --timeout 60 >"$lib_scratch/busy" 2>&1 &
busy=$!
replaced=0
while kill -0 $busy 2>/dev/null; do
	for ep in "${pod2_ip[4]}" "${pod1_ip[4]}"; do
		svc add service test/busy tcp --replace --frontend 10.96.0.20:80 \
			--frontend "external:203.0.113.$((replaced % 200 + 20)):80" \
			--endpoint "$ep:8080" && replaced=$((replaced + 1))
	done
done
wait $busy
same "400 connections while it is replaced $replaced times: all are answered" 400 \
	"$(grep -c -e '^one ' -e '^two ' "$lib_scratch/busy")"
expect "it was replaced more than once" test "$replaced" -gt 2

expect "flush" svc flush
same "leaves nothing" "0 0 0" "$(table_counts)"
expect "but the connection" held_ask "$conn" "and still"

finish
