// SPDX-License-Identifier: GPL-2.0
#include "lb_plan.h"

#include "jx.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct lb_place *place_of(struct lb_plan *p, int family)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->families[i] == family)
			return &p->v[i];
	return NULL;
}

static bool may_keep(struct lb_plan *p, const json_t *entry, struct err *why)
{
	struct lb_place *at;
	struct ip_addr ip;

	if (ip_addr_parse(jx_str(entry, "ip"), &ip, why))
		return false;
	at = place_of(p, ip.family);
	if (!at)
		err_set(why, EINVAL, "the Service is not of its family any more");
	else if (at->entry)
		err_set(why, EINVAL, "the Service has another one of its family");
	if (!at || at->entry || !lb_choice_allows(p->choice, p->svc, &ip, why))
		return false;
	*at = (struct lb_place){ ip, entry };
	return true;
}

static void keep(struct lb_plan *p, lb_plan_released *released, void *ctx)
{
	json_t *list = jx_get(p->svc, "status.loadBalancer.ingress"), *entry;
	size_t i;

	json_array_foreach(list, i, entry) {
		struct err why = { "" };

		if (may_keep(p, entry, &why))
			continue;
		p->gave_up = true;
		released(ctx, p->svc, jx_str(entry, "ip"), why.text);
	}
}

static const char *pool_name(const struct lb_plan *p, const struct ip_addr *ip)
{
	const struct pool *pool = pools_of(p->choice->pools, ip);

	return pool ? pool->name : "";
}

static bool is_as_wished(const struct lb_plan *p, size_t i)
{
	const struct ip_addr *ip = lb_wish_of(&p->wish, p->families[i]), *is = &p->v[i].ip;

	if (!is->family)
		return false;
	if (ip)
		return ip_addr_equal(ip, is);
	return !*p->wish.pool || !strcmp(p->wish.pool, pool_name(p, is));
}

static void lack(struct lb_plan *p, const struct err *why)
{
	p->lacks = true;
	if (!p->problem.text[0])
		p->problem = *why;
}

static bool find(const struct lb_plan *p, int family, struct ip_addr *out, struct err *why)
{
	const struct ip_addr *wish = lb_wish_of(&p->wish, family);

	if (!wish)
		return lb_choice_find(p->choice, p->svc, p->wish.pool, family, out, why);
	*out = *wish;
	if (!lb_choice_allows(p->choice, p->svc, wish, why))
		return false;
	if (!*p->wish.pool || !strcmp(p->wish.pool, pool_name(p, wish)))
		return true;
	err_set(why, EINVAL, "the address that is wished for is in the pool \"%s\", not in \"%s\"",
		pool_name(p, wish), p->wish.pool);
	return false;
}

static void fill(struct lb_plan *p)
{
	struct ip_addr given[2] = { { .family = 0 } };
	struct err why = { "" };

	if (lb_service_wish(p->svc, &p->wish, &why)) {
		lack(p, &why);
		return;
	}
	for (size_t i = 0; i < p->n; i++) {
		if (is_as_wished(p, i))
			continue;
		if (p->choice->hold || !find(p, p->families[i], &given[i], &why)) {
			lack(p, &why);
			given[i].family = 0;
		}
	}
	/* Both or none; what is there already stays. */
	if (p->lacks && jx_is(p->svc, "spec.ipFamilyPolicy", "RequireDualStack"))
		return;
	for (size_t i = 0; i < p->n; i++) {
		if (!given[i].family)
			continue;
		p->gave_up |= p->v[i].ip.family;
		p->v[i] = (struct lb_place){ given[i], NULL };
	}
}

void lb_plan_make(struct lb_plan *p, const struct lb_choice *c, const json_t *svc,
		  lb_plan_released *released, void *ctx)
{
	*p = (struct lb_plan){ .choice = c, .svc = svc };
	p->n = lb_service_families(svc, p->families);
	keep(p, released, ctx);
	fill(p);
}

bool lb_plan_fails(const struct lb_plan *p)
{
	if (!p->lacks || !p->problem.text[0])
		return false;
	return p->wish.n || !jx_is(p->svc, "spec.ipFamilyPolicy", "PreferDualStack") ||
	       !(p->v[0].ip.family || p->v[1].ip.family);
}

json_t *lb_plan_ingress(const struct lb_plan *p)
{
	json_t *list = jx_must(json_array());
	char text[INET6_ADDRSTRLEN];

	for (size_t i = 0; i < p->n; i++) {
		const struct lb_place *at = &p->v[i];

		if (at->entry)
			jx_append(list, jx_copy(at->entry));
		else if (at->ip.family)
			jx_append(list, json_pack("{s:s, s:s}", "ip", ip_addr_print(&at->ip, text),
						  "ipMode", "VIP"));
	}
	return list;
}

char *lb_plan_pools(const struct lb_plan *p)
{
	const char *a = p->v[0].ip.family ? pool_name(p, &p->v[0].ip) : "";
	const char *b = p->v[1].ip.family ? pool_name(p, &p->v[1].ip) : "";
	bool both = *a && *b && strcmp(a, b);
	char *text;

	if (asprintf(&text, "%s%s%s", a, both ? "," : "", both || !*a ? b : "") < 0)
		jx_must(NULL);
	return text;
}

char *lb_plan_text(const struct lb_plan *p, bool new_only)
{
	char ip[INET6_ADDRSTRLEN], *text = NULL;
	size_t size;
	FILE *f = jx_must(open_memstream(&text, &size));

	for (size_t i = 0; i < p->n; i++)
		if (p->v[i].ip.family && !(new_only && p->v[i].entry))
			fprintf(f, "%s%s", ftell(f) ? ", " : "", ip_addr_print(&p->v[i].ip, ip));
	fclose(f);
	return text;
}
