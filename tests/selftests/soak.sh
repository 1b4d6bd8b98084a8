#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Random writes to svcd, and others who change its services in the kernel: at the
# end the kernel has what another svcd, which comes to the same objects and to an
# empty kernel, writes there, byte for byte. SOAK_SECONDS and SOAK_SERVICES say how
# much of it; "make soak-vm" does an hour.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/node.bash"
. "$(dirname "$0")/svcd.bash"

seconds=${SOAK_SECONDS:-15}
services=${SOAK_SERVICES:-60}
seed=${SOAK_SEED:-$RANDOM}

needs ip svcctl svcd perl curl
begin
ns_add node
expect "svcd starts" svcd_start --node-port-range 30000-32767
ip netns exec "$node" perl "$(dirname "$0")/soak.pl" "$SVCD_SOCKET" "$seconds" "$services" \
	"$seed" >"$lib_scratch/answers" 2>&1 &
writer=$!

# Somebody else deletes what is svcd's, changes it, and has services of his own.
meddled=0
while kill -0 "$writer" 2>/dev/null; do
	read -r _ _ name proto _ < <(svc save --owner svcd | grep '^add' | shuf -n 1)
	svc del service "$name" "$proto" --owner svcd &>/dev/null && meddled=$((meddled + 1))
	svc add service other/mine tcp --replace --frontend cluster:192.0.2.250:80 \
		--endpoint "10.9.9.$((meddled % 200 + 1)):80" >/dev/null
done
expect "no write was svcd's fault (seed $seed)" wait "$writer"
sed 's/^/# /' "$lib_scratch/answers"
echo "# $meddled services deleted by somebody else"
expect "some were" test "$meddled" -gt 0
expect "all that is desired is in the kernel" wait_for 60 svc status
expect "the others' service goes" svc del service other/mine tcp
svc save >"$lib_scratch/step by step"
expect "there are services" grep -q default/s "$lib_scratch/step by step"

svcd_stop TERM
ns_add node
expect "another svcd, another kernel" svcd_start --node-port-range 30000-32767
expect "all is in that one" wait_for 60 svc status
svc save >"$lib_scratch/at once"
expect "they have the same" diff "$lib_scratch/step by step" "$lib_scratch/at once"
finish
