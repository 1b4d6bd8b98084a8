#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The choice of endpoint: every endpoint gets its share, one tuple always gets
# the same one, and "svcctl resolve" says beforehand which.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"

needs ip svcctl jq
begin
node_up

ports=(8081 8082 8083)
endpoints=()
for port in "${ports[@]}"; do
	server "$pod1" tcp "${pod1_ip[4]}" "$port" "e$port" || fail "server $port"
	server "$pod1" udp "${pod1_ip[4]}" "$port" "e$port" || fail "server $port"
	endpoints+=(--endpoint "${pod1_ip[4]}:$port")
done
for p in tcp udp; do
	expect "add $p" svc add service "test/$p" "$p" --frontend "${vip[4]}:80" "${endpoints[@]}"
done

# 300 connections: each endpoint's share is 100 +- 5 sigma (41).
client "$client" tcp "${vip[4]}" 80 --count 300 --timeout 60 >"$lib_scratch/answers" 2>&1 ||
	fail "300 connections" "$(tail -1 "$lib_scratch/answers")"
same "300 answers" 300 "$(wc -l <"$lib_scratch/answers")"
for port in "${ports[@]}"; do
	n=$(grep -c "^e$port " "$lib_scratch/answers")
	if [ "$n" -ge 59 ] && [ "$n" -le 141 ]; then
		pass "share of $port"
	else
		fail "share of $port" "$n of 300"
	fi
done

chosen() {
	svc resolve -j "${client_ip[4]}:$2" "${vip[4]}:80/$1" | jq -r .endpoint.port
}

agree=0
seen=
for sport in 40001 40002 40003 40004 40005 40006 40007 40008; do
	said=$(chosen udp "$sport")
	seen+="$said "
	for _ in 1 2; do
		got=$(client "$client" udp "${vip[4]}" 80 --sport "$sport" --timeout 5 |
			cut -d' ' -f1)
		[ "$got" = "e$said" ] && agree=$((agree + 1))
		in_ns "$node" conntrack -D -p udp --orig-port-src "$sport" >/dev/null 2>&1
	done
done
same "resolve tells each packet's endpoint, and it stays the same" 16 "$agree"
if [ "$(tr ' ' '\n' <<<"$seen" | sort -u | grep -c .)" -ge 2 ]; then
	pass "and it is not one and the same for all"
else
	fail "and it is not one and the same for all" "$seen"
fi

finish
