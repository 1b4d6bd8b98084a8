/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What rules of kube-proxy in its mode nftables do, as facts:
 *
 *	10.96.0.10:53 tcp ns/dns:dns-tcp inside: 10.244.0.14:53 10.244.2.15:53
 *	203.0.113.9:80 tcp ns/web outside: 10.244.1.11:8080
 *	ip *:30080 tcp ns/web outside, Local: drop; pods: 10.244.1.11:8080
 *	10.96.0.9:80 tcp ns/gone inside: reject
 *	203.0.113.9:80 tcp from 192.0.2.0/24 198.51.100.0/24
 *	10.96.0.10 is a ClusterIP
 *	10.244.0.14:53 tcp is on the node
 *	ns/sticky tcp keeps a client for 600 s at 10.244.1.11:8080
 */
#ifndef SVCNAT_TESTS_NFT_FACTS_H
#define SVCNAT_TESTS_NFT_FACTS_H

#include "facts.h"

/*
 * Of a file with what `nft list ruleset` printed; sorted. Fails the test at any rule
 * of a service that it does not understand.
 */
void nft_facts(const char *path, struct facts *facts);

#endif
