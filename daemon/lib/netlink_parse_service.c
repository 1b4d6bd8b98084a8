// SPDX-License-Identifier: GPL-2.0
#include "err.h"
#include "netlink_attr.h"
#include "netlink_parse.h"

#include <errno.h>
#include <netlink/attr.h>
#include <string.h>

struct service_message {
	struct kservice s;
	unsigned int reasons;	/* of s.counts: NETLINK_BIT() of those that came */
	bool more;
};

static int frontend_kind(void *into, const struct nlattr *a)
{
	struct kfrontend *f = into;

	return netlink_get_enum(a, SVCNAT_KIND_MAX, &f->kind);
}

static int frontend_addr(void *into, const struct nlattr *a)
{
	struct kfrontend *f = into;

	return netlink_get_addr(a, &f->addr);
}

static int frontend_port(void *into, const struct nlattr *a)
{
	struct kfrontend *f = into;

	return netlink_get_port(a, &f->port);
}

static netlink_handler *const frontend_handlers[SVCNAT_A_FRONTEND_MAX + 1] = {
	[SVCNAT_A_FRONTEND_KIND] = frontend_kind,
	[SVCNAT_A_FRONTEND_ADDR] = frontend_addr,
	[SVCNAT_A_FRONTEND_PORT] = frontend_port,
};

static int endpoint_addr(void *into, const struct nlattr *a)
{
	struct kendpoint *p = into;

	return netlink_get_addr(a, &p->addr);
}

static int endpoint_port(void *into, const struct nlattr *a)
{
	struct kendpoint *p = into;

	return netlink_get_port(a, &p->port);
}

static int endpoint_lists(void *into, const struct nlattr *a)
{
	struct kendpoint *p = into;

	return netlink_get_u8(a, &p->lists);
}

static int endpoint_weight(void *into, const struct nlattr *a)
{
	struct kendpoint *p = into;

	return netlink_get_u16(a, &p->weight) || p->weight > SVCNAT_WEIGHT_MAX ? -EPROTO : 0;
}

static int endpoint_active(void *into, const struct nlattr *a)
{
	struct kendpoint *p = into;

	return netlink_get_u32(a, &p->active);
}

static int endpoint_count(void *into, const struct nlattr *a)
{
	struct kendpoint *p = into;
	uint64_t *const fields[] = {
		[SVCNAT_A_ENDPOINT_CONNECTIONS] = &p->connections,
		[SVCNAT_A_ENDPOINT_PACKETS_TO] = &p->packets_to,
		[SVCNAT_A_ENDPOINT_BYTES_TO] = &p->bytes_to,
		[SVCNAT_A_ENDPOINT_PACKETS_FROM] = &p->packets_from,
		[SVCNAT_A_ENDPOINT_BYTES_FROM] = &p->bytes_from,
	};

	return netlink_get_u64(a, fields[nla_type(a)]);
}

static netlink_handler *const endpoint_handlers[SVCNAT_A_ENDPOINT_MAX + 1] = {
	[SVCNAT_A_ENDPOINT_ADDR] = endpoint_addr,
	[SVCNAT_A_ENDPOINT_PORT] = endpoint_port,
	[SVCNAT_A_ENDPOINT_LISTS] = endpoint_lists,
	[SVCNAT_A_ENDPOINT_WEIGHT] = endpoint_weight,
	[SVCNAT_A_ENDPOINT_CONNECTIONS] = endpoint_count,
	[SVCNAT_A_ENDPOINT_ACTIVE] = endpoint_active,
	[SVCNAT_A_ENDPOINT_PACKETS_TO] = endpoint_count,
	[SVCNAT_A_ENDPOINT_BYTES_TO] = endpoint_count,
	[SVCNAT_A_ENDPOINT_PACKETS_FROM] = endpoint_count,
	[SVCNAT_A_ENDPOINT_BYTES_FROM] = endpoint_count,
};

