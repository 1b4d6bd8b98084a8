/* SPDX-License-Identifier: GPL-2.0 */
/* Wait for a service in the kernel that stands in. */
#ifndef SVCNAT_KERNEL_WAIT_H
#define SVCNAT_KERNEL_WAIT_H

#include "kernel_fake.h"

#include <event2/event.h>

#define KERNEL_ANY	(-1)
#define KERNEL_NONE	(-2)	/* the service is not there */

/* Of IPv4 and TCP, with so many endpoints. Fails the test if it does not come to that. */
void kernel_wait(struct event_base *base, struct kernel *kernel, const char *name, int endpoints);

#endif
