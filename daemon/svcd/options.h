/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The command line of svcd, parsed and checked as a whole before anything is
 * touched.
 */
#ifndef SVCNAT_OPTIONS_H
#define SVCNAT_OPTIONS_H

#include "kservice.h"
#include "log.h"
#include "upstream.h"

#include <stdio.h>

struct options {
	char *node_name;
	char *socket;
	char *data_dir;
	struct upstream follow;		/* the authority; without a name: be it */
	struct ip_cidr service_cidrs[2];	/* at most one a family, in the order given */
	size_t nservice_cidrs;
	/* for the kernel, of which those that were given are meant: a mask of KSETTINGS_* */
	struct ksettings settings;
	unsigned int settings_what;
	uint16_t node_port_min, node_port_max;
	enum log_level log_level;
};

#define OPTIONS_DONE	1	/* --help or --version was answered on out */

/*
 * 0: o is filled, with the defaults for what was not given. OPTIONS_DONE, or
 * -EINVAL with a text that names the option. In every case o is to be cleared.
 */
int options_parse(struct options *o, int argc, char **argv, FILE *out, struct err *e);
void options_clear(struct options *o);

#endif
