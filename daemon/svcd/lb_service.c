// SPDX-License-Identifier: GPL-2.0
#include "lb_service.h"

#include "err.h"
#include "jx.h"
#include "service.h"
#include "termination.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char *lb_service_note(const json_t *svc, const char *annotation)
{
	const json_t *notes = jx_get(svc, "metadata.annotations");
	const char *s = json_string_value(json_object_get(notes, annotation));

	return s ? s : "";
}

bool lb_service_ours(const json_t *svc)
{
	const char *class = jx_str(svc, "spec.loadBalancerClass");

	return service_is_type(svc, "LoadBalancer") && (!*class || !strcmp(class, LB_CLASS)) &&
	       !termination_begun(svc);
}

size_t lb_service_families(const json_t *svc, int families[2])
{
	const json_t *list = jx_get(svc, "spec.ipFamilies");
	size_t n = 0;

	for (; n < json_array_size(list) && n < 2; n++) {
		const char *name = json_string_value(json_array_get(list, n));

		families[n] = strcmp(name, "IPv6") ? AF_INET : AF_INET6;
	}
	return n;
}

const struct ip_addr *lb_wish_of(const struct lb_wish *w, int family)
{
	for (size_t i = 0; i < w->n; i++)
		if (w->ip[i].family == family)
			return &w->ip[i];
	return NULL;
}

static bool has_family(const json_t *svc, int family)
{
	int families[2];
	size_t n = lb_service_families(svc, families);

	for (size_t i = 0; i < n; i++)
		if (families[i] == family)
			return true;
	return false;
}

static int add_wish(struct lb_wish *w, const json_t *svc, const char *text, struct err *e)
{
	const char *family;
	struct ip_addr ip;
	int ret = ip_addr_parse(text, &ip, e);

	if (ret)
		return ret;
	family = ip.family == AF_INET ? "IPv4" : "IPv6";
	if (lb_wish_of(w, ip.family))
		return err_set(e, EINVAL, "%s is the second %s address", text, family);
	if (!has_family(svc, ip.family))
		return err_set(e, EINVAL, "%s is an %s address, and %s is not in spec.ipFamilies",
			       text, family, family);
	w->ip[w->n++] = ip;
	return 0;
}

/* Of a list with commas: the next one, without the spaces around it. NULL: that was the last. */
static char *next_word(char **rest)
{
	char *word = strsep(rest, ","), *end;

	if (!word)
		return NULL;
	while (isspace((unsigned char)*word))
		word++;
	end = word + strlen(word);
	while (end > word && isspace((unsigned char)end[-1]))
		*--end = '\0';
	return word;
}

int lb_service_wish(const json_t *svc, struct lb_wish *w, struct err *e)
{
	const char *field = jx_str(svc, "spec.loadBalancerIP");
	const char *text = *field ? field : lb_service_note(svc, LB_IPS);
	char *copy, *rest, *word;
	int ret = 0;

	*w = (struct lb_wish){ .pool = lb_service_note(svc, LB_POOL) };
	if (!*text)
		return 0;
	copy = rest = jx_must(strdup(text));
	while (!ret && (word = next_word(&rest)))
		ret = add_wish(w, svc, word, e);
	free(copy);
	if (ret)
		err_prefix(e, "%s", *field ? "spec.loadBalancerIP" : LB_IPS);
	return ret;
}

static bool have_a_port_in_common(const json_t *a, const json_t *b)
{
	const json_t *va = jx_get(a, "spec.ports"), *vb = jx_get(b, "spec.ports");

	for (size_t i = 0; i < json_array_size(va); i++)
		for (size_t j = 0; j < json_array_size(vb); j++) {
			const json_t *p = json_array_get(va, i), *q = json_array_get(vb, j);

			if (jx_int(p, "port") == jx_int(q, "port") &&
			    jx_is(p, "protocol", jx_str(q, "protocol")))
				return true;
		}
	return false;
}

const char *lb_service_apart(const json_t *a, const json_t *b)
{
	const char *key = lb_service_note(a, LB_SHARED);
	const char *policy = jx_str(a, "spec.externalTrafficPolicy");

	if (!*key || strcmp(key, lb_service_note(b, LB_SHARED)))
		return "they do not have the same annotation " LB_SHARED;
	if (have_a_port_in_common(a, b))
		return "they have a port in common";
	/* One node has the address: with Local it has to be one with endpoints of both. */
	if (!jx_is(b, "spec.externalTrafficPolicy", policy))
		return "they do not have the same externalTrafficPolicy";
	if (!strcmp(policy, "Local") &&
	    !json_equal(jx_get(a, "spec.selector"), jx_get(b, "spec.selector")))
		return "externalTrafficPolicy is Local, and they do not have the same selector";
	return NULL;
}

bool lb_service_older(const json_t *a, const json_t *b)
{
	static const char *const keys[] = { "metadata.creationTimestamp", "metadata.namespace",
					    "metadata.name" };

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		int d = strcmp(jx_str(a, keys[i]), jx_str(b, keys[i]));

		if (d)
			return d < 0;
	}
	return false;
}
