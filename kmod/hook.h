/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where packets come in. The hooks are lookups of nf_nat: they see the first
 * packet of a connection only, and set up conntrack's NAT for the rest.
 */
#ifndef SVCNAT_HOOK_H
#define SVCNAT_HOOK_H

struct net;

int svcnat_hook_register(struct net *net);
void svcnat_hook_unregister(struct net *net);

#endif /* SVCNAT_HOOK_H */
