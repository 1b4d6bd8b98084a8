#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Three nodes: an authority, and two that follow it, one over its socket and one over
# HTTP. Services, pods and Endpoints come and go at random; a second after the last
# change each kernel has what a node that has just come writes to an empty one, byte
# for byte. So it is after the authority was killed, after it was given an older
# copy of its database, and after a follower was cut off for CLUSTER_CUT seconds;
# and what did not change answers all the time.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"
. "$(dirname "$0")/svcd.bash"

seconds=${CLUSTER_SECONDS:-8}
services=${CLUSTER_SERVICES:-200}
cut=${CLUSTER_CUT:-60}
seed=${CLUSTER_SEED:-$RANDOM}
port=18080

needs ip svcctl svcd perl curl socat
begin
# The follower "other" has the network with clients and pods; the two others have none.
node_up
server "$pod1" tcp "${pod1_ip[4]}" 8080 one || fail "server one"
other=$node
ns_add node && authority=$node
ns_add node && third=$node

# on NODE COMMAND...: with the svcd of that node
on() {
	local node=$1 name

	name=$(basename "$1")
	svcd_dir=$lib_scratch/$name SVCD_SOCKET=$lib_scratch/$name/svcd.sock node=$node "${@:2}"
}
socket() { echo "$lib_scratch/$(basename "$1")/svcd.sock"; }
at_exit on "$authority" svcd_stop KILL
at_exit on "$other" svcd_stop KILL
at_exit on "$third" svcd_stop KILL

# ---- the way to the authority that can be cut: a socket in one namespace, a port in another

carry_start() {
	ip netns exec "$other" socat "TCP-LISTEN:$port,bind=127.0.0.1,fork,reuseaddr" \
		"UNIX-CONNECT:$(socket "$authority")" >/dev/null 2>&1 &
	disown
}
# The whole of it: each connection is a child.
carry_stop() { pkill -KILL -f "TCP-LISTEN:$port"; }
at_exit carry_stop

# ---- what is asked all the time

asking() {
	while [ -e "$lib_scratch/asking" ]; do
		if ask "$client" tcp "$stable" 80 one >>"$lib_scratch/unanswered"; then
			echo >>"$lib_scratch/answered"
		else
			echo "$SECONDS" >>"$lib_scratch/unanswered"
		fi
	done
}
answers() { wc -l <"$lib_scratch/answered"; }
more_than() { [ "$(answers)" -gt "$1" ]; }
still_answered() {
	more_than "$1" && cat "$lib_scratch/unanswered" && [ ! -s "$lib_scratch/unanswered" ]
}

# ---- changes, and what the kernels have after them

changes() {
	ip netns exec "$authority" perl "$(dirname "$0")/soak.pl" "$(socket "$authority")" "$1" \
		"$services" "$((seed++))" >"$lib_scratch/answers" 2>&1
}
saved() { echo "$lib_scratch/saved-$(basename "$1")"; }
# The last change was a second ago when the first of them is read.
save_all() {
	local n

	sleep 1
	for n in "$authority" "$other" "$third"; do
		in_ns "$n" svcctl save >"$(saved "$n")" || return 1
	done
}
# reference NODE NAME: what a node of that name that has just come writes
reference() {
	local node

	ns_add node
	on "$node" svcd_start --node-name "$2" --follow "unix://$(socket "$authority")" || return 1
	in_ns "$node" svcctl save >"$(saved "$1").fresh"
	on "$node" svcd_stop TERM
	ns_del "$node"
	diff "$(saved "$1").fresh" "$(saved "$1")" | sed 's/^/# /' | head -20
	grep -q default/s "$(saved "$1")" && cmp "$(saved "$1").fresh" "$(saved "$1")"
}
all_equal() {
	expect "the authority's kernel, $1" reference "$authority" node
	expect "a follower's, $1" reference "$other" other
	expect "the other's, $1" reference "$third" third
}

expect "the authority" on "$authority" svcd_start
carry_start
expect "a follower over HTTP" on "$other" svcd_start --node-name other \
	--follow "http://127.0.0.1:$port"
expect "a follower over a socket" on "$third" svcd_start --node-name third \
	--follow "unix://$(socket "$authority")"
SVCD_SOCKET=$(socket "$authority")
expect "a service" make_object "$(service stable)"
expect "its endpoints" make_object "$(endpoints stable "${pod1_ip[4]}")"
stable=$(cluster_ip stable)
node=$other
expect "comes to the follower" wait_for 5 kernel_has default/stable "${pod1_ip[4]}:8080"
touch "$lib_scratch"/{asking,answered,unanswered}
asking &
asker=$!

expect "changes (seed $seed)" changes "$seconds"
expect "a second later" save_all
sed 's/^/# /' "$lib_scratch/answers"
all_equal "after changes"

# What happens to a copy from before is what happens to one that is an hour old.
mkdir "$lib_scratch/copy"
expect "the authority stops" on "$authority" svcd_stop TERM
cp "$lib_scratch/$(basename "$authority")"/*.db* "$lib_scratch/copy/"
had=$(answers)
expect "the follower serves without it" wait_for 10 more_than $((had + 3))
expect "the authority starts" on "$authority" svcd_start

changes $((seconds + 5)) &
writer=$!
# Each pass is a change, or several; one of them is the start's.
passes() {
	curl -s --unix-socket "$SVCD_SOCKET" http://svcd/svcd/v1/status | jq .passes.count
}
under_way() { passes && [ "$(passes)" -gt 5 ]; }
expect "in the middle of changes" wait_for 20 under_way
expect "the authority is killed" on "$authority" svcd_stop KILL
wait "$writer"
had=$(answers)
expect "the follower serves on" wait_for 10 more_than $((had + 3))
expect "the authority starts again" on "$authority" svcd_start
followed() { svcctl status -j | jq -e '.source.kinds | all(.connected)'; }
expect "a follower comes back" wait_for 20 on "$other" followed
expect "the other too" wait_for 20 on "$third" followed
expect "changes after that (seed $seed)" changes "$seconds"
expect "a second later" save_all
all_equal "after the authority was killed"

had=$(answers)
carry_stop
expect "a follower is cut off for $cut s of changes" changes "$cut"
expect "what did not change answers" wait_for 10 more_than $((had + 10))
carry_start
expect "the follower comes back" wait_for 20 on "$other" followed
expect "a change" changes 1
expect "a second later" save_all
all_equal "after it was cut off"

expect "the authority stops" on "$authority" svcd_stop TERM
rm "$lib_scratch/$(basename "$authority")"/*.db*
cp "$lib_scratch/copy"/*.db* "$lib_scratch/$(basename "$authority")/"
expect "it starts with an old copy" on "$authority" svcd_start
expect "a follower comes back" wait_for 20 on "$other" followed
expect "the other too" wait_for 20 on "$third" followed
expect "a change" changes 1
expect "a second later" save_all
all_equal "with the old copy"

expect "all the time the service answered" still_answered 50
rm "$lib_scratch/asking"
wait "$asker"
echo "# $(answers) requests answered"
finish