#define ENDPOINT_RECORDS	(NETLINK_BIT(SVCNAT_A_ENDPOINT_ACTIVE) |	\
				 NETLINK_BIT(SVCNAT_A_ENDPOINT_PACKETS_TO) |	\
				 NETLINK_BIT(SVCNAT_A_ENDPOINT_BYTES_TO) |	\
				 NETLINK_BIT(SVCNAT_A_ENDPOINT_PACKETS_FROM) |	\
				 NETLINK_BIT(SVCNAT_A_ENDPOINT_BYTES_FROM))

static int service_id(void *into, const struct nlattr *a)
{
	struct service_message *m = into;

	return netlink_get_u32(a, &m->s.id);
}

static int service_name(void *into, const struct nlattr *a)
{
	struct service_message *m = into;

	return netlink_get_string(a, m->s.name, sizeof(m->s.name));
}

static int service_family(void *into, const struct nlattr *a)
{
	struct service_message *m = into;

	return netlink_get_family(a, &m->s.family);
}

static int service_proto(void *into, const struct nlattr *a)
{
	struct service_message *m = into;

	return netlink_get_proto(a, &m->s.proto);
}

static int service_owner(void *into, const struct nlattr *a)
{
	struct service_message *m = into;

	return netlink_get_string(a, m->s.owner, sizeof(m->s.owner));
}

static int service_flags(void *into, const struct nlattr *a)
{
	struct service_message *m = into;

	return netlink_get_u32(a, &m->s.flags);
}

static int service_scheduler(void *into, const struct nlattr *a)
{
	struct service_message *m = into;

	return netlink_get_enum(a, SVCNAT_SCHEDULER_MAX, &m->s.scheduler);
}

static int service_affinity(void *into, const struct nlattr *a)
{
	struct service_message *m = into;

	if (netlink_get_u32(a, &m->s.affinity) || m->s.affinity > SVCNAT_AFFINITY_MAX)
		return -EPROTO;
	return 0;
}

static int service_frontend(void *into, const struct nlattr *a)
{
	struct service_message *m = into;
	struct kfrontend f = { 0 };
	unsigned int seen;
	bool has_addr;

	if (netlink_walk_nest(a, frontend_handlers, SVCNAT_A_FRONTEND_MAX, &f, &seen))
		return -EPROTO;
	has_addr = seen & NETLINK_BIT(SVCNAT_A_FRONTEND_ADDR);
	if (!(seen & NETLINK_BIT(SVCNAT_A_FRONTEND_KIND)) || !f.port ||
	    has_addr != (f.kind != SVCNAT_KIND_NODEPORT))
		return -EPROTO;
	return kservice_add_frontend(&m->s, &f);
}

static int service_range(void *into, const struct nlattr *a)
{
	struct service_message *m = into;
	struct ip_cidr c;

	return netlink_get_cidr(a, &c) ? -EPROTO : kservice_add_range(&m->s, &c);
}

static int service_endpoint(void *into, const struct nlattr *a)
{
	struct kendpoint p = { .lists = SVCNAT_LIST_CLUSTER, .weight = 1 };
	struct service_message *m = into;
	unsigned int seen;

	if (netlink_walk_nest(a, endpoint_handlers, SVCNAT_A_ENDPOINT_MAX, &p, &seen) ||
	    !(seen & NETLINK_BIT(SVCNAT_A_ENDPOINT_ADDR)) || !p.port)
		return -EPROTO;
	p.has_records = seen & ENDPOINT_RECORDS;
	if (p.has_records && netlink_missing(seen, ENDPOINT_RECORDS))
		return -EPROTO;
	return kservice_add_endpoint(&m->s, &p);
}

static int service_count(void *into, const struct nlattr *a)
{
	struct service_message *m = into;

	m->s.has_counts = true;
	return netlink_get_count(a, m->s.counts, &m->reasons);
}

static int service_more(void *into, const struct nlattr *a)
{
	struct service_message *m = into;

	m->more = true;
	return nla_len(a) ? -EPROTO : 0;
}

