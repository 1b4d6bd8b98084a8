// SPDX-License-Identifier: GPL-2.0
#include "message.h"

#include <arpa/inet.h>
#include <err.h>
#include <linux/genetlink.h>
#include <linux/svcnat.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

void message_init(struct message *m)
{
	memset(m, 0, sizeof(*m));
	m->head = calloc(1, MESSAGE_ROOM);
	if (!m->head)
		err(2, "memory");
}

void message_free(struct message *m)
{
	free(m->head);
	m->head = NULL;
}

/* ---- attributes */

static char *end_of(const struct message *m)
{
	return (char *)m->head + NLMSG_ALIGN(m->head->nlmsg_len);
}

/* NULL: there is no room for it. */
static struct nlattr *put(struct message *m, unsigned int type, const void *data, size_t len)
{
	struct nlattr *a = (void *)end_of(m);
	size_t size = NLA_HDRLEN + NLA_ALIGN(len);

	if (end_of(m) + size > (char *)m->head + MESSAGE_ROOM || NLA_HDRLEN + len > UINT16_MAX)
		return NULL;
	if (m->nplaces < MESSAGE_PLACES)
		m->places[m->nplaces++] = (char *)a - (char *)m->head;
	a->nla_type = type;
	a->nla_len = NLA_HDRLEN + len;
	memset(a + 1, 0, NLA_ALIGN(len));
	if (len && data)
		memcpy(a + 1, data, len);
	m->head->nlmsg_len = NLMSG_ALIGN(m->head->nlmsg_len) + size;
	return a;
}

/* ---- the small world: a family of addresses for a whole message */

struct world {
	struct random *r;
	int family;
	bool nodeport;			/* the nest that is being made is such a frontend */
};

static uint64_t number_of(struct world *w, const struct ynl_attr *a)
{
	uint64_t max = a->max & a->mask;

	if (!strcmp(a->name, "family"))
		return random_once_in(w->r, 100) ? random_below(w->r, 256) : (uint64_t)w->family;
	if (!strcmp(a->name, "proto")) {
		static const uint8_t protos[] = { IPPROTO_TCP, IPPROTO_UDP, IPPROTO_SCTP };

		return protos[random_below(w->r, sizeof(protos))];
	}
	if (strstr(a->name, "port") && a->width == 2)
		return 80 + random_below(w->r, 4);
	/* Or nothing else would be refused than what is too many, or not a CIDR. */
	if (!strncmp(a->name, "max-", 4) && !random_once_in(w->r, 50))
		return 1000 + random_below(w->r, 1000);
	if (!strcmp(a->name, "prefix") && !random_once_in(w->r, 10))
		return w->family == AF_INET6 ? 128 : 32;
	switch (random_below(w->r, 100)) {
	case 0 ... 9:
		return a->min;
	case 10 ... 19:
		return max;
	case 20:
		return random_next(w->r) & a->mask;
	default:
		return a->min + random_below(w->r, max - a->min > 8 ? 8 : max - a->min + 1);
	}
}

static void put_number(struct message *m, struct world *w, const struct ynl_attr *a)
{
	uint64_t v = number_of(w, a);
	uint8_t bytes[8] = { 0 };
	unsigned int i;

	if (!strcmp(a->name, "kind"))
		w->nodeport = v == SVCNAT_KIND_NODEPORT;
	for (i = 0; i < a->width; i++)
		bytes[a->big_endian ? a->width - 1 - i : i] = v >> 8 * i;
	put(m, a->id, bytes, a->width);
}

static void put_string(struct message *m, struct world *w, const struct ynl_attr *a)
{
	char text[600] = "";

	if (random_once_in(w->r, 64)) {
		size_t len = random_below(w->r, a->max_len + 8);

		memset(text, 'x', len < sizeof(text) ? len : sizeof(text) - 1);
	} else {
		snprintf(text, sizeof(text), strcmp(a->name, "owner") ? "fuzz/svc-%u" : "owner-%u",
			 (unsigned int)random_below(w->r, strcmp(a->name, "owner") ? 24 : 3));
	}
	put(m, a->id, text, strlen(text) + 1);
}

/* An address, most of all; of few. */
static void put_binary(struct message *m, struct world *w, const struct ynl_attr *a)
{
	uint8_t v6[16] = { 0xfd, 0x10 }, v4[4] = { 10, 96, 0, 0 };

	v6[15] = v4[3] = random_below(w->r, 200);
	if (random_once_in(w->r, 200))
		put(m, a->id, v6, random_below(w->r, sizeof(v6) + 1));
	else if (w->family == AF_INET6)
		put(m, a->id, v6, sizeof(v6));
	else
		put(m, a->id, v4, sizeof(v4));
}

