/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The authority's objects: every read and write of them, with the rules of
 * their types, without HTTP. A write is defaulted, validated, given its
 * addresses and ports, committed to the store, and only then answered and
 * told to the listeners. Nothing here waits but for the disk.
 *
 * Single-threaded. A listener may read, and may write events, but must not
 * close the registry.
 */
#ifndef SVCNAT_REGISTRY_H
#define SVCNAT_REGISTRY_H

#include "kservice.h"
#include "resource.h"

#include <jansson.h>
#include <stdint.h>
#include <time.h>

struct registry;
struct pools;

struct registry_config {
	struct ip_cidr service_cidrs[2];	/* one per family, the default family first */
	size_t nservice_cidrs;
	uint16_t node_port_min, node_port_max;
	const struct pools *pools;		/* of load balancers' addresses; NULL: none */
	size_t history;				/* changes kept for watches; 0: a default */
	size_t history_bytes;			/* of the states before them; 0: a default */
	uint64_t seed;				/* of chosen addresses and ports; 0: random */
	time_t (*now)(void *ctx);		/* NULL: the wall clock */
	void *now_ctx;
};

/*
 * An HTTP status code and a JSON object: what was asked for, or a Status. The
 * caller owns body, but what is inside of it may be shared with the registry:
 * fields of the top level may be changed, deeper ones are read only.
 */
struct reply {
	int code;
	json_t *body;
	json_t *warnings;	/* an array of texts, the caller's; NULL, always without WARN */
};

#define REGISTRY_DRY_RUN	0x1	/* all checks, no change, nothing allocated for good */
#define REGISTRY_STRICT		0x2	/* unknown fields are errors */
#define REGISTRY_WARN		0x4	/* unknown fields are warnings */
#define REGISTRY_ORPHAN		0x8	/* of a deletion: what the object owns stays */
#define REGISTRY_FILE		0x10	/* it is a file's write, see managed.h */

/* Selectors as in the query string; NULL: all. */
struct registry_query {
	const char *label_selector;
	const char *field_selector;
};

/*
 * path: the SQLite file, made when it is not there. Whoever watched before a
 * restart can go on after it; who knew another database than the one that is
 * here now is told to list.
 */
int registry_open(struct registry **out, const char *path, const struct registry_config *c,
		  struct err *e);
void registry_close(struct registry *r);
/*
 * The ranges of c in the place of those it was opened with, as a start with them would have
 * it: what Services have stays theirs, and Events tell of what is outside; what is given out
 * from now on is inside. The rest of c does not count. -EINVAL: they are as before.
 */
int registry_set_ranges(struct registry *r, const struct registry_config *c, struct err *e);

/* ns is NULL for a type without namespaces. body is borrowed and left as it is. */
void registry_create(struct registry *r, const struct resource *res, const char *ns,
		     const json_t *body, unsigned int flags, struct reply *out);
void registry_get(struct registry *r, const struct resource *res, const char *ns,
		  const char *name, struct reply *out);
/* ns NULL: all namespaces. The list's resourceVersion is the registry's. */
void registry_list(struct registry *r, const struct resource *res, const char *ns,
		   const struct registry_query *q, struct reply *out);

/* A part of a list; all zero: the whole, as it is now. */
struct registry_page {
	size_t limit;		/* 0: none */
	const char *token;	/* "continue" of the page before; NULL: the first page */
	uint64_t version;	/* of the first page: not older than this, or */
	bool exact;		/* just as it was then */
};

/*
 * All pages of one list are of one version. 410 when that is not kept any more:
 * for a token with another one that goes on with the objects as they are.
 */
void registry_list_page(struct registry *r, const struct resource *res, const char *ns,
			const struct registry_query *q, const struct registry_page *page,
			struct reply *out);
/* sub: NULL or "status". A resourceVersion in body must be the present one (409). */
void registry_update(struct registry *r, const struct resource *res, const char *ns,
		     const char *name, const char *sub, const json_t *body, unsigned int flags,
		     struct reply *out);
/* A JSON merge patch, RFC 7386. */
void registry_patch(struct registry *r, const struct resource *res, const char *ns,
		    const char *name, const char *sub, const json_t *patch, unsigned int flags,
		    struct reply *out);

/* Of any type: RFC 7386, Kubernetes' strategic merge, RFC 6902. */
enum registry_patch { REGISTRY_PATCH_MERGE, REGISTRY_PATCH_STRATEGIC, REGISTRY_PATCH_JSON };

