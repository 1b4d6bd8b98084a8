/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel says, as a person or as a program wants to read it: the same
 * call renders both, so that neither can be forgotten.
 */
#ifndef SVCNAT_SVCCTL_PRINT_H
#define SVCNAT_SVCCTL_PRINT_H

#include "kernel.h"

#include <stdio.h>

struct print {
	FILE *out;
	bool json;
	bool color;
	bool one_line;	/* JSON: each value is one line */
	bool all;	/* every endpoint, also when there are many */
};

/* Each returns 0 or -ENOMEM; a failed write is left to ferror(). */
int print_services(const struct print *p, const struct kservices *l);
int print_settings(const struct print *p, const struct ksettings *s);
int print_resolve(const struct print *p, const struct kresolve *r);
int print_event(const struct print *p, const struct kevent *ev);
int print_events_lost(const struct print *p);
int print_stats(const struct print *p, const struct kstats *s);
int print_service_stats(const struct print *p, const struct kservices *l);
int print_affinities(const struct print *p, const struct kaffinities *l);

/* How many of what (in the singular and the plural) a flush deleted. */
int print_deleted(const struct print *p, uint32_t n, const char *one, const char *many);

/* settings NULL: the module is not loaded; svcd NULL: it does not answer. */
int print_version(const struct print *p, const char *tool, const struct ksettings *s,
		  const char *svcd);

#endif
