#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The module loads, the tool reaches it, one service of each family works, and
# an address that has no service is left alone.
. "$(dirname "$0")/lib.sh"

needs ip svcctl
begin

ns_add client
ns_add node
ns_add pod
link "$client" eth0 192.0.2.2/24,2001:db8:1::2/64 "$node" lan 192.0.2.1/24,2001:db8:1::1/64
link "$node" pod 10.1.0.1/24,fd00:1::1/64 "$pod" eth0 10.1.0.2/24,fd00:1::2/64
default_route "$client" 192.0.2.1 2001:db8:1::1
default_route "$pod" 10.1.0.1 fd00:1::1

server "$pod" tcp 10.1.0.2 8080 one || fail "server for IPv4"
server "$pod" tcp fd00:1::2 8080 six || fail "server for IPv6"

expect "the endpoint answers without any service" ask "$client" tcp 10.1.0.2 8080 one
expect "version" in_ns "$node" svcctl version
expect "add a service" in_ns "$node" svcctl add service demo/web tcp \
	--frontend cluster:10.96.0.10:80 --endpoint 10.1.0.2:8080
expect "it is shown" in_ns "$node" svcctl show
expect "it answers at its address" ask "$client" tcp 10.96.0.10 80 one
expect "add an IPv6 service" in_ns "$node" svcctl add service demo/six tcp \
	--frontend "cluster:[fd00:96::10]:80" --endpoint "[fd00:1::2]:8080"
expect "it answers at its address" ask "$client" tcp fd00:96::10 80 six

held conn "$client" tcp 10.96.0.10 80 || fail "a connection to hold"
expect "delete the service" in_ns "$node" svcctl del service demo/web tcp
expect "its connection goes on" held_ask "$conn" "still there"
refuse "a second deletion" "demo/web" in_ns "$node" svcctl del service demo/web tcp
expect "its address does not answer any more" unanswered "$client" tcp 10.96.0.10 80

finish
