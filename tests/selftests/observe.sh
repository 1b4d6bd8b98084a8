#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What can be seen from outside: the events as they come, in their order and only
# in their namespace; the tracepoint with its verdicts; save and restore, byte for
# byte. The counters are in verdicts.sh, change.sh and records.sh.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"

needs ip svcctl jq
begin
node_up
events=$lib_scratch/events
elsewhere=$lib_scratch/elsewhere
server "$pod1" tcp "${pod1_ip[4]}" 8080 one || fail "server"

# listen NS FILE: svcctl monitor; it listens once a change of the settings comes through
listen() {
	ip netns exec "$1" svcctl monitor -j >"$2" 2>&1 &
	at_exit eval "kill $! 2>/dev/null"
	listener=$!
	wait_for 20 heard_settings "$1" "$2"
}
heard_settings() { in_ns "$1" svcctl settings echo on && [ -s "$2" ]; }
lines() { [ "$(wc -l <"$1")" -ge "$2" ]; }

expect "a listener" listen "$node" "$events"
monitor=$listener
expect "one in another namespace" listen "$client" "$elsewhere"
known=$(wc -l <"$events")
foreign=$(wc -l <"$elsewhere")

expect "a service" svc add service test/web tcp --scheduler maglev --affinity 60 \
	--external-local --frontend "loadbalancer:${lb_ip[4]}:80" --source-range 192.168.0.0/16 \
	--endpoint "${pod1_ip[4]}:8080,local" --endpoint "${pod2_ip[4]}:8080,weight=7"
shown=$(svc show test/web -j | jq -c '.[0]')
expect "the same again" svc add service test/web tcp --replace --scheduler maglev --affinity 60 \
	--external-local --frontend "loadbalancer:${lb_ip[4]}:80" --source-range 192.168.0.0/16 \
	--endpoint "${pod1_ip[4]}:8080,local" --endpoint "${pod2_ip[4]}:8080,weight=7"
expect "an endpoint more" svc add endpoint test/web tcp 10.9.9.9:99,drain
expect "and away" svc del endpoint test/web tcp 10.9.9.9:99
refuse "a change that is refused" "has no endpoint" svc del endpoint test/web tcp 10.9.9.9:99
expect "settings" svc settings masquerade-all on
expect "delete" svc del service test/web tcp
expect "two to be flushed" svc add service test/a tcp --frontend 10.96.1.1:80
expect "the other" svc add service test/b tcp --frontend 10.96.1.2:80
expect "flush" svc flush
expect "a last one" svc settings masquerade-all off
expect "all of them were heard" wait_for 10 lines "$events" $((known + 10))
same "each once, in the order of the changes, and nothing of what changed nothing" \
	"service-set endpoint-set endpoint-del settings-set service-del service-set service-set $(
	)service-del service-del settings-set" \
	"$(tail -n +$((known + 1)) "$events" | jq -r .event | paste -sd' ')"
same "a service as show shows it" "$(jq -cS . <<<"$shown")" \
	"$(jq -cS 'select(.event == "service-set" and .service.name == "test/web").service' \
		"$events")"
same "the endpoint that came" "10.9.9.9 99" \
	"$(jq -r 'select(.event == "endpoint-set").service.endpoints[] |
		"\(.address) \(.port)"' "$events")"
same "nothing in the other namespace" "$foreign" "$(wc -l <"$elsewhere")"
kill -TERM "$monitor"
wait "$monitor"
same "a monitor that is ended ends well" 0 $?

# 1,000 endpoints do not fit into one message: the event is one all the same.
expect "a listener again" listen "$node" "$events"
# shellcheck disable=SC2046 # words
expect "1,000 endpoints" svc add service test/many tcp --frontend 10.96.1.3:80 \
	$(seq 1 1000 | awk '{ printf "--endpoint 10.50.%d.%d:80 ", $1 / 250, $1 % 250 + 1 }')
large() {
	[ "$(jq 'select(.service.name == "test/many").service.endpoints | length' "$events")" \
		= 1000 ]
}
expect "one event with all of them" wait_for 10 large

