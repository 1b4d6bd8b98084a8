# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0
#
# Three nodes that announce addresses of load balancers on their LAN; sourced after
# cluster.bash, whose network it is, here with IPv6, too: fd70::1 to fd70::3, and pods
# fd44:K::10. announce_up makes it, with two Services, whose one endpoint is on "third".

# shellcheck disable=SC2034,SC2154 # used by the tests; set by ns_add and cluster.bash
# What a take-over is to take, and what it may take where the machine has other things to do.
goal=3000
limit=10000

# By the hash of nodes and address, these are:
web=192.168.70.243	# of "other"; if not there, of "node"
six=fd70::242		# likewise
loc=192.168.70.240	# of "third"

ipv6_up() {
	local j k

	ip -n "$lan" addr add fd70::254/64 dev br0 || return 1
	in_ns "$lan" sysctl -qw net.ipv6.conf.all.forwarding=0
	for k in 1 2 3; do
		ip -n "${cluster[k]}" addr add "fd70::$k/64" dev eth0 &&
			ip -n "${cluster[k]}" addr add "fd44:$k::1/64" dev pod &&
			ip -n "${pod[k]}" addr add "fd44:$k::10/64" dev eth0 &&
			default_route "${pod[k]}" "fd44:$k::1" || return 1
	done
	for k in 1 2 3; do
		for j in 1 2 3; do
			[ "$j" -eq "$k" ] || ip -n "${cluster[k]}" route add "fd44:$j::/64" \
				via "fd70::$j" || return 1
		done
	done
	server "${pod[3]}" tcp fd44:3::10 8080 stable
}

config() { echo "$lib_scratch/config-$1"; }
# configure K [MODE]
configure() {
	echo "announce: ${2:-layer2}" >"$(config "$1")"
	[ "$1" -eq 1 ] || return 0
	cat >>"$(config 1)" <<-END
	pools:
	- name: lan
	  addresses: [192.168.70.240-192.168.70.249, fd70::240-fd70::249]
	END
}
start() {
	local more=()

	[ "$1" -eq 1 ] && more=(--service-cidr fd00:10:96::/112) ||
		more=(--follow "unix://$(socket "${cluster[1]}")")
	on "${cluster[$1]}" svcd_start --node-name "${cluster_name[$1]}" --pod-cidr fd44::/16 \
		--config "$(config "$1")" "${more[@]}"
}
node_object() {
	make_object "$(cat <<-END
	{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "${cluster_name[$1]}"},
	 "status": {"addresses": [{"type": "InternalIP", "address": "192.168.70.$1"}]}}
	END
	)"
}
# lb NAME ADDRESS [FILTER]
lb() {
	make_object "$(service "$1" LoadBalancer |
		jq --arg ip "$2" '.spec.loadBalancerIP = $ip'" | ${3:-.}")"
}

# ---- who announces, and who answers

routes() { ip -n "$1" "-$2" route show table local proto 92; }
family() { [[ $1 == *:* ]] && echo 6 || echo 4; }
# announcers ADDRESS: the names of the nodes
announcers() {
	local k found=()

	for k in 1 2 3; do
		routes "${cluster[k]}" "$(family "$1")" | grep -q "^local $1 " &&
			found+=("${cluster_name[k]}")
	done
	echo "${found[*]}"
}
announced_by() { [ "$(announcers "$1")" = "$2" ]; }

