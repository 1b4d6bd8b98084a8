/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A generic-netlink socket and one exchange on it: a request goes out, its
 * answers come in until the kernel says that it is done. Knows nothing of what
 * the messages contain, but for those of generic netlink's own family.
 */
#ifndef SVCNAT_NETLINK_SOCK_H
#define SVCNAT_NETLINK_SOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct err;
struct nl_msg;
struct nl_sock;
struct nlmsghdr;

/* One message of the answer; an error is kept, and the rest of the answer skipped. */
typedef int netlink_reply(void *ctx, const struct nlmsghdr *h, struct err *e);

struct netlink_exchange {
	netlink_reply *reply;	/* NULL: nothing but an acknowledgement is expected */
	void *ctx;
	/* answered */
	bool replied;		/* reply was called */
	bool interrupted;	/* a dump is not of one piece: what came has to be thrown away */
	bool has_text;		/* the kernel gave a reason of its own for the error */
};

int netlink_sock_open(struct nl_sock **out, struct err *e);
void netlink_sock_close(struct nl_sock *sk);

/* A message with room for size bytes in all. To be freed with nlmsg_free(); NULL: no memory. */
struct nl_msg *netlink_sock_message(uint16_t family, uint8_t cmd, int flags, size_t size);

/* Send msg and wait for the whole answer. 0 or a negative errno. */
int netlink_sock_exchange(struct nl_sock *sk, struct nl_msg *msg, struct netlink_exchange *x,
			  struct err *e);

/* The answers to one request, as they come in. Zero it but for the first two. */
struct netlink_answer {
	struct netlink_exchange *x;
	uint32_t seq;		/* of the request */
	bool done;		/* err is what became of it */
	int err;
};

/* One datagram of len bytes from the socket of this number; pure. */
void netlink_sock_take(struct netlink_answer *a, const void *datagram, int len, uint32_t port,
		       struct err *e);

/* The two halves of an exchange: send msg, which gets its number; wait for one datagram. */
int netlink_sock_send(struct nl_sock *sk, struct nl_msg *msg, struct err *e);
int netlink_sock_receive(struct nl_sock *sk, struct netlink_answer *a, struct err *e);

struct netlink_family {
	uint16_t id;
	uint32_t version;
	uint32_t group;		/* the number of the multicast group that was asked for */
};

/*
 * A family of generic netlink. -ENOENT: there is none. group may be NULL; it is
 * -EPROTO that the family has no such group.
 */
int netlink_sock_find(struct nl_sock *sk, const char *name, const char *group,
		      struct netlink_family *out, struct err *e);

/* Number and version of the family "svcnat"; -ENOENT: the module is not there. */
int netlink_sock_family(struct nl_sock *sk, uint16_t *id, uint32_t *version, struct err *e);

#endif
