#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: one
#
# svcd.yaml: read at the start and on SIGHUP, under traffic; a file that is wrong
# changes nothing.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"
. "$(dirname "$0")/svcd.bash"

needs ip svcctl svcd jq curl
begin
node_up
server "$pod1" tcp "${pod1_ip[4]}" 8080 one || fail "server one"
server "$pod2" tcp "${pod2_ip[4]}" 8080 two || fail "server two"
config=$lib_scratch/svcd.yaml

put() { printf '%s\n' "$@" >"$config"; }
# setting NAME VALUE: in the kernel, as JSON; lists are sorted
setting() {
	[ "$(svc settings -j | jq -c ".$1 | if type == \"array\" then sort else . end")" = "$2" ]
}
# hangup LINE...: returns when the file was read
hangup() {
	local had

	had=$(times_read)
	put "$@"
	svcd_kill HUP
	wait_for 5 read_since "$had" || fail "SIGHUP was not heard"
}
times_read() { grep -c 'the options \(were read\|stay as\)' "$svcd_dir/log"; }
read_since() { [ "$(times_read)" -gt "$1" ]; }

put 'masqueradeAll: true' 'logLevel: loud'
refuse "a wrong value" "svcd.yaml:2:11: logLevel: \"loud\" is not a level" \
	ip netns exec "$node" svcd --node-name node --socket "$svcd_dir/x.sock" --config "$config"
put 'masqueradeAll: true' 'podCIDR: 10.0.0.0/8'
refuse "a wrong key" "svcd.yaml:2:1: podCIDR: there is no such key" \
	ip netns exec "$node" svcd --node-name node --socket "$svcd_dir/x.sock" --config "$config"
refuse "no such file" "/nowhere/svcd.yaml cannot be opened: No such file or directory" \
	ip netns exec "$node" svcd --node-name node --socket "$svcd_dir/x.sock" \
	--config /nowhere/svcd.yaml

put 'masqueradeAll: true' 'externalCIDRs: [203.0.113.0/24]' 'podCIDRs: 192.0.2.0/24'
expect "svcd starts with a file" svcd_start --config "$config"
expect "a switch" setting masqueradeAll true
expect "a list" setting externalCIDRs '["203.0.113.0/24"]'
expect "the command line wins" setting podCIDRs "[\"${pod_cidr[4]}\"]"
expect "a service" make_object "$(service web NodePort)"
expect "its endpoints" make_object "$(endpoints web "${pod1_ip[4]}")"
web=$(cluster_ip web)
expect "it works" wait_for 5 ask "$client" tcp "$web" 80 one
held conn "$client" tcp "$web" 80 || fail "a connection to hold"

hangup 'masqueradeAll: false' 'externalCIDRs: [203.0.113.0/24, 198.51.100.0/24]'
expect "another file, and SIGHUP" wait_for 5 setting masqueradeAll false
expect "the list too" setting externalCIDRs '["198.51.100.0/24","203.0.113.0/24"]'
expect "new connections go on" ask "$client" tcp "$web" 80 one
expect "the old one stays" held_ask "$conn" "still there"

hangup 'masqueradeAll: true' 'nonsense: 1'
hangup 'masqueradeAll: true' 'externalCIDRs: [203.0.113.0/33]'
hangup 'masqueradeAll: false' 'externalCIDRs: [203.0.113.0/24]'
expect "what is right is in force" wait_for 5 setting externalCIDRs '["203.0.113.0/24"]'
expect "what was wrong never was" setting masqueradeAll false

hangup 'externalCIDRs: [192.0.2.0/24]'
expect "a switch that is not there any more" wait_for 5 setting externalCIDRs '["192.0.2.0/24"]'
expect "stays as it was" setting masqueradeAll false
expect "new connections go on" ask "$client" tcp "$web" 80 one
expect "the old one stays" held_ask "$conn" "after all that"

# ---- where only the file says it, anything may change while svcd runs

