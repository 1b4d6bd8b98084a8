// SPDX-License-Identifier: GPL-2.0
/* What there is to say of a name, and of those that it is an alias of. */
#include "dns_zone_priv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Aliases that are followed, one after the other. */
#define ALIASES_MAX	8

/* Header, and type and class of the question. */
#define MESSAGE_MIN	(12 + 4)
#define MESSAGE_MAX	65535

/* The number of what is seen as a whole; a port is less. */
#define WHOLE		65536

static bool look(struct dns_draft *d)
{
	if (!d->looks)
		return false;
	d->looks--;
	return true;
}

static bool is_address(ldns_rr_type type, const struct ip_addr *a)
{
	return type == (a->family == AF_INET ? LDNS_RR_TYPE_A : LDNS_RR_TYPE_AAAA);
}

/* --- addresses: 0, 1 when there is no room for one, or -ENOMEM, here and below --- */

static int add_servers(struct dns_draft *d, ldns_rr_list *list, const ldns_rdf *owner,
		       ldns_rr_type type)
{
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < d->z->nservers; i++)
		if (list == d->out->additional || is_address(type, &d->z->servers[i]))
			ret = dns_record_address(d, list, owner, &d->z->servers[i]);
	return ret;
}

static int add_claims(struct dns_draft *d, ldns_rr_list *list, const ldns_rdf *owner,
		      ldns_rr_type type, const struct dns_service *s)
{
	const struct ip_addr *a;
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < s->told.nclaims; i++) {
		a = &s->told.claims[i].address->addr;
		if (list == d->out->additional || is_address(type, a))
			ret = dns_record_address(d, list, owner, a);
	}
	return ret;
}

static int add_endpoint(struct dns_draft *d, const ldns_rdf *owner, const struct dns_endpoint *e)
{
	int ret = look(d) ? dns_seen_add(&d->seen, e->address, WHOLE) : -ENOSPC;

	if (ret <= 0)
		return ret == -ENOSPC ? 1 : ret;
	return dns_record_address(d, d->out->answer, owner, &e->address->addr);
}

/* Each time another one is the first. */
static int add_family(struct dns_draft *d, const ldns_rdf *owner, struct dns_family *f)
{
	const size_t from = f->n ? f->turn++ % f->n : 0;
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < f->n; i++)
		ret = add_endpoint(d, owner, f->v[(from + i) % f->n]);
	return ret;
}

static int add_host(struct dns_draft *d, const ldns_rdf *owner, ldns_rr_type type,
		    const struct dns_host *h)
{
	const struct dns_endpoint *e;
	int ret = 0;

	TAILQ_FOREACH(e, &h->endpoints, in_host) {
		if (is_address(type, &e->address->addr))
			ret = add_endpoint(d, owner, e);
		else
			ret = !look(d);
		if (ret)
			break;
	}
	return ret;
}

/* --- SRV --- */

static int note_host(struct dns_draft *d, const struct dns_host *h)
{
	const size_t room = d->hosts_room ? 2 * d->hosts_room : 16;
	const struct dns_host **v;
	int ret = dns_seen_add(&d->seen, h, WHOLE);

	if (ret <= 0)
		return ret;
	if (d->nhosts == d->hosts_room) {
		v = reallocarray(d->hosts, room, sizeof(*v));
		if (!v)
			return -ENOMEM;
		d->hosts = v;
		d->hosts_room = room;
	}
	d->hosts[d->nhosts++] = h;
	return 0;
}

static int add_target(struct dns_draft *d, const ldns_rdf *owner, const struct dns_endpoint *e,
		      uint16_t port)
{
	int ret = look(d) ? dns_seen_add(&d->seen, e->host, port) : -ENOSPC;
	struct dns_name target;

	if (ret <= 0)
		return ret == -ENOSPC ? 1 : ret;
	target = dns_name_of_host(d->z, e->host);
	ret = dns_record_srv(d, owner, port, &target);
	return ret || target.failed ? ret : note_host(d, e->host);
}

static int add_all_ports(struct dns_draft *d, const ldns_rdf *owner, const struct dns_endpoint *e)
{
	const struct dns_content *c = &e->slice->content;
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < c->nports; i++)
		ret = add_target(d, owner, e, c->ports[i].number);
	return ret;
}

static int add_headless(struct dns_draft *d, const ldns_rdf *owner, const struct dns_service *s)
{
	const struct dns_family *f;
	size_t i;
	int ret = 0;

	for (f = s->families; f < s->families + 2; f++)
		for (i = 0; !ret && i < f->n; i++)
			ret = add_all_ports(d, owner, f->v[i]);
	return ret;
}