# Answers of ARP and of NDP for $1 that come to the client, counted.
count_answers() {
	in_ns "$lan" nft -f - <<-RULES
		table arp seen {
			counter web { }
			chain in {
				type filter hook input priority 0;
				arp operation reply arp saddr ip $web counter name web
			}
		}
		table ip6 seen {
			counter six { }
			chain in {
				type filter hook input priority 0;
				icmpv6 type nd-neighbor-advert @th,64,32 0xfd700000 \
					@th,160,32 0x00000242 counter name six
			}
		}
	RULES
}
answers() {
	local said

	said=$(in_ns "$lan" nft reset counter "$1" seen "$2")
	[[ $said =~ packets\ ([0-9]+) ]] && echo "${BASH_REMATCH[1]}"
}
# The client forgets whom it knows, and asks the LAN.
pinged() {
	ip -n "$lan" neigh flush all
	in_ns "$lan" ping -c 1 -W 2 "$1"
}
# one_answers NAME
one_answers() {
	# What is said without a question is over four seconds after a take-over.
	wait_for 10 quiet || { fail "$1: it is quiet"; return; }
	expect "$1: the IPv4 address answers ping" pinged "$web"
	same "$1: one ARP answer" 1 "$(answers arp web)"
	answers ip6 six >/dev/null
	expect "$1: the IPv6 address answers ping" pinged "$six"
	same "$1: one neighbour advertisement" 1 "$(answers ip6 six)"
}
# Longer than what is between two of them: there is nothing to wait for, but for silence.
quiet() {
	answers arp web && answers ip6 six
	sleep 1.5
	[ "$(answers arp web)$(answers ip6 six)" = 00 ]
}

# ---- a client that asks all the time

# asking ADDRESS FILE: the time of each answer, in microseconds, into FILE; others into FILE.lost
asking() {
	while [ -e "$lib_scratch/stream" ]; do
		if client "$lan" tcp "$1" 80 --timeout 0.4 >/dev/null 2>&1; then
			echo "${EPOCHREALTIME/./}" >>"$lib_scratch/$2"
		else
			echo >>"$lib_scratch/$2.lost"
		fi
		sleep 0.03
	done
}
stream_start() {
	rm -f "$lib_scratch"/stream-*
	touch "$lib_scratch"/{stream,stream-4,stream-4.lost,stream-6,stream-6.lost}
	asking "$web" stream-4 &
	streams=($!)
	asking "$six" stream-6 &
	streams+=($!)
	wait_for 10 answered_more 4 5 && wait_for 10 answered_more 6 5
}
answered() { wc -l <"$lib_scratch/stream-$1"; }
answered_more() { [ "$(answered "$1")" -ge "$2" ]; }
goes_on() {
	wait_for 20 answered_more 4 $(($(answered 4) + 10)) &&
		wait_for 20 answered_more 6 $(($(answered 6) + 10))
}
# The longest time between two answers, in milliseconds.
longest() {
	awk 'NR > 1 && $1 - was > max { max = $1 - was } { was = $1 }
		END { print int(max / 1000) }' "$lib_scratch/stream-$1"
}
# in_time MS
in_time() { [ "$(longest 4)" -le "$1" ] && [ "$(longest 6)" -le "$1" ]; }
# stream_ends NAME: says what was lost, and how long there was no answer
stream_ends() {
	local f

	rm "$lib_scratch/stream"
	wait "${streams[@]}"
	for f in 4 6; do
		echo "# IPv$f, $1: $(answered "$f") answers, $(wc -l <"$lib_scratch/stream-$f.lost")" \
			"lost, at most $(longest "$f") ms without"
	done
	expect "$1: IPv4 and IPv6 were without an answer for at most $limit ms" in_time "$limit"
}

# ---- they come

announce_up() {
	local k

	cluster_up && ipv6_up || return 1
	for k in 1 2 3; do
		at_exit on "${cluster[k]}" svcd_stop KILL
		at_exit on "${cluster[k]}" svcd_kill CONT
		configure "$k"
	done
	start 1 || return 1
	SVCD_SOCKET=$(socket "${cluster[1]}")
	for k in 1 2 3; do
		node_object "$k" || return 1
	done
	lb web "$web" && lb six "$six" '.spec.ipFamilies = ["IPv6"]' &&
		make_object "$(endpoints web 10.244.3.10)" &&
		make_object "$(endpoints six fd44:3::10)"
}
