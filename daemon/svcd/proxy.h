/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The node's side: it is told of Services and Endpoints, by the registry of
 * this very svcd or by the one that it follows, and makes the kernel hold what
 * they mean. It knows where the objects come from as little as where the
 * kernel services go to.
 *
 * Objects are only taken note of when they are told; proxy_run() compiles what
 * is touched by the changes and writes what differs. No service is written
 * before both kinds were listed completely once: a lost authority leaves the
 * node as it is. The settings are the node's own and do not wait.
 */
#ifndef SVCNAT_PROXY_H
#define SVCNAT_PROXY_H

#include "kernel.h"

#include <jansson.h>

enum proxy_kind { PROXY_SERVICE, PROXY_ENDPOINTS };

/* The addresses that the node has now; *out is to be freed. 0 or a negative errno. */
typedef int proxy_addresses(void *ctx, struct ip_addr **out, size_t *n, struct err *e);

struct proxy_config {
	const char *owner;		/* of the kernel services; copied */
	const char *node_name;		/* whose endpoints are local; copied; NULL: none are */
	/* for the kernel, of which what (a mask of KSETTINGS_*) is meant; copied; NULL: nothing */
	const struct ksettings *settings;
	unsigned int settings_what;
	proxy_addresses *addresses;	/* NULL: none are known */
	void *addresses_ctx;
	/* what a Service's owner should know, such as an address that another has; may be NULL */
	void (*warn)(void *ctx, const json_t *service, const char *reason, const char *message);
	void *ctx;
};

struct proxy;

int proxy_alloc(struct proxy **out, const struct proxy_config *c, struct err *e);
void proxy_free(struct proxy *p);	/* leaves the kernel as it is */

/*
 * The kernel to write to, borrowed; NULL: none at present. A new one, or the
 * same one again, gets everything at the next run.
 */
void proxy_attach(struct proxy *p, struct kernel *k);

/*
 * A complete list: whatever is not told between begin and end is gone. A second
 * begin starts over.
 */
void proxy_list_begin(struct proxy *p, enum proxy_kind kind);
int proxy_list_end(struct proxy *p, enum proxy_kind kind);

/* One object as it is now (a reference is taken), or deleted. -ENOMEM. */
int proxy_object(struct proxy *p, enum proxy_kind kind, const json_t *object, bool deleted);

/*
 * Make the kernel equal, by the addresses that the node has now. 0: it is, or
 * there is nothing to do yet. Otherwise the first error; what failed stays
 * pending and is tried again by the next run, what could be written was.
 * -ENODEV: the module is gone; open it again and attach it.
 */
int proxy_run(struct proxy *p, struct err *e);

#endif