static netlink_handler *const service_handlers[SVCNAT_A_SERVICE_MAX + 1] = {
	[SVCNAT_A_SERVICE_ID] = service_id,
	[SVCNAT_A_SERVICE_NAME] = service_name,
	[SVCNAT_A_SERVICE_FAMILY] = service_family,
	[SVCNAT_A_SERVICE_PROTO] = service_proto,
	[SVCNAT_A_SERVICE_OWNER] = service_owner,
	[SVCNAT_A_SERVICE_FLAGS] = service_flags,
	[SVCNAT_A_SERVICE_SCHEDULER] = service_scheduler,
	[SVCNAT_A_SERVICE_AFFINITY] = service_affinity,
	[SVCNAT_A_SERVICE_FRONTEND] = service_frontend,
	[SVCNAT_A_SERVICE_RANGE] = service_range,
	[SVCNAT_A_SERVICE_ENDPOINT] = service_endpoint,
	[SVCNAT_A_SERVICE_COUNT] = service_count,
	[SVCNAT_A_SERVICE_MORE] = service_more,
};

#define SERVICE_KEY	(NETLINK_BIT(SVCNAT_A_SERVICE_NAME) |	\
			 NETLINK_BIT(SVCNAT_A_SERVICE_FAMILY) |	\
			 NETLINK_BIT(SVCNAT_A_SERVICE_PROTO) |	\
			 NETLINK_BIT(SVCNAT_A_SERVICE_OWNER))
/* What a message that continues a service may have. */
#define SERVICE_PART	(NETLINK_BIT(SVCNAT_A_SERVICE_ID) |		\
			 NETLINK_BIT(SVCNAT_A_SERVICE_FRONTEND) |	\
			 NETLINK_BIT(SVCNAT_A_SERVICE_RANGE) |		\
			 NETLINK_BIT(SVCNAT_A_SERVICE_ENDPOINT) |	\
			 NETLINK_BIT(SVCNAT_A_SERVICE_COUNT) |		\
			 NETLINK_BIT(SVCNAT_A_SERVICE_MORE))

/* The family may stand behind the addresses, so that they are compared with it at the end. */
static int check_families(struct kservice *s)
{
	size_t i;

	for (i = 0; i < s->nfrontends; i++) {
		struct kfrontend *f = &s->frontends[i];

		if (f->kind == SVCNAT_KIND_NODEPORT)
			f->addr.family = s->family;
		if (f->addr.family != s->family)
			return -EPROTO;
	}
	for (i = 0; i < s->nranges; i++)
		if (s->ranges[i].addr.family != s->family)
			return -EPROTO;
	for (i = 0; i < s->nendpoints; i++)
		if (s->endpoints[i].addr.family != s->family)
			return -EPROTO;
	return 0;
}

static int parse_service(const struct nlattr *attrs, int len, struct service_message *m,
			 unsigned int *seen, struct err *e)
{
	int bad, err;

	err = netlink_walk(attrs, len, service_handlers, SVCNAT_A_SERVICE_MAX, m, seen, &bad);
	return err ? netlink_malformed(e, err, "service", bad) : 0;
}

static int complete_service(struct kservice *s, unsigned int seen, struct err *e)
{
	if ((seen & SERVICE_KEY) != SERVICE_KEY)
		return netlink_malformed(e, -EPROTO, "service", SVCNAT_A_SERVICE_NAME);
	if (check_families(s))
		return netlink_malformed(e, -EPROTO, "service", SVCNAT_A_SERVICE_FAMILY);
	return 0;
}

int netlink_parse_service(const struct nlattr *attrs, int len, struct kservice *out, bool *more,
			  struct err *e)
{
	struct service_message m = { 0 };
	unsigned int seen;
	int err;

	err = parse_service(attrs, len, &m, &seen, e);
	if (!err)
		err = complete_service(&m.s, seen, e);
	if (err) {
		kservice_clear(&m.s);
		return err;
	}
	*out = m.s;
	*more = m.more;
	return 0;
}

