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

needs ip svcctl nft conntrack ss
begin
node_up

for f in "${families[@]}"; do
	for p in tcp udp; do
		server "$pod1" "$p" "${pod1_ip[$f]}" 8080 one || fail "server one $p IPv$f"
	done
	server "$pod2" tcp "${pod2_ip[$f]}" 8080 two || fail "server two IPv$f"
done

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

# add_two NAME FAMILY PORT [OPTION...]: TCP, two endpoints
add_two() {
	svc add service "$1" tcp --replace --frontend "$(at "${vip[$2]}" "$3")" \
		--endpoint "$(at "${pod1_ip[$2]}" 8080)" \
		--endpoint "$(at "${pod2_ip[$2]}" 8080)" "${@:4}"
}

# of NAME MEMBER...: of the first endpoint, in one line
of() {
	local said member values=()

	said=$(endpoints_in "$(svc stats services "$1" -j)")
	for member in "${@:2}"; do
		values+=("$(field "$member" "$said" || echo null)")
	done
	echo "${values[*]}"
}
traffic() { of "$1" packetsTo bytesTo packetsFrom bytesFrom; }
active() { of "$1" active; }
actives() { fields active "$(svc stats services "$1" -j)" | paste -sd' '; }
records() { field connections "$(svc settings -j)"; }
says() { local wanted=$1; shift; [ "$("$@")" = "$wanted" ]; }

