// SPDX-License-Identifier: GPL-2.0
/*
 * Who may come in through a load balancer's address. A list that has entries
 * lets in whom it names and nobody else, in either family: when none of them
 * is of the service's family, nobody is let in. (kube-proxy forgets the list
 * then, and so a list of IPv4 ranges leaves the service open to all of IPv6.)
 */
#include "addrset.h"
#include "cidr.h"
#include "compile.h"
#include "jx.h"
#include "service.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define RANGES_FIELD		"spec.loadBalancerSourceRanges"

/* The field's elder; it counts when the field is empty. "": none. */
static const char *annotation(const json_t *service)
{
	const json_t *all = jx_get(service, "metadata.annotations");
	const char *text = json_string_value(json_object_get(all, SERVICE_RANGES_ANNOTATION));

	text = text ? text : "";
	return text[strspn(text, " \t\n")] ? text : "";
}

static bool is_restricted(const json_t *service)
{
	return json_array_size(jx_get(service, RANGES_FIELD)) || *annotation(service);
}

bool compile_needs_addrs(const json_t *service)
{
	return jx_is(service, "spec.type", "LoadBalancer") && is_restricted(service);
}

/* At most max; -1: no number. */
static int parse_prefix(const char *text, int max)
{
	int n = 0;
	size_t i;

	for (i = 0; isdigit((unsigned char)text[i]) && n <= max; i++)
		n = n * 10 + text[i] - '0';
	return i && !text[i] && n <= max ? n : -1;
}

/*
 * More lenient than the API of svcd, as Kubernetes is: space around it, and
 * bits past the prefix, which do not count.
 */
static bool parse_range(const char *text, size_t len, struct ip_cidr *out)
{
	char buf[INET6_ADDRSTRLEN + 8], *slash;
	struct ip_addr a;
	int prefix;

	while (len && isspace((unsigned char)text[len - 1]))
		len--;
	while (len && isspace((unsigned char)*text))
		text++, len--;
	if (len >= sizeof(buf))
		return false;
	memcpy(buf, text, len);
	buf[len] = '\0';
	slash = strchr(buf, '/');
	if (!slash)
		return false;
	*slash = '\0';
	if (ip_addr_parse(buf, &a, NULL))
		return false;
	prefix = parse_prefix(slash + 1, (int)ip_addr_len(&a) * 8);
	if (prefix < 0)
		return false;
	*out = cidr_make(&a, (uint8_t)prefix);
	return true;
}

/* What is being filled. */
struct target {
	struct kservice *s;
	struct addrset have;
};

/* More than the kernel takes of one service: the others are not let in. */
static bool is_full(const struct target *t)
{
	return t->s->nranges >= SVCNAT_RANGES_MAX;
}

/* The kernel takes no range twice. */
static int add_range(struct target *t, const struct ip_cidr *c)
{
	int added = is_full(t) ? 0 : addrset_add(&t->have, &c->addr, c->prefix);

	return added > 0 ? kservice_add_range(t->s, c) : added;
}

static int add_text(struct target *t, const char *text, size_t len)
{
	struct ip_cidr c;

	if (!parse_range(text, len, &c) || c.addr.family != t->s->family)
		return 0;
	return add_range(t, &c);
}

static int add_annotation(struct target *t, const char *text)
{
	size_t len;
	int err = 0;

	for (; !err && *text && !is_full(t); text += len + (text[len] == ',')) {
		len = strcspn(text, ",");
		err = add_text(t, text, len);
	}
	return err;
}

static int add_listed(const json_t *service, struct target *t)
{
	const json_t *list = jx_get(service, RANGES_FIELD);
	const char *text;
	size_t i;
	int err = 0;

	if (!json_array_size(list))
		return add_annotation(t, annotation(service));
	for (i = 0; !err && i < json_array_size(list) && !is_full(t); i++) {
		text = json_string_value(json_array_get(list, i));
		if (text)
			err = add_text(t, text, strlen(text));
	}
	return err;
}

/* No range at all would let everybody in. The unspecified address is nobody's. */
static int add_nobody(struct target *t)
{
	const struct ip_addr unspecified = { .family = t->s->family };
	const struct ip_cidr c = cidr_host(&unspecified);

	return add_range(t, &c);
}

static bool has_node(const struct kservice *s, const struct compile_node *node)
{
	const struct kcidrs ranges = { .v = s->ranges, .n = s->nranges };
	size_t i;

	for (i = 0; i < node->naddrs; i++)
		if (cidrs_have(&ranges, &node->addrs[i]))
			return true;
	return false;
}

/*
 * Where a load balancer's address is also one of the node's, what the node
 * sends there has that address as its source.
 */
static int add_own(struct target *t)
{
	const struct kservice *s = t->s;
	struct ip_cidr c;
	size_t i;
	int err = 0;

	for (i = 0; !err && i < s->nfrontends; i++) {
		if (s->frontends[i].kind != SVCNAT_KIND_LOADBALANCER)
			continue;
		c = cidr_host(&s->frontends[i].addr);
		err = add_range(t, &c);
	}
	return err;
}

static bool has_balancer(const struct kservice *s)
{
	size_t i;

	for (i = 0; i < s->nfrontends; i++)
		if (s->frontends[i].kind == SVCNAT_KIND_LOADBALANCER)
			return true;
	return false;
}

int compile_ranges(const json_t *service, const struct compile_node *node, struct kservice *s)
{
	struct target t = { .s = s };
	int err;

	if (!has_balancer(s) || !is_restricted(service))
		return 0;
	err = add_listed(service, &t);
	if (!err && !s->nranges)
		err = add_nobody(&t);
	else if (!err && has_node(s, node))
		err = add_own(&t);
	addrset_clear(&t.have);
	return err;
}
