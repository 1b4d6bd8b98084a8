/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel boundary. Everything above it, in svcctl and in svcd, runs
 * against either implementation:
 *
 *	kernel_open()		netlink.c: the module, in this network namespace
 *	kernel_fake_open()	tests/unit/kernel_fake.c: a list in memory
 *
 * Each call is synchronous, fills e with the kernel's own words where it has
 * any, and returns 0 or a negative errno. After an error nothing was changed.
 * -ENODEV from any call: the module has gone, or was loaded anew, since it was
 * opened; close it and open it again.
 */
#ifndef SVCNAT_KERNEL_H
#define SVCNAT_KERNEL_H

#include "kservice.h"

#define KERNEL_CREATE	0x1	/* make it; alone: refuse one that exists */
#define KERNEL_REPLACE	0x2	/* replace it; alone: refuse one that is absent */

/* What SERVICE_GET shall return; NULL or 0: any. */
struct kfilter {
	const char *name;
	uint8_t family;
	uint8_t proto;
	const char *owner;
	bool stats;		/* with the counters */
};

/* What AFFINITY_GET and AFFINITY_FLUSH are about; NULL or 0: any. */
struct kaffinity_filter {
	const char *name;
	uint8_t family;
	uint8_t proto;
	const struct ip_addr *client;	/* only beside its family */
};

struct kresolve {
	/* asked; a port of 0 in src_port: not given; proto may be any, IPPROTO_ICMP(V6) for ping */
	uint8_t family, proto;
	struct ip_addr src, dst;
	uint16_t src_port, dst_port;
	uint32_t ifindex;		/* of the interface; 0: none is named */
	/* answered; see the uapi header for when a field is set */
	enum svcnat_origin origin;
	bool armed;
	enum svcnat_verdict verdict;
	enum svcnat_reason reason;
	bool has_service;
	char service[SVCNAT_NAME_MAX + 1];
	char owner[SVCNAT_OWNER_MAX + 1];
	enum svcnat_kind kind;
	uint32_t flags;
	uint32_t ranges;
	uint8_t list;			/* SVCNAT_LIST_CLUSTER or _LOCAL */
	uint32_t cluster, local;	/* endpoints to choose from */
	enum svcnat_scheduler scheduler;
	uint32_t affinity;		/* seconds; 0: none */
	bool has_affinity_age;
	uint32_t affinity_age;
	bool has_hash;
	uint32_t hash;
	bool has_endpoint;
	struct kendpoint endpoint;
	bool has_masquerade;
	enum svcnat_masquerade masquerade;
};

struct kernel;

/* One event of the multicast group; which members are set, the uapi header says. */
struct kevent {
	enum svcnat_cmd cmd;
	bool more;			/* the next event has further members, and the rest again */
	struct kservice service;	/* SERVICE_SET, SERVICE_DEL, ENDPOINT_SET, ENDPOINT_DEL */
	struct ksettings settings;	/* SETTINGS_SET */
	char owner[SVCNAT_OWNER_MAX + 1];	/* SYNC_END */
	uint32_t deleted;
};

/*
 * In the mode of service_set, in the flags of service_del, endpoint_set and
 * endpoint_del: the stale connections may wait for the next call without it.
 */
#define KERNEL_DEFER	0x4

struct kernel_ops {
	/* sync_token 0: outside of a sync */
	int (*service_set)(struct kernel *k, const struct kservice *s, unsigned int mode,
			   uint32_t sync_token, struct err *e);
	/* owner NULL: whoever it belongs to */
	int (*service_del)(struct kernel *k, const char *name, uint8_t family, uint8_t proto,
			   const char *owner, unsigned int flags, struct err *e);
	/* s: its key, its endpoints, and its owner unless that is empty */
	int (*endpoint_set)(struct kernel *k, const struct kservice *s, unsigned int flags,
			    struct err *e);
	int (*endpoint_del)(struct kernel *k, const struct kservice *s, unsigned int flags,
			    struct err *e);
	/* appends to out, in the kernel's order; repeats an interrupted dump by itself */
	int (*service_list)(struct kernel *k, const struct kfilter *f, struct kservices *out,
			    struct err *e);
	/*
	 * The same in parts, for who has other things to do in between: one walk at a
	 * time, which opening ends. A read appends the services that came: 1: there are
	 * more; 0: these were the last. A service that does not change meanwhile comes
	 * exactly once. -EAGAIN: one changed in the middle, begin anew.
	 */
	int (*walk_open)(struct kernel *k, const struct kfilter *f, struct err *e);
	int (*walk_read)(struct kernel *k, struct kservices *out, struct err *e);
	void (*walk_close)(struct kernel *k);
	/* what: mask of KSETTINGS_* */
	int (*settings_set)(struct kernel *k, const struct ksettings *s, unsigned int what,
			    struct err *e);
	int (*settings_get)(struct kernel *k, struct ksettings *out, struct err *e);
	int (*sync_begin)(struct kernel *k, const char *owner, uint32_t *token, struct err *e);
	int (*sync_end)(struct kernel *k, const char *owner, uint32_t token, uint32_t *deleted,
			struct err *e);
	/* owner NULL: everybody's */
	int (*flush)(struct kernel *k, const char *owner, uint32_t *deleted, struct err *e);
	int (*stats_get)(struct kernel *k, struct kstats *out, struct err *e);
	/* appends to out; repeats an interrupted dump by itself */
	int (*affinity_list)(struct kernel *k, const struct kaffinity_filter *f,
			     struct kaffinities *out, struct err *e);
	int (*affinity_flush)(struct kernel *k, const struct kaffinity_filter *f,
			      uint32_t *deleted, struct err *e);
	int (*resolve)(struct kernel *k, struct kresolve *r, struct err *e);
	/* listen to the events from now on */
	int (*events_open)(struct kernel *k, struct err *e);
	/* a descriptor that is readable when there are events */
	int (*events_fd)(struct kernel *k);
	/*
	 * The next event, to be cleared with kevent_clear(): 1, or 0 when there is none
	 * now. -ENOBUFS: some were lost, read anew.
	 */
	int (*events_read)(struct kernel *k, struct kevent *out, struct err *e);
	void (*events_close)(struct kernel *k);
	/* let established connections outlive the module; see nathold.h */
	int (*hold)(struct kernel *k, struct err *e);
	void (*close)(struct kernel *k);
};

struct kernel {
	const struct kernel_ops *ops;
};

/* Open the real one. -ENOENT: the module is not loaded; e says what to do. */
int kernel_open(struct kernel **out, struct err *e);

void kevent_clear(struct kevent *ev);

/*
 * Put the messages of one event together: takes part. 1: whole is the event
 * now; 0: there is more of it to come; -ENOMEM. whole is zeroed ahead of the
 * first one, and cleared behind the last one or when events were lost.
 */
int kevent_join(struct kevent *whole, struct kevent *part);

static inline void kernel_close(struct kernel *k)
{
	if (k)
		k->ops->close(k);
}

#endif
