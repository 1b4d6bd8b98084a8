/* SPDX-License-Identifier: GPL-2.0 */
/* What the command line and the file of options share; others have options.h. */
#ifndef SVCNAT_OPTIONS_PRIV_H
#define SVCNAT_OPTIONS_PRIV_H

#include "options.h"
#include "yaml_read.h"

struct option_row {
	const char *name;	/* --name */
	const char *key;	/* in the file */
	int argument;		/* as getopt_long() takes it */
	int (*parse)(struct options *o, const char *value, struct err *e);
	/* Of what may be given several times: forget what was. Else NULL. */
	void (*forget)(struct options *o);
};

#define OPTION_ROWS_MAX	32

extern const struct option_row option_rows[];
extern const size_t noption_rows;

/* What was not given. */
int options_defaults(struct options *o, struct err *e);

/*
 * Take what the file at path says. -EINVAL with FILE:LINE:COLUMN and the key; -ENOENT and other
 * errors of reading it; -ENOMEM.
 */
int options_read_file(struct options *o, const char *path, struct err *e);

/* options_pools.c: the value of the key pools; -EINVAL with its place. */
int options_read_pools(struct pools *pools, const char *path, const struct yaml_doc *doc,
		       const json_t *v, struct err *e);
/* Once all is read: no pool has addresses of Services or pods. */
/* What is announced is what they give out, if nothing else is said. -ENOMEM. */
int options_announce_pools(struct options *o, struct err *e);
int options_check_pools(const struct options *o, struct err *e);

/* --- options_dns.c */

int options_dns_listen(struct options *o, const char *value, struct err *e);
int options_dns_domain(struct options *o, const char *value, struct err *e);
int options_dns_service(struct options *o, const char *value, struct err *e);
int options_dns_upstream(struct options *o, const char *value, struct err *e);
int options_dns_allow(struct options *o, const char *value, struct err *e);
int options_dns_ttl(struct options *o, const char *value, struct err *e);
void options_dns_forget_listen(struct options *o);
void options_dns_forget_upstreams(struct options *o);
void options_dns_forget_allow(struct options *o);
/* What was not given, and does what was given go together? */
int options_dns_defaults(struct options *o, struct err *e);
void options_dns_clear(struct dns_options *d);
bool options_dns_equal(const struct dns_options *a, const struct dns_options *b);

/* --- options.c */

int options_set_string(char **field, const char *value, struct err *e);
int options_add_cidr(struct kcidrs *list, const struct ip_cidr *cidr, struct err *e);

#endif
