// SPDX-License-Identifier: GPL-2.0
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/svcnat.h>

#include "netns.h"
#include "sync.h"

/* Of owners that begin and never end; then the oldest one's token is void. */
#define SVCNAT_SYNCS_MAX	64

struct svcnat_sync {
	struct list_head list;
	u32 token;
	char owner[SVCNAT_OWNER_MAX + 1];
};

static struct svcnat_sync *svcnat_sync_find(struct svcnat_net *sn,
					    const char *owner)
{
	struct svcnat_sync *sync;

	lockdep_assert_held(&sn->lock);
	list_for_each_entry(sync, &sn->syncs, list) {
		if (!strcmp(sync->owner, owner))
			return sync;
	}
	return NULL;
}

static void svcnat_sync_free(struct svcnat_net *sn, struct svcnat_sync *sync)
{
	list_del(&sync->list);
	sn->nsyncs--;
	kfree(sync);
}

int svcnat_sync_begin(struct svcnat_net *sn, const char *owner, u32 *token)
{
	struct svcnat_sync *sync = svcnat_sync_find(sn, owner);

	if (!sync) {
		sync = kzalloc(sizeof(*sync), GFP_KERNEL_ACCOUNT);
		if (!sync)
			return -ENOMEM;

		if (sn->nsyncs >= SVCNAT_SYNCS_MAX)
			svcnat_sync_free(sn, list_last_entry(&sn->syncs,
							     struct svcnat_sync, list));
		strscpy(sync->owner, owner, sizeof(sync->owner));
		list_add(&sync->list, &sn->syncs);
		sn->nsyncs++;
	}
	list_move(&sync->list, &sn->syncs);

	if (!++sn->sync_token)
		sn->sync_token = 1;
	sync->token = sn->sync_token;
	*token = sync->token;
	return 0;
}

bool svcnat_sync_valid(struct svcnat_net *sn, const char *owner, u32 token)
{
	const struct svcnat_sync *sync = svcnat_sync_find(sn, owner);

	return sync && sync->token == token;
}

void svcnat_sync_end(struct svcnat_net *sn, const char *owner)
{
	struct svcnat_sync *sync = svcnat_sync_find(sn, owner);

	if (sync)
		svcnat_sync_free(sn, sync);
}

void svcnat_sync_flush(struct svcnat_net *sn)
{
	struct svcnat_sync *sync, *next;

	lockdep_assert_held(&sn->lock);
	list_for_each_entry_safe(sync, next, &sn->syncs, list)
		svcnat_sync_free(sn, sync);
}
