/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Is anything known of this address, or of this NodePort? A field of bits that
 * says no for certain, and a yes that is wrong for one in some dozens: what is
 * no service's is dismissed without a look into the tables. Bits of frontends
 * that are gone stay until the next field is made.
 */
#ifndef SVCNAT_FILTER_H
#define SVCNAT_FILTER_H

#include <linux/types.h>

#include "key.h"

struct svcnat_net;

/* -ENOMEM. Sleeps. */
int svcnat_filter_init(struct svcnat_net *sn);
void svcnat_filter_exit(struct svcnat_net *sn);

/*
 * Of a frontend that will be put into the table now. A greater field is made when
 * there is memory for it; else this one becomes denser. Lock held; sleeps.
 */
void svcnat_filter_add(struct svcnat_net *sn, const struct svcnat_key *frontend);

/* May one of the frontends, or a NodePort of this port, protocol and family be there? RCU. */
bool svcnat_filter_address(const struct svcnat_net *sn, const struct svcnat_key *key);
bool svcnat_filter_nodeport(const struct svcnat_net *sn, const struct svcnat_key *key);

#endif /* SVCNAT_FILTER_H */
