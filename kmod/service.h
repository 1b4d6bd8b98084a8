/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Services: one service port in one IP family, known by (name, family,
 * protocol). Everything here needs the namespace's lock.
 */
#ifndef SVCNAT_SERVICE_H
#define SVCNAT_SERVICE_H

#include <linux/rcupdate.h>
#include <linux/rhashtable-types.h>
#include <linux/svcnat.h>
#include <linux/types.h>

#include "key.h"

struct svcnat_endpoints;
struct svcnat_net;
struct svcnat_state;

struct svcnat_service {
	struct rhash_head node;			/* in svcnat_net.names */
	struct svcnat_state __rcu *state;	/* NULL: not in force */
	u32 id;
	u32 sync;				/* the last token it was set with; lock */
	u8 family;
	u8 proto;
	struct rcu_head rcu;
	char owner[SVCNAT_OWNER_MAX + 1];
	char name[];
};

/* What a service is known by. family 0: none, proto 0: none. */
struct svcnat_service_key {
	const char *name;
	u8 family;
	u8 proto;
};

struct svcnat_spec_frontend {
	struct svcnat_key key;
	u8 kind;
};

/* What a service shall be: a SERVICE_SET, parsed and checked by itself. */
struct svcnat_spec {
	struct svcnat_service_key key;
	const char *owner;
	u32 flags;
	u32 sync;				/* 0: no token */
	bool create;
	bool replace;
	u32 nfrontends;
	struct svcnat_spec_frontend *frontends;
	struct svcnat_endpoints *endpoints;	/* sorted; taken over on success */
};

/* Who or what stood in the way, beside the error code. Valid under the lock. */
struct svcnat_refusal {
	const struct svcnat_service *other;	/* -EEXIST, -EBUSY */
	const struct svcnat_spec_frontend *frontend;	/* -EEXIST: this is taken */
	const char *limit;			/* -ENOSPC: which */
};

int svcnat_service_table_init(struct svcnat_net *sn);
void svcnat_service_table_exit(struct svcnat_net *sn);	/* when it is empty */

struct svcnat_service *svcnat_service_find(struct svcnat_net *sn,
					   const struct svcnat_service_key *key);

/*
 * Create or replace, as one atomic change; see SERVICE_SET in the uapi header
 * for the errors. After an error nothing was changed and spec is the caller's.
 */
int svcnat_service_set(struct svcnat_net *sn, struct svcnat_spec *spec,
		       struct svcnat_refusal *why);

void svcnat_service_del(struct svcnat_net *sn, struct svcnat_service *svc);

/* Delete all services of an owner, or everybody's (NULL). Returns how many. */
u32 svcnat_service_flush(struct svcnat_net *sn, const char *owner);

/* Delete those of an owner that do not bear the token. Returns how many. */
u32 svcnat_service_sweep(struct svcnat_net *sn, const char *owner, u32 sync);

#endif /* SVCNAT_SERVICE_H */
