/* SPDX-License-Identifier: GPL-2.0 */
/* A LAN of this process alone: a link in a network namespace of its own, and its other end. */
#ifndef SVCNAT_LAN_HELP_H
#define SVCNAT_LAN_HELP_H

#include "announce_links.h"

struct lan {
	struct announce_link link;	/* has fd70::1/64 and 192.0.2.1/24 */
	int other;			/* its index */
	int fd;				/* takes and sends its frames */
};

/* false: it cannot be had here, and the test is to be skipped. The namespace stays. */
bool lan_open(struct lan *l);
void lan_close(struct lan *l);

/* A shell's command; it has to succeed. */
void lan_do(const char *command);

/* Somebody at the other end asks whether target is had by anybody: DAD's solicitation. */
void lan_solicit(const struct lan *l, const struct ip_addr *target);

#endif
