/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Makes the flowtable have the devices that it should have: reads what devices there are,
 * chooses, and changes what differs. A device may go between the one and the other, and then
 * nothing is changed: devices are read again, a few times. What has not changed since, as far
 * as was heard, is not read again: neither devices nor routes.
 */
#ifndef SVCNAT_FASTPATH_SYNC_H
#define SVCNAT_FASTPATH_SYNC_H

#include "fastpath_nft.h"
#include "fastpath_routes.h"

struct nl_sock;

/* The system: a test has its own. */
struct fastpath_ops {
	int (*links)(struct nl_sock *sk, struct fastpath_links *out, struct err *e);
	int (*routes)(struct nl_sock *sk, const struct kcidrs *pods, struct fastpath_routes *out,
		      struct err *e);
	int (*read)(struct fastpath_table *out);
	int (*make)(const struct fastpath_names *devices, enum fastpath_keeper keeper,
		    struct err *e);
	int (*change)(const struct fastpath_names *add, const struct fastpath_names *del,
		      struct err *e);
	int (*clear)(struct err *e);
};

extern const struct fastpath_ops fastpath_system;

struct fastpath_wanted {
	const struct fastpath_patterns *patterns;
	const struct kcidrs *pods;
	enum fastpath_keeper keeper;
};

/* Zero it to start with. */
struct fastpath_state {
	struct fastpath_table table;	/* in the kernel, as far as is known */
	bool known;			/* it is: else it is read first */
	struct fastpath_routes routes;
	struct fastpath_names devices;	/* that it should have */
	bool chosen;			/* they are: else devices are read first */
	size_t left;			/* devices beyond the limit */
	uint64_t changes, failures;	/* what was changed, and what could not be */
};

/* What fails leaves the table as it is. e is told why. */
int fastpath_sync(struct fastpath_state *s, const struct fastpath_ops *ops, struct nl_sock *sk,
		  const struct fastpath_wanted *want, struct err *e);
/*
 * A message of rtnetlink, of devices, routes, IPv4's addresses and nexthop objects; NULL: some
 * were lost. true: other devices may have to be chosen.
 */
bool fastpath_hear(struct fastpath_state *s, const struct nlmsghdr *h,
		   const struct kcidrs *pods);
void fastpath_state_clear(struct fastpath_state *s);

#endif
