#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
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
expect "another node's name" hangup 'nodeName: other' 'externalCIDRs: [203.0.113.0/24]'
expect "takes a restart, the rest does not" wait_for 5 setting externalCIDRs '["203.0.113.0/24"]'
expect "new connections go on" ask "$client" tcp "$web" 80 one
expect "the old one stays" held_ask "$conn" "after all that"
finish
