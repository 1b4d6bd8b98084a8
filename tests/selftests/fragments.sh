#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Datagrams that are larger than a packet: all fragments of one go to one endpoint,
# whose answer comes back in fragments too, whatever frontend and whoever the client
# is. What is not whole reaches nobody, translated or not.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"

needs ip svcctl nft
begin
node_up
pod_servers
size=5000	# four fragments there, and four back

# Fragments as they come in, before they are put together.
for ns in "$pod1" "$pod2" "$client"; do
	in_ns "$ns" nft -f - <<-RULES || fail "counters"
		table inet fragments {
			counter seen { }
			chain in {
				type filter hook prerouting priority -450;
				ip frag-off & 0x3fff != 0 counter name seen
				exthdr frag exists counter name seen
			}
		}
	RULES
done
fragments() { nft_count "$1" fragments seen reset; }
# What has left for an endpoint, and what would have left untranslated.
in_ns "$node" nft -f - <<-RULES || fail "counters"
	table inet passed {
		counter endpoints { }
		counter untranslated { }
		chain forward {
			type filter hook forward priority 0;
			iifname "lan" oifname { "pod1", "pod2" } counter name endpoints
			ip daddr ${vip[4]} counter name untranslated
			ip6 daddr ${vip[6]} counter name untranslated
		}
	}
RULES
passed() { nft_count "$node" passed "$1" reset; }

# service FAMILY OPTION...
service() {
	svc add service test/large udp --replace --frontend "$(at "${vip[$1]}" 53)" \
		--frontend "external:$(at "${external_ip[$1]}" 53)" --frontend nodeport:30053 \
		"${@:2}"
}
# large FROM ADDRESS PORT NAME [OPTION...]: goes there and comes back, byte for byte
large() { ask "$1" udp "$2" "$3" "$4" --size "$size" "${@:5}"; }

# $1: family
one_endpoint() {
	local f=$1 ep1

	ep1=$(at "${pod1_ip[$f]}" 8080)
	expect "IPv$f: a service" service "$f" --endpoint "$ep1"
	fragments "$client" >/dev/null
	fragments "$pod1" >/dev/null
	expect "IPv$f: a large datagram, there and back" large "$client" "${vip[$f]}" 53 one
	same "IPv$f: it came in four fragments, and so did the answer" "4 4" \
		"$(fragments "$pod1") $(fragments "$client")"
	expect "IPv$f: through another address" large "$client" "${external_ip[$f]}" 53 one
	expect "IPv$f: through the NodePort" large "$client" "${node_ip[$f]}" 30053 one
	expect "IPv$f: from the node" large "$node" "${vip[$f]}" 53 one
	expect "IPv$f: from another pod" large "$pod2" "${vip[$f]}" 53 one
	expect "IPv$f: from the endpoint itself" large "$pod1" "${vip[$f]}" 53 one
	expect "IPv$f: as large as it can be" large "$client" "${vip[$f]}" 53 one --size 65000
}

# Each has eight fragments to lose if they were looked at one by one.
two_endpoints() {
	local f=$1 n

	expect "IPv$f: two endpoints" service "$f" --endpoint "$(at "${pod1_ip[$f]}" 8080)" \
		--endpoint "$(at "${pod2_ip[$f]}" 8080)"
	fragments "$pod1" >/dev/null
	fragments "$pod2" >/dev/null
	client "$client" udp "${vip[$f]}" 53 --size "$size" --count 20 --sport 21000 \
		--timeout "$TIMEOUT" >"$lib_scratch/said" 2>&1
	same "IPv$f: 20 datagrams are answered by both" "20 one two" \
		"$(wc -l <"$lib_scratch/said") $(cut -d' ' -f1 "$lib_scratch/said" | sort -u |
			paste -sd' ')"
	n=$(grep -c '^one ' "$lib_scratch/said")
	same "IPv$f: all fragments of one went to one endpoint" "$((n * 4)) $(((20 - n) * 4))" \
		"$(fragments "$pod1") $(fragments "$pod2")"
}

# incomplete FAMILY: only the first fragment of what the client sends comes in
incomplete() {
	in_ns "$node" nft -f - <<-RULES
		table netdev lossy {
			chain in {
				type filter hook ingress device "lan" priority 0;
				ip frag-off & 0x1fff != 0 counter drop
				frag frag-off != 0 counter drop
			}
		}
	RULES
}
refusals() {
	local f=$1

	expect "IPv$f: the first fragment of each comes in, and no more" incomplete
	passed endpoints >/dev/null
	passed untranslated >/dev/null
	expect "IPv$f: what is not whole is not answered" \
		unanswered "$client" udp "${vip[$f]}" 53 --size "$size"
	same "IPv$f: no part of it has passed" "0 0" \
		"$(passed endpoints) $(passed untranslated)"
	in_ns "$node" nft delete table netdev lossy
	expect "IPv$f: no endpoint" service "$f"
	expect "IPv$f: a large datagram is refused at once" \
		refused "$client" udp "${vip[$f]}" 53 --size "$size"
	expect "IPv$f: at a port that the address does not have, too" \
		refused "$client" udp "${vip[$f]}" 54 --size "$size"
	expect "IPv$f: from the node too" refused "$node" udp "${vip[$f]}" 53 --size "$size"
	same "IPv$f: nothing has passed" "0 0" "$(passed endpoints) $(passed untranslated)"
	expect "IPv$f: it goes" svc del service test/large udp --family "$f"
}

for f in "${families[@]}"; do
	one_endpoint "$f"
	two_endpoints "$f"
	refusals "$f"
done

finish
