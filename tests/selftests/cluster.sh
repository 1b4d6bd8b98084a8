#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: one
#
# Three nodes: an authority, and two that follow it, one over its socket and one over
# TLS with a kubeconfig. Services, pods and Endpoints come and go at random; a second
# after the last change each kernel has what a node that has just come writes to an
# empty one, byte for byte. So it is after the authority was killed, after a follower
# was, after short silence on the follower's way and after CLUSTER_CUT seconds of it,
# and after the authority was given an older copy of its database, while followers
# that were started without it waited. What did not change answers on all three nodes
# all the time.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"
. "$(dirname "$0")/svcd.bash"
. "$(dirname "$0")/cluster.bash"

# A kernel that checks itself does a tenth in the same time.
[ -e /proc/lockdep_stats ] && size=(4 25) || size=(8 200)
seconds=${CLUSTER_SECONDS:-${size[0]}}
services=${CLUSTER_SERVICES:-${size[1]}}
cut=${CLUSTER_CUT:-60}
seed=${CLUSTER_SEED:-$RANDOM}

needs ip nft ss nstat svcctl svcd perl curl socat openssl
begin
expect "three nodes" cluster_up
authority=${cluster[1]} other=${cluster[2]} third=${cluster[3]}
for n in "${cluster[@]}"; do
	at_exit on "$n" svcd_stop KILL
done
start_other() { on "$other" "$1" --node-name other --follow "$lib_scratch/kubeconfig"; }
start_third() {
	on "$third" "$1" --node-name third --follow "unix://$(socket "$authority")"
}

# ---- changes, and what the kernels have after them

changes() {
	ip netns exec "$authority" perl "$(dirname "$0")/soak.pl" "$SVCD_SOCKET" "$1" \
		"$services" "$((seed++))" >"$lib_scratch/answers" 2>&1
}
# Each pass is a change, or several; a few are the start's.
passes() {
	curl -s --unix-socket "$SVCD_SOCKET" http://svcd/svcd/v1/status | jq .passes.count
}
more_passes() { passes && [ "$(passes)" -gt "$1" ]; }
under_way() { wait_for 60 more_passes $(($(passes) + 3)); }

saved() { echo "$lib_scratch/saved-$(basename "$1")"; }
# The last change was a second ago when the first of them is read.
save_all() {
	local n

	sleep 1
	for n in "${cluster[@]}"; do
		in_ns "$n" svcctl save >"$(saved "$n")" || return 1
	done
}
# reference NODE NAME: what a node of that name that has just come writes
reference() {
	local node

	ns_add node
	on "$node" svcd_start --node-name "$2" --follow "unix://$SVCD_SOCKET" || return 1
	in_ns "$node" svcctl save >"$(saved "$1").fresh"
	on "$node" svcd_stop TERM
	ns_del "$node"
	diff "$(saved "$1").fresh" "$(saved "$1")" | head -20
	grep -q default/s "$(saved "$1")" && cmp "$(saved "$1").fresh" "$(saved "$1")"
}
all_equal() {
	expect "the authority's kernel, $1" reference "$authority" node
	expect "a follower's, $1" reference "$other" other
	expect "the other's, $1" reference "$third" third
}
# changed NAME: the second counts from the last of them
changed() {
	expect "changes, $1 (seed $seed)" changes "$2"
	expect "a second later" save_all
	sed 's/^/# /' "$lib_scratch/answers"
	all_equal "$1"
}
unlike() { ! cmp -s "$(saved "$1")" "$(saved "$2")"; }
unchanged() {
	in_ns "$1" svcctl save | diff "$(saved "$1")" -
}
made_slices() {
	local n label=endpointslice.kubernetes.io/managed-by

	n=$(svcctl get endpointslices -l "$label=endpointslice-controller.k8s.io" -o name | wc -l)
	echo "$n of them"
	[ "$n" -ge $((services / 10)) ]
}
# arrives NAME: a Service that is made now comes to the follower that was cut off
arrives() {
	make_object "$(service "$1")" && make_object "$(endpoints "$1" 10.244.9.9)" &&
		node=$other wait_for 25 kernel_has "default/$1" 10.244.9.9:8080
}

# ---- they come, and there is traffic

