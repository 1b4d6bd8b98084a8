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
};

struct kservice {
	uint32_t id;			/* from the kernel; 0: not from there */
	char name[SVCNAT_NAME_MAX + 1];
	uint8_t family;
	uint8_t proto;
	char owner[SVCNAT_OWNER_MAX + 1];
	uint32_t flags;
	struct kfrontend *frontends;
	size_t nfrontends;
	struct kendpoint *endpoints;
	size_t nendpoints;
};

/* A list of services that owns its members. */
struct kservices {
	struct kservice *v;
	size_t n;
};

struct ksettings {
	char version[32];		/* the module's; read only */
	bool enabled;			/* read only */
	struct ip_cidr *pod_cidrs;
	size_t npod_cidrs;
	uint32_t max_services, max_frontends, max_endpoints;
	uint32_t services, frontends, endpoints;	/* read only */
};

/* Parse and print. Strict: no leading zeros in IPv4 (CVE-2021-29923), no scope, no space. */
int ip_addr_parse(const char *text, struct ip_addr *out, struct err *e);
const char *ip_addr_print(const struct ip_addr *a, char buf[INET6_ADDRSTRLEN]);
bool ip_addr_equal(const struct ip_addr *a, const struct ip_addr *b);
size_t ip_addr_len(const struct ip_addr *a);	/* 4 or 16 */

int ip_cidr_parse(const char *text, struct ip_cidr *out, struct err *e);
const char *ip_cidr_print(const struct ip_cidr *c, char buf[INET6_ADDRSTRLEN + 4]);

/* "TCP"/"tcp" to IPPROTO_TCP and back (upper case, as Kubernetes writes it). 0 or NULL: unknown. */
uint8_t ip_proto_parse(const char *text);
const char *ip_proto_name(uint8_t proto);

/* "cluster", "external", "loadbalancer", "nodeport"; -1 or NULL: unknown. */
int kfrontend_kind_parse(const char *text);
const char *kfrontend_kind_name(enum svcnat_kind kind);

/* Append; -ENOMEM, or -ENOSPC past the limit of the uapi header. */
int kservice_add_frontend(struct kservice *s, const struct kfrontend *f);
int kservice_add_endpoint(struct kservice *s, const struct kendpoint *p);

int kservice_copy(struct kservice *dst, const struct kservice *src);
void kservice_clear(struct kservice *s);	/* frees the arrays, zeroes the rest */

/* Order by (name, family, proto): the key. */
int kservice_key_cmp(const struct kservice *a, const struct kservice *b);
/* Same key, owner, flags, frontends and endpoints; the order of the lists does not count. */
bool kservice_equal(const struct kservice *a, const struct kservice *b);

/* Append a copy. */
int kservices_add(struct kservices *l, const struct kservice *s);
void kservices_sort(struct kservices *l);
void kservices_clear(struct kservices *l);

void ksettings_clear(struct ksettings *s);

#endif
