/* SPDX-License-Identifier: GPL-2.0 */
/* <net/netfilter/nf_conntrack.h> as the newest kernel has it. */
#ifndef SVCNAT_COMPAT_CONNTRACK_H
#define SVCNAT_COMPAT_CONNTRACK_H

#include <net/netfilter/nf_conntrack.h>

/* Before 5.19 what it holds are arguments. */
#ifndef HAVE_NF_CT_ITER_DATA
struct nf_ct_iter_data {
	struct net *net;
	void *data;
	u32 portid;
	int report;
};

static inline void svcnat_iterate_cleanup_net(int (*iter)(struct nf_conn *ct, void *data),
					      const struct nf_ct_iter_data *d)
{
	nf_ct_iterate_cleanup_net(d->net, iter, d->data, d->portid, d->report);
}

#define nf_ct_iterate_cleanup_net	svcnat_iterate_cleanup_net
#endif

#endif /* SVCNAT_COMPAT_CONNTRACK_H */
