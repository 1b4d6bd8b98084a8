#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: one
#
# As announce.sh, but nobody dies: svcd hangs, is stopped, is told to announce or not to;
# nodes are taken out, and endpoints of Services of policy Local move. Exactly one node
# answers, or none where none shall.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"
. "$(dirname "$0")/svcd.bash"
. "$(dirname "$0")/cluster.bash"
. "$(dirname "$0")/announce.bash"

needs ip nft svcctl svcd jq curl ping
# Who does not answer for a second and a half is taken for dead.
[ ! -e /sys/kernel/debug/kmemleak ] || skip_all "a debug kernel is too slow"
begin
expect "three nodes, and one of them has svcd" announce_up
expect "a follower" start 2
expect "another one" start 3
expect "who is chosen announces" wait_for 20 announced_by "$web" other
expect "IPv6, too" wait_for 20 announced_by "$six" other
expect "answers are counted" count_answers

# ---- svcd hangs, or was stopped

expect "svcd hangs" on "${cluster[2]}" svcd_kill STOP
expect "another one takes over" wait_for 10 announced_by "$web" "node other"
one_answers "svcd hangs"
expect "it goes on" on "${cluster[2]}" svcd_kill CONT
expect "it gives way" wait_for 5 announced_by "$web" node
expect "and gets its own back" wait_for 20 announced_by "$web" other

expect "svcd stops" on "${cluster[2]}" svcd_stop TERM
expect "what it announced stays in its kernel" grep -q "^local $web " <(routes "${cluster[2]}" 4)
expect "another one takes over" wait_for 10 announced_by "$web" "node other"
one_answers "svcd was stopped"
expect "it starts, and announces nothing any more" configure 2 none
expect "at all" start 2
same "what was left is gone" "" "$(routes "${cluster[2]}" 4)$(routes "${cluster[2]}" 6)"
expect "nor a table of nft" sh -c "! ip netns exec ${cluster[2]} nft list table arp svcnat-announce"

# ---- other options, without a restart

configure 2
expect "it shall announce" on "${cluster[2]}" svcd_kill HUP
expect "it gets its own" wait_for 20 announced_by "$web" other
configure 2 none
expect "it shall not" on "${cluster[2]}" svcd_kill HUP
expect "another one takes over at once" wait_for 2 announced_by "$web" node
configure 2
expect "it shall again" on "${cluster[2]}" svcd_kill HUP
expect "it gets its own" wait_for 20 announced_by "$web" other
label() {
	curl -sf --unix-socket "$SVCD_SOCKET" -X PATCH \
		-H 'Content-Type: application/merge-patch+json' -d "{\"metadata\": {\"labels\":
		{\"node.kubernetes.io/exclude-from-external-load-balancers\": $1}}}" \
		http://svcd/api/v1/nodes/other
}
expect "its Node is taken out by a label" label '""'
expect "another one takes over at once" wait_for 3 announced_by "$web" node
expect "without the label" label null
expect "it gets its own" wait_for 20 announced_by "$web" other

# ---- only nodes with an endpoint

expect "a Service of policy Local" lb loc "$loc" '.spec.externalTrafficPolicy = "Local"'
expect "its endpoint is on other" make_object "$(endpoints loc 10.244.2.10@other)"
expect "which announces" wait_for 5 announced_by "$loc" other
expect "and answers" wait_for 5 client "$lan" tcp "$loc" 80
expect "the endpoint moves" replace_endpoints loc 10.244.1.10@node
expect "and the address with it" wait_for 5 announced_by "$loc" node
expect "who answers there" wait_for 5 ask "$lan" tcp "$loc" 80 stable
no_endpoints() {
	curl -sf --unix-socket "$SVCD_SOCKET" -X DELETE \
		http://svcd/api/v1/namespaces/default/endpoints/loc
}
expect "it goes" no_endpoints
expect "nobody announces" wait_for 5 announced_by "$loc" ""

expect "the Service goes" svcctl delete service web
expect "nobody announces it" wait_for 5 announced_by "$web" ""
[ "$lib_failed" -eq 0 ] || tail -n 30 "$lib_scratch"/*/log | sed 's/^/# /'
finish
