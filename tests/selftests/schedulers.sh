#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The schedulers by real packets: 100,000 connections over 100 endpoints, weights,
# determinism, agreement of nodes, and what UDP may not have. What needs no packet
# is in tests/unit/test_kmod_select.c; leastconn is in records.sh.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"

needs ip svcctl jq nft awk
begin
node_up
flood=$lib_repo/build/tests/flood

# What arrives is counted, and goes no further: an entry is made without an answer.
in_ns "$node" nft -f - <<-'END'
	table ip count {
		chain sink {
			type filter hook forward priority 0
			oifname "pod1" udp dport 9000-9999 counter name "seen" drop
		}
		counter seen { }
	}
END

# endpoints N [OPTION...]: N of them, on one pod, told apart by port
endpoints() {
	local n=$1 i

	shift
	for ((i = 0; i < n; i++)); do
		printf -- '--endpoint %s:%d%s ' "${pod1_ip[4]}" $((9000 + i)) "${1:-}"
	done
}

# connections: how many each endpoint was given, in order
connections() {
	svc stats services "$1" -j | jq -r '.[0].endpoints | sort_by(.port)[].connections'
}

# port_of ANSWER: the endpoint's, of resolve's answer
port_of() { [[ $1 =~ \"endpoint\":\ \{[^}]*\"port\":\ ([0-9]+) ]] && echo "${BASH_REMATCH[1]}"; }

# chi-square of the numbers on stdin, against a uniform distribution
chi_square() {
	awk '{ n++; sum += $1; square += $1 * $1 }
		END { mean = sum / n; printf "%.1f\n", square / mean - sum }'
}

below() {
	[[ $1 =~ ^[0-9]+(\.[0-9]+)?$ ]] && awk -v a="$1" -v b="$2" 'BEGIN { exit !(a < b) }'
}

# spread SCHEDULER: 100,000 connections over 100 endpoints; prints the chi-square of
# what they were given
spread() {
	svc del service test/many udp >/dev/null 2>&1
	# shellcheck disable=SC2046 # words
	svc add service test/many udp --scheduler "$1" --frontend "${vip[4]}:80" \
		$(endpoints 100) || return 1
	in_ns "$node" nft reset counter ip count seen >/dev/null
	in_ns "$client" "$flood" "${vip[4]}" 80 100000 10.9.0.1 || return 1
	wait_for 20 counted 100000 || return 1
	connections test/many | chi_square
}
counted() { [ "$(connections test/many | awk '{ s += $1 } END { print s }')" = "$1" ]; }

# One run of a thousand is further off than p = 0.001 by chance, two in a row hardly.
for scheduler in hash maglev; do
	x=$(spread "$scheduler")
	expect "$scheduler: all connections are counted" counted 100000
	same "$scheduler: and were sent on" 100000 \
		"$(in_ns "$node" nft -j list counter ip count seen |
			jq '.nftables[] | select(.counter) | .counter.packets')"
	[ "$scheduler" = maglev ] || below "$x" 148.2 || x=$(spread "$scheduler")
	# 99 degrees of freedom, p = 0.001
	expect "$scheduler: chi-square $x is below 148.2" below "$x" 148.2
done
expect "delete" svc del service test/many udp

# Weights: 140,000 connections, so that 3 % are more than four deviations of the least.
for scheduler in hash maglev source; do
	expect "$scheduler, weights 1:2:4" svc add service test/weighted udp \
		--scheduler "$scheduler" --frontend "${vip[4]}:80" \
		--endpoint "${pod1_ip[4]}:9000" --endpoint "${pod1_ip[4]}:9001,weight=2" \
		--endpoint "${pod1_ip[4]}:9002,weight=4" --endpoint "${pod1_ip[4]}:9003,weight=0"
	ports=50000
	[ "$scheduler" != source ] || ports=1	# each from a client of its own
	in_ns "$client" "$flood" "${vip[4]}" 80 140000 10.9.0.1 "$ports"
	got=$(connections test/weighted | paste -sd' ')
	# shellcheck disable=SC2016 # awk's own
	expect "$scheduler: within 3 %: $got" awk '{
		for (i = 1; i <= 3; i++) {
			off = ($i / (140000 * 2 ^ (i - 1) / 7) - 1) * 100
			if (off > 3 || off < -3) exit 1
		}
		exit ($4 != 0)
	}' <<<"$got"
	expect "delete" svc del service test/weighted udp
done

# In turn, exactly, by weight, over TCP.
for i in 0 1 2; do
	server "$pod1" tcp "${pod1_ip[4]}" $((9100 + i)) "e$i" || fail "server $i"
done
expect "rr" svc add service test/turn tcp --scheduler rr --frontend "${vip[4]}:80" \
	--endpoint "${pod1_ip[4]}:9100" --endpoint "${pod1_ip[4]}:9101,weight=2" \
	--endpoint "${pod1_ip[4]}:9102"
said=$(for ((i = 0; i < 12; i++)); do client "$client" tcp "${vip[4]}" 80; done | cut -d' ' -f1)
same "three rounds of four" "3 e0, 6 e1, 3 e2" \
	"$(sort <<<"$said" | uniq -c | awk '{ printf "%s%d %s", (NR > 1 ? ", " : ""), $1, $2 }')"
same "the heavy one does not come in a burst" 0 \
	"$(uniq -c <<<"$said" | awk '$1 > 2' | wc -l)"

# Deterministic: what resolve says is what happens, again and again.
for scheduler in hash source maglev; do
	expect "$scheduler" svc add service test/turn tcp --replace --scheduler "$scheduler" \
		--frontend "${vip[4]}:80" --endpoint "${pod1_ip[4]}:9100" \
		--endpoint "${pod1_ip[4]}:9101" --endpoint "${pod1_ip[4]}:9102"
	wrong=
	for port in 41001 41002 41003 41004 41005; do
		want=$(port_of "$(svc resolve "${client_ip[4]}:$port" "${vip[4]}:80" -j)")
		got=$(client "$client" tcp "${vip[4]}" 80 --sport "$port" | cut -d' ' -f1)
		[ "e$((want - 9100))" = "$got" ] || wrong+=" $port:$want/$got"
	done
	same "$scheduler does what resolve says" "" "$wrong"
done
same "source: one endpoint for all ports of a client" 1 "$(
	svc add service test/turn tcp --replace --scheduler source --frontend "${vip[4]}:80" \
		--endpoint "${pod1_ip[4]}:9100" --endpoint "${pod1_ip[4]}:9101" \
		--endpoint "${pod1_ip[4]}:9102"
	for ((i = 0; i < 8; i++)); do client "$client" tcp "${vip[4]}" 80; done |
		cut -d' ' -f1 | sort -u | wc -l)"

