// SPDX-License-Identifier: GPL-2.0
/* What was announced from here goes on while svcd, which has just started, knows no objects. */
#include "announce_priv.h"

#include "err.h"

/* The kernel answers for IPv4 by itself; neighbour solicitations are for svcd to answer. */
static void go_on(struct announce *a)
{
	struct announce_claims left = { 0 };

	announce_need_wire(a, true);
	announce_look(a);
	if (a->wire)
		announce_claims_left(a, &left);
	announce_speak(a, &left);
}

/* Others will have noticed. */
static void end(struct announce *a)
{
	struct announce_claims none = { 0 };

	a->carries = false;
	announce_speak(a, &none);
}

void announce_carry_begin(struct announce *a)
{
	bool may = a->options.mode == ANNOUNCE_LAYER2 && !a->ready && a->left.n;

	a->leased = may && a->guard_ops->recent();
	may = may && (a->leased || a->guard_ops->lasting());
	a->beat = announce_now();
	if (may)
		go_on(a);
	else if (a->carries)
		end(a);
	a->carries = may;
}

void announce_carry(struct announce *a)
{
	int64_t now = announce_now();
	unsigned long generation;
	struct err e = { "" };

	if (!a->carries || now - a->beat < ANNOUNCE_BEAT_MS)
		return;
	/* Without the module nobody is served. */
	if (!node_kernel(a->config.node, &generation)) {
		if (now - a->beat >= ANNOUNCE_RECENT_MS)
			end(a);
		return;
	}
	a->beat = now;
	if (a->leased && a->guard_ops->beat(&e))
		end(a);
	else if (a->links_stale || !a->wire)
		go_on(a);
}
