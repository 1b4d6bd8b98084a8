/* SPDX-License-Identifier: GPL-2.0 */
/* Timers of the event loop, in milliseconds from now. */
#ifndef SVCNAT_TIMER_H
#define SVCNAT_TIMER_H

#include <event2/event.h>

/* Then, whenever it was to be. */
void timer_set(struct event *timer, unsigned int ms);
/* Then, unless it is to be already. */
void timer_soon(struct event *timer, unsigned int ms);

#endif
