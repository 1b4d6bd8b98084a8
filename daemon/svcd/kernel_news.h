/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The events of a kernel, from its socket to the proxy that writes it. When the
 * socket fails, it is opened again after a while, and the kernel is read anew.
 */
#ifndef SVCNAT_KERNEL_NEWS_H
#define SVCNAT_KERNEL_NEWS_H

#include "proxy.h"

#include <event2/event.h>

struct kernel_news;

/*
 * Tell p of what happens to k from now on; all but told's ctx are borrowed, and
 * k is closed after the news. told is called when the proxy was told of
 * something, perhaps from within. -ENOMEM.
 */
int kernel_news_open(struct kernel_news **out, struct event_base *base, struct kernel *k,
		     struct proxy *p, void (*told)(void *ctx), void *ctx);
void kernel_news_close(struct kernel_news *n);

/* NULL: they are heard; else why they are not. */
const char *kernel_news_trouble(const struct kernel_news *n);

#endif
