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
};

struct kresolve {
	/* asked; a port of 0 in src_port: not given */
	uint8_t family, proto;
	struct ip_addr src, dst;
	uint16_t src_port, dst_port;
	/* answered; see the uapi header for when a field is set */
	enum svcnat_origin origin;
	enum svcnat_verdict verdict;
	enum svcnat_reason reason;
	bool has_service;
	char service[SVCNAT_NAME_MAX + 1];
	char owner[SVCNAT_OWNER_MAX + 1];
	enum svcnat_kind kind;
	uint32_t endpoints;
	bool has_endpoint;
	struct kendpoint endpoint;
	bool has_masquerade;
	enum svcnat_masquerade masquerade;
};

struct kernel;

struct kernel_ops {
	/* sync_token 0: outside of a sync */
	int (*service_set)(struct kernel *k, const struct kservice *s, unsigned int mode,
			   uint32_t sync_token, struct err *e);
	/* owner NULL: whoever it belongs to */
	int (*service_del)(struct kernel *k, const char *name, uint8_t family, uint8_t proto,
			   const char *owner, struct err *e);
	/* appends to out, in the kernel's order; repeats an interrupted dump by itself */
	int (*service_list)(struct kernel *k, const struct kfilter *f, struct kservices *out,
			    struct err *e);
	/* writes what differs from "unset": pod_cidrs when set_cidrs, each limit that is not 0 */
	int (*settings_set)(struct kernel *k, const struct ksettings *s, bool set_cidrs,
			    struct err *e);
	int (*settings_get)(struct kernel *k, struct ksettings *out, struct err *e);
	int (*sync_begin)(struct kernel *k, const char *owner, uint32_t *token, struct err *e);
	int (*sync_end)(struct kernel *k, const char *owner, uint32_t token, uint32_t *deleted,
			struct err *e);
	/* owner NULL: everybody's */
	int (*flush)(struct kernel *k, const char *owner, uint32_t *deleted, struct err *e);
	int (*resolve)(struct kernel *k, struct kresolve *r, struct err *e);
	/* let established connections outlive the module; see nathold.h */
	int (*hold)(struct kernel *k, struct err *e);
	void (*close)(struct kernel *k);
};

struct kernel {
	const struct kernel_ops *ops;
};

/* Open the real one. -ENOENT: the module is not loaded; e says what to do. */
int kernel_open(struct kernel **out, struct err *e);

static inline void kernel_close(struct kernel *k)
{
	if (k)
		k->ops->close(k);
}

#endif
