#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# First packets that slip by while a node boots: the module's parameter arms the
# initial namespace from the first moment, until the services are loaded.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"

needs ip svcctl depmod modprobe
begin
declare -A cidr=([4]=10.96.0.0/16 [6]=fd96::/112)
declare -A gate=([4]=192.168.70.1 [6]=fd70::1)

# The node is the initial namespace here; what the test changes there is undone.
ns_add pod
ip link add svcarm type veth peer name eth0 netns "$pod" || fail "a link"
at_exit ip link del svcarm
ip link set svcarm up
ip -n "$pod" link set eth0 up
ip addr add 192.168.70.1/24 dev svcarm
ip addr add fd70::1/64 dev svcarm nodad
ip -n "$pod" addr add 192.168.70.2/24 dev eth0
ip -n "$pod" addr add fd70::2/64 dev eth0 nodad
default_route "$pod" "${gate[4]}" "${gate[6]}"
declare -A pod_addr=([4]=192.168.70.2 [6]=fd70::2)
for s in net.ipv4.ip_forward net.ipv6.conf.all.forwarding; do
	at_exit sysctl -qw "$s=$(sysctl -n "$s")"
	sysctl -qw "$s=1"
done
for f in "${families[@]}"; do
	server "$pod" udp "${pod_addr[$f]}" 53 dns || fail "server IPv$f"
done

not_loaded() { field not-loaded "$(svcctl stats -j)"; }

# Dropped and counted, or not.
dropped() {
	local before

	before=$(not_loaded)
	unanswered "$pod" udp "${vip[$1]}" 53 && [ "$(not_loaded)" -gt "$before" ]
}

clear_up() {
	svcctl flush >/dev/null 2>&1
	nft delete table inet svcnat-hold 2>/dev/null
	rmmod svcnat 2>/dev/null
}

armed_is() {
	local said

	said=$(svcctl settings -j)
	same "$1" "$2 $3" "$(field armed "$said") $(field enabled "$said")"
}

clear_up
at_exit clear_up
for bad in 10.96.0.1/16 10.96.0.0 10.96.0.0/33 x "10.96.0.0/16," 010.96.0.0/16 10.96.0.0/016 \
	10.96.0.0/+16 fd96::/0112; do
	refuse "a parameter that is no CIDR: '$bad'" "nvalid param" \
		insmod "$SVCNAT_KO" "service_cidrs=$bad"
	expect "it is not loaded" test ! -e /sys/module/svcnat
done

expect "with two networks" insmod "$SVCNAT_KO" "service_cidrs=${cidr[4]},${cidr[6]}"
armed_is "armed from the beginning" true true
for f in "${families[@]}"; do
	expect "what goes there is dropped, IPv$f" dropped "$f"
done
expect "what does not go there is not" ask "$pod" udp "${pod_addr[4]}" 53 dns
ns_add elsewhere
same "another namespace is left alone" "false false" \
	"$(field armed "$(in_ns "$elsewhere" svcctl settings -j)") $(field enabled \
	"$(in_ns "$elsewhere" svcctl settings -j)")"

# One service is not all of them.
for f in "${families[@]}"; do
	expect "the first service, IPv$f" svcctl add service "test/dns" udp \
		--frontend "$(at "${vip[$f]}" 53)" --endpoint "$(at "${pod_addr[$f]}" 53)" \
		--owner test
	expect "is there" ask "$pod" udp "${vip[$f]}" 53 dns
done
armed_is "that does not disarm" true true
expect "a sync that is begun, and not ended" "$lib_repo/build/tests/svcnl" begin
armed_is "does not disarm either" true true
refuse "nor does the end of one that never was" "the sync token is void" \
	"$lib_repo/build/tests/svcnl" end 4711
armed_is "it is armed still" true true
svcctl save | grep -v ' armed ' >"$lib_scratch/saved"
expect "all services are loaded" svcctl restore "$lib_scratch/saved"
armed_is "that disarms" false true
for f in "${families[@]}"; do
	expect "they work, IPv$f" ask "$pod" udp "${vip[$f]}" 53 dns
done

# As an administrator does it; in a tree of its own, which is sorted in no time.
clear_up
tree=$lib_scratch/tree
mkdir -p "$tree/lib/modules/$(uname -r)" /run/modprobe.d
cp "$SVCNAT_KO" "$tree/lib/modules/$(uname -r)/svcnat.ko"
depmod -b "$tree" "$(uname -r)" 2>/dev/null
at_exit rm -f /run/modprobe.d/svcnat-arm.conf
echo "options svcnat service_cidrs=${cidr[4]}" >/run/modprobe.d/svcnat-arm.conf
expect "from modprobe.d" modprobe -d "$tree" svcnat
armed_is "armed by it" true true
expect "dropped" dropped 4
clear_up
echo "options svcnat service_cidrs=nonsense" >/run/modprobe.d/svcnat-arm.conf
refuse "a line that is wrong" "nvalid arg" modprobe -d "$tree" svcnat

finish
