#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Announcing by routes: svcd keeps them, bird on the node passes them on by BGP, and bird on
# the client's side learns where the address is; when it is not announced any more, it
# forgets that. Nobody else tells the client. Both families.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"
. "$(dirname "$0")/svcd.bash"

needs ip svcctl svcd jq curl ping bird birdc
begin
node_up
for f in "${families[@]}"; do
	server "$pod1" tcp "${pod1_ip[$f]}" 8080 one || fail "server one IPv$f"
done
for f in "${families[@]}"; do
	ip -n "$client" "-$f" route del default
done
config=$lib_scratch/svcd.yaml
cat >"$config" <<END
announce: route
pools:
- name: wan
  addresses: [203.0.113.20/30, 2001:db8::20/124]
END
svcd_up() { svcd_start --service-cidr fd00:10:96::/112 --pod-cidr fd44::/16 --config "$config"; }

# ---- two routers: the node, 65001, and the client, 65002

# The node's takes what is svcd's from the kernel; that is all it passes on.
node_router() {
	local f

	echo 'router id 192.168.50.1; protocol device { scan time 1; }'
	for f in "${families[@]}"; do
		cat <<-END
		protocol kernel kernel$f {
			learn;
			scan time 1;
			ipv$f {
				import where krt_source = 92;
				export none;
			};
		}
		protocol bgp up$f {
			local ${node_ip[$f]} as 65001;
			neighbor ${client_ip[$f]} as 65002;
			connect retry time 1;
			error wait time 1, 2;
			ipv$f {
				import none;
				export where source = RTS_INHERIT;
				next hop self;
			};
		}
		END
	done
}
client_router() {
	local f

	echo 'router id 192.168.50.2; protocol device { scan time 1; }'
	for f in "${families[@]}"; do
		cat <<-END
		protocol kernel kernel$f {
			ipv$f { import none; export all; };
		}
		protocol bgp down$f {
			local ${client_ip[$f]} as 65002;
			neighbor ${node_ip[$f]} as 65001;
			connect retry time 1;
			error wait time 1, 2;
			ipv$f { import all; export none; };
		}
		END
	done
}
# router NS NAME: starts the one whose configuration is NAME_router
router() {
	local at=$lib_scratch/$2

	"${2}_router" >"$at.conf"
	ip netns exec "$1" bird -c "$at.conf" -s "$at.ctl" -P "$at.pid" || return 1
	at_exit stop_router "$2"
}
stop_router() { kill "$(cat "$lib_scratch/$1.pid")"; }
established() {
	[ "$(birdc -s "$lib_scratch/client.ctl" show protocols | grep -c Established)" -eq 2 ]
}
# learned ADDRESS GATEWAY: the client sends there what is for it
learned() { ip -n "$client" route get "$1" | grep -q " via $2 "; }
forgot() { ! ip -n "$client" route get "$1"; }

lb() {
	make_object "$(service "$1" LoadBalancer | jq --arg ip "$2" "${3:-.}"' |
		.spec.loadBalancerIP = $ip')"
}
ours() { ip -n "$node" "-$1" route show table "$2" proto 92; }

expect "svcd" svcd_up
expect "a Service" lb a "${lb_ip[4]}"
expect "one of IPv6" lb six "${lb_ip[6]}" '.spec.ipFamilies = ["IPv6"]'
expect "its endpoint" make_object "$(endpoints a "${pod1_ip[4]}")"
expect "of IPv6" make_object "$(endpoints six "${pod1_ip[6]}")"
has_route() { ours "$1" "$2" | grep -q "$3"; }
expect "the node has the address" wait_for 5 has_route 4 local "local ${lb_ip[4]} "
expect "of IPv6" wait_for 5 has_route 6 local "local ${lb_ip[6]} "
expect "and a route to be passed on" has_route 4 main "unreachable ${lb_ip[4]} "
expect "of IPv6" has_route 6 main "unreachable ${lb_ip[6]} "
same "nothing else" "1 1" "$(ours 4 main | wc -l) $(ours 4 local | wc -l)"
event() { svcctl describe service "$1" | grep -qF "$2"; }
expect "an Event says so" wait_for 5 event a \
	'announcing from node "node" with protocol "route"'
expect "the status, too" grep -q '^announced   2 of 2 addresses, by route$' <(svcctl status)
no_way() { ! client "$client" tcp "${lb_ip[4]}" 80 --timeout 0.6; }
expect "nobody has told the client" no_way

expect "a router on the node" router "$node" node
expect "one on the client's side" router "$client" client
expect "they speak" wait_for 30 established
for f in "${families[@]}"; do
	expect "it learns the address, IPv$f" wait_for 10 learned "${lb_ip[$f]}" "${node_ip[$f]}"
	expect "a request, IPv$f" wait_for 5 ask "$client" tcp "${lb_ip[$f]}" 80 one
	expect "a ping, IPv$f" in_ns "$client" ping -c 1 -W 2 "${lb_ip[$f]}"
	expect "another port is refused, IPv$f" refused "$client" tcp "${lb_ip[$f]}" 81
done

# ---- what is not announced any more is forgotten

expect "another Service, of policy Local" lb b 203.0.113.21 '.spec.externalTrafficPolicy = "Local"'
expect "its endpoint is elsewhere" make_object "$(endpoints b "${pod2_ip[4]}@elsewhere")"
same "it is not announced" "" "$(ours 4 local | grep 203.0.113.21)"
expect "then it is here" replace_endpoints b "${pod1_ip[4]}@node"
expect "the client learns it" wait_for 10 learned 203.0.113.21 "${node_ip[4]}"
expect "a request" wait_for 5 ask "$client" tcp 203.0.113.21 80 one
expect "then elsewhere again" replace_endpoints b "${pod2_ip[4]}@elsewhere"
expect "the client forgets it" wait_for 10 forgot 203.0.113.21

expect "svcd is killed" svcd_stop KILL
same "the routes stay" "1 1" "$(ours 4 main | wc -l) $(ours 4 local | wc -l)"
expect "requests go on" ask "$client" tcp "${lb_ip[4]}" 80 one
expect "svcd starts" svcd_up
same "they are the same" "1 1" "$(ours 4 main | wc -l) $(ours 4 local | wc -l)"
expect "they go when others delete them" ip -n "$node" route flush proto 92
expect "and come back" wait_for 15 has_route 4 main "unreachable ${lb_ip[4]} "

expect "the Service goes" svcctl delete service a
expect "the client forgets it" wait_for 10 forgot "${lb_ip[4]}"
expect "but not the other one" learned "${lb_ip[6]}" "${node_ip[6]}"
sed -i 's/^announce: route/announce: none/' "$config"
expect "nothing shall be announced" svcd_kill HUP
expect "the client forgets that, too" wait_for 10 forgot "${lb_ip[6]}"
same "nothing is left" "" "$(ours 6 main)$(ours 6 local)"
[ "$lib_failed" -eq 0 ] || {
	birdc -s "$lib_scratch/node.ctl" show route all
	tail -n 30 "$svcd_dir/log"
} | sed 's/^/# /'
finish
