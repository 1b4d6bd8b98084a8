#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What can be seen from outside: the events as they come, in their order and only
# in their namespace, and what is said when some are lost; the tracepoint with its
# verdicts; save and restore, byte for byte. The counters are in verdicts.sh, change.sh
# and records.sh.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"

needs ip svcctl jq
begin
node_up
events=$lib_scratch/events
elsewhere=$lib_scratch/elsewhere
for f in "${families[@]}"; do
	server "$pod1" tcp "${pod1_ip[$f]}" 8080 one || fail "server IPv$f"
done

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
foreign=$(wc -l <"$elsewhere")

declare -A range=([4]=192.168.0.0/16 [6]=fd50::/32)
declare -A more_ip=([4]=10.9.9.9 [6]=fd09::9)
# web FAMILY [OPTION...]
web() {
	local f=$1

	svc add service "test/web$f" tcp --scheduler maglev --affinity 60 --external-local \
		--frontend "loadbalancer:$(at "${lb_ip[$f]}" 80)" --source-range "${range[$f]}" \
		--endpoint "$(at "${pod1_ip[$f]}" 8080),local" \
		--endpoint "$(at "${pod2_ip[$f]}" 8080),weight=7" "${@:2}"
}
changes() {
	local f=$1 n=test/web$1 known shown more

	known=$(wc -l <"$events")
	more=$(at "${more_ip[$f]}" 99)
	expect "IPv$f: a service" web "$f"
	shown=$(svc show "$n" -j | jq -c '.[0]')
	expect "IPv$f: the same again" web "$f" --replace
	expect "IPv$f: an endpoint more" svc add endpoint "$n" tcp "$more,drain"
	expect "IPv$f: and away" svc del endpoint "$n" tcp "$more"
	refuse "IPv$f: a change that is refused" "has no endpoint" svc del endpoint "$n" tcp "$more"
	expect "IPv$f: settings" svc settings masquerade-all on
	expect "IPv$f: delete" svc del service "$n" tcp
	expect "IPv$f: two to be flushed" svc add service test/a tcp \
		--frontend "$(at "${vip[$f]}" 80)"
	expect "IPv$f: the other" svc add service test/b tcp --frontend "$(at "${vip[$f]}" 81)"
	expect "IPv$f: flush" svc flush
	expect "IPv$f: a last one" svc settings masquerade-all off
	expect "IPv$f: all of them were heard" wait_for 10 lines "$events" $((known + 10))
	tail -n +$((known + 1)) "$events" >"$events.new"
	same "IPv$f: each once, in the order of the changes, and nothing of what changed nothing" \
		"service-set endpoint-set endpoint-del settings-set service-del service-set $(
		)service-set service-del service-del settings-set" \
		"$(jq -r .event "$events.new" | paste -sd' ')"
	same "IPv$f: a service as show shows it" "$(jq -cS . <<<"$shown")" \
		"$(jq -cS --arg name "$n" \
			'select(.event == "service-set" and .service.name == $name).service' \
			"$events.new")"
	same "IPv$f: the endpoint that came" "${more_ip[$f]} 99" \
		"$(jq -r 'select(.event == "endpoint-set").service.endpoints[] |
			"\(.address) \(.port)"' "$events.new")"
}
for f in "${families[@]}"; do
	changes "$f"
done
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

# Who does not read in time is told that something was lost, and hears what comes next.
# There is room for 16 MiB: a service of 2,500 endpoints, told 300 times, is more.
slow=$lib_scratch/slow
monitors=()
for json in "" -j; do
	ip netns exec "$node" svcctl monitor $json >"$slow$json" 2>&1 &
	monitors+=($!)
	at_exit eval "kill -KILL $! 2>/dev/null"
	expect "a listener${json:+ with $json}" wait_for 20 heard_settings "$node" "$slow$json"
done
kill -STOP "${monitors[@]}"
expect "they do not read while a large service changes 300 times" \
	in_ns "$node" "$lib_repo/build/tests/svcnl" large 300
kill -CONT "${monitors[@]}"
expect "one says that" wait_for 20 grep -qx \
	"events were lost: they came faster than they were read" "$slow"
expect "the other one, too" wait_for 20 grep -qx '{"event":"lost"}' "$slow-j"
expect "what had come before is old then, and not told" eval \
	"! grep -q large '$slow' '$slow-j'"
expect "all of them go" svc flush --owner svcnl
expect "a service after that" svc add service test/after tcp --frontend 10.96.1.9:80
expect "is heard" wait_for 10 grep -q test/after "$slow"
expect "by both" wait_for 10 grep -q test/after "$slow-j"
kill -TERM "${monitors[@]}"
wait "${monitors[@]}"
same "they end well" 0 $?
svc del service test/after tcp || fail "delete"

# The tracepoint. IPv4 in the form that it has in IPv6.
tracing=/sys/kernel/tracing
declare -A mapped=([4]=::ffff: [6]="")
traced() {
	local f=$1 switch=$tracing/events/svcnat/svcnat_verdict/enable

	expect "IPv$f: a service with an endpoint" svc add service test/web tcp \
		--frontend "$(at "${vip[$f]}" 80)" --endpoint "$(at "${pod1_ip[$f]}" 8080)"
	expect "IPv$f: a connection that nobody traces" ask "$client" tcp "${vip[$f]}" 80 one
	echo 1 >$switch
	expect "IPv$f: one that is traced" ask "$client" tcp "${vip[$f]}" 80 one
	expect "IPv$f: one that is refused" refused "$client" tcp "${vip[$f]}" 81
	echo 0 >$switch
	# the client's own namespace has it too, and lets it pass
	same "IPv$f: the trace has its verdict" \
		"dst=[${mapped[$f]}${vip[$f]}]:80 verdict=dnat reason=endpoint service=test/web $(
		)endpoint=[${mapped[$f]}${pod1_ip[$f]}]:8080" \
		"$(sed -n 's/.* \(dst=.*:80 verdict=dnat .*\)/\1/p' $tracing/trace)"
	same "IPv$f: and the refusal" "verdict=reject reason=undefined-port" \
		"$(grep -o 'verdict=reject reason=[a-z-]*' $tracing/trace)"
	echo >$tracing/trace
}
[ -d $tracing/events ] || mount -t tracefs tracefs $tracing 2>/dev/null
if [ -d $tracing/events/svcnat/svcnat_verdict ]; then
	for f in "${families[@]}"; do
		traced "$f"
	done
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
