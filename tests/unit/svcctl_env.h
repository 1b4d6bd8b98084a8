/* SPDX-License-Identifier: GPL-2.0 */
/* Whole command lines of svcctl against the fake kernel. */
#ifndef SVCNAT_SVCCTL_ENV_H
#define SVCNAT_SVCCTL_ENV_H

#include "kernel_fake.h"

#include <stddef.h>

struct client_transport;
struct fastpath_ops;
struct top_host;
struct upgrade_host;

struct ctl_env {
	struct kernel *k;
	int open_code;		/* what opening the kernel fails with; 0: it does not */
	unsigned int opened;
	const char *in;		/* the standard input; NULL: empty */
	const struct upgrade_host *upgrade;	/* of "upgrade" */
	const struct top_host *top;	/* of "top" */
	const struct fastpath_ops *fastpath;	/* of "fastpath" */
	const struct client_transport *transport;	/* to svcd; NULL: it does not run */
	void *transport_arg;
	char *out, *err;	/* of the last command */
};

/* For cmocka; *state is a struct ctl_env. */
int ctl_setup(void **state);
int ctl_teardown(void **state);

/* Words are split at spaces; '' is an empty one. Returns the exit code. */
int ctl_run(struct ctl_env *env, const char *line);

/* It must succeed, and say nothing on the standard error output. */
void ctl_ok(struct ctl_env *env, const char *line);
void ctl_prints(struct ctl_env *env, const char *line, const char *expected);
/* expected: with ' for " */
void ctl_prints_json(struct ctl_env *env, const char *line, const char *expected);

/* It must fail like that, and print nothing on the standard output. */
void ctl_fails(struct ctl_env *env, const char *line, int code, const char *err);

struct ctl_wrong {
	int code;
	const char *line;
	const char *err;	/* "svcctl: " in front of it, and a newline behind */
};

/* Each must fail as it says, and leave services and settings as they are. */
void ctl_all_wrong(struct ctl_env *env, const struct ctl_wrong *v, size_t n);

#endif
