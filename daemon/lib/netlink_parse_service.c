// SPDX-License-Identifier: GPL-2.0
#include "err.h"
#include "netlink_attr.h"
#include "netlink_parse.h"

#include <errno.h>
#include <netlink/attr.h>
#include <string.h>

struct service_message {
	struct kservice s;
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

static netlink_handler *const frontend_handlers[] = {
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

static netlink_handler *const endpoint_handlers[] = {
	[SVCNAT_A_ENDPOINT_ADDR] = endpoint_addr,
	[SVCNAT_A_ENDPOINT_PORT] = endpoint_port,
};

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

static int service_endpoint(void *into, const struct nlattr *a)
{
	struct service_message *m = into;
	struct kendpoint p = { 0 };
	unsigned int seen;

	if (netlink_walk_nest(a, endpoint_handlers, SVCNAT_A_ENDPOINT_MAX, &p, &seen) ||
	    !(seen & NETLINK_BIT(SVCNAT_A_ENDPOINT_ADDR)) || !p.port)
		return -EPROTO;
	return kservice_add_endpoint(&m->s, &p);
}

static int service_more(void *into, const struct nlattr *a)
{
	struct service_message *m = into;

	m->more = true;
	return nla_len(a) ? -EPROTO : 0;
}

static netlink_handler *const service_handlers[] = {
	[SVCNAT_A_SERVICE_ID] = service_id,
	[SVCNAT_A_SERVICE_NAME] = service_name,
	[SVCNAT_A_SERVICE_FAMILY] = service_family,
	[SVCNAT_A_SERVICE_PROTO] = service_proto,
	[SVCNAT_A_SERVICE_OWNER] = service_owner,
	[SVCNAT_A_SERVICE_FLAGS] = service_flags,
	[SVCNAT_A_SERVICE_FRONTEND] = service_frontend,
	[SVCNAT_A_SERVICE_ENDPOINT] = service_endpoint,
	[SVCNAT_A_SERVICE_MORE] = service_more,
};

#define SERVICE_KEY	(NETLINK_BIT(SVCNAT_A_SERVICE_NAME) |	\
			 NETLINK_BIT(SVCNAT_A_SERVICE_FAMILY) |	\
			 NETLINK_BIT(SVCNAT_A_SERVICE_PROTO) |	\
			 NETLINK_BIT(SVCNAT_A_SERVICE_OWNER))

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

/* Further members of last. A service with very many frontends is cut among these. */
static int continue_service(struct kservice *last, struct kservice *part, unsigned int seen,
			    struct err *e)
{
	const unsigned int allowed = NETLINK_BIT(SVCNAT_A_SERVICE_ID) |
				     NETLINK_BIT(SVCNAT_A_SERVICE_FRONTEND) |
				     NETLINK_BIT(SVCNAT_A_SERVICE_ENDPOINT) |
				     NETLINK_BIT(SVCNAT_A_SERVICE_MORE);
	size_t i;
	int err = 0;

	if ((seen & ~allowed) || part->id != last->id)
		return netlink_malformed(e, -EPROTO, "continued service", SVCNAT_A_SERVICE_ID);
	part->family = last->family;
	if (check_families(part))
		return netlink_malformed(e, -EPROTO, "continued service", SVCNAT_A_SERVICE_FAMILY);
	for (i = 0; !err && i < part->nfrontends; i++)
		err = kservice_add_frontend(last, &part->frontends[i]);
	for (i = 0; !err && i < part->nendpoints; i++)
		err = kservice_add_endpoint(last, &part->endpoints[i]);
	return err ? netlink_malformed(e, err, "continued service", 0) : 0;
}

static int new_service(struct kservices *out, struct kservice *s, unsigned int seen,
		       struct err *e)
{
	int err = complete_service(s, seen, e);

	if (err)
		return err;
	if (!s->id)
		return netlink_malformed(e, -EPROTO, "service", SVCNAT_A_SERVICE_ID);
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
		err = continue_service(&d->out->v[d->out->n - 1], &m.s, seen, e);
	else if (!err)
		err = new_service(d->out, &m.s, seen, e);
	if (!err)
		d->more = m.more;
	kservice_clear(&m.s);
	return err;
}
