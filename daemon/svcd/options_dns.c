// SPDX-License-Identifier: GPL-2.0
/* Names of Services: where they are answered, for whom, and who knows others. */
#include "options_priv.h"

#include "cidr.h"
#include "dns_zone.h"
#include "err.h"
#include "format.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define DOMAIN		"cluster.local"
#define RESOLV_CONF	"/etc/resolv.conf"
#define TTL_MAX		3600

/* Among those there; what is there already is no second one. */
static int add_peer(struct dns_peer *v, size_t *n, size_t max, const char *value, struct err *e)
{
	struct dns_peer peer;
	size_t i;
	int ret;

	ret = dns_peer_parse(value, &peer, e);
	if (ret)
		return ret;
	for (i = 0; i < *n; i++)
		if (dns_peer_equal(&v[i], &peer))
			return 0;
	if (*n == max)
		return err_set(e, EINVAL, "more than %zu addresses", max);
	v[(*n)++] = peer;
	return 0;
}

int options_dns_listen(struct options *o, const char *value, struct err *e)
{
	return add_peer(o->dns.listen, &o->dns.nlisten, OPTIONS_DNS_LISTEN_MAX, value, e);
}

int options_dns_domain(struct options *o, const char *value, struct err *e)
{
	if (format_dns1123_subdomain(value))
		return err_set(e, EINVAL, "\"%s\" is not a domain: lower case letters, digits, '-' "
			       "and '.', such as %s", value, DOMAIN);
	if (strlen(value) > DNS_DOMAIN_MAX)
		return err_set(e, EINVAL, "\"%s\" is too long: the names of Services are in front "
			       "of it, so at most %d characters", value, DNS_DOMAIN_MAX);
	return options_set_string(&o->dns.domain, value, e);
}

int options_dns_service(struct options *o, const char *value, struct err *e)
{
	const char *slash = strchr(value, '/');
	char ns[64] = "";

	if (!*value)
		return options_set_string(&o->dns.service, "", e);
	if (slash && slash - value < (ptrdiff_t)sizeof(ns))
		memcpy(ns, value, (size_t)(slash - value));
	if (!slash || format_dns1123_label(ns) || format_dns1123_label(slash + 1))
		return err_set(e, EINVAL, "\"%s\" is not the name of a Service and its namespace, "
			       "such as kube-system/kube-dns", value);
	return options_set_string(&o->dns.service, value, e);
}

int options_dns_upstream(struct options *o, const char *value, struct err *e)
{
	struct dns_options *d = &o->dns;

	if (strcmp(value, "none") == 0) {
		d->no_upstreams = true;
		return 0;
	}
	if (*value != '/')
		return add_peer(d->upstreams, &d->nupstreams, DNS_UPSTREAMS_MAX, value, e);
	if (strlen(value) >= PATH_MAX)
		return err_set(e, EINVAL, "\"%s\" is too long for a path", value);
	return options_set_string(&d->resolv_conf, value, e);
}

int options_dns_allow(struct options *o, const char *value, struct err *e)
{
	struct ip_cidr cidr;
	int ret = ip_cidr_parse(value, &cidr, e);

	return ret ? ret : options_add_cidr(&o->dns.allow, &cidr, e);
}

int options_dns_ttl(struct options *o, const char *value, struct err *e)
{
	size_t len = strspn(value, "0123456789");
	long n = len && len <= 5 && !value[len] ? strtol(value, NULL, 10) : -1;

	if (n < 0 || n > TTL_MAX)
		return err_set(e, EINVAL, "\"%s\" is not a number of seconds (0 to %d)", value,
			       TTL_MAX);
	o->dns.ttl = (uint32_t)n;
	return 0;
}

void options_dns_forget_listen(struct options *o)
{
	o->dns.nlisten = 0;
}

void options_dns_forget_upstreams(struct options *o)
{
	o->dns.nupstreams = 0;
	o->dns.no_upstreams = false;
	free(o->dns.resolv_conf);
	o->dns.resolv_conf = NULL;
}

void options_dns_forget_allow(struct options *o)
{
	o->dns.allow.n = 0;
}

/* Its answers would be questions to itself. */
static int check_upstreams(const struct dns_options *d, struct err *e)
{
	char text[ADDRPORT_STRLEN];
	size_t i, j;

	if (d->no_upstreams && (d->nupstreams || d->resolv_conf))
		return err_set(e, EINVAL, "--dns-upstream: none, and others beside it");
	for (i = 0; i < d->nupstreams; i++) {
		if (addrport_special(&d->upstreams[i].addr) &&
		    strcmp(addrport_special(&d->upstreams[i].addr), "a loopback"))
			return err_set(e, EINVAL, "--dns-upstream: %s is %s address",
				       dns_peer_print(&d->upstreams[i], text),
				       addrport_special(&d->upstreams[i].addr));
		for (j = 0; j < d->nlisten; j++)
			if (dns_peer_equal(&d->upstreams[i], &d->listen[j]))
				return err_set(e, EINVAL, "--dns-upstream: %s is where this svcd "
					       "listens itself", dns_peer_print(&d->listen[j],
										text));
	}
	return 0;
}

/* A Service's port leads to an address of the node that packets from elsewhere may go to. */
static int check_service(const struct dns_options *d, struct err *e)
{
	size_t i;

	if (!*d->service)
		return 0;
	for (i = 0; i < d->nlisten; i++)
		if (!addrport_special(&d->listen[i].addr))
			return 0;
	return err_set(e, EINVAL, "--dns-service: it leads to an address of --dns-listen; give one "
		       "that is the node's, and neither a loopback nor an unspecified one");
}

int options_dns_defaults(struct options *o, struct err *e)
{
	struct dns_options *d = &o->dns;
	int ret = 0;

	if (!d->domain)
		ret = options_set_string(&d->domain, DOMAIN, e);
	if (!ret && !d->service)
		ret = options_set_string(&d->service, "", e);
	if (!ret && !d->nupstreams && !d->no_upstreams && !d->resolv_conf)
		ret = options_set_string(&d->resolv_conf, RESOLV_CONF, e);
	if (!ret)
		ret = check_upstreams(d, e);
	return ret ? ret : check_service(d, e);
}

void options_dns_clear(struct dns_options *d)
{
	free(d->domain);
	free(d->service);
	free(d->resolv_conf);
	kcidrs_clear(&d->allow);
}

static bool same_peers(const struct dns_peer *a, size_t na, const struct dns_peer *b, size_t nb)
{
	size_t i;

	for (i = 0; i < na && i < nb; i++)
		if (!dns_peer_equal(&a[i], &b[i]))
			return false;
	return na == nb;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

bool options_dns_equal(const struct dns_options *a, const struct dns_options *b)
{
	return same_peers(a->listen, a->nlisten, b->listen, b->nlisten) &&
	       same_peers(a->upstreams, a->nupstreams, b->upstreams, b->nupstreams) &&
	       same_text(a->domain, b->domain) && same_text(a->service, b->service) &&
	       same_text(a->resolv_conf, b->resolv_conf) && kcidrs_equal(&a->allow, &b->allow) &&
	       a->ttl == b->ttl;
}
