/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Reading netlink attributes: lengths and ranges are checked, nothing is
 * trusted. Each function returns 0 or -EPROTO. Shared by netlink_parse*.c.
 */
#ifndef SVCNAT_NETLINK_ATTR_H
#define SVCNAT_NETLINK_ATTR_H

#include "kservice.h"

struct err;
struct nlattr;

#define NETLINK_BIT(n)	(1u << (n))

int netlink_get_u8(const struct nlattr *a, uint8_t *out);
int netlink_get_u16(const struct nlattr *a, uint16_t *out);
int netlink_get_u32(const struct nlattr *a, uint32_t *out);
int netlink_get_u64(const struct nlattr *a, uint64_t *out);
/* sent as u8, 0 or 1 */
int netlink_get_bool(const struct nlattr *a, bool *out);
/* sent as u8; more than max is refused */
int netlink_get_enum(const struct nlattr *a, unsigned int max, unsigned int *out);
/* be16 to host byte order */
int netlink_get_port(const struct nlattr *a, uint16_t *out);
/* the length says the family */
int netlink_get_addr(const struct nlattr *a, struct ip_addr *out);
/* 1 to size - 1 bytes, with or without a NUL at the end, none within */
int netlink_get_string(const struct nlattr *a, char *out, size_t size);
int netlink_get_family(const struct nlattr *a, uint8_t *out);
int netlink_get_proto(const struct nlattr *a, uint8_t *out);

/* Takes one attribute into a structure: 0 or a negative errno. */
typedef int netlink_handler(void *into, const struct nlattr *a);

/*
 * Give each attribute to the handler of its type; one without a handler is
 * skipped. max is the last index of handlers, below 32. *seen has NETLINK_BIT()
 * of each type that was handled; *bad is the type at fault, 0 for a message
 * that is cut off.
 */
int netlink_walk(const struct nlattr *attrs, int len, netlink_handler *const *handlers, int max,
		 void *into, unsigned int *seen, int *bad);
int netlink_walk_nest(const struct nlattr *nest, netlink_handler *const *handlers, int max,
		      void *into, unsigned int *seen);

/* All types that have a handler. */
unsigned int netlink_handled(netlink_handler *const *handlers, int max);
/* The first type of wanted that is not in seen; 0: none. Both are of NETLINK_BIT(). */
int netlink_missing(unsigned int seen, unsigned int wanted);

/* Nests that several commands have: SVCNAT_A_CIDR_*, whole and valid. */
int netlink_get_cidr(const struct nlattr *nest, struct ip_cidr *out);
/*
 * SVCNAT_A_COUNT_*: into counts, which is as long as enum svcnat_reason; *reasons
 * gets the NETLINK_BIT(). A reason that this version does not know is skipped.
 */
int netlink_get_count(const struct nlattr *nest, uint64_t *counts, unsigned int *reasons);

/* Put err, -ENOMEM or -EPROTO, into words, and return it. */
int netlink_malformed(struct err *e, int err, const char *what, int attribute);

#endif
