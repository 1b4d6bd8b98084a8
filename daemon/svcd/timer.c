// SPDX-License-Identifier: GPL-2.0
#include "timer.h"

void timer_set(struct event *timer, unsigned int ms)
{
	const struct timeval tv = { .tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000 };

	event_add(timer, &tv);
}

void timer_soon(struct event *timer, unsigned int ms)
{
	if (!event_pending(timer, EV_TIMEOUT, NULL))
		timer_set(timer, ms);
}
