/* SPDX-License-Identifier: GPL-2.0 */
/* From structs to attributes. -EMSGSIZE: no room in skb. */
#ifndef SVCNAT_FILL_H
#define SVCNAT_FILL_H

#include <net/genetlink.h>

#include "decide.h"
#include "frontend.h"
#include "key.h"

struct svcnat_endpoint;
struct svcnat_net;
struct svcnat_service;
struct svcnat_settings;

/*
 * One message about a service, from the pos-th of its frontends and endpoints
 * on; pos is moved to the first that did not fit. Returns 1 when there are
 * such, 0 when the service is complete.
 */
int svcnat_fill_service(struct sk_buff *skb, struct netlink_callback *cb,
			const struct svcnat_service *svc,
			const struct svcnat_state *state, unsigned long *pos);

int svcnat_fill_settings(struct sk_buff *skb, const struct svcnat_net *sn,
			 const struct svcnat_settings *set);

struct svcnat_resolution {
	struct svcnat_flow flow;
	bool sport_known;
	enum svcnat_origin origin;
	struct svcnat_decision decision;
	struct svcnat_match match;	/* if there is a service */
	enum svcnat_masquerade masquerade;
};

int svcnat_fill_resolution(struct sk_buff *skb, const struct svcnat_resolution *r);

#endif /* SVCNAT_FILL_H */
