/* SPDX-License-Identifier: GPL-2.0 */
/* Messages for tests: to be filled, to be looked into, and to be spoilt. */
#ifndef SVCNAT_NETLINK_HELP_H
#define SVCNAT_NETLINK_HELP_H

#include <linux/netlink.h>
#include <stddef.h>
#include <stdint.h>

struct nl_msg;

/* A message's attributes, in memory of exactly their size: reading past them is caught. */
struct attrs {
	struct nlattr *v;
	int len;
};

/* With room for size bytes, headers included, of this family and command. */
struct nl_msg *netlink_help_genl(uint16_t family, uint8_t cmd, int flags, size_t size);
/* Likewise, of no family: what stands behind the headers is all that matters. */
struct nl_msg *netlink_help_message(size_t size);
/* Frees msg; v is to be freed. */
struct attrs netlink_help_take(struct nl_msg *msg);

/* The attributes of a command, for netlink_help_text(). */
enum netlink_set {
	NETLINK_SERVICE,
	NETLINK_SETTINGS,
	NETLINK_SYNC,
	NETLINK_AFFINITY,
	NETLINK_RESOLVE,
};

/*
 * All attributes of a message that begins with generic netlink's header, in their
 * order: "name=web family=2 endpoint{addr=10.0.0.1 port=80} more". Fails the test
 * if one has not the size of its type, or no name. To be freed.
 */
char *netlink_help_text(const struct nlmsghdr *h, enum netlink_set set);
/* The same of msg, which is freed; the test fails if it is not expected. */
void netlink_help_expect(struct nl_msg *msg, enum netlink_set set, const char *expected);

/* Does parse, which frees what it made of them, take these attributes? 0 or a negative errno. */
typedef int netlink_help_parse(const struct nlattr *attrs, int len);
/*
 * Cut a at each byte, and turn each bit: nothing is read beyond, and what is
 * refused is refused with -EPROTO. Frees a.
 */
void netlink_help_spoil(struct attrs a, netlink_help_parse *parse);
/* a must be taken, and without any one of its attributes it must not. Frees a. */
void netlink_help_omit(struct attrs a, netlink_help_parse *parse);

/* In host byte order, big_endian: ports, too. */
void netlink_help_port(struct nl_msg *msg, int type, uint16_t port);
/* a CIDR such as "10.0.0.0/8" */
void netlink_help_cidr(struct nl_msg *msg, int type, const char *text);
/* a count of a reason */
void netlink_help_count(struct nl_msg *msg, int type, uint8_t reason, uint64_t n);

/* NLMSG_ERROR or NLMSG_DONE. */
struct ack {
	struct nlmsghdr h;
	char body[256];
};

/* echo: bytes of the request behind its header; text NULL: none */
struct ack netlink_help_ack(int type, int error, size_t echo, const char *text);

#endif
