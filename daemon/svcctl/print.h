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
	bool all;	/* every endpoint, also when there are many */
};

/* Each returns 0 or -ENOMEM; a failed write is left to ferror(). */
int print_services(const struct print *p, const struct kservices *l);
int print_settings(const struct print *p, const struct ksettings *s);
int print_resolve(const struct print *p, const struct kresolve *r);

/* settings NULL: the module is not loaded. */
int print_version(const struct print *p, const char *tool, const struct ksettings *s);

#endif
