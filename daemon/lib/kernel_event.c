// SPDX-License-Identifier: GPL-2.0
#include "kernel.h"

#include <string.h>

static int append(struct kservice *to, const struct kservice *part)
{
	int err = 0;
	size_t i;

	for (i = 0; !err && i < part->nfrontends; i++)
		err = kservice_add_frontend(to, &part->frontends[i]);
	for (i = 0; !err && i < part->nranges; i++)
		err = kservice_add_range(to, &part->ranges[i]);
	for (i = 0; !err && i < part->nendpoints; i++)
		err = kservice_add_endpoint(to, &part->endpoints[i]);
	return err;
}

int kevent_join(struct kevent *whole, struct kevent *part)
{
	const bool more = part->more;
	int err = 0;

	if (!whole->more) {
		kevent_clear(whole);
		*whole = *part;
	} else {
		err = append(&whole->service, &part->service);
		kevent_clear(part);
	}
	whole->more = more;
	return err ? err : !more;
}

void kevent_clear(struct kevent *ev)
{
	kservice_clear(&ev->service);
	ksettings_clear(&ev->settings);
	memset(ev, 0, sizeof(*ev));
}