passed() {
	local said counter='[^}]*packets ([0-9]+) bytes ([0-9]+)' numbers=() name

	said=$(in_ns "$node" nft list counters table inet watch)
	for name in to from; do
		[[ $said =~ "counter $name {"$counter ]] || return 1
		numbers+=("${BASH_REMATCH[@]:1}")
	done
	echo "${numbers[*]}"
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

# end_tracked FAMILY [OPTION...]
end_tracked() { in_ns "$node" conntrack -D -f "ipv$1" "${@:2}" >/dev/null 2>&1; }

# ---- packets and bytes

same "conntrack counts nothing by itself here" 0 \
	"$(in_ns "$node" sysctl -n net.netfilter.nf_conntrack_acct)"
# counted PROTO FAMILY
counted() {
	local n=test/$1$2

	expect "$1 IPv$2" add "$n" "$1" "$2" 80 --account
	end_tracked "$2"
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
counted udp 6
in_ns "$node" sysctl -qw net.netfilter.nf_conntrack_acct=0

# Ten of six bytes, with their headers.
declare -A ten=([4]="10 340" [6]="10 540")
exact() {
	local f=$1 n=test/known$1 stream before after

	end_tracked "$f"
	expect "IPv$f: a datagram each way" add "$n" udp "$f" 80 --account
	passed_reset
	expect "IPv$f: ten" ask "$client" udp "${vip[$f]}" 80 one --sport 20100 --count 10
	same "IPv$f: are so long with their headers" "${ten[$f]}" "$(of "$n" packetsTo bytesTo)"
	same "IPv$f: ten were answered" 10 "$(of "$n" packetsFrom)"

	n=test/stream$f
	expect "IPv$f: a stream" add "$n" tcp "$f" 81 --account
	passed_reset
	held stream "$client" tcp "${vip[$f]}" 81 || fail "a connection"
	before=$(of "$n" bytesFrom)
	expect "IPv$f: while it lives" held_ask "$stream" "$(printf '%0900d' 0)"
	after=$(of "$n" bytesFrom)
	if [ $((after - before)) -gt 900 ]; then
		pass "IPv$f: each look sees what came since"
	else
		fail "IPv$f: each look sees what came since" "$before, then $after"
	fi
	agreed "IPv$f: exactly" "$n" tcp "$f" 81
	unheld "$stream"
	end_tracked "$f"
}

# ---- the end, between two looks

declare -A rounds=([4]=8 [6]=3)
between_looks() {
	local f=$1 n=test/short$1 i

	expect "IPv$f: short ones" add "$n" udp "$f" 82 --account
	passed_reset
	for ((i = 0; i < rounds[$f]; i++)); do
		ask "$client" udp "${vip[$f]}" 82 one >/dev/null || fail "a short one"
		end_tracked "$f" -p udp --orig-port-dst 82 || fail "a short one's end"
	done
	same "IPv$f: conntrack has none of them any more" "0 0 0 0" "$(tracked udp "$f" 82)"
	same "IPv$f: their last figures are there" "$(passed)" "$(traffic "$n")"
	same "IPv$f: each of them" "${rounds[$f]}" "$(of "$n" connections)"
	same "IPv$f: none is active" 0 "$(active "$n")"
	end_tracked "$f"
	expect "IPv$f: nor recorded" wait_for 10 says 0 records
	same "IPv$f: and the figures stay" "$(passed)" "$(traffic "$n")"

	in_ns "$node" sysctl -qw net.netfilter.nf_conntrack_udp_timeout=1
	client "$client" udp "${vip[$f]}" 82 --timeout "$TIMEOUT" >/dev/null
	expect "IPv$f: one that times out is active no more" wait_for 20 says 0 active "$n"
	expect "IPv$f: and not recorded" wait_for 20 says 0 records
	same "IPv$f: its figures are there" "$(passed)" "$(traffic "$n")"
	in_ns "$node" sysctl -qw net.netfilter.nf_conntrack_udp_timeout=600
}

# ---- active ones

total() {
	local n sum=0

	for n in $(actives "$1"); do
		sum=$((sum + n))
	done
	echo "$sum"
}
active_ones() {
	local f=$1 n=test/many$1 h=() i

	expect "IPv$f: a service with two endpoints" add_two "$n" "$f" 83 --account
	for i in 0 1 2 3; do
		held "h[$i]" "$client" tcp "${vip[$f]}" 83 || fail "connection $i"
	done
	same "IPv$f: four are active" 4 "$(total "$n")"
	same "IPv$f: and recorded" 4 "$(records)"
	for i in 0 1; do unheld "${h[$i]}"; done
	expect "IPv$f: two that were closed are not" wait_for 10 says 2 total "$n"
	same "IPv$f: the others answer" 2 \
		"$(for i in 2 3; do held_ask "${h[$i]}" x; done | grep -c ' x$')"
	for i in 2 3; do unheld "${h[$i]}"; done
	expect "IPv$f: none is active in the end" wait_for 10 says 0 total "$n"
	end_tracked "$f"
}

# ---- leastconn, which needs no --account

word() { head -1 "$1/out" | cut -d' ' -f1; }
least() {
	local f=$1 n=test/least$1 h=() i

	expect "IPv$f: leastconn" add_two "$n" "$f" 84 --scheduler leastconn
	for i in 0 1 2 3; do
		held "h[$i]" "$client" tcp "${vip[$f]}" 84 || fail "connection $i"
	done
	same "IPv$f: four are two each" "2 2" "$(actives "$n")"
	for i in 0 1 2 3; do
		[ "$(word "${h[$i]}")" = one ] || continue
		unheld "${h[$i]}"
		unset "h[$i]"
	done
	expect "IPv$f: those of the one are closed" wait_for 10 says "0 2" actives "$n"
	for i in 4 5; do
		held "h[$i]" "$client" tcp "${vip[$f]}" 84 || fail "connection $i"
		same "IPv$f: the next goes there" one "$(word "${h[$i]}")"
	done
	same "IPv$f: two each again" "2 2" "$(actives "$n")"
	for i in "${!h[@]}"; do unheld "${h[$i]}"; done
	end_tracked "$f"
	expect "IPv$f: all gone" wait_for 10 says 0 records
}

# ---- what is lost before it is a connection

lost() {
	local f=$1 n=test/dropped$1

	expect "IPv$f: a pod's policy" in_ns "$node" nft add rule inet watch pod drop
	expect "IPv$f: a service to it" add "$n" udp "$f" 85 --account
	expect "IPv$f: nobody answers" unanswered "$client" udp "${vip[$f]}" 85
	expect "IPv$f: it is no connection" wait_for 10 says "0 0" of "$n" active packetsTo
	expect "IPv$f: and not recorded" wait_for 10 says 0 records
	same "IPv$f: but it was sent there" 1 "$(of "$n" connections)"
	in_ns "$node" nft flush chain inet watch pod
}

# ---- who does not ask

plain() {
	local f=$1 n=test/plain$1 plain

	expect "IPv$f: a service that does not ask" add "$n" tcp "$f" 86
	held plain "$client" tcp "${vip[$f]}" 86 || fail "a connection"
	same "IPv$f: has no records" 0 "$(records)"
	same "IPv$f: no figures" "null null" "$(of "$n" active bytesTo)"
	same "IPv$f: its new connections are counted" 1 "$(of "$n" connections)"
	same "IPv$f: and conntrack counts nothing for it" "0 0 0 0" "$(tracked tcp "$f" 86)"
	expect "IPv$f: now it asks" add "$n" tcp "$f" 86 --account
	same "IPv$f: the old connection stays unrecorded" "0 0" "$(of "$n" active bytesTo)"
	expect "IPv$f: a new one" ask "$client" tcp "${vip[$f]}" 86 one
	expect "IPv$f: is recorded" says 1 records
	expect "IPv$f: it asks no more" add "$n" tcp "$f" 86
	same "IPv$f: that shows at once" "null" "$(of "$n" bytesTo)"
	unheld "$plain"
	end_tracked "$f"
	expect "IPv$f: its record goes as any other" wait_for 10 says 0 records
}

for f in "${families[@]}"; do
	exact "$f"
	between_looks "$f"
	active_ones "$f"
	least "$f"
	lost "$f"
	plain "$f"
done

# ---- bounds, and the endpoint's end

full() { field connections-full "$(svc stats -j)"; }
bounds() {
	local f=$1 n=test/stream$1 h=() before others i

	before=$(full)
	others=$(records)
	expect "IPv$f: room for two" svc settings max-connections $((others + 2))
	for i in 0 1 2; do
		held "h[$i]" "$client" tcp "${vip[$f]}" 81 || fail "connection $i"
	done
	same "IPv$f: two are recorded" "$((others + 2)) 2" "$(records) $(active "$n")"
	same "IPv$f: the third was counted" $((before + 1)) "$(full)"
	same "IPv$f: and works" one "$(held_ask "${h[2]}" x | cut -d' ' -f1)"
	expect "IPv$f: more room" svc settings max-connections 1000000
	held "h[3]" "$client" tcp "${vip[$f]}" 81 || fail "one more"
	same "IPv$f: it is used" $((others + 3)) "$(records)"

	expect "IPv$f: the endpoint leaves with live connections" svc add service "$n" tcp \
		--replace --frontend "$(at "${vip[$f]}" 81)" --account
	same "IPv$f: they are recorded on" $((others + 3)) "$(records)"
	expect "IPv$f: the service goes" svc del service "$n" tcp
	same "IPv$f: likewise" $((others + 3)) "$(records)"
}
for f in "${families[@]}"; do
	bounds "$f"
done

# ---- the end

expect "rmmod with live connections" timeout 20 rmmod svcnat
for f in "${families[@]}"; do
	same "IPv$f: conntrack has them still" 4 "$(in_ns "$node" conntrack -L -f "ipv$f" -p tcp \
		--orig-port-dst 81 2>/dev/null | grep -c ESTABLISHED)"
done
expect "and again" load_module

for f in "${families[@]}"; do
	expect "a service with records, IPv$f" add test/stream tcp "$f" 81 --account
	held stream "$client" tcp "${vip[$f]}" 81 || fail "a connection IPv$f"
done
expect "recorded" says 2 records
ns_del "$node"
# The namespace's own end comes later; its devices vanish with it.
no_device() { ! ip -n "$client" link show eth0; }
expect "a namespace ends with live records" wait_for 30 no_device
# Its devices go first: rmmod waits until all of it has gone.
expect "whole" timeout 30 rmmod svcnat
expect "load" load_module

finish
