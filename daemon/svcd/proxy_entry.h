/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Inside proxy*.c: what is known of each Service, and what of it is in the
 * kernel.
 *
 *	proxy.c		the order of a run
 *	proxy_objects.c	what is told
 *	proxy_settings.c	what does not come from objects
 *	proxy_settle.c	Service + EndpointSlices + claims -> what is wanted
 *	proxy_write.c	what is wanted -> the kernel
 *	proxy_delta.c	... in fewer words
 *	proxy_retry.c	when what was refused, or is fought over, is written again
 *	proxy_drift.c	what somebody else did to the kernel
 *	proxy_health.c	what is told to load balancers and others who ask
 *	proxy_own.c	a Service that the node itself is behind
 *	proxy_cause.c	since when a change is on its way
 */
#ifndef SVCNAT_PROXY_ENTRY_H
#define SVCNAT_PROXY_ENTRY_H

#include "claims.h"
#include "compile.h"
#include "proxy.h"
#include "strmap.h"

#include <sys/queue.h>
#include <time.h>

/* The longest value of a label, in Kubernetes. */
#define PROXY_ZONE_MAX	63

/* Causes of changes that are remembered until the next write; more are not measured. */
#define PROXY_CAUSES_MAX	4096

/* What the kernel refused to take. Times are milliseconds of proxy_config.clock. */
struct proxy_retry {
	int64_t since;		/* the first refusal */
	int64_t next;		/* not before */
	unsigned int wait;	/* the last pause; 0: nothing was refused */
	bool hurry;		/* something changed: at once */
};

/* What somebody else changes in the kernel again and again. */
struct proxy_fight {
	unsigned int times;	/* 0: nothing of late */
	int64_t last;		/* the last change by somebody else */
	int64_t until;		/* it is left like that so long */
	bool said;
};

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
	bool waits;		/* for its time, in this run */
	bool suspect;		/* the kernel may hold something else than have */
	bool seen;		/* in the present list of what the kernel holds */
	struct proxy_retry retry;
	struct proxy_fight fight;
};

/* One Service, or what an earlier run left of one in the kernel. */
struct proxy_entry {
	char *key;		/* namespace/name */
	json_t *service;	/* NULL: none */
	unsigned int seen;	/* the list that last told of it */
	json_t **slices;	/* of the Service, in no order; the references are proxy_slice's */
	size_t nslices;
	struct claims_user user;
	struct kservices compiled;	/* only within a run */
	struct proxy_slot *slots;
	size_t nslots;
	json_t *lost;		/* see proxy_tell(): the addresses that it does not have */
	int64_t lost_since;
	struct compile_health health;
	bool ranged;		/* the Service is compiled with the node's addresses */
	bool changed;		/* objects: to be compiled, claimed */
	bool touched;		/* claims: to be settled */
	bool pending;		/* in the list of that name */
	TAILQ_ENTRY(proxy_entry) in_all, in_pending;
};

TAILQ_HEAD(proxy_entries, proxy_entry);
TAILQ_HEAD(proxy_slices, proxy_slice);

/* See proxy_set_own(). */
struct proxy_own {
	char *key;		/* NULL: there is none */
	uint16_t port;
	struct proxy_socket *v;
	size_t n;
};

struct proxy {
	struct kernel *k;	/* NULL: none at present */
	char owner[SVCNAT_OWNER_MAX + 1];
	char *node_name;
	char zone[PROXY_ZONE_MAX + 1];	/* "": none */
	unsigned int node_seen;	/* the list that last told of the own Node */
	bool node_told;		/* one did, ever */
	bool node_leaves;	/* see proxy_eligible() */
	bool health_changed;	/* of an entry, since somebody asked */
	time_t began;		/* when the proxy was made */
	double *causes;		/* see proxy_causes_take(); NULL: none so far */
	size_t ncauses;
	struct ksettings settings;
	unsigned int settings_what;	/* what of them is meant */
	unsigned int settings_given;	/* what of that svcd was told */
	struct kcidrs node_cidrs;	/* pod CIDRs that the own Node has */
	proxy_addresses *addresses;
	void *addresses_ctx;
	struct ip_addr *addrs;	/* of the node */
	size_t naddrs;
	bool addrs_known;	/* they were read once */
	size_t nranged;		/* entries that are */
	size_t nlost;		/* entries that lost addresses */
	void (*warn)(void *ctx, const json_t *service, const char *reason, const char *message);
	void *ctx;
	struct proxy_own own;
	struct strmap by_key;
	struct proxy_entries all, pending;
	struct strmap slice_by_key;
	struct proxy_slices slices;
	struct claims *claims;
	unsigned int list[PROXY_KINDS];	/* number of the last list that began */
	bool complete[PROXY_KINDS];	/* one of them ended */
	bool full;		/* the kernel's state is not known: load everything */
	bool settings_todo;
	bool external_todo;	/* of them the external CIDRs, when the services are written */
	bool settings_drift;	/* they are due because somebody else changed them */
	struct proxy_fight settings_fight;
	int64_t (*clock)(void *ctx);
	void *clock_ctx;
	int64_t now;		/* of this run */
	bool refused;		/* see proxy_refused() */
	/* proxy_drift.c */
	bool lost;		/* events were: the kernel may hold anything */
	bool suspects;		/* there are slots that are */
	int64_t looked;		/* when the kernel was last looked at for these */
	bool wake;		/* what was refused may be taken now */
	int64_t woken;
	struct proxy_foreign foreign;
};

