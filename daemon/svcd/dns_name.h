/* SPDX-License-Identifier: GPL-2.0 */
/* Names of DNS: into labels that can be compared, and out of labels. */
#ifndef SVCNAT_DNS_NAME_H
#define SVCNAT_DNS_NAME_H

#include "kservice.h"

#include <ldns/ldns.h>

#define DNS_NAME_MAX	255	/* bytes on the wire, the root's included */
#define DNS_LABELS_MAX	127
#define DNS_PROTOS	3

/* A name that is taken apart. */
struct dns_labels {
	/* In lower case; "" for one that no object's name could be. The first one is the lowest. */
	const char *v[DNS_LABELS_MAX];
	size_t at[DNS_LABELS_MAX + 1];	/* where it begins on the wire, and the root */
	size_t n;
	char text[DNS_NAME_MAX + 1];	/* what v points into */
};

/* false: it is no name, such as one with pointers in it. */
bool dns_labels_parse(struct dns_labels *l, const ldns_rdf *name);
/* A name that is put together. */
struct dns_name {
	uint8_t v[DNS_NAME_MAX];
	size_t n;
	bool failed;		/* it is too long, or has a bad label */
};

/* How many labels of l stand in front of n, which is in lower case? -1: l does not end with n. */
int dns_name_before(const struct dns_name *n, const struct dns_labels *l);

/* Begin with one zeroed; add labels, from the lowest one on, and end it. */
void dns_name_add(struct dns_name *n, const char *label, size_t len);
void dns_name_text(struct dns_name *n, const char *labels);	/* with dots between them */
void dns_name_end(struct dns_name *n, const struct dns_name *tail);	/* NULL: the root */
/* NULL: no memory. It has ended, and did not fail. */
ldns_rdf *dns_name_rdf(const struct dns_name *n);

/* "_tcp" to IPPROTO_TCP; 0: none. */
uint8_t dns_proto_parse(const char *label);
size_t dns_proto_index(uint8_t proto);	/* less than DNS_PROTOS */

/* "10-244-1-10", "fd00-244--a" of an address, and back. */
void dns_dashed_print(const struct ip_addr *a, char buf[INET6_ADDRSTRLEN]);
bool dns_dashed_parse(const char *label, struct ip_addr *out);

/* A name below in-addr.arpa or ip6.arpa. */
struct dns_reverse {
	struct ip_addr addr;	/* zero behind the prefix */
	unsigned int bits;	/* of the prefix that the name says */
	unsigned int step;	/* bits of a label */
	size_t below;		/* labels below that, which are no part of an address */
};

bool dns_reverse_parse(const struct dns_labels *l, struct dns_reverse *out);

#endif