static void put_attr(struct message *m, struct world *w, const struct grammar_attr *a, int depth);

static void put_nest(struct message *m, struct world *w, const struct grammar_attr *a, int depth)
{
	struct nlattr *nest = put(m, a->is.id | NLA_F_NESTED, NULL, 0);
	unsigned int i;
	size_t len;

	if (!nest)
		return;
	w->nodeport = false;
	for (i = 0; i < a->nested->n; i++)
		if (!random_once_in(w->r, 60))
			put_attr(m, w, &a->nested->attrs[i], depth + 1);
	len = end_of(m) - (char *)nest;
	if (len <= UINT16_MAX)
		nest->nla_len = len;
}

static void put_one(struct message *m, struct world *w, const struct grammar_attr *a, int depth)
{
	switch (a->is.kind) {
	case YNL_INT:
		put_number(m, w, &a->is);
		break;
	case YNL_STRING:
		put_string(m, w, &a->is);
		break;
	case YNL_BINARY:
		put_binary(m, w, &a->is);
		break;
	case YNL_NEST:
		put_nest(m, w, a, depth);
		break;
	default:
		put(m, a->is.id, NULL, 0);
	}
}

static unsigned int how_many(struct world *w, const struct grammar_attr *a)
{
	if (!a->is.multi)
		return 1;
	return random_once_in(w->r, 128) ? random_below(w->r, 1100) : random_below(w->r, 5);
}

static void put_attr(struct message *m, struct world *w, const struct grammar_attr *a, int depth)
{
	unsigned int n;

	/* A NodePort has no address. */
	if (a->is.kind == YNL_BINARY && depth && w->nodeport && !random_once_in(w->r, 50))
		return;
	for (n = how_many(w, a); n; n--)
		put_one(m, w, a, depth);
}

/* In percent. What a service is known by is hardly ever left out; a token hardly ever fits. */
static unsigned int how_often(const struct grammar_attr *a)
{
	static const char *const keys[] = { "name", "family", "proto", "owner", "frontend",
					    "endpoint", "src", "dst" };
	size_t i;

	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (!strcmp(a->is.name, keys[i]))
			return 98;
	return strcmp(a->is.name, "sync") ? 50 : 5;
}

static unsigned int flags_of(const struct grammar_op *op, struct random *r)
{
	unsigned int flags = NLM_F_REQUEST | NLM_F_ACK;

	if (op->dump)
		return flags | NLM_F_DUMP;
	/* The others have no such flags, and are refused with them. */
	if (strcmp(op->name, "service-set") && !random_once_in(r, 30))
		return flags;
	if (!random_once_in(r, 8))
		flags |= NLM_F_CREATE;
	if (!random_once_in(r, 4))
		flags |= NLM_F_REPLACE;
	if (random_once_in(r, 16))
		flags |= NLM_F_EXCL;
	return flags;
}

/* Those that make something are as frequent as all others together. */
static const struct grammar_op *op_of(const struct grammar *g, struct random *r)
{
	unsigned int i = random_below(r, 2 * g->nops);

	return &g->ops[i < g->nops ? i : 0];
}

void message_make(struct message *m, const struct grammar *g, struct random *r,
		  int family, unsigned int seq)
{
	struct world w = { .r = r, .family = random_once_in(r, 3) ? AF_INET6 : AF_INET };
	struct genlmsghdr *gen = NLMSG_DATA(m->head);
	unsigned int i;

	m->op = op_of(g, r);
	m->nplaces = m->wrongs = 0;
	m->mute = false;
	memset(m->head, 0, NLMSG_HDRLEN + GENL_HDRLEN);
	m->head->nlmsg_type = family;
	m->head->nlmsg_flags = flags_of(m->op, r);
	m->head->nlmsg_seq = seq;
	m->head->nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN);
	gen->cmd = m->op->cmd;
	gen->version = SVCNAT_GENL_VERSION;
	for (i = 0; i < m->op->n; i++)
		if (random_below(r, 100) < how_often(m->op->attrs[i]))
			put_attr(m, &w, m->op->attrs[i], 0);
}

/* ---- what is wrong */

static struct nlattr *any_attr(struct message *m, struct random *r)
{
	size_t at = m->nplaces ? m->places[random_below(r, m->nplaces)] : 0;

	/* It may have been cut off. */
	return at && at + NLA_HDRLEN <= m->head->nlmsg_len ? (void *)((char *)m->head + at) : NULL;
}

