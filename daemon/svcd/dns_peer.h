/* SPDX-License-Identifier: GPL-2.0 */
/* Somebody who speaks DNS: an address, a port and, of a link-local one, its link. */
#ifndef SVCNAT_DNS_PEER_H
#define SVCNAT_DNS_PEER_H

#include "addrport.h"

#include <sys/socket.h>

#define DNS_PORT	53
/* That a node asks. */
#define DNS_UPSTREAMS_MAX	8

struct dns_peer {
	struct ip_addr addr;
	uint16_t port;
	uint32_t scope;		/* the number of a device; 0: none */
};

/* ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT. -EINVAL. */
int dns_peer_parse(const char *text, struct dns_peer *out, struct err *e);
bool dns_peer_equal(const struct dns_peer *a, const struct dns_peer *b);
const char *dns_peer_print(const struct dns_peer *p, char buf[ADDRPORT_STRLEN]);

/* Is it an address of this node, a loopback one among them? */
bool dns_peer_is_here(const struct dns_peer *p);

socklen_t dns_peer_sockaddr(const struct dns_peer *p, struct sockaddr_storage *out);
/* An IPv4 or IPv6 one. */
void dns_peer_from(struct dns_peer *p, const struct sockaddr_storage *sa);

#endif
