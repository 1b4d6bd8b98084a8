// SPDX-License-Identifier: GPL-2.0
#include "watchdog.h"

#include "err.h"

#include <errno.h>
#include <stdint.h>
#include <systemd/sd-daemon.h>

void watchdog_tell(void)
{
	sd_notify(0, "WATCHDOG=1");
}

static void on_time(evutil_socket_t fd, short what, void *ctx)
{
	(void)fd;
	(void)what;
	(void)ctx;
	watchdog_tell();
}

/* Thrice within its time: one that is late is no reason. */
int watchdog_start(struct event **out, struct event_base *base, struct err *e)
{
	uint64_t usec = 0;
	struct timeval tv;

	*out = NULL;
	if (sd_watchdog_enabled(0, &usec) <= 0)
		return 0;
	usec /= 3;
	tv = (struct timeval){ .tv_sec = usec / 1000000, .tv_usec = usec % 1000000 };
	*out = event_new(base, -1, EV_PERSIST, on_time, NULL);
	if (!*out || event_add(*out, &tv) < 0) {
		if (*out)
			event_free(*out);
		*out = NULL;
		return err_set(e, ENOMEM, "out of memory");
	}
	return 0;
}
