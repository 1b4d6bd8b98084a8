/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a zone consists of. Slices hold their endpoints; an endpoint stands in the list of
 * its Service, in that of its name, and in that of its address, so that each question goes
 * to what it is about, and a change costs what changes.
 *
 *	dns_zone.c		the zone, and lists of objects
 *	dns_zone_service.c	Services
 *	dns_zone_slice.c	EndpointSlices
 *	dns_zone_index.c	where things are found
 *	dns_zone_find.c		what a name stands for
 *	dns_zone_answer.c	what there is to say of it
 *	dns_zone_records.c	records
 *	dns_name.c		names, into labels and out of them
 *	dns_seen.c		what an answer has already
 */
#ifndef SVCNAT_DNS_ZONE_PRIV_H
#define SVCNAT_DNS_ZONE_PRIV_H

#include "dns_name.h"
#include "dns_seen.h"
#include "dns_zone.h"
#include "strmap.h"

#include <sys/queue.h>

struct dns_service;
struct dns_slice;

TAILQ_HEAD(dns_claim_list, dns_claim);
TAILQ_HEAD(dns_endpoint_list, dns_endpoint);
TAILQ_HEAD(dns_port_list, dns_port);
TAILQ_HEAD(dns_service_list, dns_service);
TAILQ_HEAD(dns_slice_list, dns_slice);

/* --- where things are found; each is there as long as it is held --- */

struct dns_namespace {
	char *name;
	size_t held;		/* by Services that were told */
};

/* An address that a Service or an endpoint has. */
struct dns_address {
	char text[INET6_ADDRSTRLEN];
	struct ip_addr addr;
	size_t held;
	struct dns_claim_list claims;
	struct dns_endpoint_list endpoints;
};

/* A ClusterIP. */
struct dns_claim {
	struct dns_service *service;
	struct dns_address *address;
	TAILQ_ENTRY(dns_claim) in_address;
};

/* A name below a Service: those endpoints that have it. */
struct dns_host {
	char *label;
	struct dns_service *service;
	size_t held;
	struct dns_endpoint_list endpoints;
};

/* A named port that slices of a Service have, whatever its number there. */
struct dns_ports {
	char *key;		/* "_http._tcp" */
	uint8_t proto;
	size_t held;
	struct dns_port_list ports;
};

/* --- slices --- */

struct dns_endpoint {
	struct dns_slice *slice;
	struct dns_host *host;
	struct dns_address *address;
	bool named;		/* it has a hostname */
	size_t at;		/* in its Service's list */
	TAILQ_ENTRY(dns_endpoint) in_host, in_address;
};

struct dns_port {
	struct dns_slice *slice;
	uint16_t number;
	struct dns_ports *ports;	/* NULL: it has no name */
	TAILQ_ENTRY(dns_port) in_ports;
};

/* What a slice says: the endpoints that count, and, if there are any, its ports. */
struct dns_content {
	struct dns_endpoint *endpoints;
	size_t nendpoints;
	struct dns_port *ports;
	size_t nports;
};

struct dns_slice {
	char *key;			/* namespace/name */
	json_t *object;
	struct dns_service *service;	/* the one that it names now */
	unsigned int seen;		/* the list that last told of it */
	struct dns_content content;
	TAILQ_ENTRY(dns_slice) in_all, in_service;
};

/* --- Services --- */

enum dns_kind {
	DNS_KIND_NONE,		/* not told, or without a name */
	DNS_KIND_CLUSTER,
	DNS_KIND_HEADLESS,
	DNS_KIND_EXTERNAL,
};

struct dns_service_port {
	char *key;		/* "_http._tcp"; NULL: no name */
	uint8_t proto;
	uint16_t number;
};

/* What a Service says. */
struct dns_told {
	enum dns_kind kind;
	struct dns_namespace *ns;	/* NULL: it was not told, or was deleted */
	struct dns_claim *claims;	/* the ClusterIPs of DNS_KIND_CLUSTER */
	size_t nclaims;
	struct dns_service_port *ports;	/* of DNS_KIND_CLUSTER */
	size_t nports;
	struct strmap port_by_key;	/* those that have a name */
	size_t protos[DNS_PROTOS];	/* how many of these are of each; see dns_proto_index() */
	struct dns_name target;		/* of DNS_KIND_EXTERNAL */
};

/* The endpoints of one family. */
struct dns_family {
	struct dns_endpoint **v;
	size_t n, room;
	size_t turn;		/* where the next answer begins */
};

/* One that was told, or that slices name. */
struct dns_service {
	char *key;			/* namespace/name */
	const char *name;		/* inside key */
	unsigned int seen;
	struct dns_told told;
	bool publish;			/* of its slices, who is not ready counts as well */
	struct strmap hosts, ports;	/* of its slices */
	size_t protos[DNS_PROTOS];	/* how many of ports are of each */
	struct dns_family families[2];	/* IPv4, IPv6 */
	struct dns_slice_list slices;
	TAILQ_ENTRY(dns_service) in_all;
};

