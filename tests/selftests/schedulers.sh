#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The schedulers by real packets: 100,000 connections over 100 endpoints, weights,
# determinism, agreement of nodes, and what UDP may not have. What needs no packet
# is in tests/unit/test_kmod_select.c; leastconn is in records.sh, what a change moves
# in maglev.sh.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"

needs ip svcctl nft awk
begin
node_up
flood=$lib_repo/build/tests/flood

declare -A flood_ip=([4]=10.9.0.1 [6]=fd09::1)
# The second family is the same code but for the hash of an address: fewer will do.
declare -A many=([4]=100000 [6]=20000)
# Of 7 parts: so many that the percents are more than four deviations of the least.
declare -A weighted=([4]=140000 [6]=14000) percent=([4]=3 [6]=10)

# A kernel that checks itself all the time takes an hour for these; its part is done by fewer.
if [ -e /proc/lockdep_stats ]; then
	many[4]=${many[6]} weighted[4]=${weighted[6]} percent[4]=${percent[6]}
fi
# So many that conntrack has to forget the ones before.
in_ns "$node" sysctl -qw net.netfilter.nf_conntrack_udp_timeout=30

# What arrives is counted, and goes no further: an entry is made without an answer.
in_ns "$node" nft -f - <<-'END'
	table inet count {
		chain sink {
			type filter hook forward priority 0
			oifname "pod1" udp dport 9000-9999 counter name "seen" drop
		}
		counter seen { }
	}
END

# endpoints FAMILY N [OPTION...]: N of them, on one pod, told apart by port
endpoints() {
	local n=$2 i

	for ((i = 0; i < n; i++)); do
		printf -- '--endpoint %s%s ' "$(at "${pod1_ip[$1]}" $((9000 + i)))" "${3:-}"
	done
}

# connections: how many each endpoint was given, in order
connections() {
	local said

	said=$(svc stats services "$1" -j)
	paste <(fields port "$said") <(fields connections "$said") | sort -n | cut -f2
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

# flood_service FAMILY N [PORTS]
flood_service() {
	in_ns "$client" "$flood" "${vip[$1]}" 80 "$2" "${flood_ip[$1]}" "${@:3}"
}

# spread FAMILY SCHEDULER: many connections over 100 endpoints; prints the chi-square of
# what they were given
spread() {
	svc del service test/many udp >/dev/null 2>&1
	# shellcheck disable=SC2046 # words
	svc add service test/many udp --scheduler "$2" --frontend "$(at "${vip[$1]}" 80)" \
		$(endpoints "$1" 100) || return 1
	nft_count "$node" count seen reset >/dev/null
	flood_service "$1" "${many[$1]}" || return 1
	wait_for 20 counted "${many[$1]}" || return 1
	connections test/many | chi_square
}
counted() { [ "$(connections test/many | awk '{ s += $1 } END { print s }')" = "$1" ]; }

# One run of a thousand is further off than p = 0.001 by chance, two in a row hardly.
uniform() {
	local f=$1 scheduler=$2 x

	x=$(spread "$f" "$scheduler")
	expect "$scheduler, IPv$f: all connections are counted" counted "${many[$f]}"
	same "$scheduler, IPv$f: and were sent on" "${many[$f]}" \
		"$(nft_count "$node" count seen)"
	[ "$scheduler" = maglev ] || below "$x" 148.2 || x=$(spread "$f" "$scheduler")
	# 99 degrees of freedom, p = 0.001
	expect "$scheduler, IPv$f: chi-square $x is below 148.2" below "$x" 148.2
	expect "delete" svc del service test/many udp
}

by_weight() {
	local f=$1 scheduler=$2 ports=50000 got

	expect "$scheduler, IPv$f, weights 1:2:4" svc add service test/weighted udp \
		--scheduler "$scheduler" --frontend "$(at "${vip[$f]}" 80)" \
		--endpoint "$(at "${pod1_ip[$f]}" 9000)" \
		--endpoint "$(at "${pod1_ip[$f]}" 9001),weight=2" \
		--endpoint "$(at "${pod1_ip[$f]}" 9002),weight=4" \
		--endpoint "$(at "${pod1_ip[$f]}" 9003),weight=0"
	[ "$scheduler" != source ] || ports=1	# each from a client of its own
	flood_service "$f" "${weighted[$f]}" "$ports"
	got=$(connections test/weighted | paste -sd' ')
	# shellcheck disable=SC2016 # awk's own
	expect "$scheduler, IPv$f: within ${percent[$f]} %: $got" \
		awk -v n="${weighted[$f]}" -v percent="${percent[$f]}" '{
			for (i = 1; i <= 3; i++) {
				off = ($i / (n * 2 ^ (i - 1) / 7) - 1) * 100
				if (off > percent || off < -percent) exit 1
			}
			exit ($4 != 0)
		}' <<<"$got"
	expect "delete" svc del service test/weighted udp
}

