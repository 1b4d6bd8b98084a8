#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# "svcctl upgrade": the module is replaced while connections of every kind stand
# and new ones are made. None breaks, none goes astray, and all services of all
# namespaces are back. What is interrupted is finished by the next one.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"
. "$(dirname "$0")/conns.bash"

needs ip svcctl nft pkill flock
begin
node_up
ns_add other
saved=/run/svcnat/upgrade
pod_servers

# service FAMILY PROTO [OPTION...]
service() {
	local f=$1 p=$2

	shift 2
	svc add service "test/$p" "$p" --frontend "$(at "${vip[$f]}" 80)" \
		--frontend "external:$(at "${external_ip[$f]}" 80)" --frontend nodeport:30080 \
		--endpoint "$(at "${pod1_ip[$f]}" 8080)" "$@"
}

expect "pod networks, so that there is masquerading, and a service network" \
	svc settings pod-cidrs "${pod_cidr[4]},${pod_cidr[6]}" service-cidrs 10.96.0.0/16,fd96::/112
for f in "${families[@]}"; do
	expect "TCP, with records, IPv$f" service "$f" tcp --scheduler leastconn
	expect "UDP, with affinity, IPv$f" service "$f" udp --affinity 600
done
expect "a service of another owner, in another namespace" in_ns "$other" svcctl add service \
	test/other tcp --owner other --frontend 10.96.1.1:80 --endpoint 10.9.9.9:80

# ---- connections of every kind

kinds=()
hold() {
	local name=$1

	shift
	held "$name" "$@" || fail "a connection: $name"
	kinds+=("$name")
}
for f in "${families[@]}"; do
	for p in tcp udp; do
		hold "${p}_cluster$f" "$client" "$p" "${vip[$f]}" 80
		hold "${p}_external$f" "$client" "$p" "${external_ip[$f]}" 80
		hold "${p}_nodeport$f" "$client" "$p" "${node_ip[$f]}" 30080
		hold "${p}_node$f" "$node" "$p" "${vip[$f]}" 80
		hold "${p}_pod$f" "$pod2" "$p" "${vip[$f]}" 80
		hold "${p}_hairpin$f" "$pod1" "$p" "${vip[$f]}" 80
	done
done
expect "${#kinds[@]} connections" all_answer

# ---- what is refused changes nothing

before=$(svc save; in_ns "$other" svcctl save)
same_as_before() { [ "$before" = "$(svc save; in_ns "$other" svcctl save)" ]; }
gates() {
	local ns

	nft list tables | grep -c gate
	for ns in "$node" "$other"; do
		in_ns "$ns" nft list tables | grep -c gate
	done
}
# What "ip netns" leaves behind of a namespace that went is none.
touch /run/netns/left-behind
at_exit rm -f /run/netns/left-behind

refuse "a file that is not there" "No such file" svcctl upgrade /nowhere/svcnat.ko
refuse "a file that is no module" "cannot be read as a module" svcctl upgrade "$0"
other_module=$(modinfo -n dummy 2>/dev/null)
if [ -f "$other_module" ]; then
	refuse "another module" "is the module 'dummy'" svcctl upgrade "$other_module"
else
	skip "another module" "this kernel has none"
fi
expect "the same one again is no upgrade" eval \
	"svcctl upgrade '$SVCNAT_KO' | grep -q 'is loaded already'"
expect "all is as it was" same_as_before
same "no gate is left" "0 0 0" "$(gates | paste -sd' ')"

# ---- the upgrade, with new connections all the while

which_one() { command stat -c %i /sys/module/svcnat; }
untranslated() {
	in_ns "$node" nft -f - <<-RULES
		table inet astray {
			chain forward {
				type filter hook forward priority 0;
				ip daddr { ${vip[4]}, ${external_ip[4]} } counter
				ip6 daddr { ${vip[6]}, ${external_ip[6]} } counter
			}
		}
	RULES
}
astray() { in_ns "$node" nft list table inet astray | grep -c "packets [1-9]"; }
expect "counters of what is not translated" untranslated
(while client "$client" tcp "${vip[4]}" 80 --timeout 20; do :; done) >"$lib_scratch/busy" 2>&1 &
busy=$!
at_exit eval "kill $busy 2>/dev/null"
answers() { [ "$(grep -c '^one ' "$lib_scratch/busy")" -ge "$1" ]; }
expect "a client that connects all the time" wait_for 10 answers 3

