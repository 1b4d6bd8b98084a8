/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Keeps connection tracking and NAT switched on in this network namespace,
 * whoever else comes and goes. A connection that was translated once is
 * conntrack's and NAT's business, not the module's; but when the last user of
 * either leaves, and the module may be the only one, the kernel switches them
 * off, and every such connection breaks. A small nft table is such a user, one
 * that outlives the module and the daemon.
 */
#ifndef SVCNAT_NATHOLD_H
#define SVCNAT_NATHOLD_H

struct err;

#define NATHOLD_TABLE	"svcnat-hold"

/* Make the table "inet svcnat-hold"; fine if it is there. -errno: nft refused, in e's words. */
int nathold_set(struct err *e);

#endif
