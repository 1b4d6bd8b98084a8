#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The family's manners: what it refuses and with which words, who may speak to
# it, long lists, and the mark and sweep of a sync.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"

needs ip svcctl jq unshare setpriv
begin
nlcheck=$lib_repo/build/tests/nlcheck
ns_add node
expect "a service that was there before" svc add service test/before tcp \
	--frontend 10.96.0.2:80 --endpoint 10.244.0.1:80
before=$(svc show -j; svc settings -j)

# nested NAME COMMAND...: KTAP lines of a program, as ours
nested() {
	local line out

	out=$("$@" 2>&1)
	while read -r line; do
		case $line in
		"ok "*) pass "${line#ok * }" ;;
		"not ok "*) fail "${line#not ok * }" ;;
		"# nlcheck: "[1-9]*) pass "it came to its end" ;;
		*) echo "$line" ;;
		esac
	done <<<"$out"
	[[ $out == *"# nlcheck: "* ]] || fail "$1 came to its end" "$out"
}

nested in_ns "$node" "$nlcheck"
same "all that changed nothing" "$before" "$(svc show -j; svc settings -j)"

ns_add fresh
nested in_ns "$fresh" "$nlcheck"
same "nor does it switch on a namespace that was not in use" false \
	"$(in_ns "$fresh" svcctl settings -j | jq .enabled)"

nested in_ns "$node" setpriv --reuid=65534 --regid=65534 --clear-groups "$nlcheck" eperm
nested in_ns "$node" unshare -Ur "$nlcheck" eperm
nested unshare -Urn "$nlcheck" eperm own
same "and that neither" "$before" "$(svc show -j; svc settings -j)"

nested in_ns "$node" "$nlcheck" many 65536
count='.[0].endpoints | "\(length) \([.[].address] | unique | length)"'
same "they are all read back, each once" "65536 65536" "$(svc show many -j | jq -r "$count")"
same "beside the other one" "many test/before" \
	"$(svc show -j | jq -r '[.[].name] | sort | join(" ")')"
expect "flush" svc flush --owner test
nested in_ns "$node" "$nlcheck" sync
nested in_ns "$node" "$nlcheck" dump
same "the service of before is still there" "test/before" \
	"$(svc show -j | jq -r '[.[].name] | join(" ")')"

finish
