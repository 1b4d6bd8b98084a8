#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What NAT does not see: TCP packets that conntrack calls INVALID, which reset
# the client if they come through, and a SYN over a connection that is being
# closed and leads to an endpoint that is gone.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"
. "$(dirname "$0")/conns.bash"
. "$(dirname "$0")/guard.bash"

needs ip svcctl jq conntrack nft ss
begin
node_up
slow_to_forget
for f in "${families[@]}"; do
	server "$pod1" tcp "${pod1_ip[$f]}" 8080 one || fail "server one IPv$f"
	server "$pod2" tcp "${pod2_ip[$f]}" 8080 two || fail "server two IPv$f"
	server "$node" tcp "${node_ip[$f]}" 9090 host || fail "server on the node IPv$f"
done
declare -A host_ip=([4]=10.96.0.20 [6]=fd96::20)
declare -A other_ip=([4]=198.51.100.1 [6]=2001:db8:1::1)

expect "count what arrives at the client" count_strays

# ---- an INVALID packet

foreign_rules() {
	in_ns "$node" nft -f - <<-RULES
		table inet foreign {
			chain pre {
				type nat hook prerouting priority dstnat;
				ip daddr ${other_ip[4]} tcp dport 80 dnat ip to ${pod2_ip[4]}:8080
				ip6 daddr ${other_ip[6]} tcp dport 80 \
					dnat ip6 to [${pod2_ip[6]}]:8080
			}
		}
	RULES
}

# Once its own packets end the connection: what follows is true of the mechanism.
mechanism() {
	local f=$1 strays

	held conn "$client" tcp "${other_ip[$f]}" 80 || fail "a connection to hold"
	strays=$(arrived strays)
	expect "IPv$f: an INVALID packet through somebody else's NAT" \
		wild "$pod2" eth0 8080 "${pod2_ip[$f]}" 8080 "$conn"
	expect "IPv$f: comes through" wait_for 5 arrived_is strays $((strays + 1))
	# If the server was reset before it answered, the client waits for nothing.
	expect "IPv$f: and is the end of the connection" \
		broken "$conn" ECONNRESET EPIPE ETIMEDOUT
}

invalid() {
	local f=$1 strays dropped

	expect "IPv$f: services" svc add service "test/web$f" tcp \
		--frontend "$(at "${vip[$f]}" 80)" --endpoint "$(at "${pod1_ip[$f]}" 8080)"
	svc add service "test/host$f" tcp --frontend "$(at "${host_ip[$f]}" 80)" \
		--endpoint "$(at "${node_ip[$f]}" 9090)" || fail "a service on the node"
	held pod "$client" tcp "${vip[$f]}" 80 || fail "a connection to the pod"
	held host "$client" tcp "${host_ip[$f]}" 80 || fail "a connection to the node"
	held direct "$client" tcp "${pod1_ip[$f]}" 8080 || fail "a connection without a service"
	strays=$(arrived strays)
	dropped=$(stat invalid)

	expect "IPv$f: an INVALID packet of an endpoint" \
		wild "$pod1" eth0 8080 "${pod1_ip[$f]}" 8080 "$pod"
	expect "IPv$f: is dropped, and counted" wait_for 5 stat_is invalid $((dropped + 1))
	expect "IPv$f: the connection goes on" says "$pod" one
	expect "IPv$f: an INVALID packet of an endpoint on the node" \
		wild "$node" lan 80 "${node_ip[$f]}" 9090 "$host"
	expect "IPv$f: is dropped, and counted" wait_for 5 stat_is invalid $((dropped + 2))
	expect "IPv$f: the connection goes on" says "$host" host
	expect "IPv$f: an INVALID packet of an endpoint, of no connection" \
		stray "$pod1" send "${pod1_ip[$f]}" 8080 "${client_ip[$f]}" 4444 SA
	expect "IPv$f: is dropped, and counted" wait_for 5 stat_is invalid $((dropped + 3))
	same "IPv$f: none of them arrived" "$strays" "$(arrived strays)"
	who_left "$f" "$strays" $((dropped + 3))
	others "$f" $((strays + 1)) $((dropped + 4))
}

