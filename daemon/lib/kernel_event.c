// SPDX-License-Identifier: GPL-2.0
#include "kernel.h"

#include <string.h>

void kevent_clear(struct kevent *ev)
{
	kservice_clear(&ev->service);
	ksettings_clear(&ev->settings);
	memset(ev, 0, sizeof(*ev));
}
