#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# CPUS: 2
#
# Session affinity: the first packets of one client, on two CPUs at once, agree
# on its endpoint.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"
. "$(dirname "$0")/affinity.bash"

needs ip svcctl perl conntrack
begin
node_up
pod_servers

# Bursts on both CPUs, where the node has two.
cpus=$(printf '%x' $(((1 << $(nproc)) - 1)))
expect "packets of one device go to all CPUs" \
	ip netns exec "$node" tee /sys/class/net/lan/queues/rx-0/rps_cpus <<<"$cpus"

# The first packets of N sockets, by two processes as fast as they can. Prints the
# answers' words.
# shellcheck disable=SC2016 # perl's variables
burst='
	use Socket;
	use Fcntl;
	my ($proto, $addr, $port, $n, $limit) = @ARGV;
	my $to = pack_sockaddr_in($port, inet_aton($addr));
	my @s;
	for (1 .. $n) {
		socket(my $s, PF_INET, $proto eq "udp" ? SOCK_DGRAM : SOCK_STREAM, 0) or die $!;
		fcntl($s, F_SETFL, O_NONBLOCK) or die $! if $proto eq "tcp";
		push @s, $s;
	}
	my $child = fork;
	for (grep { ($_ & 1) == !$child } 0 .. $n - 1) {
		connect($s[$_], $to);
		send($s[$_], "hello\n", 0) if $proto eq "udp";
	}
	exit unless $child;
	waitpid($child, 0);
	for my $s (@s) {
		my ($set, $answer) = ("", "");
		vec($set, fileno($s), 1) = 1;
		print "$1\n" if select($set, undef, undef, $limit) &&
			sysread($s, $answer, 2048) && $answer =~ /^(\w+)/;
	}'

# rounds N PROTO COUNT ADDR PORT: in each round COUNT answers. Says how many rounds
# had one endpoint, and how many two.
rounds() {
	local i word alike=0 differ=0

	for ((i = 0; i < $1; i++)); do
		local -A n=([one]=0 [two]=0)

		svc affinity flush >/dev/null || return 1
		forget_udp 4
		while read -r word; do
			n[$word]=$((n[$word] + 1))
		done < <(in_ns "$client" perl -e "$burst" "$2" "$4" "$5" "$3" "$TIMEOUT")
		case "${n[one]} ${n[two]}" in
		"$3 0" | "0 $3") alike=$((alike + 1)) ;;
		*) [ $((n[one] + n[two])) -ne "$3" ] || differ=$((differ + 1)) ;;
		esac
	done
	echo "$alike alike, $differ not"
}

expect "a service for races, UDP" add test/race udp 4 90
same "without affinity, UDP first packets differ" "0 alike, 5 not" \
	"$(rounds 5 udp 16 "${vip[4]}" 90)"
expect "with affinity" add test/race udp 4 90 --affinity 600
same "they agree, 16 at a time" "10 alike, 0 not" \
	"$(rounds 10 udp 16 "${vip[4]}" 90)"
expect "a service for races, TCP in turn" add test/race tcp 4 90 --scheduler rr
same "without affinity, TCP first packets differ" "0 alike, 5 not" \
	"$(rounds 5 tcp 8 "${vip[4]}" 90)"
expect "with affinity" add test/race tcp 4 90 --scheduler rr --affinity 600
same "they agree, 8 at a time" "10 alike, 0 not" \
	"$(rounds 10 tcp 8 "${vip[4]}" 90)"
svc affinity flush >/dev/null

finish
