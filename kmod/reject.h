/* SPDX-License-Identifier: GPL-2.0 */
/* Refuse a connection so that the client sees it at once. */
#ifndef SVCNAT_REJECT_H
#define SVCNAT_REJECT_H

#include "key.h"

struct nf_hook_state;
struct sk_buff;

/* Returns the hook's verdict. Sends a TCP reset or an ICMP port unreachable. */
unsigned int svcnat_reject(struct sk_buff *skb, const struct svcnat_flow *flow,
			   const struct nf_hook_state *state);

#endif /* SVCNAT_REJECT_H */