known=$(which_one)
expect "upgrade" svcctl upgrade --force "$SVCNAT_KO"
expect "it is another one" test "$(which_one)" != "$known"
expect "all is back" same_as_before
same "no gate is left" "0 0 0" "$(gates | paste -sd' ')"
expect "nor a file" eval "! ls $saved/*.txt"
expect "all connections go on" all_answer
n=$(grep -c '^one ' "$lib_scratch/busy")
expect "the client goes on" wait_for 20 answers $((n + 3))
kill $busy
wait $busy 2>/dev/null
same "each of its connections was answered" "" "$(grep -v '^one ' "$lib_scratch/busy")"
same "nothing went astray" 0 "$(astray)"
for f in "${families[@]}"; do
	expect "new connections, IPv$f" ask "$client" tcp "${external_ip[$f]}" 80 one
	expect "UDP too, IPv$f" ask "$client" udp "${vip[$f]}" 80 one
done

# ---- a module that cannot be loaded, and then can

conf=/run/modprobe.d/svcnat-upgrade.conf
mkdir -p /run/modprobe.d
at_exit rm -f $conf
echo "options svcnat service_cidrs=nonsense" >$conf
refuse "a module that cannot be loaded" "new ones to services wait" \
	svcctl upgrade --force "$SVCNAT_KO"
expect "none is loaded" test ! -e /sys/module/svcnat
expect "all connections go on" all_answer
expect "new ones are held off" unanswered "$client" tcp "${vip[4]}" 80
expect "at the NodePort too" unanswered "$client" tcp "${node_ip[6]}" 30080
same "nothing goes astray" 0 "$(astray)"
rm $conf
expect "once more, and it can" svcctl upgrade "$SVCNAT_KO"
expect "all is back" same_as_before
same "no gate is left" "0 0 0" "$(gates | paste -sd' ')"
expect "new connections" ask "$client" tcp "${vip[4]}" 80 one

# ---- killed

# begun COMMAND...: an upgrade, to be killed as soon as COMMAND succeeds
begun() {
	local pid code=0

	svcctl upgrade --force "$SVCNAT_KO" >/dev/null 2>&1 &
	pid=$!
	until "$@"; do
		kill -0 "$pid" 2>/dev/null || { code=1; break; }
	done
	kill -KILL "$pid" 2>/dev/null
	wait "$pid" 2>/dev/null
	return "$code"
}
# The next one makes of it what it should have been.
finished() { svcctl upgrade "$SVCNAT_KO" && same_as_before; }
has_file() { compgen -G "$saved/*.txt" >/dev/null; }
is_gone() { [ ! -e /sys/module/svcnat ]; }

expect "killed with the first file" begun has_file
expect "finished by the next one" finished
# The new module takes its time: whoever looks finds none.
echo "install svcnat exec sleep 60" >$conf
expect "killed between the two modules" begun is_gone
pkill -KILL -f "sleep 60"	# it has inherited that TERM waits
expect "a file is there" has_file
same "and the gates" "0 1 1" "$(gates | paste -sd' ')"
expect "all connections go on" all_answer
expect "new ones are held off" unanswered "$client" tcp "${vip[4]}" 80
rm $conf
expect "somebody empties the firewall" in_ns "$node" nft delete table inet svcnat-gate
expect "finished by the next one" finished

# One at a time.
mkdir -p $saved
exec {lock}<$saved
flock $lock
refuse "while another one is under way" "another upgrade is under way" \
	svcctl upgrade --force "$SVCNAT_KO"
exec {lock}<&-
expect "that changed nothing" same_as_before
same "no gate is left" "0 0 0" "$(gates | paste -sd' ')"
expect "all connections go on" all_answer
expect "new ones too" ask "$client" tcp "${vip[4]}" 80 one

finish
