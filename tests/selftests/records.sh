#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Connection records: packets and bytes of each endpoint are what passed, to the
# last one; active connections; leastconn, which goes by them. Who does not ask
# has none, their number is bounded, and they hold nothing up.
#
# What passed is counted twice by others: by nft on the way to the pod, and by
# conntrack, as "conntrack -L" shows it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"

needs ip svcctl jq nft conntrack ss
begin
node_up

for f in "${families[@]}"; do
	for p in tcp udp; do
		server "$pod1" "$p" "${pod1_ip[$f]}" 8080 one || fail "server one $p IPv$f"
	done
done
server "$pod2" tcp "${pod2_ip[4]}" 8080 two || fail "server two"

# to and from count what goes to port 8080 and comes from there; drop: a pod's policy.
in_ns "$node" nft -f - <<-'EOF' || fail "nft rules"
	table inet watch {
		counter to {}
		counter from {}
		chain pod {}
		chain forward {
			type filter hook forward priority 0;
			meta l4proto { tcp, udp } th dport 8080 counter name to jump pod
			meta l4proto { tcp, udp } th sport 8080 counter name from
		}
	}
EOF

# add NAME PROTO FAMILY PORT [OPTION...]: one endpoint
add() {
	svc add service "$1" "$2" --replace --frontend "$(at "${vip[$3]}" "$4")" \
		--endpoint "$(at "${pod1_ip[$3]}" 8080)" "${@:5}"
}

# add_two NAME PORT [OPTION...]: TCP, IPv4, two endpoints
add_two() {
	svc add service "$1" tcp --replace --frontend "${vip[4]}:$2" \
		--endpoint "${pod1_ip[4]}:8080" --endpoint "${pod2_ip[4]}:8080" "${@:3}"
}

# of NAME MEMBER...: of the first endpoint, in one line
of() {
	svc stats services "$1" -j | jq -r --args '.[0].endpoints[0] as $e |
		[$ARGS.positional[] | $e[.] | tostring] | join(" ")' "${@:2}"
}
traffic() { of "$1" packetsTo bytesTo packetsFrom bytesFrom; }
active() { of "$1" active; }
actives() {
	svc stats services "$1" -j | jq -r '[.[0].endpoints[].active | tostring] | join(" ")'
}
records() { field connections "$(svc settings -j)"; }
says() { local wanted=$1; shift; [ "$("$@")" = "$wanted" ]; }