expect "the authority" on "$authority" svcd_start
SVCD_SOCKET=$(socket "$authority")
expect "certificates" certificates
expect "a port with TLS" carry_start
kubeconfig >"$lib_scratch/kubeconfig"
at_port() {
	in_ns "$other" curl -sf --cacert "$1/ca.pem" "${@:2}" https://192.168.71.1:6443/livez
}
tls=$lib_scratch/tls
expect "is the authority's" at_port "$tls" --cert "$tls/client.pem" --key "$tls/client.key"
nobody() { ! at_port "$tls"; }
expect "and nobody's without a certificate" nobody
expect "a follower over TLS" start_other svcd_start
expect "a follower over a socket" start_third svcd_start
expect "what is asked all the time" asked_objects
for k in 1 2 3; do
	expect "comes to ${cluster_name[k]}" comes_to "$k"
done
asking_start
expect "is answered" goes_on 2
held kept "${pod[2]}" tcp "$stable" 80 || fail "a connection that is kept"

changed "after changes" "$seconds"

# ---- the authority dies

# What happens to a copy from before is what happens to one that is an hour old.
mkdir "$lib_scratch/copy"
expect "the authority stops" on "$authority" svcd_stop TERM
cp "$lib_scratch/$(basename "$authority")"/*.db* "$lib_scratch/copy/"
expect "all nodes serve without it" goes_on 2
expect "the authority starts" on "$authority" svcd_start

changes $((seconds + 5)) &
writer=$!
expect "in the middle of changes" under_way
expect "the authority is killed" on "$authority" svcd_stop KILL
wait "$writer"
expect "all nodes serve on" goes_on 2
expect "the authority starts again" on "$authority" svcd_start
expect "a follower comes back" wait_for 60 on "$other" followed
expect "the other too" wait_for 60 on "$third" followed

# ---- a follower does

changes $((seconds + 5)) &
writer=$!
expect "in the middle of changes" under_way
expect "a follower is killed" on "$third" svcd_stop KILL
expect "all nodes serve on" goes_on 2
expect "it starts again" start_third svcd_start
wait "$writer"
changed "after both were killed" 2

# ---- nothing passes

before=$(on "$other" since)
lasted=$SECONDS
expect "a silence of three seconds" cut_off
expect "with changes" changes 3
expect "ends" cut_ends
lasted=$((SECONDS - lasted))
expect "what came meanwhile arrives" arrives short
expect "a second later" save_all
expect "nothing is lost" reference "$other" other
# A peer that is silent for 25 seconds is given up, as it should be; it speaks every ten.
if [ "$lasted" -lt 10 ]; then
	same "no connection is" "$before" "$(on "$other" since)"
else
	skip "no connection is" "it lasted for $lasted s"
fi

expect "a silence of $cut seconds" cut_off
changes "$cut" &
writer=$!
if [ "$cut" -ge 45 ]; then
	expect "is noticed" wait_for 40 on "$other" not_followed
	expect "and told" grep 'following: https://192.168.71.1:6443' \
		"$(dirname "$(socket "$other")")/log"
fi
expect "all nodes serve on" goes_on 2
expect "there were changes all the time" wait "$writer"
expect "it ends" cut_ends
expect "what came meanwhile arrives" arrives long
expect "the follower is back" on "$other" followed
changed "after the silence" 1
expect "most of it from pods" made_slices
expect "no two kernels are alike" unlike "$authority" "$other"
expect "no two" unlike "$other" "$third"

# ---- an old copy

expect "the authority stops" on "$authority" svcd_stop TERM
expect "the followers do" on "$other" svcd_stop KILL
expect "both of them" on "$third" svcd_stop TERM
expect "one starts, with no authority" start_other svcd_spawn
expect "the other, too" start_third svcd_spawn
expect "all nodes serve on" goes_on 2
expect "a follower leaves the kernel as it is" unchanged "$other"
expect "the other, too" unchanged "$third"
rm "$lib_scratch/$(basename "$authority")"/*.db*
cp "$lib_scratch/copy"/*.db* "$lib_scratch/$(basename "$authority")/"
expect "the authority starts with an old copy" on "$authority" svcd_start
expect "a follower comes back" wait_for 60 on "$other" followed
expect "the other too" wait_for 60 on "$third" followed
changed "with the old copy" 1

expect "all the time everybody was answered" goes_on 2
asking_stop
expect "and no packet lost" never_lost
expect "nor a connection" held_ask "$kept" still
echo "# $(cat "$lib_scratch"/answered-? | wc -l) rounds of 15 requests"
[ "$lib_failed" -eq 0 ] || tail -n 15 "$lib_scratch"/*/log | sed 's/^/# /'
finish
