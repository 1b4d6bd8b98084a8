/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The user-space image of what the kernel holds: one kservice is one service
 * port in one IP family, as SVCNAT_CMD_SERVICE_SET takes it and SERVICE_GET
 * gives it. Plain data: no netlink, no JSON, no Kubernetes.
 *
 * A kservice owns its arrays. Ports are in host byte order here; netlink.c
 * turns them.
 */
#ifndef SVCNAT_KSERVICE_H
#define SVCNAT_KSERVICE_H

#include <linux/svcnat.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;

struct ip_addr {
	uint8_t family;			/* AF_INET or AF_INET6 */
	union {
		struct in_addr v4;
		struct in6_addr v6;
	};
};

struct ip_cidr {
	struct ip_addr addr;		/* no bits past the prefix */
	uint8_t prefix;
};

struct kfrontend {
	enum svcnat_kind kind;
	struct ip_addr addr;		/* all zero but family for a nodeport */
	uint16_t port;
};

struct kendpoint {
	struct ip_addr addr;
	uint16_t port;
	uint8_t lists;			/* mask of SVCNAT_LIST_* */
	uint16_t weight;
	/* from the kernel, when they were asked for */
	uint64_t connections;
	bool has_records;		/* the service has connection records */
	uint32_t active;
	uint64_t packets_to, bytes_to, packets_from, bytes_from;
};

struct kservice {
	uint32_t id;			/* from the kernel; 0: not from there */
	char name[SVCNAT_NAME_MAX + 1];
	uint8_t family;
	uint8_t proto;
	char owner[SVCNAT_OWNER_MAX + 1];
	uint32_t flags;			/* mask of SVCNAT_F_* */
	enum svcnat_scheduler scheduler;
	uint32_t affinity;		/* seconds; 0: none */
	struct kfrontend *frontends;
	size_t nfrontends;
	struct ip_cidr *ranges;		/* sources of the loadbalancer frontends; none: all */
	size_t nranges;
	struct kendpoint *endpoints;
	size_t nendpoints;
	/* from the kernel, when they were asked for: new connections by reason */
	bool has_counts;
	uint64_t counts[SVCNAT_REASON_MAX + 1];
};

/* A list of services that owns its members. */
struct kservices {
	struct kservice *v;
	size_t n;
};

struct kcidrs {
	struct ip_cidr *v;
	size_t n;
};

/* What of a ksettings is meant, when it is written. */
#define KSETTINGS_POD_CIDRS		(1 << 0)
#define KSETTINGS_SERVICE_CIDRS		(1 << 1)
#define KSETTINGS_NODEPORT_CIDRS	(1 << 2)
#define KSETTINGS_EXTERNAL_CIDRS	(1 << 3)
#define KSETTINGS_LOOPBACK_NODEPORTS	(1 << 4)
#define KSETTINGS_MASQUERADE_ALL	(1 << 5)
#define KSETTINGS_ECHO			(1 << 6)
#define KSETTINGS_ARMED			(1 << 7)
#define KSETTINGS_LIMITS		(1 << 8)	/* each limit that is not 0 */
#define KSETTINGS_ALL			((1 << 9) - 1)

/* In the order of SVCNAT_A_SETTINGS_MAX_* and of the present numbers. */
enum klimit {
	KLIMIT_SERVICES,
	KLIMIT_FRONTENDS,
	KLIMIT_ENDPOINTS,
	KLIMIT_RANGES,
	KLIMIT_AFFINITY,
	KLIMIT_CONNECTIONS,
	KLIMIT_N
};

struct ksettings {
	char version[32];		/* the module's; read only */
	bool enabled;			/* read only */
	struct kcidrs pod_cidrs, service_cidrs, nodeport_cidrs, external_cidrs;
	bool loopback_nodeports, masquerade_all, echo, armed;
	uint32_t max[KLIMIT_N];
	uint32_t now[KLIMIT_N];		/* read only */
};

/* The counters of a namespace; see STATS_GET. */
struct kstats {
	uint64_t counts[SVCNAT_REASON_MAX + 1];
	uint64_t masqueraded, nat_failed, invalid;
	uint64_t stale_udp, stale_tcp, stale_walks, rescheduled;
	uint64_t affinity_full, connections_full;
};

/* Which client keeps which endpoint; see AFFINITY_GET. */
struct kaffinity {
	char name[SVCNAT_NAME_MAX + 1];	/* of the service */
	uint8_t family, proto;
	struct ip_addr client;
	struct ip_addr endpoint;
	uint16_t port;
	uint32_t age, timeout;		/* seconds */
};

struct kaffinities {
	struct kaffinity *v;
	size_t n;
};

/* Parse and print. Strict: no leading zeros in IPv4 (CVE-2021-29923), no scope, no space. */
int ip_addr_parse(const char *text, struct ip_addr *out, struct err *e);
const char *ip_addr_print(const struct ip_addr *a, char buf[INET6_ADDRSTRLEN]);
bool ip_addr_equal(const struct ip_addr *a, const struct ip_addr *b);
size_t ip_addr_len(const struct ip_addr *a);	/* 4 or 16 */

int ip_cidr_parse(const char *text, struct ip_cidr *out, struct err *e);
const char *ip_cidr_print(const struct ip_cidr *c, char buf[INET6_ADDRSTRLEN + 4]);
/* The prefix fits the family, and no bit is set past it. */
bool ip_cidr_valid(const struct ip_cidr *c);

/* "TCP"/"tcp" to IPPROTO_TCP and back (upper case, as Kubernetes writes it). 0 or NULL: unknown. */
uint8_t ip_proto_parse(const char *text);
const char *ip_proto_name(uint8_t proto);

/* "cluster", "external", "loadbalancer", "nodeport"; -1 or NULL: unknown. */
int kfrontend_kind_parse(const char *text);
const char *kfrontend_kind_name(enum svcnat_kind kind);

/* "hash", "source", "maglev", "rr", "leastconn"; -1 or NULL: unknown. */
int kscheduler_parse(const char *text);
const char *kscheduler_name(enum svcnat_scheduler scheduler);

/* Append; -ENOMEM, or -ENOSPC past the limit of the uapi header. */
int kservice_add_frontend(struct kservice *s, const struct kfrontend *f);
int kservice_add_range(struct kservice *s, const struct ip_cidr *c);
/* p as it is: lists and weight have no defaults here. */
int kservice_add_endpoint(struct kservice *s, const struct kendpoint *p);

int kservice_copy(struct kservice *dst, const struct kservice *src);
void kservice_clear(struct kservice *s);	/* frees the arrays, zeroes the rest */

/* Order by (name, family, proto): the key. */
int kservice_key_cmp(const struct kservice *a, const struct kservice *b);
/*
 * Same key, owner, flags, scheduler, affinity, frontends, ranges, and endpoints with
 * their lists and weights; the order of the lists and the counters do not count.
 */
bool kservice_equal(const struct kservice *a, const struct kservice *b);

/* Append a copy. */
int kservices_add(struct kservices *l, const struct kservice *s);
void kservices_sort(struct kservices *l);
void kservices_clear(struct kservices *l);

int kcidrs_add(struct kcidrs *l, const struct ip_cidr *c);	/* -ENOSPC past SVCNAT_CIDRS_MAX */
/* The same ranges, in any order; each stands once in both. */
bool kcidrs_equal(const struct kcidrs *a, const struct kcidrs *b);
void kcidrs_clear(struct kcidrs *l);

void ksettings_clear(struct ksettings *s);

int kaffinities_add(struct kaffinities *l, const struct kaffinity *a);
void kaffinities_clear(struct kaffinities *l);

#endif
