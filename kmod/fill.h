/* SPDX-License-Identifier: GPL-2.0 */
/* From structs to attributes. -EMSGSIZE: no room in skb. */
#ifndef SVCNAT_FILL_H
#define SVCNAT_FILL_H

#include <net/genetlink.h>

#include "decide.h"
#include "frontend.h"
#include "key.h"

struct svcnat_net;
struct svcnat_service;
struct svcnat_settings;
struct svcnat_spec;

/* What a message is: part of a dump, or an event. */
struct svcnat_fill {
	u32 portid;
	u32 seq;
	int flags;
	u8 cmd;
	struct netlink_callback *dump;	/* NULL: no dump */
};

/* Of an event, which nobody asked for. */
#define SVCNAT_FILL_EVENT(_cmd)	{ .cmd = (_cmd) }

int svcnat_fill_addr(struct sk_buff *skb, int type, u8 family,
		     const union nf_inet_addr *addr);

/*
 * One message about a service, from the pos-th of its members on (frontends,
 * ranges, counters if stats, endpoints); pos is moved to the first that did not
 * fit. Returns 1 when there are such, 0 when the service is complete.
 */
int svcnat_fill_service(struct sk_buff *skb, const struct svcnat_fill *how,
			const struct svcnat_service *svc,
			const struct svcnat_state *state, bool stats,
			unsigned long *pos);

/* Likewise about the endpoints of a change. */
int svcnat_fill_change(struct sk_buff *skb, const struct svcnat_fill *how,
		       const struct svcnat_service *svc,
		       const struct svcnat_spec *change, unsigned long *pos);

/* A whole message that says which service it was. */
int svcnat_fill_key(struct sk_buff *skb, const struct svcnat_fill *how,
		    const struct svcnat_service *svc);

/* Attributes only. */
int svcnat_fill_settings(struct sk_buff *skb, const struct svcnat_net *sn,
			 const struct svcnat_settings *set);
int svcnat_fill_stats(struct sk_buff *skb, const struct svcnat_net *sn);

struct svcnat_resolution {
	struct svcnat_query query;
	bool sport_known;
	u32 ifindex;			/* 0: none was named */
	struct svcnat_decision decision;
	struct svcnat_match match;	/* if query.state */
	bool chosen;			/* the endpoint does not depend on what was not asked */
	u32 hash;
	u32 kept_age;			/* if query.kept */
	enum svcnat_masquerade masquerade;
};

int svcnat_fill_resolution(struct sk_buff *skb, const struct svcnat_resolution *r);

#endif /* SVCNAT_FILL_H */
