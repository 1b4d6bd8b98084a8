/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tells the service manager that the event loop turns, as often as it wants to be told
 * (sd_watchdog_enabled(3)): a loop that hangs is restarted.
 */
#ifndef SVCNAT_WATCHDOG_H
#define SVCNAT_WATCHDOG_H

#include <event2/event.h>

struct err;

/* *out is NULL when nobody wants to be told; else to be freed with event_free(). -ENOMEM. */
int watchdog_start(struct event **out, struct event_base *base, struct err *e);

/* Once, by work that takes long and is no hang: the loop turns after its end only. */
void watchdog_tell(void);

#endif
