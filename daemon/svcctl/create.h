/* SPDX-License-Identifier: GPL-2.0 */
/* "create" without a manifest: create_service.c. argv[0] is the word after "create". */
#ifndef SVCNAT_SVCCTL_CREATE_H
#define SVCNAT_SVCCTL_CREATE_H

struct ctx;

int create_service(struct ctx *ctx, int argc, char **argv);
int create_namespace(struct ctx *ctx, int argc, char **argv);

#endif