# three FAMILY SCHEDULER [OPTION OF THE SECOND]: TCP, three endpoints
three() {
	svc add service test/turn tcp --replace --scheduler "$2" \
		--frontend "$(at "${vip[$1]}" 80)" --endpoint "$(at "${pod1_ip[$1]}" 9100)" \
		--endpoint "$(at "${pod1_ip[$1]}" 9101)${3:-}" \
		--endpoint "$(at "${pod1_ip[$1]}" 9102)"
}

# In turn, exactly, by weight, over TCP.
in_turn() {
	local f=$1 said i

	for i in 0 1 2; do
		server "$pod1" tcp "${pod1_ip[$f]}" $((9100 + i)) "e$i" || fail "server $i IPv$f"
	done
	expect "rr, IPv$f" three "$f" rr ,weight=2
	said=$(client "$client" tcp "${vip[$f]}" 80 --count 12 --timeout "$TIMEOUT" |
		cut -d' ' -f1)
	same "IPv$f: three rounds of four" "3 e0, 6 e1, 3 e2" "$(sort <<<"$said" | uniq -c |
		awk '{ printf "%s%d %s", (NR > 1 ? ", " : ""), $1, $2 }')"
	same "IPv$f: the heavy one does not come in a burst" 0 \
		"$(uniq -c <<<"$said" | awk '$1 > 2' | wc -l)"
}

# Deterministic: what resolve says is what happens, again and again.
as_resolved() {
	local f=$1 scheduler=$2 wrong='' port want got

	expect "$scheduler, IPv$f" three "$f" "$scheduler"
	for port in 41001 41002 41003 41004 41005; do
		want=$(port_of "$(svc resolve "$(at "${client_ip[$f]}" $port)" \
			"$(at "${vip[$f]}" 80)" -j)")
		got=$(client "$client" tcp "${vip[$f]}" 80 --sport "$port" | cut -d' ' -f1)
		[ "e$((want - 9100))" = "$got" ] || wrong+=" $port:$want/$got"
	done
	same "$scheduler, IPv$f does what resolve says" "" "$wrong"
}

ns_add other
choices() {
	local port

	for port in 5001 5002 5003 5004 5005 5006 5007 5008 5009 5010 5011 5012; do
		port_of "$(in_ns "$1" svcctl resolve "$(at "${flood_ip[$2]}" $port)" \
			"$(at "${vip[$2]}" 80)" -j)"
	done | paste -sd,
}
# Two nodes with the same endpoints: maglev agrees, hash has a key of each node.
two_nodes() {
	local f=$1 scheduler=$2 here there

	# shellcheck disable=SC2046
	svc add service test/turn tcp --replace --scheduler "$scheduler" \
		--frontend "$(at "${vip[$f]}" 80)" $(endpoints "$f" 20)
	# shellcheck disable=SC2046 # the same in another order
	in_ns "$other" svcctl add service test/turn tcp --replace --scheduler "$scheduler" \
		--frontend "$(at "${vip[$f]}" 80)" \
		$(endpoints "$f" 20 | tr -s ' ' '\n' | paste - - | tac)
	here=$(choices "$node" "$f")
	there=$(choices "$other" "$f")
	if [ "$scheduler" = maglev ]; then
		same "two nodes agree with maglev, IPv$f" "$here" "$there"
	else
		expect "but not with hash, IPv$f" test "$here" != "$there"
	fi
}

for f in "${families[@]}"; do
	for scheduler in hash maglev; do
		uniform "$f" "$scheduler"
	done
	for scheduler in hash maglev source; do
		by_weight "$f" "$scheduler"
	done
	in_turn "$f"
	for scheduler in hash source maglev; do
		as_resolved "$f" "$scheduler"
	done
	three "$f" source || fail "source, IPv$f"
	same "source, IPv$f: one endpoint for all ports of a client" 1 \
		"$(client "$client" tcp "${vip[$f]}" 80 --count 8 --timeout "$TIMEOUT" |
			cut -d' ' -f1 | sort -u | wc -l)"
	two_nodes "$f" maglev
	expect "it goes, IPv$f" svc del service test/turn tcp --family "$f"
done

two_nodes 4 hash

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
