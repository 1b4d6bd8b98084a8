#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# KERNELS: one
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
expect "svcd starts" svcd_start
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
expect "the others' service goes" svc del service other/mine tcp
expect "there are services" grep -q default/s <<<"$(svc save)"

# The objects, for another svcd and another kernel.
mkdir "$lib_scratch/copy"
cp "$svcd_dir"/*.db* "$lib_scratch/copy/"
svcd_patience=180
first=$node svcd_dir=$lib_scratch/copy SVCD_SOCKET=$lib_scratch/copy/svcd.sock
ns_add node
expect "they are loaded at once" svcd_start

# equal: what both kernels have; the difference is in the file of that name
equal() {
	diff <(in_ns "$first" svcctl save) <(svc save) >"$lib_scratch/difference"
}
expect "both kernels have the same" wait_for 60 equal
sed 's/^/# /' "$lib_scratch/difference"
finish
