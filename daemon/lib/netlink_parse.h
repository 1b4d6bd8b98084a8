/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The attributes of <linux/svcnat.h> to plain data. Pure: no socket. What is
 * malformed is refused with -EPROTO and a text; an attribute that this version
 * does not know is skipped, since a newer module may have more to say.
 *
 * attrs and len are what stands behind the generic-netlink header.
 */
#ifndef SVCNAT_NETLINK_PARSE_H
#define SVCNAT_NETLINK_PARSE_H

#include "kernel.h"

struct nlattr;
struct nlmsghdr;

/* A dump in progress. Zero it but for out. */
struct netlink_dump {
	struct kservices *out;
	bool more;		/* the last service is not complete yet */
};

/* One message of a dump: a new service, or further members of the last one. */
int netlink_parse_dump(struct netlink_dump *d, const struct nlattr *attrs, int len,
		       struct err *e);

/* One service. *more: further members follow in another message. */
int netlink_parse_service(const struct nlattr *attrs, int len, struct kservice *out, bool *more,
			  struct err *e);

/* Events in progress. Zero it, and again when some were lost. */
struct netlink_event {
	bool more;		/* the last one's service is not complete yet */
	enum svcnat_cmd cmd;
	struct kservice service;	/* that one, without its members */
};

/*
 * One message: 1 and *out, to be cleared; 0: it is not for this version, or the
 * rest of an event whose beginning was before our time; or an error.
 */
int netlink_parse_event(struct netlink_event *last, const struct nlmsghdr *h, struct kevent *out,
			struct err *e);

/*
 * A service in an event: as netlink_parse_dump(), but that each message gets a
 * service of its own, further members with all else that the first one said.
 * 1, 0 or an error as above.
 */
int netlink_parse_event_service(struct netlink_event *last, const struct nlattr *attrs, int len,
				struct kevent *out, struct err *e);

int netlink_parse_settings(const struct nlattr *attrs, int len, struct ksettings *out,
			   struct err *e);
int netlink_parse_stats(const struct nlattr *attrs, int len, struct kstats *out, struct err *e);
int netlink_parse_affinity(const struct nlattr *attrs, int len, struct kaffinity *out,
			   struct err *e);
/* out: what was asked, which stays */
int netlink_parse_resolve(const struct nlattr *attrs, int len, struct kresolve *out,
			  struct err *e);

/* The u32 attribute of this type, which must be there. */
int netlink_parse_u32(const struct nlattr *attrs, int len, int type, uint32_t *out,
		      struct err *e);

/* What stands behind the generic-netlink header of an answer; *len is 0 when it is cut off. */
const struct nlattr *netlink_parse_attrs(const struct nlmsghdr *h, int *len);

/*
 * An NLMSG_ERROR or NLMSG_DONE: 0, or the errno and in e the kernel's text
 * (when it has none: what the errno means). *has_text tells the two apart.
 */
int netlink_parse_ack(const struct nlmsghdr *h, bool *has_text, struct err *e);

#endif