# Two nodes with the same endpoints: maglev agrees, hash has a key of each node.
ns_add other
choices() {
	local port

	for port in 5001 5002 5003 5004 5005 5006 5007 5008 5009 5010 5011 5012; do
		port_of "$(in_ns "$1" svcctl resolve "10.9.0.1:$port" "${vip[4]}:80" -j)"
	done | paste -sd,
}
for scheduler in maglev hash; do
	# shellcheck disable=SC2046
	svc add service test/turn tcp --replace --scheduler "$scheduler" \
		--frontend "${vip[4]}:80" $(endpoints 20)
	# shellcheck disable=SC2046 # the same in another order
	in_ns "$other" svcctl add service test/turn tcp --replace --scheduler "$scheduler" \
		--frontend "${vip[4]}:80" $(endpoints 20 | tr -s ' ' '\n' | paste - - | tac)
	here=$(choices "$node")
	there=$(choices "$other")
	if [ "$scheduler" = maglev ]; then
		same "two nodes agree with maglev" "$here" "$there"
	else
		expect "and not with hash" test "$here" != "$there"
	fi
done

# Racing first packets of one UDP socket must agree.
for scheduler in rr leastconn; do
	refuse "UDP with $scheduler" "two first packets of one UDP socket" \
		svc add service test/udp udp --scheduler "$scheduler" --frontend "${vip[4]}:53"
	expect "TCP with $scheduler" svc add service test/tcp tcp --replace \
		--scheduler "$scheduler" --frontend "${vip[4]}:53"
done
refuse "no such scheduler" "no such scheduler" \
	svc add service test/tcp tcp --replace --scheduler best --frontend "${vip[4]}:53"
refuse "a weight that is too large" "weight" svc add service test/tcp tcp --replace \
	--frontend "${vip[4]}:53" --endpoint "${pod1_ip[4]}:9000,weight=257"

finish
