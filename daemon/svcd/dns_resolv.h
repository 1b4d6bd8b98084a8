/* SPDX-License-Identifier: GPL-2.0 */
/* Name servers as resolv.conf(5) lists them. */
#ifndef SVCNAT_DNS_RESOLV_H
#define SVCNAT_DNS_RESOLV_H

#include "dns_peer.h"

/*
 * Add those that text names to v, which has *n of at most max. What is not understood is passed
 * over, as in the C library; text is changed.
 */
void dns_resolv_parse(char *text, struct dns_peer *v, size_t *n, size_t max);

/* Likewise of a file. A negative errno: *n is as before. */
int dns_resolv_read(const char *path, struct dns_peer *v, size_t *n, size_t max, struct err *e);

#endif