passed() {
	in_ns "$node" nft -j list counters table inet watch | jq -r '
		[.nftables[].counter // empty] | INDEX(.name) |
		"\(.to.packets) \(.to.bytes) \(.from.packets) \(.from.bytes)"'
}
passed_reset() { in_ns "$node" nft reset counters table inet watch >/dev/null; }

# Of all entries of conntrack to that port, the same four numbers.
tracked() {
	in_ns "$node" conntrack -L -p "$1" --orig-port-dst "$3" -f "ipv$2" 2>/dev/null |
		grep -o 'packets=[0-9]* bytes=[0-9]*' | tr -c '0-9\n' ' ' |
		awk '{ i = NR % 2; p[i] += $1; b[i] += $2 }
			END { print p[1] + 0, b[1] + 0, p[0] + 0, b[0] + 0 }'
}

# agree NAME PROTO FAMILY PORT: do all three?
agree() {
	local t

	t=$(traffic "$1")
	[ "$t" = "$(passed)" ] && [ "$t" = "$(tracked "${@:2}")" ]
}
what_each_says() {
	echo "svcnat $(traffic "$1"), nft $(passed), conntrack $(tracked "${@:2}")"
}

# The last packets of a connection may still be on their way.
agreed() {
	local name=$1

	shift
	if wait_for 5 agree "$@"; then pass "$name"; else fail "$name" "$(what_each_says "$@")"; fi
}

# The client of a held connection ends: by its port, which the server has told. (What
# it reads from is also open in those that came after it.)
unheld() {
	local port pid

	read -r _ _ port _ <"$1/out"
	pid=$(in_ns "$client" ss -Htnp "sport = :$port" | sed 's/.*pid=\([0-9]*\).*/\1/')
	[ -n "$pid" ] && kill "$pid"
}

end_tracked() { in_ns "$node" conntrack -D "$@" >/dev/null 2>&1; }

# ---- packets and bytes

same "conntrack counts nothing by itself here" 0 \
	"$(in_ns "$node" sysctl -n net.netfilter.nf_conntrack_acct)"
# counted PROTO FAMILY
counted() {
	local n=test/$1$2

	expect "$1 IPv$2" add "$n" "$1" "$2" 80 --account
	end_tracked -f "ipv$2"
	passed_reset
	same "it starts at nothing" "0 0 0 0" "$(traffic "$n")"
	expect "five connections" ask "$client" "$1" "${vip[$2]}" 80 one --count 5
	agreed "packets and bytes are those that passed" "$n" "$1" "$2" 80
	expect "it goes" svc del service "$n" "$1" --family "$2"
}
for f in "${families[@]}"; do
	for p in tcp udp; do
		counted "$p" "$f"
	done
done
in_ns "$node" sysctl -qw net.netfilter.nf_conntrack_acct=1
counted tcp 4
counted udp 4
in_ns "$node" sysctl -qw net.netfilter.nf_conntrack_acct=0
end_tracked
end_tracked -f ipv6

expect "a datagram each way" add test/known udp 4 80 --account
passed_reset
expect "ten of six bytes" ask "$client" udp "${vip[4]}" 80 one --sport 20100 --count 10
same "are 34 bytes long with their headers" "10 340" "$(of test/known packetsTo bytesTo)"
same "ten were answered" 10 "$(of test/known packetsFrom)"

expect "a stream" add test/stream tcp 4 81 --account
passed_reset
held stream "$client" tcp "${vip[4]}" 81 || fail "a connection"
before=$(of test/stream bytesFrom)
line=$(printf '%0900d' 0)
expect "while it lives" held_ask "$stream" "$line"
after=$(of test/stream bytesFrom)
if [ $((after - before)) -gt 900 ]; then
	pass "each look sees what came since"
else
	fail "each look sees what came since" "$before, then $after"
fi
agreed "exactly" test/stream tcp 4 81
unheld "$stream"

# ---- the end, between two looks

expect "short ones" add test/short udp 4 82 --account
passed_reset
for _ in 1 2 3 4 5 6 7 8; do
	ask "$client" udp "${vip[4]}" 82 one >/dev/null || fail "a short one"
	end_tracked -p udp --orig-port-dst 82 || fail "a short one's end"
done
same "conntrack has none of them any more" "0 0 0 0" "$(tracked udp 4 82)"
same "their last figures are there" "$(passed)" "$(traffic test/short)"
same "eight of them" 8 "$(of test/short connections)"
same "none is active" 0 "$(active test/short)"
end_tracked
expect "nor recorded" wait_for 10 says 0 records
same "and the figures stay" "$(passed)" "$(traffic test/short)"

in_ns "$node" sysctl -qw net.netfilter.nf_conntrack_udp_timeout=1
client "$client" udp "${vip[4]}" 82 --timeout "$TIMEOUT" >/dev/null
expect "one that times out is active no more" wait_for 20 says 0 active test/short
expect "and not recorded" wait_for 20 says 0 records
same "its figures are there" "$(passed)" "$(traffic test/short)"
in_ns "$node" sysctl -qw net.netfilter.nf_conntrack_udp_timeout=30

# ---- active ones

expect "a service with two endpoints" add_two test/many 83 --account
h=()
for i in 0 1 2 3 4 5; do
	held "h[$i]" "$client" tcp "${vip[4]}" 83 || fail "connection $i"
done
total() { actives test/many | tr ' ' '+' | jq -n "$(cat)"; }
same "six are active" 6 "$(total)"
same "and recorded" 6 "$(records)"
for i in 0 1; do unheld "${h[$i]}"; done
expect "two that were closed are not" wait_for 10 says 4 total
same "the others answer" 4 "$(for i in 2 3 4 5; do held_ask "${h[$i]}" x; done | grep -c ' x$')"
for i in 2 3 4 5; do unheld "${h[$i]}"; done
expect "none is active in the end" wait_for 10 says 0 total
end_tracked

# ---- leastconn, which needs no --account

expect "leastconn" add_two test/least 84 --scheduler leastconn
h=()
for i in 0 1 2 3; do
	held "h[$i]" "$client" tcp "${vip[4]}" 84 || fail "connection $i"
done
same "four are two each" "2 2" "$(actives test/least)"
word() { head -1 "$1/out" | cut -d' ' -f1; }
for i in 0 1 2 3; do
	[ "$(word "${h[$i]}")" = one ] || continue
	unheld "${h[$i]}"
	unset "h[$i]"
done
expect "those of the one are closed" wait_for 10 says "0 2" actives test/least
for i in 4 5; do
	held "h[$i]" "$client" tcp "${vip[4]}" 84 || fail "connection $i"
	same "the next goes there" one "$(word "${h[$i]}")"
done
same "two each again" "2 2" "$(actives test/least)"
for i in "${!h[@]}"; do unheld "${h[$i]}"; done
end_tracked
expect "all gone" wait_for 10 says 0 records

# ---- what is lost before it is a connection

expect "a pod's policy" in_ns "$node" nft add rule inet watch pod drop
expect "a service to it" add test/dropped udp 4 85 --account
expect "nobody answers" unanswered "$client" udp "${vip[4]}" 85
expect "it is no connection" wait_for 10 says "0 0" of test/dropped active packetsTo
expect "and not recorded" wait_for 10 says 0 records
same "but it was sent there" 1 "$(of test/dropped connections)"
in_ns "$node" nft flush chain inet watch pod

# ---- who does not ask

expect "a service that does not ask" add test/plain tcp 4 86
held plain "$client" tcp "${vip[4]}" 86 || fail "a connection"
same "has no records" 0 "$(records)"
same "no figures" "null null" "$(of test/plain active bytesTo)"
same "its new connections are counted" 1 "$(of test/plain connections)"
same "and conntrack counts nothing for it" "0 0 0 0" "$(tracked tcp 4 86)"
expect "now it asks" add test/plain tcp 4 86 --account
same "the old connection stays unrecorded" "0 0" "$(of test/plain active bytesTo)"
expect "a new one" ask "$client" tcp "${vip[4]}" 86 one
expect "is recorded" says 1 records
expect "it asks no more" add test/plain tcp 4 86
same "that shows at once" "null" "$(of test/plain bytesTo)"
unheld "$plain"
end_tracked
expect "its record goes as any other" wait_for 10 says 0 records

# ---- bounds

full() { field connections-full "$(svc stats -j)"; }
before=$(full)
expect "room for two" svc settings max-connections 2
h=()
for i in 0 1 2; do
	held "h[$i]" "$client" tcp "${vip[4]}" 81 || fail "connection $i"
done
same "two are recorded" "2 2" "$(records) $(active test/stream)"
same "the third was counted" $((before + 1)) "$(full)"
same "and works" one "$(held_ask "${h[2]}" x | cut -d' ' -f1)"
expect "more room" svc settings max-connections 1000000
held again "$client" tcp "${vip[4]}" 81 || fail "one more"
same "it is used" 3 "$(records)"

# ---- the end

expect "the endpoint leaves with live connections" svc add service test/stream tcp \
	--replace --frontend "${vip[4]}:81" --account
same "they are recorded on" 3 "$(records)"
expect "the service goes" svc del service test/stream tcp
same "likewise" 3 "$(records)"
expect "rmmod with live connections" timeout 20 rmmod svcnat
same "conntrack has them still" 1 \
	"$(in_ns "$node" conntrack -L -p tcp --orig-port-dst 81 2>/dev/null |
		grep -c ESTABLISHED | sed 's/^[1-9].*/1/')"
expect "and again" load_module

expect "a service with records" add test/stream tcp 4 81 --account
held stream "$client" tcp "${vip[4]}" 81 || fail "a connection"
expect "recorded" says 1 records
ns_del "$node"
# The namespace's own end comes later; its devices vanish with it.
no_device() { ! ip -n "$client" link show eth0; }
expect "a namespace ends with live records" wait_for 30 no_device
# Its devices go first: rmmod waits until all of it has gone.
expect "whole" timeout 30 rmmod svcnat
expect "load" load_module

finish
