#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Endpoints come and go under requests, while svcd is killed and started again and the
# module is replaced: no request fails, but for those whose own endpoint went while they
# were on their way; and the kernel has in the end what svcd was told.
#
# So many requests and changes a second, for so long: CHURN_REQUESTS, CHURN_CHANGES,
# CHURN_SECONDS; CHURN_SERVICES with CHURN_ENDPOINTS each. "make soak" does ten minutes of
# 1,000 and 100, on a clock that counts instructions, and fails if less than CHURN_LEAST of it
# is reached. On any other clock that would say how busy the machine is; so here it may be less.
#
# conntrack keeps a connection for CHURN_TIME_WAIT seconds after its end, and each removal of
# an endpoint walks through all that it has.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"
. "$(dirname "$0")/svcd.bash"

seconds=${CHURN_SECONDS:-15}
requests=${CHURN_REQUESTS:-15}
changes=${CHURN_CHANGES:-3}
services=${CHURN_SERVICES:-4}
endpoints=${CHURN_ENDPOINTS:-10}
seed=${CHURN_SEED:-$RANDOM}
kills=5			# seconds from one to the next
upgrades=2
# A clock that counts instructions is not slowed down by what else the machine does.
grace=${CHURN_GRACE:-20}
least=${CHURN_LEAST:-0.001}
time_wait=${CHURN_TIME_WAIT:-120}
patience=180

needs ip svcctl svcd jq curl
begin
node_up
churn=$lib_repo/build/tests/churn
figures=$lib_scratch/figures
restarts=$lib_scratch/restarts

# Very many clients behind the client, which are pods, so that endpoints see their ports;
# very many endpoints behind pod1.
networks_up() {
	ip -n "$node" route add 10.244.200.0/24 via "${client_ip[4]}" &&
		ip -n "$node" route add fd44:cc::/64 via "${client_ip[6]}" &&
		ip -n "$node" route add 10.244.96.0/19 via "${pod1_ip[4]}" &&
		ip -n "$node" route add fd44:ee::/64 via "${pod1_ip[6]}" &&
		ip -n "$client" route add local 10.244.200.0/24 dev lo &&
		ip -n "$client" route add local fd44:cc::/64 dev lo &&
		ip -n "$pod1" route add local 10.244.96.0/19 dev lo &&
		ip -n "$pod1" route add local fd44:ee::/64 dev lo &&
		in_ns "$client" sysctl -qw net.ipv6.ip_nonlocal_bind=1 &&
		in_ns "$pod1" sysctl -qw net.core.somaxconn=65536 \
			net.ipv4.tcp_max_syn_backlog=65536 net.ipv4.tcp_max_tw_buckets=262144
}

# The size is that of all namespaces: only the first one can change it.
room_in_conntrack() {
	local name=net.netfilter.nf_conntrack_max before
	local wanted=$((requests * (time_wait + 10) + 20000))

	in_ns "$node" sysctl -qw "net.netfilter.nf_conntrack_tcp_timeout_time_wait=$time_wait"
	before=$(sysctl -n "$name") || return 1
	[ "$before" -lt "$wanted" ] || return 0
	at_exit sysctl -qw "$name=$before"
	sysctl -qw "$name=$wanted"
}

svcd_up() { svcd_usual "$1" --service-cidr fd96::/108 --pod-cidr "${pod_cidr[6]}"; }
objects() { "$churn" objects --services "$services" --endpoints "$endpoints" | svcctl create -f -; }
counts() { [ "$(table_counts)" = "$services $services $((services * endpoints))" ]; }

# pause_until SECOND: counted from the begin
pause_until() {
	local left=$((begun + $1 * 1000000 - ${EPOCHREALTIME/./}))

	[ "$left" -le 0 ] || sleep "$((left / 1000000)).$(printf '%06d' $((left % 1000000)))"
}

# Until the file is there. Each time it had been ready before; not while the module is
# being replaced, which is waited for.
killed_and_started() {
	local due=0

	while :; do
		due=$((due + kills))
		pause_until "$due"
		[ ! -e "$lib_scratch/over" ] || return 0
		wait_for 120 svcd_ready || { echo "svcd is not ready after $due s"; return 1; }
		svcd_stop KILL && svcd_up true || return 1
		echo "$due" >>"$restarts"
	done
}

which_one() { command stat -c %i /sys/module/svcnat; }
# another_module: by "svcctl upgrade"
another_module() {
	local before

	before=$(which_one)
	svcctl upgrade --force "$SVCNAT_KO" && [ "$(which_one)" != "$before" ]
}

# what_it_should: each service has in the kernel what the last change said
what_it_should() {
	local name places

	while read -r _ name places; do
		# shellcheck disable=SC2086 # words
		places=$(printf '%s\n' $places | LC_ALL=C sort | paste -sd' ')
		wait_for 120 kernel_has "$name" "$places" ||
			{ echo "$name: $places"; svc show "$name" -j; return 1; }
	done < <(grep '^has ' "$figures")
}

expect "networks" networks_up
expect "room for all connections" room_in_conntrack
expect "svcd starts" svcd_up svcd_ready
expect "$services services with $endpoints endpoints each" objects
expect "come to the kernel" wait_for 60 counts

echo "# $requests requests and $changes changes a second, for $seconds s, seed $seed"
begun=${EPOCHREALTIME/./}
"$churn" run --client "$client" --server "$pod1" --socket "$SVCD_SOCKET" \
	--services "$services" --endpoints "$endpoints" --seconds "$seconds" \
	--requests "$requests" --changes "$changes" --grace "$grace" --patience "$patience" \
	--least "$least" --seed "$seed" >"$figures" 2>&1 &
running=$!
at_exit eval "kill $running 2>/dev/null"
killed_and_started >"$lib_scratch/killer" 2>&1 &
killer=$!
for ((i = 1; i <= upgrades; i++)); do
	# Not at the same moment as a kill; there are enough of these while it goes on.
	pause_until $((seconds * i / (upgrades + 1) + 1))
	expect "the module is replaced, after $(((${EPOCHREALTIME/./} - begun) / 1000000)) s" \
		another_module
done
expect "no request failed but for its own endpoint's end" wait "$running"
touch "$lib_scratch/over"
grep -v '^has ' "$figures" | sed 's/^/# /'
echo "# conntrack has $(in_ns "$node" sysctl -n net.netfilter.nf_conntrack_count) connections;" \
	"since the last upgrade $(field stale-walks "$(svc stats -j)") walks through them"
expect "svcd came back each time" wait "$killer"
sed 's/^/# /' "$lib_scratch/killer"
n=$(wc -l <"$restarts")
expect "it was killed $n times" test "$n" -ge $((seconds / kills - 1))
expect "the kernel has what svcd was told" what_it_should

finish
