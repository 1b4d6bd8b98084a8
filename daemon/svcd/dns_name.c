// SPDX-License-Identifier: GPL-2.0
#include "dns_name.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define LABEL_MAX	63

/* --- into labels --- */

static char fold(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : (char)c;
}

static bool usual(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/* What names of objects have none of must not be taken for the end of a text, or a slash. */
static void fold_label(char *to, const uint8_t *from, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		to[i] = fold(from[i]);
		if (!usual(to[i]))
			break;
	}
	to[i == len ? len : 0] = '\0';
}

bool dns_labels_parse(struct dns_labels *l, const ldns_rdf *name)
{
	const uint8_t *data = ldns_rdf_data(name);
	const size_t size = ldns_rdf_size(name);
	size_t at = 0, len;

	l->n = 0;
	if (ldns_rdf_get_type(name) != LDNS_RDF_TYPE_DNAME || size > DNS_NAME_MAX)
		return false;
	for (; at < size && data[at]; at += len + 1) {
		len = data[at];
		if (len > LABEL_MAX || at + len + 1 >= size || l->n == DNS_LABELS_MAX)
			return false;
		l->at[l->n] = at;
		l->v[l->n++] = &l->text[at];
		fold_label(&l->text[at], &data[at + 1], len);
	}
	l->at[l->n] = at;
	return at + 1 == size;
}

/* --- out of labels --- */

void dns_name_add(struct dns_name *n, const char *label, size_t len)
{
	n->failed = n->failed || !len || len > LABEL_MAX || n->n + len + 1 >= sizeof(n->v);
	if (n->failed)
		return;
	n->v[n->n] = (uint8_t)len;
	memcpy(&n->v[n->n + 1], label, len);
	n->n += len + 1;
}

void dns_name_text(struct dns_name *n, const char *labels)
{
	const char *dot = strchr(labels, '.');

	for (; dot; dot = strchr(labels, '.')) {
		dns_name_add(n, labels, (size_t)(dot - labels));
		labels = dot + 1;
	}
	dns_name_add(n, labels, strlen(labels));
}

void dns_name_end(struct dns_name *n, const struct dns_name *tail)
{
	static const struct dns_name root = { .n = 1 };

	tail = tail ? tail : &root;
	n->failed = n->failed || tail->failed || n->n + tail->n > sizeof(n->v);
	if (n->failed)
		return;
	memcpy(&n->v[n->n], tail->v, tail->n);
	n->n += tail->n;
}

ldns_rdf *dns_name_rdf(const struct dns_name *n)
{
	return ldns_rdf_new_frm_data(LDNS_RDF_TYPE_DNAME, n->n, n->v);
}

static size_t count_labels(const struct dns_name *n)
{
	size_t at, count = 0;

	for (at = 0; n->v[at]; at += n->v[at] + 1u)
		count++;
	return count;
}

int dns_name_before(const struct dns_name *n, const struct dns_labels *l)
{
	const size_t labels = count_labels(n);
	const uint8_t *own = n->v;
	size_t i;

	if (l->n < labels)
		return -1;
	for (i = l->n - labels; i < l->n; i++) {
		if (strlen(l->v[i]) != *own || memcmp(l->v[i], own + 1, *own))
			return -1;
		own += *own + 1;
	}
	return (int)(l->n - labels);
}

/* --- protocols --- */

static const uint8_t protos[DNS_PROTOS] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP };

uint8_t dns_proto_parse(const char *label)
{
	return *label == '_' ? ip_proto_parse(label + 1) : 0;
}

size_t dns_proto_index(uint8_t proto)
{
	size_t i = 0;

	while (i < DNS_PROTOS - 1 && protos[i] != proto)
		i++;
	return i;
}

/* --- addresses with dashes --- */

static void replace(char *text, const char *these, char by)
{
	for (; *text; text++)
		if (strchr(these, *text))
			*text = by;
}

void dns_dashed_print(const struct ip_addr *a, char buf[INET6_ADDRSTRLEN])
{
	ip_addr_print(a, buf);
	replace(buf, ".:", '-');
}

bool dns_dashed_parse(const char *label, struct ip_addr *out)
{
	char text[INET6_ADDRSTRLEN];

	if (strlen(label) >= sizeof(text))
		return false;
	strcpy(text, label);
	replace(text, "-", '.');
	if (!ip_addr_parse(text, out, NULL))
		return true;
	strcpy(text, label);
	replace(text, "-", ':');
	return !ip_addr_parse(text, out, NULL);
}

/* --- reverse names --- */

/* 0 to 255; -1: no number, or not written as it is. */
static int octet(const char *label)
{
	int n = 0, i;

	for (i = 0; label[i] >= '0' && label[i] <= '9' && i < 3; i++)
		n = 10 * n + label[i] - '0';
	return i && !label[i] && n < 256 && (*label != '0' || i == 1) ? n : -1;
}

static int nibble(const char *label)
{
	static const char digits[] = "0123456789abcdef";
	const char *found = *label && !label[1] ? strchr(digits, *label) : NULL;

	return found ? (int)(found - digits) : -1;
}

static const struct reverse_kind {
	const char *domain;
	uint8_t family;
	unsigned int step, bits;
	int (*parse)(const char *label);
} reverse_kinds[] = {
	{ "in-addr", AF_INET, 8, 32, octet },
	{ "ip6", AF_INET6, 4, 128, nibble },
};

static const struct reverse_kind *kind_of(const struct dns_labels *l)
{
	size_t i;

	if (l->n < 2 || strcmp(l->v[l->n - 1], "arpa"))
		return NULL;
	for (i = 0; i < sizeof(reverse_kinds) / sizeof(reverse_kinds[0]); i++)
		if (!strcmp(l->v[l->n - 2], reverse_kinds[i].domain))
			return &reverse_kinds[i];
	return NULL;
}

bool dns_reverse_parse(const struct dns_labels *l, struct dns_reverse *out)
{
	const struct reverse_kind *kind = kind_of(l);
	int part;

	if (!kind)
		return false;
	*out = (struct dns_reverse){
		.addr.family = kind->family, .step = kind->step, .below = l->n - 2,
	};
	while (out->below && out->bits < kind->bits) {
		part = kind->parse(l->v[out->below - 1]);
		if (part < 0)
			break;
		/* The upper nibble of a byte comes first. */
		part <<= out->bits % 8 || kind->step == 8 ? 0 : 4;
		out->addr.v6.s6_addr[out->bits / 8] |= (uint8_t)part;
		out->bits += kind->step;
		out->below--;
	}
	return true;
}