static int add_host_ports(struct dns_draft *d, const ldns_rdf *owner, const struct dns_host *h)
{
	const struct dns_endpoint *e;
	int ret = 0;

	TAILQ_FOREACH(e, &h->endpoints, in_host) {
		ret = add_all_ports(d, owner, e);
		if (ret)
			break;
	}
	return ret;
}

static int add_named_port(struct dns_draft *d, const ldns_rdf *owner,
			  const struct dns_ports *ports)
{
	const struct dns_content *c;
	const struct dns_port *p;
	size_t i;
	int ret = 0;

	TAILQ_FOREACH(p, &ports->ports, in_ports) {
		c = &p->slice->content;
		for (i = 0; !ret && i < c->nendpoints; i++)
			ret = add_target(d, owner, &c->endpoints[i], p->number);
		if (ret)
			break;
	}
	return ret;
}

/* Of a Service with ClusterIPs: only this port, or all of them. */
static int add_cluster_ports(struct dns_draft *d, const ldns_rdf *owner,
			     const struct dns_service *s, const struct dns_service_port *only)
{
	const struct dns_name target = dns_name_of_service(d->z, s);
	const struct dns_service_port *p;
	size_t i;
	int ret = 0;

	for (i = 0; !ret && i < s->told.nports; i++) {
		p = &s->told.ports[i];
		if (only && p != only)
			continue;
		ret = dns_seen_add(&d->seen, s, p->number);
		if (ret > 0)
			ret = dns_record_srv(d, owner, p->number, &target);
	}
	return ret;
}

/* --- what goes with it --- */

static int add_host_addresses(struct dns_draft *d, size_t i)
{
	const struct dns_host *h = d->hosts[i];
	const struct dns_name name = dns_name_of_host(d->z, h);
	ldns_rdf *owner = dns_name_rdf(&name);
	const struct dns_endpoint *e;
	int ret = owner ? 0 : -ENOMEM;

	TAILQ_FOREACH(e, &h->endpoints, in_host) {
		if (!ret && !look(d))
			ret = 1;
		if (ret)
			break;
		ret = dns_seen_add(&d->seen, e->address, WHOLE + 1 + i);
		if (ret > 0)
			ret = dns_record_address(d, d->out->additional, owner, &e->address->addr);
	}
	ldns_rdf_deep_free(owner);
	return ret;
}

static int add_service_addresses(struct dns_draft *d, const struct dns_service *s)
{
	const struct dns_name name = dns_name_of_service(d->z, s);
	ldns_rdf *owner = name.failed ? NULL : dns_name_rdf(&name);
	int ret;

	if (!owner)
		return name.failed ? 0 : -ENOMEM;
	ret = add_claims(d, d->out->additional, owner, 0, s);
	ldns_rdf_deep_free(owner);
	return ret;
}

static int add_server_addresses(struct dns_draft *d)
{
	const struct dns_name name = dns_name_of_server(d->z);
	ldns_rdf *owner = dns_name_rdf(&name);
	int ret = owner ? add_servers(d, d->out->additional, owner, 0) : -ENOMEM;

	ldns_rdf_deep_free(owner);
	return ret;
}

/* -ENOMEM; what there is no room for is left out. */
static int add_additional(struct dns_draft *d, const struct dns_node *n, ldns_rr_type type)
{
	size_t i;
	int ret = 0;

	if (!ldns_rr_list_rr_count(d->out->answer))
		return 0;
	if (type == LDNS_RR_TYPE_NS)
		ret = add_server_addresses(d);
	else if (type == LDNS_RR_TYPE_SRV && n->service->told.kind == DNS_KIND_CLUSTER &&
		 n->kind != DNS_NODE_HOST)
		ret = add_service_addresses(d, n->service);
	for (i = 0; !ret && i < d->nhosts; i++)
		ret = add_host_addresses(d, i);
	return ret < 0 ? ret : 0;
}

/* --- PTR --- */

static int add_pointer(struct dns_draft *d, const ldns_rdf *owner, const struct dns_host *h)
{
	int ret = dns_seen_add(&d->seen, h, WHOLE);
	struct dns_name target;

	if (ret <= 0)
		return ret;
	target = dns_name_of_host(d->z, h);
	return dns_record_name(d, owner, LDNS_RR_TYPE_PTR, &target);
}

static int add_pointers_of(struct dns_draft *d, const ldns_rdf *owner,
			   const struct dns_address *a, enum dns_kind kind, bool named)
{
	const struct dns_endpoint *e;
	int ret = 0;

	TAILQ_FOREACH(e, &a->endpoints, in_address) {
		if (!look(d))
			ret = 1;
		else if (e->slice->service->told.kind == kind && e->named == named)
			ret = add_pointer(d, owner, e->host);
		if (ret)
			break;
	}
	return ret;
}

