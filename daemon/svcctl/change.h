/* SPDX-License-Identifier: GPL-2.0 */
/* "add endpoint" and "del endpoint": some endpoints of a service that there is. */
#ifndef SVCNAT_SVCCTL_CHANGE_H
#define SVCNAT_SVCCTL_CHANGE_H

#include <stdbool.h>

struct ctx;

enum change { CHANGE_ADD, CHANGE_DEL };

/* Is the line's first plain word, or NULL, "endpoint"? */
bool change_is_meant(const char *word);

/* The whole command line, argv[0] being the verb. Returns an exit code. */
int change_endpoints(struct ctx *ctx, enum change change, int argc, char **argv);

#endif
