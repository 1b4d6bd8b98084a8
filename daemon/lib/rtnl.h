/* SPDX-License-Identifier: GPL-2.0 */
/* rtnetlink of this network namespace: one request at a time, answered at once. */
#ifndef SVCNAT_RTNL_H
#define SVCNAT_RTNL_H

#include "kservice.h"

#include <linux/netlink.h>
#include <netlink/attr.h>

struct nl_msg;
struct nl_sock;

/* groups: of RTNLGRP_*, of which there is news, ending with 0; NULL: for requests. */
int rtnl_open(struct nl_sock **out, const int *groups, struct err *e);
void rtnl_close(struct nl_sock *sk);	/* NULL: nothing */

/* A message with a header of len bytes; attributes can be put behind. NULL: no memory. */
struct nl_msg *rtnl_message(int type, int flags, const void *header, size_t len);

/* msg is freed. -errno as the kernel has it; e is told what, and why. */
int rtnl_do(struct nl_sock *sk, struct nl_msg *msg, const char *what, struct err *e);

typedef void rtnl_each(const struct nlmsghdr *h, void *ctx);
/* Likewise, of a question: each is given what the answer is. */
int rtnl_ask(struct nl_sock *sk, struct nl_msg *msg, rtnl_each *each, void *ctx,
	     const char *what, struct err *e);
/*
 * All that the dump brings; msg is freed. A table that does not exist, or a family that the
 * kernel does not have, is empty.
 */
int rtnl_dump(struct nl_sock *sk, struct nl_msg *msg, rtnl_each *each, void *ctx,
	      const char *what, struct err *e);

/* Take the news of a socket with groups: 1: there was some; 0; -errno. */
int rtnl_news(struct nl_sock *sk, struct err *e);

/*
 * Likewise, and each is told every message; NULL: some were lost. Not all at once, where they
 * are many: the socket stays readable.
 */
int rtnl_hear(struct nl_sock *sk, rtnl_each *each, void *ctx, struct err *e);

/* An attribute as an address of the family; false: it is none. */
bool rtnl_addr(const struct nlattr *a, uint8_t family, struct ip_addr *out);
int rtnl_put_addr(struct nl_msg *msg, int attr, const struct ip_addr *a);

#endif
