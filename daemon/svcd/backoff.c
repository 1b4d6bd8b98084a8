// SPDX-License-Identifier: GPL-2.0
#include "backoff.h"

void backoff_reset(struct backoff *b)
{
	b->ms = 0;
}

unsigned int backoff_next(struct backoff *b, unsigned int asked_seconds, unsigned int random)
{
	unsigned int least = asked_seconds < BACKOFF_ASKED_MAX / 1000 ? asked_seconds * 1000 :
									BACKOFF_ASKED_MAX;

	if (!b->ms)
		b->ms = b->min_ms;
	else
		b->ms = b->ms < b->max_ms / 2 ? b->ms * 2 : b->max_ms;
	return least + b->ms - b->ms / 2 + random % (b->ms / 2 + 1);
}
