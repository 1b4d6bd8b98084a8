/* SPDX-License-Identifier: GPL-2.0 */
/* A registry of both families with pools, and Services for load balancers in it. */
#ifndef POOLS_HELP_H
#define POOLS_HELP_H

#include "pool.h"
#include "registry_help.h"

/* cmocka's setup and teardown: *state is a struct registry_help. */
int pools_help_setup(void **state);
int pools_help_teardown(void **state);

/*
 * From now on these: "NAME RANGE[,RANGE]... [noauto] [avoid] [prio=N] [ns=NAME] [sel=SELECTOR]",
 * with ';' between the pools.
 */
void pools_help_put(struct registry_help *h, const char *text);
/* The same for a registry that runs. */
void pools_help_reload(struct registry_help *h, const char *text);

/*
 * A Service for a load balancer, with port 80, a second later than the last one. meta and spec
 * are more fields, "" or with a comma in front.
 */
void pools_help_service(struct registry_help *h, const char *name, const char *meta,
			const char *spec);
/* "192.0.2.1 2001:db8::1 @lan", by the status and the mark; "" when there is neither. */
const char *pools_help_address(struct registry_help *h, const char *name);
void pools_help_expect(struct registry_help *h, const char *name, const char *address);
/* The message of the newest Event with this reason; "": there is none. */
const char *pools_help_event(struct registry_help *h, const char *name, const char *reason);
/* How often that one was seen. */
int pools_help_count(struct registry_help *h, const char *name, const char *reason);
void pools_help_says(struct registry_help *h, const char *name, const char *reason,
		     const char *part);
/* Somebody writes the status. */
void pools_help_status(struct registry_help *h, const char *name, const char *ingress);

#endif
