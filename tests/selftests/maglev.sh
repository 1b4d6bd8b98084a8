#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Maglev by packets: when one of 100 endpoints goes, its connections go elsewhere, and
# at most 2 % of the others'; when it comes back, all is as it was. Hash, by the same
# measure, moves many.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"

needs ip svcctl nft conntrack awk
begin
node_up
flood=$lib_repo/build/tests/flood
declare -A flood_ip=([4]=10.9.0.1 [6]=fd09::1)
n=2000
gone=9042	# the endpoint's port
# The pod is silent: an error would only cost time.
in_ns "$pod1" nft -f - <<-RULES || fail "the pod's rules"
	table inet silent {
		chain in {
			type filter hook input priority 0;
			udp dport 9000-9099 drop
		}
	}
RULES

# endpoints FAMILY: told apart by port
endpoints() {
	local i

	for ((i = 9000; i < 9100; i++)); do
		printf -- '--endpoint %s ' "$(at "${pod1_ip[$1]}" "$i")"
	done
}
service() {
	# shellcheck disable=SC2046 # words
	svc add service test/many udp --replace --scheduler "$2" \
		--frontend "$(at "${vip[$1]}" 80)" $(endpoints "$1")
}

# where FAMILY FILE: each of the n connections anew; "CLIENT_PORT ENDPOINT_PORT" to FILE
where() {
	in_ns "$node" conntrack -D -f "ipv$1" -p udp >/dev/null 2>&1
	in_ns "$client" "$flood" "${vip[$1]}" 80 "$n" "${flood_ip[$1]}" || return 1
	wait_for 20 all_there "$1" || return 1
	in_ns "$node" conntrack -L -f "ipv$1" -p udp -d "${vip[$1]}" 2>/dev/null |
		sed 's/.* sport=\([0-9]*\) dport=80 .* sport=\([0-9]*\) .*/\1 \2/' >"$2"
}
all_there() {
	[ "$(in_ns "$node" sysctl -n net.netfilter.nf_conntrack_count)" -ge "$n" ]
}

# moved BEFORE AFTER: "OTHERS MOVED LEFT": connections of other endpoints than the one
# that goes; how many of these have another one now; how many of all still have it
moved() {
	awk -v gone="$gone" 'NR == FNR { had[$1] = $2; next }
		had[$1] != gone { others++; if (had[$1] != $2) moved++ }
		$2 == gone { left++ }
		END { print others + 0, moved + 0, left + 0 }' "$1" "$2"
}

# goes FAMILY SCHEDULER: sets others, moves, left
goes() {
	local f=$1

	expect "IPv$f, $2: 100 endpoints" service "$f" "$2"
	expect "IPv$f, $2: $n connections" where "$f" "$lib_scratch/before"
	same "IPv$f, $2: to all of them" 100 \
		"$(cut -d' ' -f2 "$lib_scratch/before" | sort -u | wc -l)"
	expect "IPv$f, $2: an endpoint goes" svc del endpoint test/many udp \
		"$(at "${pod1_ip[$f]}" "$gone")"
	expect "IPv$f, $2: the same connections" where "$f" "$lib_scratch/after"
	read -r others moves left < <(moved "$lib_scratch/before" "$lib_scratch/after")
	same "IPv$f, $2: none comes to who has gone" 0 "$left"
}

for f in "${families[@]}"; do
	goes "$f" maglev
	expect "IPv$f: of the others' $others, at most 2 % have moved: $moves" \
		test "$others" -gt $((n * 9 / 10)) -a $((moves * 50)) -le "$others"
	expect "IPv$f: it comes back" svc add endpoint test/many udp \
		"$(at "${pod1_ip[$f]}" "$gone")"
	expect "IPv$f: the same connections" where "$f" "$lib_scratch/after"
	expect "IPv$f: all are where they were" eval \
		"cmp <(sort '$lib_scratch/before') <(sort '$lib_scratch/after')"
done
goes 4 hash
expect "with hash, more than a tenth of them move: $moves of $others" \
	test $((moves * 10)) -gt "$others"

finish
