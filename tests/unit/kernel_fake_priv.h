/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of the fake kernel share; tests have kernel_fake.h. */
#ifndef SVCNAT_KERNEL_FAKE_PRIV_H
#define SVCNAT_KERNEL_FAKE_PRIV_H

#include "kernel_fake.h"

struct err;

#define NOPS	(KERNEL_FAKE_ANY + 1)

struct kernel_fake_sync {
	char owner[SVCNAT_OWNER_MAX + 1];
	uint32_t token;
};

struct kernel_fake_events {
	int fd;			/* -1: nobody listens */
	struct kevent *v;	/* those from first on were not read yet */
	size_t first, n;	/* n of them */
	size_t room;		/* of v */
	size_t split;		/* members in one event; 0: any number */
	bool lost;
};

struct kernel_fake_walk {
	bool open;
	struct kfilter filter;
	char owner[SVCNAT_OWNER_MAX + 1];
	uint32_t last_id;	/* of the service that was told last */
};

struct kernel_fake {
	struct kernel k;
	struct kservices l;
	uint32_t *marks;	/* the sync token of each service's last SET; as many as l.n */
	struct ksettings settings;
	struct kstats stats;
	struct kaffinities affinities;
	struct kernel_fake_sync syncs[8];
	struct kernel_fake_events events;
	struct kernel_fake_walk walk;
	uint32_t last_id, last_token;
	unsigned int deferred;
	unsigned int calls[NOPS];
	struct {
		unsigned int at;
		int code;
	} fail[NOPS];
	int broken;
	char *refuse;		/* a service; NULL: none */
	int refuse_code;
	unsigned int closed;
	char *log;
	size_t log_len;
};

static inline struct kernel_fake *kernel_fake_of(const struct kernel *k)
{
	return (struct kernel_fake *)k;
}

/* --- kernel_fake_check.c: what is refused, in the module's words */

bool kernel_fake_same_endpoint(const struct kendpoint *a, const struct kendpoint *b);
/* Members of s that contradict each other or s. */
int kernel_fake_check_members(const struct kservice *s, struct err *e);
/* Frontends that are another's or not allowed, and limits; old: the present one, NULL: none. */
int kernel_fake_check_table(const struct kernel_fake *f, const struct kservice *s,
			    const struct kservice *old, struct err *e);
/* May these be the external CIDRs? */
int kernel_fake_check_externals(const struct kernel_fake *f, const struct kcidrs *l,
				struct err *e);

/* --- kernel_fake_event.c */

/* SERVICE_SET: s; SERVICE_DEL: its key; ENDPOINT_*: key and endpoints of s */
void kernel_fake_event_service(struct kernel_fake *f, enum svcnat_cmd cmd,
			       const struct kservice *s);
void kernel_fake_event_settings(struct kernel_fake *f);
void kernel_fake_event_sync_end(struct kernel_fake *f, const char *owner, uint32_t deleted);
/* end: nobody listens any more */
void kernel_fake_event_clear(struct kernel_fake *f, bool end);

int kernel_fake_events_open(struct kernel *k, struct err *e);
int kernel_fake_events_fd(struct kernel *k);
int kernel_fake_events_read(struct kernel *k, struct kevent *out, struct err *e);
void kernel_fake_events_close(struct kernel *k);
/* events_fd() is readable or not, after a change of what there is to read. */
void kernel_fake_events_wake(struct kernel_fake *f);

/* --- kernel_fake_list.c */

int kernel_fake_list(struct kernel *k, const struct kfilter *filter, struct kservices *out,
		     struct err *e);
int kernel_fake_walk_open(struct kernel *k, const struct kfilter *filter, struct err *e);
int kernel_fake_walk_read(struct kernel *k, struct kservices *out, struct err *e);
void kernel_fake_walk_close(struct kernel *k);

/* --- kernel_fake_affinity.c */

int kernel_fake_affinity_list(struct kernel *k, const struct kaffinity_filter *filter,
			      struct kaffinities *out, struct err *e);
int kernel_fake_affinity_flush(struct kernel *k, const struct kaffinity_filter *filter,
			       uint32_t *deleted, struct err *e);
/* old is replaced by now; NULL: it goes */
void kernel_fake_affinity_forget(struct kernel_fake *f, const struct kservice *old,
				 const struct kservice *now);
/* NULL: the client has none */
const struct kaffinity *kernel_fake_affinity_find(const struct kernel_fake *f,
						  const struct kservice *s,
						  const struct ip_addr *client);

/* --- kernel_fake_resolve.c */

int kernel_fake_resolve(struct kernel *k, struct kresolve *r, struct err *e);
bool kernel_fake_in_cidrs(const struct kcidrs *l, const struct ip_addr *a);

/* --- kernel_fake_settings.c */

int kernel_fake_settings_set(struct kernel *k, const struct ksettings *s, unsigned int what,
			     struct err *e);
int kernel_fake_settings_get(struct kernel *k, struct ksettings *out, struct err *e);
struct ksettings kernel_fake_copy_settings(const struct ksettings *s);

/* --- kernel_fake.c */

/* Count the call; an error when a test asked for one. */
int kernel_fake_call(struct kernel *k, enum kernel_fake_op op, struct err *e);
/* The write log. */
void kernel_fake_note(struct kernel_fake *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void kernel_fake_forget_counters(struct kservice *s);
/* The numbers that SETTINGS_GET tells, after a change. */
void kernel_fake_count(struct kernel_fake *f);

#endif
