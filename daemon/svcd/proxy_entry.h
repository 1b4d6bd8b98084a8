/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Inside proxy*.c: what is known of each Service, and what of it is in the
 * kernel.
 *
 *	proxy.c		the objects that are told, and the order of a run
 *	proxy_settle.c	Service + Endpoints + claims -> what is wanted
 *	proxy_write.c	what is wanted -> the kernel
 */
#ifndef SVCNAT_PROXY_ENTRY_H
#define SVCNAT_PROXY_ENTRY_H

#include "claims.h"
#include "proxy.h"
#include "strmap.h"

#include <sys/queue.h>

#define PROXY_KINDS	2

/*
 * One service of the kernel. To spare memory, want is only there while it
 * differs from have (todo); otherwise have is what is wanted.
 */
struct proxy_slot {
	struct kservice have;	/* what the kernel holds, as far as is known; its key always */
	struct kservice want;
	bool installed;		/* have is valid */
	bool wanted;
	bool todo;		/* want is valid, and to be written */
	bool written;		/* in the present sync */
	int refused;		/* what the kernel said to the last write in this run */
	char *warned;		/* the refusal that was told of last */
};

/* One Service, or what an earlier run left of one in the kernel. */
struct proxy_entry {
	char *key;		/* namespace/name */
	json_t *objects[PROXY_KINDS];	/* the Service, its Endpoints; NULL: none */
	unsigned int seen[PROXY_KINDS];	/* the list that last told of it */
	struct claims_user user;
	struct kservices compiled;	/* only within a run */
	struct proxy_slot *slots;
	size_t nslots;
	json_t *lost;		/* array: the address conflicts that were told of */
	bool changed;		/* objects: to be compiled, claimed */
	bool touched;		/* claims: to be settled */
	bool pending;		/* in the list of that name */
	TAILQ_ENTRY(proxy_entry) in_all, in_pending;
};

TAILQ_HEAD(proxy_entries, proxy_entry);

struct proxy {
	struct kernel *k;	/* NULL: none at present */
	char owner[SVCNAT_OWNER_MAX + 1];
	struct ksettings settings;	/* the pod CIDRs */
	void (*warn)(void *ctx, const json_t *service, const char *reason, const char *message);
	void *ctx;
	struct strmap by_key;
	struct proxy_entries all, pending;
	struct claims *claims;
	unsigned int list[PROXY_KINDS];	/* number of the last list that began */
	bool complete[PROXY_KINDS];	/* one of them ended */
	bool full;		/* the kernel's state is not known: load everything */
	bool settings_todo;
};

/* Find or make; NULL: no memory. */
struct proxy_entry *proxy_entry_get(struct proxy *p, const char *key);
struct proxy_slot *proxy_entry_slot(struct proxy_entry *n, const struct kservice *key);
/* The kernel does not have it: only the key remains. */
void proxy_slot_uninstall(struct proxy_slot *s);
void proxy_entry_pend(struct proxy *p, struct proxy_entry *n);
/* Remove the slots that are neither wanted nor installed. */
void proxy_entry_tidy(struct proxy_entry *n);
void proxy_warn(const struct proxy *p, const struct proxy_entry *n, const char *reason,
		const char *message);

/* Compile what changed, and put what is to be written into the slots. -ENOMEM. */
int proxy_settle(struct proxy *p);

/* Write what is pending; token 0: outside of a sync. The first error, as proxy_run(). */
int proxy_write(struct proxy *p, uint32_t token, struct err *e);

/* After this error of a call there is no sense in the next one. */
bool proxy_write_fatal(int err);

#endif
