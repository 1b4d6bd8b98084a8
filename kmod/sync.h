/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Mark and sweep for one owner: while it loads all its services anew, a token
 * marks those that it still has. Everything here needs the namespace's lock.
 */
#ifndef SVCNAT_SYNC_H
#define SVCNAT_SYNC_H

#include <linux/types.h>

struct svcnat_net;

/* Start, or start over; of very many that have not ended, the oldest ends. -ENOMEM. */
int svcnat_sync_begin(struct svcnat_net *sn, const char *owner, u32 *token);

/* Is it the owner's present token? */
bool svcnat_sync_valid(struct svcnat_net *sn, const char *owner, u32 token);

/* Done: the token is void. */
void svcnat_sync_end(struct svcnat_net *sn, const char *owner);

void svcnat_sync_flush(struct svcnat_net *sn);

#endif /* SVCNAT_SYNC_H */
