// SPDX-License-Identifier: GPL-2.0
#include "dns_zone_priv.h"

#include "err.h"
#include "format.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* The same endpoint may stand in many slices: so many are looked at for one answer. */
#define LOOKS_MAX	65536

static int no_memory(struct err *e)
{
	return err_set(e, ENOMEM, "out of memory");
}

/* --- the configuration --- */

/* Of all that a zone is configured with; z has what is in force. */
static void config_clear(struct dns_zone *z)
{
	free(z->domain);
	free(z->servers);
	kcidrs_clear(&z->service_cidrs);
}

static int read_domain(struct dns_zone *to, const char *domain, struct err *e)
{
	size_t len = strlen(domain), i;

	len -= len && domain[len - 1] == '.';
	to->domain = strndup(domain, len);
	if (!to->domain)
		return no_memory(e);
	for (i = 0; i < len; i++)
		if (domain[i] >= 'A' && domain[i] <= 'Z')
			to->domain[i] = (char)(domain[i] - 'A' + 'a');
	if (format_dns1123_subdomain(to->domain))
		return err_set(e, EINVAL, "the DNS domain '%s' is not one: write labels of letters,"
			       " digits and '-', with dots between them, such as cluster.local",
			       domain);
	if (len > DNS_DOMAIN_MAX)
		return err_set(e, EINVAL, "the DNS domain '%s' is longer than %d characters: there "
			       "has to be room for the names of Services", domain, DNS_DOMAIN_MAX);
	dns_name_text(&to->name, to->domain);
	dns_name_end(&to->name, NULL);
	return 0;
}

static int read_addresses(struct dns_zone *to, const struct dns_zone_config *c, struct err *e)
{
	size_t i;

	for (i = 0; i < c->service_cidrs.n; i++)
		if (kcidrs_add(&to->service_cidrs, &c->service_cidrs.v[i]))
			return no_memory(e);
	if (!c->nservers)
		return 0;
	to->servers = calloc(c->nservers, sizeof(*to->servers));
	if (!to->servers)
		return no_memory(e);
	memcpy(to->servers, c->servers, c->nservers * sizeof(*to->servers));
	to->nservers = c->nservers;
	return 0;
}

int dns_zone_configure(struct dns_zone *z, const struct dns_zone_config *c, struct err *e)
{
	struct dns_zone to = { 0 };
	int err = read_domain(&to, c->domain, e);

	if (!err)
		err = read_addresses(&to, c, e);
	if (err) {
		config_clear(&to);
		return err;
	}
	config_clear(z);
	z->domain = to.domain;
	z->name = to.name;
	z->service_cidrs = to.service_cidrs;
	z->servers = to.servers;
	z->nservers = to.nservers;
	z->ttl = c->ttl;
	z->serial++;
	return 0;
}

/* --- the zone --- */

int dns_zone_alloc(struct dns_zone **out, const struct dns_zone_config *c, struct err *e)
{
	struct dns_zone *z = calloc(1, sizeof(*z));
	int err;

	if (!z)
		return no_memory(e);
	TAILQ_INIT(&z->services);
	TAILQ_INIT(&z->slices);
	err = dns_zone_configure(z, c, e);
	if (err) {
		free(z);
		return err;
	}
	z->serial = c->serial;
	z->looks_max = LOOKS_MAX;
	*out = z;
	return 0;
}

void dns_zone_free(struct dns_zone *z)
{
	if (!z)
		return;
	dns_slice_clear(z);
	dns_service_clear(z);
	strmap_clear(&z->by_key);
	strmap_clear(&z->slice_by_key);
	strmap_clear(&z->namespaces);
	strmap_clear(&z->addresses);
	config_clear(z);
	free(z);
}

/* --- what is told --- */

int dns_zone_object(struct dns_zone *z, enum proxy_kind kind, const json_t *object, bool deleted)
{
	if (kind == PROXY_SERVICE)
		return dns_service_tell(z, object, deleted);
	return kind == PROXY_SLICE ? dns_slice_tell(z, (json_t *)object, deleted) : 0;
}

void dns_zone_list_begin(struct dns_zone *z, enum proxy_kind kind)
{
	z->list[kind]++;
}

void dns_zone_list_end(struct dns_zone *z, enum proxy_kind kind)
{
	if (kind == PROXY_SERVICE)
		dns_service_sweep(z);
	else if (kind == PROXY_SLICE)
		dns_slice_sweep(z);
	z->complete[kind] = true;
	z->ready = z->ready || (z->complete[PROXY_SERVICE] && z->complete[PROXY_SLICE]);
}

/* What was known is as good as anything until the lists are complete again. */
void dns_zone_lists_void(struct dns_zone *z)
{
	memset(z->complete, 0, sizeof(z->complete));
}

bool dns_zone_ready(const struct dns_zone *z)
{
	return z->ready;
}

bool dns_zone_leads(const struct dns_zone *z, const char *key, const struct ip_addr *addr)
{
	const struct dns_service *s = strmap_find(&z->by_key, key);
	size_t i;

	for (i = 0; s && i < s->told.nclaims; i++)
		if (ip_addr_equal(&s->told.claims[i].address->addr, addr))
			return true;
	return false;
}