void registry_patch_as(struct registry *r, const struct resource *res, const char *ns,
		       const char *name, const char *sub, enum registry_patch type,
		       const json_t *patch, unsigned int flags, struct reply *out);
/*
 * Server-side apply (apply.h): make the object, or change it. manager is who
 * says so; force takes what other managers say differently, else that is a 409.
 */
struct registry_apply {
	const json_t *config;
	const char *manager;
	bool force;
};

void registry_apply(struct registry *r, const struct resource *res, const char *ns,
		    const char *name, const char *sub, const struct registry_apply *a,
		    unsigned int flags, struct reply *out);
void registry_delete(struct registry *r, const struct resource *res, const char *ns,
		     const char *name, unsigned int flags, struct reply *out);
/*
 * The same, but seconds are for a Pod to end, instead of what its spec says; -1:
 * as it says. An object that something holds stays, with a deletionTimestamp, and
 * is answered as it is then; see termination.h.
 */
void registry_delete_within(struct registry *r, const struct resource *res, const char *ns,
			    const char *name, long long seconds, unsigned int flags,
			    struct reply *out);
/*
 * The same for several: a list's items. Some hundreds are one transaction, or each one
 * when they cannot go together. The first one that is refused, or that the disk does not
 * let go, ends it: -1, and out says why; those before it are deleted.
 */
int registry_delete_all(struct registry *r, const struct resource *res, const json_t *objects,
			long long seconds, unsigned int flags, struct reply *out);
/*
 * To be called every second or so: Pods whose time to end is over go, and what is in
 * namespaces that are deleted; Events that could not be written are. 0; 1: there is
 * more to do, at once if that holds nobody up; or as the store says.
 */
int registry_tick(struct registry *r, struct err *e);
/* A Pod's binding subresource: target.name becomes spec.nodeName. */
void registry_bind(struct registry *r, const char *ns, const char *name, const json_t *binding,
		   unsigned int flags, struct reply *out);

/* Files' objects (managed.h) are theirs from now on, or nobody's, as at the start. */
void registry_guard(struct registry *r, bool on);

/* A Status for an error found outside, in the shapes of the API. Owned by the caller. */
json_t *registry_status(int code, const char *reason, const char *message,
			const struct resource *res, const char *name);

/*
 * Take note that something noteworthy happened to object, for an Event of it.
 * Repeats of one (object, reason, message) raise a count. The oldest Events are
 * forgotten past 1,000, and all after an hour; of more notes than that, which
 * would drive each other out, the first are kept.
 */
void registry_record_event(struct registry *r, const json_t *object, const char *type,
			   const char *reason, const char *message);
/* All that was noted becomes Events, in one transaction. What fails is left for the next call. */
int registry_write_events(struct registry *r, struct err *e);

/*
 * What the pools of the configuration hold has changed: addresses that are in none of them
 * are taken back, and who waits for one may get it. What fails is tried again by the tick.
 */
int registry_pools_changed(struct registry *r, struct err *e);

uint64_t registry_version(const struct registry *r);
time_t registry_now(const struct registry *r);

enum registry_change { REGISTRY_ADDED, REGISTRY_MODIFIED, REGISTRY_DELETED };

struct registry_event {
	enum registry_change change;
	const struct resource *res;
	const json_t *object;		/* now; deleted: as it was, with the deletion's version */
	const json_t *old;		/* before; NULL when added */
	uint64_t version;
};

typedef void registry_listener(void *ctx, const struct registry_event *ev);

/* Told of each committed change, in order. -ENOMEM. */
int registry_listen(struct registry *r, registry_listener *fn, void *ctx);
void registry_unlisten(struct registry *r, registry_listener *fn, void *ctx);

/*
 * Call fn for each kept change of res after version since, oldest first.
 * -ESTALE: since is older than what is kept, or of another database (410 Gone);
 * -ERANGE: from the future.
 */
int registry_replay(struct registry *r, const struct resource *res, uint64_t since,
		    registry_listener *fn, void *ctx);
/* Is it a version to go on from? */
bool registry_knows(const struct registry *r, uint64_t version);

/*
 * Does object match the query? ns NULL: any namespace. -EINVAL and e: the
 * query is malformed (400).
 */
int registry_match(const struct resource *res, const char *ns, const struct registry_query *q,
		   const json_t *object, struct err *e);

#endif