/* Find or make; NULL: no memory. */
struct proxy_entry *proxy_entry_get(struct proxy *p, const char *key);
/* The entry of the Service that a service of the kernel of this name is of. */
struct proxy_entry *proxy_entry_of(struct proxy *p, const char *name, bool make);
/* NULL: it has none of this key. */
struct proxy_slot *proxy_entry_find_slot(const struct proxy_entry *n, const struct kservice *key);
struct proxy_slot *proxy_entry_slot(struct proxy_entry *n, const struct kservice *key);
/* The kernel does not have it: only the key remains. */
void proxy_slot_uninstall(struct proxy_slot *s);
/* It has what it wants: the next refusal is news. */
void proxy_slot_unrefuse(struct proxy_slot *s);
void proxy_entry_pend(struct proxy *p, struct proxy_entry *n);
/* proxy_objects.c: forget all slices. */
void proxy_slices_clear(struct proxy *p);
/* Remove the slots that are neither wanted nor installed, suspect nor fought over. */
void proxy_entry_tidy(struct proxy_entry *n);

/*
 * What a Service's owner is told once: an array of [reason, text]. Tells of
 * those in now that are not in *told, which then becomes now. now is taken;
 * NULL: nothing.
 */
void proxy_tell(const struct proxy *p, const struct proxy_entry *n, json_t **told, json_t *now);
int proxy_tell_add(json_t *now, const char *reason, const char *text);	/* -ENOMEM */

/* proxy_settings.c */
/*
 * The own Node: its podCIDRs count where svcd was told none, and go on to count when it has
 * none any more, as what is not said changes nothing. -ENOMEM.
 */
int proxy_settings_of_node(struct proxy *p, const json_t *node);
/* Write the settings if that is due: before the services, and what had to wait after them. */
int proxy_settings_write(struct proxy *p, struct err *e);
int proxy_settings_finish(struct proxy *p, struct err *e);
/* Has s what is meant of the settings? */
bool proxy_settings_hold(const struct proxy *p, const struct ksettings *s);
/* Read them where they matter; what depends on them is pending when they changed. */
int proxy_addrs_read(struct proxy *p, struct err *e);

/* Compile what changed, and put what is to be written into the slots. -ENOMEM. */
int proxy_settle(struct proxy *p);

/* Write what is pending; token 0: outside of a sync. The first error, as proxy_run(). */
int proxy_write(struct proxy *p, uint32_t token, struct err *e);

/* After this error of a call there is no sense in the next one. */
bool proxy_write_fatal(int err);

/* --- proxy_retry.c */

bool proxy_retry_waits(const struct proxy *p, const struct proxy_slot *s);
/* The kernel refused it in this run. */
void proxy_retry_refused(const struct proxy *p, struct proxy_slot *s);
/* Whatever made the kernel refuse, or somebody else change, the entry's services may be over. */
void proxy_retry_now(struct proxy_entry *n);
/* Somebody else changed it. true: it is a fight by now, which is to be said once. */
bool proxy_fight_on(struct proxy_fight *f, int64_t now);
/* When it is over, if nothing more happens. */
int64_t proxy_fight_over(const struct proxy_fight *f);
void proxy_fight_end(struct proxy_fight *f, int64_t now);	/* if it is over */

/* --- proxy_health.c */

/* The Service or its slices changed. -ENOMEM. */
int proxy_health_compile(struct proxy *p, struct proxy_entry *n, const struct compile_node *node);
/* The own Node as it is now; NULL: it is gone. */
void proxy_health_node(struct proxy *p, const json_t *node);

/* --- proxy_cause.c */

/* The slice was before (NULL: it was not there), and is now. */
void proxy_cause_note(struct proxy *p, const json_t *before, const json_t *now);

/* --- proxy_own.c */

/* Slices in the place of those of the entry; *n is 0: there are none. -ENOMEM. */
int proxy_own_slices(const struct proxy *p, const struct proxy_entry *entry, json_t ***out,
		     size_t *n);
void proxy_own_slices_free(json_t **v, size_t n);
void proxy_own_clear(struct proxy_own *own);

/* --- proxy_drift.c */

/* Look at what of the kernel may be otherwise than it was left; what is, is pending. */
int proxy_drift_look(struct proxy *p, struct err *e);
/* All of the kernel was read: nothing that was told of it before counts. */
void proxy_drift_forget(struct proxy *p);

#endif
