/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What must be done with packets of connections that exist, or that conntrack
 * does not take: the NAT hooks see neither. Ordinary netfilter hooks, right
 * behind conntrack, on every packet: the common case is dismissed first.
 */
#ifndef SVCNAT_GUARD_H
#define SVCNAT_GUARD_H

struct net;

int svcnat_guard_register(struct net *net);
void svcnat_guard_unregister(struct net *net);

#endif /* SVCNAT_GUARD_H */