declare -A says=(
	[nodeName]=node [socket]=$SVCD_SOCKET [dataDir]=$svcd_dir [manifests]=$lib_scratch/m1
	[podCIDRs]=${pod_cidr[4]} [serviceCIDRs]=10.96.0.0/12 [nodePortRange]=30000-32767
)
lines() {
	local key

	for key in "${!says[@]}"; do
		echo "$key: ${says[$key]}"
	done
}
# change KEY VALUE...: returns when the file was read
change() {
	while [ $# -gt 0 ]; do
		says[$1]=$2
		shift 2
	done
	hangup "$(lines)"
}
# wrong KEY VALUE TEXT: it is refused with that, and the status says so
wrong() {
	local was=${says[$1]}

	change "$1" "$2"
	says[$1]=$was
	expect "a wrong $1 is refused" last_said "$3"
}
last_said() { grep 'the options stay as' "$svcd_dir/log" | tail -1 | grep -qF -- "$1"; }

# New connections to the service, one after the other, until ask_off.
ask_on() {
	: >"$lib_scratch/asking"
	while [ -e "$lib_scratch/asking" ]; do
		ask "$client" tcp "$web" 80 one >/dev/null 2>&1 && echo well || echo missed
	done >"$lib_scratch/asked" &
	asker=$!
}
ask_off() {
	rm "$lib_scratch/asking"
	wait "$asker"
	expect "connections were made all the time, $1" \
		test "$(sort -u "$lib_scratch/asked")" = well
}
has_event() { svcctl get events -o json | grep -q "\"$1\""; }
in_range() { [[ $(cluster_ip "$1") == $2* ]] && [ "$(node_port "$1")" -ge "$3" ]; }

expect "svcd ends" svcd_stop TERM
mkdir "$lib_scratch/m1" "$lib_scratch/m2"
put "$(lines)"
expect "svcd starts with nothing but a file" svcd_run --config "$config"
port=$(node_port web)

ask_on
change serviceCIDRs 10.97.0.0/24 nodePortRange 31000-31007
expect "other ranges" wait_for 5 setting serviceCIDRs '["10.97.0.0/24"]'
expect "a new service" make_object "$(service new NodePort)"
expect "is in them" in_range new 10.97.0. 31000
expect "the old one has its address" ask "$client" tcp "$web" 80 one
expect "and its port" ask "$client" tcp "${node_ip[4]}" "$port" one
expect "which an Event tells of" has_event ClusterIPOutOfRange
expect "and another one" has_event PortOutOfRange
wrong serviceCIDRs 10.98.0.0/30 'serviceCIDRs: 10.98.0.0/30 is too small'
wrong nodePortRange 32000-31000 'nodePortRange: "32000-31000" is not a range of ports'
expect "one more service" make_object "$(service newer NodePort)"
expect "is in the ranges that are right" in_range newer 10.97.0. 31000
change serviceCIDRs 10.96.0.0/12 nodePortRange 30000-32767
ask_off "whatever the ranges"

# manifest FOLDER FILE NAME ADDRESS
manifest() {
	printf '%s\n' 'apiVersion: v1' 'kind: Service' "metadata: {name: $3}" \
		"spec: {clusterIP: $4, ports: [{port: 80, targetPort: 8080}]}" \
		--- "$(endpoints "$3" "${pod1_ip[4]}")" >"$1/.new" && mv "$1/.new" "$1/$2"
}
none_is() { ! svcctl get service "$1" >/dev/null 2>&1; }
uid_of() { svcctl get service "$1" -o json | jq -r .metadata.uid; }

manifest "$lib_scratch/m1" a.yaml both 10.96.7.7
manifest "$lib_scratch/m1" b.yaml first 10.96.7.8
expect "services of a folder" wait_for 5 ask "$client" tcp 10.96.7.8 80 one
manifest "$lib_scratch/m2" b.yaml both 10.96.7.7
manifest "$lib_scratch/m2" c.yaml second 10.96.7.8
both=$(uid_of both)
was=$web web=10.96.7.7
ask_on
change manifests "$lib_scratch/m2"
expect "another folder" wait_for 5 svcctl get service second
expect "only the old one has this" none_is first
expect "the address is the new one's" wait_for 5 ask "$client" tcp 10.96.7.8 80 one
wrong manifests m1 'manifests: "m1" is not an absolute path'
ask_off "whatever the folder"
web=$was
same "what both have is the same" "$both" "$(uid_of both)"
rm "$lib_scratch/m2/c.yaml"
expect "the new one is watched" wait_for 5 none_is second

near=$(service near NodePort | jq '.spec.externalTrafficPolicy = "Local"')
expect "a service of the local endpoints" make_object "$near"
expect "here and there" make_object \
	"$(endpoints near "${pod1_ip[4]}@node" "${pod2_ip[4]}@other")"
port=$(node_port near)
expect "here" wait_for 5 ask "$client" tcp "${node_ip[4]}" "$port" one
ask_on
change nodeName other
expect "another name of the node: there" wait_for 5 ask "$client" tcp "${node_ip[4]}" "$port" two
expect "the status has it" test "$(svcctl status -j | jq -r .node)" = other
wrong nodeName No_1 'nodeName: "No_1" is not a node name'
expect "it is as it was" ask "$client" tcp "${node_ip[4]}" "$port" two
ask_off "whatever the name"
other=$lib_scratch/other.sock
was=$SVCD_SOCKET
touch "$lib_scratch/file"
ask_on
change socket "$other" nodeName node
export SVCD_SOCKET=$other
expect "another socket" svcd_ready
expect "the old one goes" wait_for 5 test ! -e "$was"
wrong socket "$lib_scratch/file" 'is there and is not a socket'
refuse "the status says so" 'is there and is not a socket' svcctl status
expect "it is where it was" svcd_ready
wrong dataDir "$lib_scratch/file/below" "cannot make $lib_scratch/file/below"
change masqueradeAll true dataDir "$lib_scratch/file/below"
says[dataDir]=$svcd_dir
expect "nothing else of such a file is in force" setting masqueradeAll false
unset "says[masqueradeAll]"
change socket "$other"
expect "all is well again" svcctl status

role() { [ "$(svcctl status -j | jq -r .source.role)" = "$1" ]; }
change follow unix:///nowhere/svcd.sock
expect "a follower" role follower
refuse "it has no objects" 'it follows unix:///nowhere/svcd.sock: ask there' \
	svcctl get services
wrong follow http://192.0.2.1 'not encrypted'
unset "says[follow]"
change nodeName other
expect "an authority again" role authority
expect "with its objects" test "$(cluster_ip web)" = "$web"
ask_off "whatever the socket and the role"

change dataDir "$lib_scratch/data"
expect "another database" none_is web
expect "nothing of the old one is in the kernel" wait_for 5 kernel_has_not default/web
change dataDir "$svcd_dir"
expect "back: all of it is" wait_for 5 ask "$client" tcp "$web" 80 one
expect "the first connection is still there" held_ask "$conn" "through all of it"
finish