# The tracepoint.
tracing=/sys/kernel/tracing
[ -d $tracing/events ] || mount -t tracefs tracefs $tracing 2>/dev/null
if [ -d $tracing/events/svcnat/svcnat_verdict ]; then
	expect "a service with an endpoint" svc add service test/web tcp \
		--frontend "${vip[4]}:80" --endpoint "${pod1_ip[4]}:8080"
	expect "a connection that nobody traces" ask "$client" tcp "${vip[4]}" 80 one
	echo 1 >$tracing/events/svcnat/svcnat_verdict/enable
	expect "one that is traced" ask "$client" tcp "${vip[4]}" 80 one
	expect "one that is refused" refused "$client" tcp "${vip[4]}" 81
	echo 0 >$tracing/events/svcnat/svcnat_verdict/enable
	# the client's own namespace has it too, and lets it pass
	traced=$(grep -o "dst=\[::ffff:${vip[4]}\]:80 verdict=dnat .*" $tracing/trace)
	same "the trace has its verdict" \
		"dst=[::ffff:${vip[4]}]:80 verdict=dnat reason=endpoint service=test/web $(
		)endpoint=[::ffff:${pod1_ip[4]}]:8080" \
		"$traced"
	same "and the refusal" "verdict=reject reason=undefined-port" \
		"$(grep -o 'verdict=reject reason=[a-z-]*' $tracing/trace)"
else
	skip "tracepoint" "no tracefs in this kernel"
fi
# But for what the kernel itself shows of any module.
ours() {
	find /proc/net/ /proc/sys /proc/fs /sys -xdev -name '*svcnat*' \
		-not -path '*/holders/*' -not -path /sys/module/svcnat 2>/dev/null
}
same "neither /proc nor sysfs have anything of it" "" "$(ours)"
expect "nor any parameter" test ! -e /sys/module/svcnat/parameters

# Save and restore.
expect "all that a service can have" svc add service test/all udp --scheduler source \
	--affinity 5 --internal-local --external-local --reset --account \
	--frontend "[${vip[6]}]:53" --frontend "external:[${external_ip[6]}]:53" \
	--frontend "loadbalancer:[${lb_ip[6]}]:53" --frontend nodeport:30053 \
	--source-range fd50::/64 --source-range 2001:db8::/32 --owner somebody \
	--endpoint "[${pod1_ip[6]}]:53,local-only,weight=256" \
	--endpoint "[${pod2_ip[6]}]:53,drain,weight=0"
for s in hash rr maglev leastconn; do
	expect "$s" svc add service "test/$s" sctp --scheduler "$s" \
		--frontend "loadbalancer:192.0.2.$((++at)):80" --source-range 10.0.0.0/8 \
		--endpoint 10.244.1.1:80,weight=2 --endpoint 10.244.1.2:80,local
done
expect "settings too" svc settings pod-cidrs 10.244.0.0/16,fd44::/16 service-cidrs 10.96.0.0/16 \
	nodeport-cidrs 192.168.50.0/24 external-cidrs "${external_ip[4]}/32,2001:db8::/32" \
	loopback-nodeports on masquerade-all on echo off armed on max-services 71 \
	max-frontends 72 max-endpoints 73 max-affinity 75 max-connections 76 max-ranges 77
svc save >"$lib_scratch/first"
expect "restored over itself" svc restore "$lib_scratch/first"
svc save >"$lib_scratch/second"
expect "the same, byte for byte" cmp "$lib_scratch/first" "$lib_scratch/second"
expect "into an empty kernel" in_ns "$pod1" svcctl restore "$lib_scratch/first"
in_ns "$pod1" svcctl save >"$lib_scratch/third"
expect "the same there" cmp "$lib_scratch/first" "$lib_scratch/third"
sed 's/--affinity 5/--affinity 0/' "$lib_scratch/first" >"$lib_scratch/bad"
refuse "a bad line is named" "bad:" svc restore "$lib_scratch/bad"
svc save >"$lib_scratch/second"
expect "and changes nothing" cmp "$lib_scratch/first" "$lib_scratch/second"
head -3 "$lib_scratch/first" >"$lib_scratch/cut"
refuse "what was cut off is refused" "cut" svc restore "$lib_scratch/cut"

finish