/* Hostnames come first: who wants but one name takes the first one. */
static int add_endpoint_pointers(struct dns_draft *d, const ldns_rdf *owner,
				 const struct dns_address *a, enum dns_kind kind)
{
	int ret = add_pointers_of(d, owner, a, kind, true);

	return ret ? ret : add_pointers_of(d, owner, a, kind, false);
}

/*
 * A Service's address has the Service's name. An endpoint of headless Services is called
 * by these: that is how StatefulSets know their pods. Only one of no headless Service has
 * names by others: the specification does not ask for them, CoreDNS has them.
 */
static int add_pointers(struct dns_draft *d, const ldns_rdf *owner, const struct dns_address *a)
{
	const struct dns_claim *c;
	struct dns_name target;
	int ret = 0;

	TAILQ_FOREACH(c, &a->claims, in_address) {
		target = dns_name_of_service(d->z, c->service);
		ret = dns_record_name(d, owner, LDNS_RR_TYPE_PTR, &target);
		if (ret)
			break;
	}
	if (!ret && !ldns_rr_list_rr_count(d->out->answer))
		ret = add_endpoint_pointers(d, owner, a, DNS_KIND_HEADLESS);
	if (!ret && !ldns_rr_list_rr_count(d->out->answer))
		ret = add_endpoint_pointers(d, owner, a, DNS_KIND_CLUSTER);
	return ret;
}

/* --- by what the name stands for --- */

static int add_apex(struct dns_draft *d, const ldns_rdf *owner, ldns_rr_type type)
{
	const struct dns_name server = dns_name_of_server(d->z);

	if (type == LDNS_RR_TYPE_SOA)
		return dns_record_soa(d, d->out->answer, owner);
	if (type == LDNS_RR_TYPE_NS)
		return dns_record_name(d, owner, type, &server);
	return 0;
}

static int add_service(struct dns_draft *d, const ldns_rdf *owner, ldns_rr_type type,
		       const struct dns_node *n)
{
	struct dns_service *s = n->service;

	if (s->told.kind == DNS_KIND_CLUSTER)
		return type == LDNS_RR_TYPE_SRV ? add_cluster_ports(d, owner, s, NULL) :
						  add_claims(d, d->out->answer, owner, type, s);
	if (type == LDNS_RR_TYPE_SRV)
		return add_headless(d, owner, s);
	if (type == LDNS_RR_TYPE_A || type == LDNS_RR_TYPE_AAAA)
		return add_family(d, owner, &s->families[type == LDNS_RR_TYPE_AAAA]);
	return 0;
}

static int add_port(struct dns_draft *d, const ldns_rdf *owner, const struct dns_node *n)
{
	return n->ports ? add_named_port(d, owner, n->ports) :
			  add_cluster_ports(d, owner, n->service, n->port);
}

static int add_records(struct dns_draft *d, const ldns_rdf *owner, ldns_rr_type type,
		       const struct dns_node *n)
{
	switch (n->kind) {
	case DNS_NODE_APEX:
		return add_apex(d, owner, type);
	case DNS_NODE_VERSION:
		return type == LDNS_RR_TYPE_TXT ? dns_record_version(d, owner) : 0;
	case DNS_NODE_SERVER:
		return add_servers(d, d->out->answer, owner, type);
	case DNS_NODE_SERVICE:
		return add_service(d, owner, type, n);
	case DNS_NODE_HOST:
		return type == LDNS_RR_TYPE_SRV ? add_host_ports(d, owner, n->host) :
						  add_host(d, owner, type, n->host);
	case DNS_NODE_PORT:
		return type == LDNS_RR_TYPE_SRV ? add_port(d, owner, n) : 0;
	case DNS_NODE_POD:
		return is_address(type, &n->addr) ?
		       dns_record_address(d, d->out->answer, owner, &n->addr) : 0;
	case DNS_NODE_ADDRESS:
		return type == LDNS_RR_TYPE_PTR ? add_pointers(d, owner, n->address) : 0;
	default:
		return 0;
	}
}

static int add_authority(struct dns_draft *d, const ldns_rdf *name, size_t apex)
{
	ldns_rdf *owner = ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, ldns_rdf_size(name) - apex,
						ldns_rdf_data(name) + apex);
	int ret = owner ? dns_record_soa(d, d->out->authority, owner) : -ENOMEM;

	ldns_rdf_deep_free(owner);
	return ret < 0 ? ret : 0;
}

