/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What DNS says of Services: it is told of Services and EndpointSlices as the proxy is,
 * and answers questions by the Kubernetes DNS-based service discovery, schema 1.1.0. Where
 * that is silent, it does as CoreDNS does. It knows no sockets and no messages.
 *
 *	dns-version.DOMAIN			TXT
 *	SERVICE.NS.svc.DOMAIN			A, AAAA; SRV of all ports; or a CNAME
 *	_PORT._PROTO.SERVICE.NS.svc.DOMAIN	SRV
 *	ENDPOINT.SERVICE.NS.svc.DOMAIN		A, AAAA; SRV of all ports
 *	ADDRESS.NS.pod.DOMAIN			A or AAAA: what the name is made of
 *	reverse names				PTR
 *	DOMAIN					SOA, NS
 *	ns.dns.DOMAIN				A, AAAA
 *
 * ENDPOINT is the endpoint's hostname, or its address with dashes in it. A name that has
 * others below it exists. A headless Service without ready endpoints does not, nor does a
 * Service that has no address, nor an ExternalName that is one. Services that are for
 * another proxy have names as well.
 */
#ifndef SVCNAT_DNS_ZONE_H
#define SVCNAT_DNS_ZONE_H

#include "proxy.h"

#include <ldns/ldns.h>

/* Of what is not there; RFC 2308. */
#define DNS_NEGATIVE_TTL	5
/* Characters of a domain: of the longest names of Services, the whole fits into a name. */
#define DNS_DOMAIN_MAX		121

struct dns_zone_config {
	const char *domain;		/* "cluster.local"; a dot may follow */
	uint32_t ttl;			/* of all records, in seconds */
	uint32_t serial;		/* to begin with; a clock's seconds grow over restarts */
	/* Reverse names in there are the zone's, whether they exist or not. */
	struct kcidrs service_cidrs;
	/* Of ns.dns.DOMAIN, the zone's name server. */
	const struct ip_addr *servers;
	size_t nservers;
};

struct dns_zone;

/* All of c is copied. */
int dns_zone_alloc(struct dns_zone **out, const struct dns_zone_config *c, struct err *e);
void dns_zone_free(struct dns_zone *z);

/* Another configuration for the same objects; serial does not matter. An error: as before. */
int dns_zone_configure(struct dns_zone *z, const struct dns_zone_config *c, struct err *e);

/* As the proxy's, see there; what is no Service and no EndpointSlice is passed over. */
void dns_zone_list_begin(struct dns_zone *z, enum proxy_kind kind);
void dns_zone_list_end(struct dns_zone *z, enum proxy_kind kind);
void dns_zone_lists_void(struct dns_zone *z);
/* A reference is taken. -ENOMEM: what was known of this object still is. */
int dns_zone_object(struct dns_zone *z, enum proxy_kind kind, const json_t *object,
		    bool deleted);

/* Was all there, once? Before that nothing is known not to exist. */
bool dns_zone_ready(const struct dns_zone *z);

/* Is it a ClusterIP of the Service NAMESPACE/NAME? */
bool dns_zone_leads(const struct dns_zone *z, const char *key, const struct ip_addr *addr);

enum dns_verdict {
	DNS_ANSWERED,
	DNS_NODATA,		/* the name exists; it has nothing of this type */
	DNS_NXDOMAIN,
	DNS_NOT_OURS,		/* others may know */
	DNS_NOT_READY,
	DNS_FAILED,		/* no memory */
};

/*
 * The lists are NULL with DNS_FAILED only. Of what does not exist authority has the SOA;
 * answer may have aliases that lead there.
 */
struct dns_reply {
	enum dns_verdict verdict;
	ldns_rr_list *answer, *authority, *additional;
	ldns_rdf *chase;	/* where the last alias leads to; it is not ours. NULL: nowhere */
	bool cut;		/* there is more, for which was no room */
};

/*
 * room: no more is made than may fit into a message of so many bytes. The records of
 * a headless Service begin with another one each time. -ENOMEM: DNS_FAILED.
 */
int dns_zone_answer(struct dns_zone *z, const ldns_rdf *name, ldns_rr_type type, size_t room,
		    struct dns_reply *out);
void dns_reply_clear(struct dns_reply *r);

#endif