struct dns_zone {
	char *domain;			/* without the dot at its end */
	struct dns_name name;		/* the same */
	uint32_t ttl, serial;
	size_t looks_max;
	struct kcidrs service_cidrs;
	struct ip_addr *servers;
	size_t nservers;
	unsigned int list[PROXY_KINDS];
	bool complete[PROXY_KINDS];
	bool ready;
	struct strmap by_key, slice_by_key, namespaces, addresses;
	struct dns_service_list services;
	struct dns_slice_list slices;
};

/* dns_zone_index.c: hold what is there, or make it. NULL: no memory. */
struct dns_namespace *dns_namespace_get(struct dns_zone *z, const char *name);
void dns_namespace_put(struct dns_zone *z, struct dns_namespace *n);
struct dns_address *dns_address_get(struct dns_zone *z, const struct ip_addr *a);
void dns_address_put(struct dns_zone *z, struct dns_address *a);
struct dns_address *dns_address_find(const struct dns_zone *z, const struct ip_addr *a);
struct dns_host *dns_host_get(struct dns_service *s, const char *label);
void dns_host_put(struct dns_host *h);
struct dns_ports *dns_ports_get(struct dns_service *s, const char *name, uint8_t proto);
void dns_ports_put(struct dns_service *s, struct dns_ports *p);

/* dns_zone_service.c: what is there, or a new one. NULL: no memory. */
struct dns_service *dns_service_get(struct dns_zone *z, const char *key);
/* One that is not told and has no slices does not stay. */
void dns_service_tidy(struct dns_zone *z, struct dns_service *s);
int dns_service_tell(struct dns_zone *z, const json_t *object, bool deleted);
void dns_service_sweep(struct dns_zone *z);
void dns_service_clear(struct dns_zone *z);
/* Do its endpoints have names? */
bool dns_service_has_endpoints(const struct dns_service *s);

/* dns_zone_slice.c */
int dns_slice_tell(struct dns_zone *z, json_t *object, bool deleted);
void dns_slice_sweep(struct dns_zone *z);
void dns_slice_clear(struct dns_zone *z);
/* Read all slices of s again, for who counts if publish is so. -ENOMEM: as before. */
int dns_slice_republish(struct dns_zone *z, struct dns_service *s, bool publish);

/* dns_zone_index.c */
/* "namespace/name": of an object, or of what it names; "": they are no names. NULL: no memory. */
char *dns_key(const json_t *object, const char *name);
/* "_http._tcp", in lower case. NULL: no memory. */
char *dns_port_key(const char *name, uint8_t proto);

/* --- dns_zone_find.c --- */

enum dns_node_kind {
	DNS_NODE_FOREIGN,	/* not ours */
	DNS_NODE_NONE,		/* there is no such name */
	DNS_NODE_EMPTY,		/* only others below it */
	DNS_NODE_APEX,
	DNS_NODE_VERSION,
	DNS_NODE_SERVER,
	DNS_NODE_SERVICE,
	DNS_NODE_HOST,
	DNS_NODE_PORT,
	DNS_NODE_POD,
	DNS_NODE_ADDRESS,
};

/* What a name stands for. */
struct dns_node {
	enum dns_node_kind kind;
	size_t apex;			/* of its zone: where that begins within the name */
	struct dns_service *service;	/* of SERVICE, HOST and PORT */
	struct dns_host *host;
	const struct dns_ports *ports;	/* of PORT; of a headless Service */
	const struct dns_service_port *port;	/* or of another one */
	struct ip_addr addr;		/* of POD */
	struct dns_address *address;
};

struct dns_node dns_zone_find(const struct dns_zone *z, const struct dns_labels *l);

/* --- dns_zone_records.c --- */

/* An answer in the making. */
struct dns_draft {
	struct dns_zone *z;
	struct dns_reply *out;
	size_t room;			/* bytes that are left, at least */
	size_t looks;			/* at endpoints, to end with */
	struct dns_seen seen;
	const struct dns_host **hosts;	/* whose addresses go with the answer */
	size_t nhosts, hosts_room;
};

/*
 * Records of owner to the end of list. 0: it is there, or there is none since a name would
 * be too long; 1: there is no room; -ENOMEM.
 */
int dns_record_address(struct dns_draft *d, ldns_rr_list *list, const ldns_rdf *owner,
		       const struct ip_addr *a);
int dns_record_srv(struct dns_draft *d, const ldns_rdf *owner, uint16_t port,
		   const struct dns_name *target);
int dns_record_name(struct dns_draft *d, const ldns_rdf *owner, ldns_rr_type type,
		    const struct dns_name *target);
int dns_record_version(struct dns_draft *d, const ldns_rdf *owner);
int dns_record_soa(struct dns_draft *d, ldns_rr_list *list, const ldns_rdf *owner);

/* Names that records lead to. */
struct dns_name dns_name_of_server(const struct dns_zone *z);
struct dns_name dns_name_of_service(const struct dns_zone *z, const struct dns_service *s);
struct dns_name dns_name_of_host(const struct dns_zone *z, const struct dns_host *h);

#endif
