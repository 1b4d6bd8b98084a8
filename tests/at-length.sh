#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# One of tests/selftests in a VM, at length:
#
#	tests/at-length.sh soak [KERNEL]	svcd and the module for SOAK_SECONDS, an hour,
#						with SOAK_SERVICES, 1,000
#	tests/at-length.sh fuzz [KERNEL]	FUZZ_MESSAGES requests, 20,000, and FUZZ_PACKETS,
#						40,000
#	tests/at-length.sh churn [KERNEL]	for CHURN_SECONDS, 600, so many a second:
#						CHURN_REQUESTS, 1,000, CHURN_CHANGES, 100, of
#						CHURN_SERVICES, 10, with CHURN_ENDPOINTS, 40,
#						each; conntrack's CHURN_TIME_WAIT, 5. All of it
#						of the guest's clock, which counts instructions
#	tests/at-length.sh faults		each allocation fails in turn; on the debug
#						kernel, which can do so
#
# KERNEL: 6.12 (default), 6.1, debug, or a full version. SOAK_SEED, FUZZ_SEED, CHURN_SEED:
# repeat one.
set -eu

cd "$(dirname "$0")/.."
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
kernel=${2:-6.12}
settings=() options=()
case $1 in
soak)
	seconds=${SOAK_SECONDS:-3600}
	limit=$((seconds + 1800)) cpus=1
	settings=(SOAK_SECONDS="$seconds" SOAK_SERVICES="${SOAK_SERVICES:-1000}"
		SOAK_SEED="${SOAK_SEED:-$RANDOM}")
	;;
fuzz)
	messages=${FUZZ_MESSAGES:-20000} packets=${FUZZ_PACKETS:-40000}
	limit=$(((messages + packets) / 20 + 900)) cpus=2
	settings=(FUZZ_MESSAGES="$messages" FUZZ_PACKETS="$packets"
		FUZZ_SEED="${FUZZ_SEED:-$RANDOM}")
	;;
churn)
	seconds=${CHURN_SECONDS:-600}
	limit=$((seconds * 10 + 1200)) cpus=1 options=(-i)
	settings=(CHURN_SECONDS="$seconds" CHURN_REQUESTS="${CHURN_REQUESTS:-1000}"
		CHURN_CHANGES="${CHURN_CHANGES:-100}" CHURN_SERVICES="${CHURN_SERVICES:-10}"
		CHURN_ENDPOINTS="${CHURN_ENDPOINTS:-40}" CHURN_GRACE="${CHURN_GRACE:-5}"
		CHURN_LEAST="${CHURN_LEAST:-0.98}" CHURN_TIME_WAIT="${CHURN_TIME_WAIT:-5}"
		CHURN_SEED="${CHURN_SEED:-$RANDOM}")
	;;
faults)
	kernel=debug limit=3000 cpus=1
	;;
*)
	echo "$0: nothing is called $1" >&2
	exit 2
	;;
esac
kver=debug
[ "$kernel" = debug ] || kver=$(tests/vm/run -n -k "$kernel")
make -s --no-print-directory daemon tests
make -s --no-print-directory kmod KVER="$kver"
kver=$(tests/vm/run -n -k "$kernel")
exec tests/vm/run -k "$kernel" -c "$cpus" "${options[@]}" -t $((limit + 100)) -- \
	env "${settings[@]}" tests/selftests/run.sh -t "$limit" "build/kmod/$kver/svcnat.ko" \
	"tests/selftests/$1.sh"
