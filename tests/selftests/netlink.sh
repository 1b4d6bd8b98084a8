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
nested in_ns "$node" "$nlcheck" owners

# The tool repeats a dump that was interrupted, until one is of one piece.
expect "3,000 services" in_ns "$node" "$lib_repo/build/tests/svcnl" many 3000 10.244.0.1
(while svc add service test/flip tcp --family 4 && svc del service test/flip tcp; do :; done) \
	>"$lib_scratch/flip" 2>&1 &
flip=$!
at_exit eval "kill $flip 2>/dev/null"
for i in 1 2 3; do
	same "show, while others change: each once" "3000 3000" \
		"$(svc show --owner svcnl -j | jq -r 'map(.name) | "\(length) \(unique | length)"')"
done
expect "they did all the while" kill -0 $flip
kill $flip
wait $flip 2>/dev/null
svc del service test/flip tcp >/dev/null 2>&1
expect "flush them" svc flush --owner svcnl

# Limits that no other test meets.
for l in "max-frontends 1" "max-ranges 1"; do
	# shellcheck disable=SC2086 # words
	expect "$l" svc settings $l
	refuse "one more is refused by that name" "the limit ${l% *} is reached" svc add service \
		test/limit tcp --frontend loadbalancer:192.0.2.1:80 --source-range 10.0.0.0/8 \
		--source-range 192.0.2.0/24
	expect "enough" svc settings "${l% *}" 1000
done
expect "an external address" svc add service test/far tcp --frontend external:192.0.2.1:80
refuse "is not cut off by a list that it is not in" "has the external address 192.0.2.1" \
	svc settings external-cidrs 198.51.100.0/24
expect "by one that it is in neither" svc settings external-cidrs 192.0.2.0/24
refuse "but what it does not allow is refused" "192.0.3.1" svc add service test/farther tcp \
	--frontend external:192.0.3.1:80
expect "it goes" svc del service test/far tcp

same "the service of before is still there" "test/before" \
	"$(svc show -j | jq -r '[.[].name] | join(" ")')"

finish