# An endpoint that has left its service, with a connection that lives on.
who_left() {
	local f=$1 strays=$2 dropped=$3

	expect "IPv$f: another endpoint instead" svc add service "test/web$f" tcp --replace \
		--frontend "$(at "${vip[$f]}" 80)" --endpoint "$(at "${pod2_ip[$f]}" 8080)"
	expect "IPv$f: an INVALID packet of who has left, of a connection that lives on" \
		wild "$pod1" eth0 8080 "${pod1_ip[$f]}" 8080 "$pod"
	expect "IPv$f: is dropped, and counted" wait_for 5 stat_is invalid $((dropped + 1))
	same "IPv$f: and does not arrive" "$strays" "$(arrived strays)"
	expect "IPv$f: the connection goes on" says "$pod" one
	expect "IPv$f: one of no connection" \
		stray "$pod1" send "${pod1_ip[$f]}" 8080 "${client_ip[$f]}" 4444 SA
	expect "IPv$f: comes through" wait_for 5 arrived_is strays $((strays + 1))
	expect "IPv$f: the first endpoint again" svc add service "test/web$f" tcp --replace \
		--frontend "$(at "${vip[$f]}" 80)" --endpoint "$(at "${pod1_ip[$f]}" 8080)"
}

# What is not our endpoints', or not translated anyway, comes through.
others() {
	local f=$1 strays=$2 dropped=$3 resets

	expect "IPv$f: an INVALID packet of somebody else" \
		stray "$pod2" send "${pod2_ip[$f]}" 8080 "${client_ip[$f]}" 4444 SA
	expect "IPv$f: comes through" wait_for 5 arrived_is strays $((strays + 1))
	expect "IPv$f: one of an endpoint's other port" \
		stray "$pod1" send "${pod1_ip[$f]}" 8081 "${client_ip[$f]}" 4444 SA
	expect "IPv$f: comes through" wait_for 5 arrived_is strays $((strays + 2))
	expect "IPv$f: one of an endpoint, of a connection without a service" \
		wild "$pod1" eth0 8080 "${pod1_ip[$f]}" 8080 "$direct"
	expect "IPv$f: comes through" wait_for 5 arrived_is strays $((strays + 3))
	expect "IPv$f: and does no harm there" says "$direct" one
	untracked "$f"
	expect "IPv$f: comes through, untracked" wait_for 5 arrived_is strays $((strays + 4))

	resets=$(arrived resets)
	expect "IPv$f: a stray packet to an endpoint on the node" \
		stray "$client" send "${client_ip[$f]}" 4445 "${node_ip[$f]}" 9090 SA
	expect "IPv$f: is answered by a reset, as anywhere" \
		wait_for 5 arrived_is resets $((resets + 1))
	same "IPv$f: none of these was counted" "$dropped" "$(stat invalid)"
	expect "IPv$f: the services go" svc flush
	expect "IPv$f: an INVALID packet of who was an endpoint" \
		stray "$pod1" send "${pod1_ip[$f]}" 8080 "${client_ip[$f]}" 4444 SA
	expect "IPv$f: comes through" wait_for 5 arrived_is strays $((strays + 5))
}

untracked() {
	in_ns "$node" nft -f - <<-RULES
		table inet raw {
			chain pre {
				type filter hook prerouting priority raw;
				tcp sport 8080 tcp dport 4444 notrack
			}
		}
	RULES
	stray "$pod1" send "${pod1_ip[$1]}" 8080 "${client_ip[$1]}" 4444 SA
	in_ns "$node" nft delete table inet raw
}

# ---- a port that is used again

