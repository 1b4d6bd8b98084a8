#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# What of the benchmark needs no VM: which points there are, what is loaded, and what its
# report says of figures.
set -u

here=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/unit/tap.bash
. "$here/tests/unit/tap.bash"
bench=$here/tests/bench
export PYTHONDONTWRITEBYTECODE=1
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# ---- points

export BENCH_KERNELS=6.12
ok "a row without services" "$(BENCH_ROWS=plain "$bench/matrix.sh")" \
	"6.12 plain 4 udp pre 0
6.12 plain 4 udp out 0
6.12 plain 4 tcp pre 0
6.12 plain 6 udp pre 0"
ok "one point" "$(BENCH_ROWS=svcnat BENCH_SIZES=10 "$bench/matrix.sh")" \
	"6.12 svcnat 4 udp pre 10"
ok "crossed" "$(BENCH_ROWS=svcnat BENCH_SIZES=10 BENCH_CROSS=1 "$bench/matrix.sh" | wc -l)" 8
ok "no fast path from the node" \
	"$(BENCH_ROWS=svcnat-fastpath BENCH_CROSS=1 "$bench/matrix.sh" | grep -c out)" 0
ok "a row that there is not" "$(BENCH_ROWS=svcnut "$bench/matrix.sh" 2>/dev/null; echo $?)" 2

# ---- what is loaded

ok "services of svcnat" "$("$bench/services.sh" 70000 udp 4 --account | tail -1)" \
	"add service bench/svc-69999 udp --frontend cluster:10.98.17.111:80 --endpoint\
 10.129.17.111:8080 --endpoint 10.161.17.111:8080 --account"
ok "the same in IPv6" "$("$bench/services.sh" 300 tcp 6 | tail -1)" \
	"add service bench/svc-00299 tcp --frontend cluster:[fd00:10:97::12b]:80 --endpoint\
 [fd00:10:128::12b]:8080 --endpoint [fd00:10:160::12b]:8080 "

made() { "$bench/kube_proxy.py" "$1" "$2" "$3" "$4" "$scratch/$1-$2-$3-$4"; }
said() { grep -cE "$2" "$scratch/$1"; }

recorded=$here/tests/fixtures/kube-proxy
made nftables 10 tcp 4
ok "nftables as recorded" \
	"$(cmp "$scratch/nftables-10-tcp-4/rules.nft" "$recorded/nftables-10.txt"; echo $?)" 0
made iptables 10 tcp 4
ok "iptables as recorded" \
	"$(cmp "$scratch/iptables-10-tcp-4/rules.iptables" "$recorded/iptables-10.txt"; echo $?)" 0
made nftables 1 udp 6
ok "nftables of one service, UDP, IPv6: nothing else" \
	"$(said nftables-1-udp-6/rules.nft '10\.[0-9]+\.|tcp \.|l4proto tcp|ipv4|svc-0000[0-79]')" 0
ok "its frontend is where the packets go" "$(grep -c "$(<"$scratch/nftables-1-udp-6/target") \
. udp . 80 : goto service-" "$scratch/nftables-1-udp-6/rules.nft")" 1
made iptables 1 udp 4
ok "iptables of one service and kubernetes" \
	"$(said iptables-1-udp-4/rules.iptables '^:KUBE-S(VC|EP)-')" 5
made ipvs 1 udp 6
ok "IPVS of one service, IPv6" "$(sed -n '$p' "$scratch/ipvs-1-udp-6/ipvs.services")" \
	"-a -u [$(<"$scratch/ipvs-1-udp-6/target")]:80 -r [fd00:10:245::9]:8080 -m -w 1"
ok "its sets are made before they are filled" \
	"$(awk '/^add/ { filled = 1 } /^create/ && filled { late++ }
		END { print filled, late + 0 }' "$scratch/ipvs-1-udp-6/ipvs.sets")" "1 0"
ok "no recording of so many" "$(made nftables 100000 tcp 4 2>/dev/null; echo $?)" 3

# ---- the report

line() {
	printf '{"kernel": "6.12", "row": "%s", "family": 4, "proto": "udp", "path": "pre", ' "$1"
	printf '"services": %d, "new": %d, "established": %d}\n' "$2" "$3" "$4"
}
report() { "$bench/report.py" "$@"; }
iperf3() {
	printf '{"kernel": "6.12", "row": "%s", "family": 4, "proto": "tcp", "path": "pre", ' "$1"
	printf '"services": %d, "mib": 32, "instructions_per_kib": %d}\n' "$2" "$3"
}

{
	line empty-nat 0 3000 2000
	line svcnat 1000 3401 2300
	line kube-proxy-nftables 1000 7401 4300
	iperf3 svcnat-fastpath 1000 8192
	iperf3 plain 0 16384
} >"$scratch/lines"
out=$(report "$scratch/lines" "$scratch")
ok "results.json" "$(jq -c '.[1] | [.row, .kernel, .family, .proto, .path, .services, .new,
	.established], keys_unsorted' "$scratch/results.json")" \
	'["svcnat","6.12",4,"udp","pre",1000,3401,2300]
["row","kernel","family","proto","path","services","new","established"]'
ok "no iperf3 in it" "$(jq length "$scratch/results.json")" 3
ok "throughput.json" "$(jq -c '.[1] | [.row, .services, .mib, .instructions_per_kib],
	keys_unsorted' "$scratch/throughput.json")" \
	'["svcnat-fastpath",1000,32,8192]
["row","kernel","family","proto","path","services","mib","instructions_per_kib"]'
ok "what that is in a second of 500 million instructions" \
	"$(awk '/iperf3/ { at = 1 } at && /fastpath/ { print $(NF - 1), $NF; exit }' <<<"$out")" \
	"8,192 500"
bar() { grep "$1" <<<"$out" | awk '{ print $NF }'; }
ok "a bar that is missed by one" "$(bar 'first packet of a service, over empty')" NO
ok "a bar that is just reached" "$(bar 'first packet of a service, over kube')" yes
ok "one that was not measured" "$(bar 'affinity')" -
ok "a plot" "$(head -c 5 "$scratch/plot.svg"; head -c 4 "$scratch/plot.png" | tail -c 3)" \
	"<?xmlPNG"

ok "a table for the README" "$(report --markdown "$scratch" | sed -n '4p')" \
	"| svcnat | 1,000 | 3,401 | 2,300 |"

cp "$scratch/results.json" "$scratch/baseline.json"
line svcnat 1000 3571 2300 >"$scratch/lines"
report --add "$scratch/lines" "$scratch" >/dev/null
ok "added to what there is" "$(jq -c 'map(.new)' "$scratch/results.json")" "[3000,3571,7401]"
ok "of iperf3, too" "$(jq -c 'map(.instructions_per_kib)' "$scratch/throughput.json")" \
	"[16384,8192]"
ok "5 % worse are allowed" "$(report --check "$scratch/baseline.json" "$scratch" >/dev/null
	echo $?)" 0
line svcnat 1000 3572 2300 >"$scratch/lines"
report --add "$scratch/lines" "$scratch" >/dev/null
ok "more are not" "$(report --check "$scratch/baseline.json" "$scratch"; echo $?)" \
	"kernel 6.12, IPv4, UDP, PRE_ROUTING, svcnat, 1000 services: new 3,572, was 3,401
1"
report "$scratch/lines" "$scratch" >/dev/null
ok "nor is a point that is gone" \
	"$(report --check "$scratch/baseline.json" "$scratch" | grep -c 'not measured')" 2

finish
