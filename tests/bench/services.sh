#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# N services for "svcctl restore": one frontend and two endpoints each, as those that
# kube-proxy was recorded with.
#
#	tests/bench/services.sh N tcp|udp 4|6 [OPTION OF svcctl add]... >services
#
# Frontends are 10.97.0.0 + I or fd00:10:97::I, port 80; endpoints 10.128.0.0 + I and
# 10.160.0.0 + I, or fd00:10:128::I and fd00:10:160::I, port 8080.
set -eu

number=$1 proto=$2 family=$3
shift 3

echo "settings pod-cidrs 10.244.0.0/16,fd00:10:244::/48"
echo "settings service-cidrs 10.96.0.0/12,fd00:10:96::/47"
awk -v n="$number" -v proto="$proto" -v family="$family" -v options="$*" '
function at(net, i) {
	if (family == 6)
		return sprintf("[fd00:10:%d::%x]", net, i)
	return sprintf("10.%d.%d.%d", net + int(i / 65536), int(i / 256) % 256, i % 256)
}
BEGIN {
	for (i = 0; i < n; i++)
		printf "add service bench/svc-%05d %s --frontend cluster:%s:80" \
			" --endpoint %s:8080 --endpoint %s:8080 %s\n",
			i, proto, at(97, i), at(128, i), at(160, i), options
}'
