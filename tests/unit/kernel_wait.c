// SPDX-License-Identifier: GPL-2.0
#include "kernel_wait.h"

#include "http_fixture.h"

#include <netinet/in.h>

struct wanted {
	struct kernel *kernel;
	const char *name;
	int endpoints, found;
};

static bool is_so(void *ctx)
{
	struct wanted *w = ctx;
	const struct kservice *s;

	s = kernel_fake_find(w->kernel, w->name, AF_INET, IPPROTO_TCP);
	w->found = s ? (int)s->nendpoints : KERNEL_NONE;
	return w->endpoints == KERNEL_ANY ? w->found != KERNEL_NONE : w->found == w->endpoints;
}

void kernel_wait(struct event_base *base, struct kernel *kernel, const char *name, int endpoints)
{
	struct wanted w = { kernel, name, endpoints, 0 };

	if (!http_wait(base, is_so, &w))
		fail_msg("%s has %d endpoints in the kernel, not %d (%d: it is not there)", name,
			 w.found, endpoints, KERNEL_NONE);
}
