// SPDX-License-Identifier: GPL-2.0
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/svcnat.h>

#include "netns.h"
#include "sync.h"

/* An owner that begins and never ends costs one of these until it begins again. */
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

int svcnat_sync_begin(struct svcnat_net *sn, const char *owner, u32 *token)
{
	struct svcnat_sync *sync = svcnat_sync_find(sn, owner);

	if (!sync) {
		if (sn->nsyncs >= SVCNAT_SYNCS_MAX)
			return -ENOSPC;

		sync = kzalloc(sizeof(*sync), GFP_KERNEL_ACCOUNT);
		if (!sync)
			return -ENOMEM;

		strscpy(sync->owner, owner, sizeof(sync->owner));
		list_add(&sync->list, &sn->syncs);
		sn->nsyncs++;
	}

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

static void svcnat_sync_free(struct svcnat_net *sn, struct svcnat_sync *sync)
{
	list_del(&sync->list);
	sn->nsyncs--;
	kfree(sync);
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
