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

#include "count.h"
#include "key.h"

struct svcnat_cidrs;
struct svcnat_net;
struct svcnat_spec_endpoint;
struct svcnat_state;

struct svcnat_service {
	struct rhash_head node;			/* in svcnat_net.names */
	struct svcnat_state __rcu *state;	/* NULL: not in force */
	struct svcnat_service_counts __percpu *counts;
	atomic_t turn;				/* connections that RR scheduled */
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
	const char *owner;			/* NULL: whoever has it */
	u32 flags;
	u32 affinity;
	u32 sync;				/* 0: no token */
	u8 scheduler;
	bool create;
	bool replace;
	bool defer;
	u32 nfrontends;
	struct svcnat_spec_frontend *frontends;
	struct svcnat_cidrs *ranges;		/* sorted; NULL: none; taken over on success */
	u32 nendpoints;
	struct svcnat_spec_endpoint *endpoints;	/* sorted */
};

/* Who or what stood in the way, beside the error code. Valid under the lock. */
struct svcnat_refusal {
	const struct svcnat_service *other;	/* -EEXIST, -EBUSY */
	const struct svcnat_spec_frontend *frontend;	/* -EEXIST, -EACCES: this one */
	const struct svcnat_key *endpoint;	/* -ENOENT: is not there */
	const char *limit;			/* -ENOSPC: which */
};

int svcnat_service_table_init(struct svcnat_net *sn);
void svcnat_service_table_exit(struct svcnat_net *sn);	/* when it is empty */

struct svcnat_service *svcnat_service_find(struct svcnat_net *sn,
					   const struct svcnat_service_key *key);
struct svcnat_service *svcnat_service_find_id(struct svcnat_net *sn, u32 id);

/* The published state, for the control path. */
struct svcnat_state *svcnat_service_state(struct svcnat_net *sn,
					  const struct svcnat_service *svc);

/*
 * Create or replace, as one atomic change; see SERVICE_SET in the uapi header
 * for the errors. *changed: something was published. After an error nothing
 * was changed and spec is the caller's.
 */
int svcnat_service_set(struct svcnat_net *sn, struct svcnat_spec *spec,
		       struct svcnat_service **changed, struct svcnat_refusal *why);

void svcnat_service_del(struct svcnat_net *sn, struct svcnat_service *svc);

/* Whom to tell of each service that is deleted, while it still is there; or NULL. */
typedef void svcnat_service_tell(struct svcnat_net *sn, const struct svcnat_service *svc);

/* Delete all services of an owner, or everybody's (NULL). Returns how many. */
u32 svcnat_service_flush(struct svcnat_net *sn, const char *owner,
			 svcnat_service_tell *tell);

/* Delete those of an owner that do not bear the token. Returns how many. */
u32 svcnat_service_sweep(struct svcnat_net *sn, const char *owner, u32 sync,
			 svcnat_service_tell *tell);

/* The first service with an EXTERNAL frontend outside of a list that is not empty. */
struct svcnat_service *svcnat_service_outside(struct svcnat_net *sn,
					      const struct svcnat_cidrs *externals,
					      const struct svcnat_key **key);

#endif /* SVCNAT_SERVICE_H */