static void spoil_length(struct message *m, struct random *r)
{
	struct nlattr *a = any_attr(m, r);
	static const uint16_t lengths[] = { 0, 1, 3, 4, 5, 8, UINT16_MAX };

	if (a)
		a->nla_len = random_once_in(r, 2) ? random_below(r, a->nla_len + 16) :
			     lengths[random_below(r, 7)];
}

static void spoil_type(struct message *m, struct random *r)
{
	struct nlattr *a = any_attr(m, r);

	if (!a)
		return;
	switch (random_below(r, 3)) {
	case 0:
		a->nla_type ^= NLA_F_NESTED;
		break;
	case 1:
		a->nla_type ^= NLA_F_NET_BYTEORDER;
		break;
	default:
		a->nla_type = random_below(r, GRAMMAR_ATTRS);
	}
}

static void spoil_bits(struct message *m, struct random *r)
{
	size_t body = m->head->nlmsg_len - NLMSG_HDRLEN;
	unsigned int n = 1 + random_below(r, 8);

	while (n--)
		((uint8_t *)NLMSG_DATA(m->head))[random_below(r, body)] ^= 1 << random_below(r, 8);
}

static void spoil_again(struct message *m, struct random *r)
{
	const struct nlattr *a = any_attr(m, r);
	char copy[256];
	size_t len;

	if (!a || a->nla_len < NLA_HDRLEN)
		return;
	len = a->nla_len - NLA_HDRLEN;
	if (len > sizeof(copy) || (char *)(a + 1) + len > end_of(m))
		return;
	memcpy(copy, a + 1, len);
	put(m, a->nla_type, copy, len);
}

/* Nests in nests, as deep as a message is long. */
static void spoil_depth(struct message *m, struct random *r)
{
	unsigned int depth = 2 + random_below(r, random_once_in(r, 8) ? 8000 : 40), i;
	size_t begin = NLMSG_ALIGN(m->head->nlmsg_len), end;
	unsigned int type = 1 + random_below(r, 20);

	for (i = 0; i < depth; i++)
		if (!put(m, (i ? 1 + random_below(r, 3) : type) | NLA_F_NESTED, NULL, 0))
			break;
	end = NLMSG_ALIGN(m->head->nlmsg_len);
	for (; begin < end; begin += NLA_HDRLEN)
		((struct nlattr *)((char *)m->head + begin))->nla_len =
			end - begin > UINT16_MAX ? UINT16_MAX : end - begin;
}

static void spoil_huge(struct message *m, struct random *r)
{
	static const char bytes[UINT16_MAX] = { 1, 1, 1, 1 };
	unsigned int type = random_below(r, GRAMMAR_ATTRS);
	size_t len = random_below(r, UINT16_MAX - NLA_HDRLEN);

	if (random_once_in(r, 2))
		type |= NLA_F_NESTED;
	put(m, type, bytes, len);
}

static void spoil_header(struct message *m, struct random *r)
{
	struct genlmsghdr *gen = NLMSG_DATA(m->head);

	switch (random_below(r, 4)) {
	case 0:
		gen->cmd = random_below(r, 256);
		break;
	case 1:
		gen->version = random_below(r, 256);
		break;
	case 2:
		gen->reserved = random_next(r);
		break;
	default:
		m->head->nlmsg_flags = random_next(r) | NLM_F_ACK;
		/* Only what is a request is answered. */
		m->mute = !(m->head->nlmsg_flags & NLM_F_REQUEST);
	}
}

static void spoil_end(struct message *m, struct random *r)
{
	m->head->nlmsg_len = random_below(r, m->head->nlmsg_len + 1);
	if (m->head->nlmsg_len < NLMSG_HDRLEN)
		m->mute = true;
}

void message_spoil(struct message *m, struct random *r)
{
	static void (*const ways[])(struct message *, struct random *) = {
		spoil_length, spoil_length, spoil_type, spoil_bits, spoil_again, spoil_depth,
		spoil_huge, spoil_header,
	};
	size_t n = sizeof(ways) / sizeof(*ways);

	m->wrongs++;
	/* Last of all, or there would be nothing to spoil. */
	if (random_once_in(r, 8))
		spoil_end(m, r);
	else if (m->head->nlmsg_len > NLMSG_LENGTH(GENL_HDRLEN))
		ways[random_below(r, n)](m, r);
	else if (m->head->nlmsg_len == NLMSG_LENGTH(GENL_HDRLEN))
		spoil_header(m, r);
}
