/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A whole service as one command line: what "svcctl add service" and each line
 * of "svcctl restore" say, and what "svcctl save" prints.
 */
#ifndef SVCNAT_SVCCTL_DEFINITION_H
#define SVCNAT_SVCCTL_DEFINITION_H

#include "args.h"
#include "kservice.h"

#include <stdio.h>

/* Of "add service". */
extern const struct args_option definition_options[];

struct definition {
	struct kservice s;	/* to be cleared, also after an error */
	bool replace;
};

/* argv[0] is "add". Fills all of d; nothing in it points into argv. */
int definition_parse(struct definition *d, int argc, char **argv, struct err *e);

/* One line, "add service ...", with the members in an order of their own. Sorts s. */
void definition_print(FILE *f, struct kservice *s);

#endif