# Before a lost SYN would be sent again.
at_once() {
	local out

	out=$(client "$@" --timeout 0.9 2>&1)
	echo "$out"
	[[ $out == "two "* ]]
}
port_again() {
	local f=$1 name=test/again$1 to=${vip[$1]} sport=40004 again

	expect "IPv$f: a service of one endpoint" svc add service "$name" tcp \
		--frontend "$(at "$to" 80)" --endpoint "$(at "${pod1_ip[$f]}" 8080)"
	again=$(stat rescheduled)
	expect "IPv$f: a connection is half closed" half_closed "$f" "$to" $sport
	expect "IPv$f: another endpoint comes" svc add endpoint "$name" tcp \
		"$(at "${pod2_ip[$f]}" 8080)"
	expect "IPv$f: the port, while the endpoint is there: nothing is done about it" \
		unanswered "$client" tcp "$to" 80 --sport $sport
	same "IPv$f: nor counted" "$again" "$(stat rescheduled)"
	expect "IPv$f: the endpoint goes" svc del endpoint "$name" tcp \
		"$(at "${pod1_ip[$f]}" 8080)"
	expect "IPv$f: the connection is still closing" closing "$f" "$to"
	expect "IPv$f: the port again reaches the other one" \
		at_once "$client" tcp "$to" 80 --sport $sport
	same "IPv$f: that is counted" $((again + 1)) "$(stat rescheduled)"
	in_ns "$pod1" nft delete table inet deaf
	expect "IPv$f: the service goes" svc del service "$name" tcp --family "$f"
}

# Who drains gets nothing new, and this is new.
port_of_draining() {
	local f=$1 name=test/drains$1 to=${vip[$1]} sport=40007 again ep1

	ep1=$(at "${pod1_ip[$f]}" 8080)
	expect "IPv$f: a service of one endpoint" svc add service "$name" tcp \
		--frontend "$(at "$to" 80)" --endpoint "$ep1"
	held other "$client" tcp "$to" 80 || fail "a connection to hold"
	expect "IPv$f: a connection is half closed" half_closed "$f" "$to" $sport
	expect "IPv$f: the endpoint drains, another one comes" svc add endpoint "$name" tcp \
		"$ep1,drain" "$(at "${pod2_ip[$f]}" 8080)"
	again=$(stat rescheduled)
	expect "IPv$f: the port again reaches the other one" \
		at_once "$client" tcp "$to" 80 --sport $sport
	same "IPv$f: that is counted" $((again + 1)) "$(stat rescheduled)"
	in_ns "$pod1" nft delete table inet deaf
	expect "IPv$f: what was not closing stays" says "$other" one
	expect "IPv$f: the service goes" svc del service "$name" tcp --family "$f"
}

# The whole service goes: the port again must not reach the endpoint that it had.
port_of_nobody() {
	local f=$1 name=test/nobody$1 to=${vip[$1]} sport=40005 again unallocated

	expect "IPv$f: a service of one endpoint" svc add service "$name" tcp \
		--frontend "$(at "$to" 80)" --endpoint "$(at "${pod1_ip[$f]}" 8080)"
	expect "IPv$f: a connection is half closed" half_closed "$f" "$to" $sport
	expect "IPv$f: the service goes" svc del service "$name" tcp --family "$f"
	in_ns "$pod1" nft delete table inet deaf
	expect "IPv$f: the connection is still closing" closing "$f" "$to"
	again=$(stat rescheduled)
	unallocated=$(stat unallocated)
	expect "IPv$f: the port again reaches nobody" \
		unanswered "$client" tcp "$to" 80 --sport $sport
	same "IPv$f: its connection began anew" $((again + 1)) "$(stat rescheduled)"
	expect "IPv$f: and was dropped for what it is" \
		test "$(stat unallocated)" -gt "$unallocated"
}

expect "somebody else's NAT" foreign_rules
for f in "${families[@]}"; do
	mechanism "$f"
done
for f in "${families[@]}"; do
	invalid "$f"
	port_again "$f"
	port_of_draining "$f"
done
expect "a service network" svc settings service-cidrs 10.96.0.0/16,fd96::/112
for f in "${families[@]}"; do
	port_of_nobody "$f"
done

finish