/* The end of the aliases. */
static int conclude(struct dns_draft *d, const ldns_rdf *name, ldns_rr_type type,
		    const struct dns_node *n)
{
	const size_t before = ldns_rr_list_rr_count(d->out->answer);
	int ret = add_records(d, name, type, n);

	if (ret < 0)
		return ret;
	d->out->cut = ret;
	if (ret || ldns_rr_list_rr_count(d->out->answer) > before) {
		d->out->verdict = DNS_ANSWERED;
		return add_additional(d, n, type);
	}
	d->out->verdict = n->kind == DNS_NODE_NONE ? DNS_NXDOMAIN : DNS_NODATA;
	return add_authority(d, name, n->apex);
}

/* --- aliases --- */

static bool is_alias(const struct dns_node *n)
{
	return n->kind == DNS_NODE_SERVICE && n->service->told.kind == DNS_KIND_EXTERNAL;
}

/*
 * What the name, of which n is known, is an alias of takes its place. 1: that is it.
 * Aliases in a circle lead to nothing, and end where they began.
 */
static int follow(struct dns_draft *d, ldns_rdf **name, ldns_rr_type type,
		  const struct dns_node *n)
{
	const struct dns_name *target = &n->service->told.target;
	int ret = dns_seen_add(&d->seen, n->service, WHOLE);

	if (ret <= 0)
		return ret ? ret : 1;
	ret = dns_record_name(d, *name, LDNS_RR_TYPE_CNAME, target);
	d->out->cut = ret > 0;
	if (ret)
		return ret;
	if (type == LDNS_RR_TYPE_CNAME || ldns_rr_list_rr_count(d->out->answer) == ALIASES_MAX)
		return 1;
	ldns_rdf_deep_free(*name);
	*name = dns_name_rdf(target);
	return *name ? 0 : -ENOMEM;
}

static int not_ours(struct dns_draft *d, ldns_rdf **name)
{
	d->out->verdict = DNS_NOT_OURS;
	if (!ldns_rr_list_rr_count(d->out->answer))
		return 0;
	d->out->verdict = DNS_ANSWERED;
	d->out->chase = *name;
	*name = NULL;
	return 0;
}

/* *name is the caller's, and may be another one afterwards. */
static int answer(struct dns_draft *d, ldns_rdf **name, ldns_rr_type type)
{
	struct dns_labels l;
	struct dns_node n;
	int ret = 0;

	d->out->verdict = DNS_ANSWERED;
	while (!ret) {
		if (!dns_labels_parse(&l, *name))
			return not_ours(d, name);
		n = dns_zone_find(d->z, &l);
		if (n.kind == DNS_NODE_FOREIGN)
			return not_ours(d, name);
		if (!d->z->ready) {
			d->out->verdict = DNS_NOT_READY;
			return 0;
		}
		if (!is_alias(&n))
			return conclude(d, *name, type, &n);
		ret = follow(d, name, type, &n);
	}
	return ret < 0 ? ret : 0;
}

/* --- the reply --- */

static bool reply_init(struct dns_reply *r)
{
	*r = (struct dns_reply){
		.answer = ldns_rr_list_new(),
		.authority = ldns_rr_list_new(),
		.additional = ldns_rr_list_new(),
	};
	return r->answer && r->authority && r->additional;
}

void dns_reply_clear(struct dns_reply *r)
{
	ldns_rr_list_deep_free(r->answer);
	ldns_rr_list_deep_free(r->authority);
	ldns_rr_list_deep_free(r->additional);
	ldns_rdf_deep_free(r->chase);
	*r = (struct dns_reply){ .verdict = DNS_FAILED };
}

static size_t room_for_records(const ldns_rdf *name, size_t room)
{
	const size_t taken = MESSAGE_MIN + ldns_rdf_size(name);

	room = room < MESSAGE_MAX ? room : MESSAGE_MAX;
	return room > taken ? room - taken : 0;
}

int dns_zone_answer(struct dns_zone *z, const ldns_rdf *name, ldns_rr_type type, size_t room,
		    struct dns_reply *out)
{
	struct dns_draft d = {
		.z = z, .out = out, .looks = z->looks_max, .room = room_for_records(name, room),
	};
	ldns_rdf *copy = ldns_rdf_clone(name);
	int ret = reply_init(out) && copy ? answer(&d, &copy, type) : -ENOMEM;

	if (ret)
		dns_reply_clear(out);
	dns_seen_clear(&d.seen);
	free(d.hosts);
	ldns_rdf_deep_free(copy);
	return ret;
}
