/* SPDX-License-Identifier: GPL-2.0 */
/*
 * News of the module: generic netlink tells when the family "svcnat" comes and
 * goes. It tells nothing of the state at the start: open the watch first, then
 * call kernel_open().
 */
#ifndef SVCNAT_KERNEL_WATCH_H
#define SVCNAT_KERNEL_WATCH_H

#include "err.h"

#include <stdbool.h>

struct kernel_watch;

int kernel_watch_open(struct kernel_watch **out, struct err *e);
/* Readable when there may be news; it never blocks. */
int kernel_watch_fd(const struct kernel_watch *w);
/*
 * 1, and whether the module is there: there was news; call it until it says 0.
 * -EIO: it is of no use any more.
 */
int kernel_watch_read(struct kernel_watch *w, bool *present, struct err *e);
void kernel_watch_close(struct kernel_watch *w);

#endif
