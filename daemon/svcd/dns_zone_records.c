// SPDX-License-Identifier: GPL-2.0
/* Records, as long as there is room for them in the message that they are for. */
#include "dns_zone_priv.h"

#include <errno.h>
#include <string.h>

#define SCHEMA_VERSION	"1.1.0"

/* The specification leaves them open: all targets are alike. */
#define SRV_PRIORITY	0
#define SRV_WEIGHT	100

#define SOA_REFRESH	7200
#define SOA_RETRY	1800
#define SOA_EXPIRE	86400

/* Bytes of a record without its data, whose owner stands in the question; of a name, compressed. */
#define RECORD_MIN	12
#define NAME_MIN	2

#define RDFS_MAX	7

/* --- one record --- */

struct record {
	const ldns_rdf *owner;
	ldns_rr_type type;
	uint32_t ttl;
	ldns_rdf *rdfs[RDFS_MAX];	/* NULL among the first n: no memory */
	size_t n;
};

static bool take_room(struct dns_draft *d, size_t data)
{
	const size_t size = RECORD_MIN + data;

	if (size > d->room)
		return false;
	d->room -= size;
	return true;
}

static bool fill(ldns_rr *rr, struct record *r)
{
	ldns_rdf *owner = ldns_rdf_clone(r->owner);
	size_t i;

	if (!owner)
		return false;
	ldns_rr_set_owner(rr, owner);
	ldns_rr_set_type(rr, r->type);
	ldns_rr_set_class(rr, LDNS_RR_CLASS_IN);
	ldns_rr_set_ttl(rr, r->ttl);
	for (i = 0; i < r->n; i++) {
		if (!r->rdfs[i] || !ldns_rr_push_rdf(rr, r->rdfs[i]))
			return false;
		r->rdfs[i] = NULL;
	}
	return true;
}

/* Takes the data of r. */
static int push(ldns_rr_list *list, struct record *r)
{
	ldns_rr *rr = ldns_rr_new();
	const bool ok = rr && fill(rr, r) && ldns_rr_list_push_rr(list, rr);
	size_t i;

	if (ok)
		return 0;
	for (i = 0; i < r->n; i++)
		ldns_rdf_deep_free(r->rdfs[i]);
	ldns_rr_free(rr);
	return -ENOMEM;
}

/* --- those that there are --- */

int dns_record_address(struct dns_draft *d, ldns_rr_list *list, const ldns_rdf *owner,
		       const struct ip_addr *a)
{
	const bool v4 = a->family == AF_INET;
	struct record r = {
		.owner = owner, .ttl = d->z->ttl, .n = 1,
		.type = v4 ? LDNS_RR_TYPE_A : LDNS_RR_TYPE_AAAA,
	};

	if (!take_room(d, ip_addr_len(a)))
		return 1;
	r.rdfs[0] = ldns_rdf_new_frm_data(v4 ? LDNS_RDF_TYPE_A : LDNS_RDF_TYPE_AAAA,
					  ip_addr_len(a), &a->v6);
	return push(list, &r);
}

int dns_record_srv(struct dns_draft *d, const ldns_rdf *owner, uint16_t port,
		   const struct dns_name *target)
{
	struct record r = {
		.owner = owner, .ttl = d->z->ttl, .n = 4, .type = LDNS_RR_TYPE_SRV,
	};

	if (target->failed)
		return 0;
	if (!take_room(d, 6 + NAME_MIN))
		return 1;
	r.rdfs[0] = ldns_native2rdf_int16(LDNS_RDF_TYPE_INT16, SRV_PRIORITY);
	r.rdfs[1] = ldns_native2rdf_int16(LDNS_RDF_TYPE_INT16, SRV_WEIGHT);
	r.rdfs[2] = ldns_native2rdf_int16(LDNS_RDF_TYPE_INT16, port);
	r.rdfs[3] = dns_name_rdf(target);
	return push(d->out->answer, &r);
}

int dns_record_name(struct dns_draft *d, const ldns_rdf *owner, ldns_rr_type type,
		    const struct dns_name *target)
{
	struct record r = { .owner = owner, .ttl = d->z->ttl, .n = 1, .type = type };

	if (target->failed)
		return 0;
	if (!take_room(d, NAME_MIN))
		return 1;
	r.rdfs[0] = dns_name_rdf(target);
	return push(d->out->answer, &r);
}

int dns_record_version(struct dns_draft *d, const ldns_rdf *owner)
{
	struct record r = {
		.owner = owner, .ttl = d->z->ttl, .n = 1, .type = LDNS_RR_TYPE_TXT,
	};

	if (!take_room(d, sizeof(SCHEMA_VERSION)))
		return 1;
	r.rdfs[0] = ldns_rdf_new_frm_str(LDNS_RDF_TYPE_STR, SCHEMA_VERSION);
	return push(d->out->answer, &r);
}

static uint32_t negative_ttl(const struct dns_draft *d)
{
	return d->z->ttl < DNS_NEGATIVE_TTL ? d->z->ttl : DNS_NEGATIVE_TTL;
}

int dns_record_soa(struct dns_draft *d, ldns_rr_list *list, const ldns_rdf *owner)
{
	const uint32_t numbers[] = {
		d->z->serial, SOA_REFRESH, SOA_RETRY, SOA_EXPIRE, negative_ttl(d),
	};
	const struct dns_name server = dns_name_of_server(d->z);
	struct dns_name mailbox = { .n = 0 };
	struct record r = {
		.owner = owner, .ttl = list == d->out->answer ? d->z->ttl : negative_ttl(d),
		.n = 7, .type = LDNS_RR_TYPE_SOA,
	};
	size_t i;

	if (!take_room(d, 2 * NAME_MIN + sizeof(numbers)))
		return 1;
	dns_name_text(&mailbox, "hostmaster");
	dns_name_end(&mailbox, &d->z->name);
	r.rdfs[0] = dns_name_rdf(&server);
	r.rdfs[1] = dns_name_rdf(&mailbox);
	r.rdfs[2] = ldns_native2rdf_int32(LDNS_RDF_TYPE_INT32, numbers[0]);
	for (i = 1; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		r.rdfs[2 + i] = ldns_native2rdf_int32(LDNS_RDF_TYPE_PERIOD, numbers[i]);
	return push(list, &r);
}

/* --- names --- */

struct dns_name dns_name_of_server(const struct dns_zone *z)
{
	struct dns_name n = { .n = 0 };

	dns_name_text(&n, "ns.dns");
	dns_name_end(&n, &z->name);
	return n;
}

static void add_service(struct dns_name *n, const struct dns_zone *z, const struct dns_service *s)
{
	dns_name_text(n, s->name);
	dns_name_add(n, s->key, (size_t)(s->name - s->key - 1));
	dns_name_text(n, "svc");
	dns_name_end(n, &z->name);
}

struct dns_name dns_name_of_service(const struct dns_zone *z, const struct dns_service *s)
{
	struct dns_name n = { .n = 0 };

	add_service(&n, z, s);
	return n;
}

struct dns_name dns_name_of_host(const struct dns_zone *z, const struct dns_host *h)
{
	struct dns_name n = { .n = 0 };

	dns_name_text(&n, h->label);
	add_service(&n, z, h->service);
	return n;
}