/* Are these further members of last? part gets last's family. */
static int check_part(const struct kservice *last, struct kservice *part, unsigned int seen,
		      struct err *e)
{
	if ((seen & ~SERVICE_PART) || part->id != last->id)
		return netlink_malformed(e, -EPROTO, "continued service", SVCNAT_A_SERVICE_ID);
	part->family = last->family;
	if (check_families(part))
		return netlink_malformed(e, -EPROTO, "continued service", SVCNAT_A_SERVICE_FAMILY);
	return 0;
}

/* A message may end among members of any sort. */
static int continue_service(struct kservice *last, struct service_message *m, unsigned int seen,
			    struct err *e)
{
	struct kservice *part = &m->s;
	size_t i;
	int err;

	err = check_part(last, part, seen, e);
	if (err)
		return err;
	for (i = 0; !err && i < part->nfrontends; i++)
		err = kservice_add_frontend(last, &part->frontends[i]);
	for (i = 0; !err && i < part->nranges; i++)
		err = kservice_add_range(last, &part->ranges[i]);
	for (i = 0; !err && i < part->nendpoints; i++)
		err = kservice_add_endpoint(last, &part->endpoints[i]);
	for (i = 0; i <= SVCNAT_REASON_MAX; i++)
		if (m->reasons & NETLINK_BIT(i))
			last->counts[i] = part->counts[i];
	last->has_counts |= part->has_counts;
	return err ? netlink_malformed(e, err, "continued service", 0) : 0;
}

/* As the kernel tells them: with an id. */
static int complete_reply(struct kservice *s, unsigned int seen, struct err *e)
{
	if (!s->id)
		return netlink_malformed(e, -EPROTO, "service", SVCNAT_A_SERVICE_ID);
	return complete_service(s, seen, e);
}

static int new_service(struct kservices *out, struct kservice *s, unsigned int seen,
		       struct err *e)
{
	int err = complete_reply(s, seen, e);

	if (err)
		return err;
	err = kservices_add(out, s);
	return err ? netlink_malformed(e, err, "service", 0) : 0;
}

int netlink_parse_dump(struct netlink_dump *d, const struct nlattr *attrs, int len, struct err *e)
{
	struct service_message m = { 0 };
	unsigned int seen;
	int err;

	err = parse_service(attrs, len, &m, &seen, e);
	if (!err && d->more)
		err = continue_service(&d->out->v[d->out->n - 1], &m, seen, e);
	else if (!err)
		err = new_service(d->out, &m.s, seen, e);
	if (!err)
		d->more = m.more;
	kservice_clear(&m.s);
	return err;
}

/* part gets all that only the first message, last, has said. */
static int complete_part(const struct kservice *last, struct kservice *part, unsigned int seen,
			 struct err *e)
{
	int err;

	err = check_part(last, part, seen, e);
	if (err)
		return err;
	strcpy(part->name, last->name);
	part->proto = last->proto;
	strcpy(part->owner, last->owner);
	part->flags = last->flags;
	part->scheduler = last->scheduler;
	part->affinity = last->affinity;
	return 0;
}

/* 1: s is complete; 0: we did not hear the beginning */
static int complete_event(const struct netlink_event *last, struct kservice *s, unsigned int seen,
			  struct err *e)
{
	int err;

	if (!last->more && s->id && !(seen & ~SERVICE_PART))
		return 0;
	if (last->more)
		err = complete_part(&last->service, s, seen, e);
	else
		err = complete_reply(s, seen, e);
	return err ? err : 1;
}

int netlink_parse_event_service(struct netlink_event *last, const struct nlattr *attrs, int len,
				struct kevent *out, struct err *e)
{
	struct service_message m = { 0 };
	unsigned int seen;
	int err;

	err = parse_service(attrs, len, &m, &seen, e);
	if (!err)
		err = complete_event(last, &m.s, seen, e);
	last->more = false;
	if (err != 1) {
		kservice_clear(&m.s);
		return err;
	}
	last->more = m.more;
	last->service = m.s;
	last->service.frontends = NULL;
	last->service.ranges = NULL;
	last->service.endpoints = NULL;
	out->service = m.s;
	out->more = m.more;
	return 1;
}
