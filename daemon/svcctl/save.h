/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What "svcctl save" puts around the lines. A file that begins with the header
 * ends with the end: without it something was cut off. A file made by hand
 * needs neither.
 */
#ifndef SVCNAT_SVCCTL_SAVE_H
#define SVCNAT_SVCCTL_SAVE_H

#include <stdio.h>

struct err;
struct kernel;

#define SAVE_HEADER	"# svcctl save, format "
#define SAVE_FORMAT	1u
#define SAVE_END	"# end"

/* Settings and services; owner: only this one's services, or NULL. */
int save_print(FILE *f, struct kernel *k, const char *owner, struct err *e);

#endif
