/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Inside proxy*.c: what is known of each Service, and what of it is in the
 * kernel.
 *
 *	proxy.c		the objects that are told, and the order of a run
 *	proxy_settings.c	what does not come from objects
 *	proxy_settle.c	Service + Endpoints + claims -> what is wanted
 *	proxy_write.c	what is wanted -> the kernel
 *	proxy_delta.c	... in fewer words
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
	bool counted;		/* a write is due that should succeed; see proxy_write.c */
	int refused;		/* what the kernel said to the last write in this run */
	json_t *told;		/* see proxy_tell(): what the kernel refused last */
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
	json_t *lost;		/* see proxy_tell(): the addresses that it does not have */
	bool ranged;		/* the Service is compiled with the node's addresses */
	bool changed;		/* objects: to be compiled, claimed */
	bool touched;		/* claims: to be settled */
	bool pending;		/* in the list of that name */
	TAILQ_ENTRY(proxy_entry) in_all, in_pending;
};

TAILQ_HEAD(proxy_entries, proxy_entry);

struct proxy {
	struct kernel *k;	/* NULL: none at present */
	char owner[SVCNAT_OWNER_MAX + 1];
	char *node_name;
	struct ksettings settings;
	unsigned int settings_what;	/* what of them is meant */
	proxy_addresses *addresses;
	void *addresses_ctx;
	struct ip_addr *addrs;	/* of the node */
	size_t naddrs;
	bool addrs_known;	/* they were read once */
	size_t nranged;		/* entries that are */
	void (*warn)(void *ctx, const json_t *service, const char *reason, const char *message);
	void *ctx;
	struct strmap by_key;
	struct proxy_entries all, pending;
	struct claims *claims;
	unsigned int list[PROXY_KINDS];	/* number of the last list that began */
	bool complete[PROXY_KINDS];	/* one of them ended */
	bool full;		/* the kernel's state is not known: load everything */
	bool settings_todo;
	bool external_todo;	/* of them the external CIDRs, when the services are written */
};

/* Find or make; NULL: no memory. */
struct proxy_entry *proxy_entry_get(struct proxy *p, const char *key);
struct proxy_slot *proxy_entry_slot(struct proxy_entry *n, const struct kservice *key);
/* The kernel does not have it: only the key remains. */
void proxy_slot_uninstall(struct proxy_slot *s);
/* It has what it wants: the next refusal is news. */
void proxy_slot_unrefuse(struct proxy_slot *s);
void proxy_entry_pend(struct proxy *p, struct proxy_entry *n);
/* Remove the slots that are neither wanted nor installed. */
void proxy_entry_tidy(struct proxy_entry *n);

/*
 * What a Service's owner is told once: an array of [reason, text]. Tells of
 * those in now that are not in *told, which then becomes now. now is taken;
 * NULL: nothing.
 */
void proxy_tell(const struct proxy *p, const struct proxy_entry *n, json_t **told, json_t *now);
int proxy_tell_add(json_t *now, const char *reason, const char *text);	/* -ENOMEM */

/* proxy_settings.c */
int proxy_settings_copy(struct proxy *p, const struct ksettings *s, unsigned int what);
/* Write the settings if that is due: before the services, and what had to wait after them. */
int proxy_settings_write(struct proxy *p, struct err *e);
int proxy_settings_finish(struct proxy *p, struct err *e);
/* Read them where they matter; what depends on them is pending when they changed. */
int proxy_addrs_read(struct proxy *p, struct err *e);

/* Compile what changed, and put what is to be written into the slots. -ENOMEM. */
int proxy_settle(struct proxy *p);

/* Write what is pending; token 0: outside of a sync. The first error, as proxy_run(). */
int proxy_write(struct proxy *p, uint32_t token, struct err *e);

/* After this error of a call there is no sense in the next one. */
bool proxy_write_fatal(int err);

#endif
