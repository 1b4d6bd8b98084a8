// SPDX-License-Identifier: GPL-2.0
#include "netlink_help.h"

#include "kservice.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/genetlink.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct nl_msg *netlink_help_genl(uint16_t family, uint8_t cmd, int flags, size_t size)
{
	struct nl_msg *msg = nlmsg_alloc_size(size);

	assert_non_null(msg);
	assert_non_null(genlmsg_put(msg, 0, 0, family, 0, flags, cmd, SVCNAT_GENL_VERSION));
	return msg;
}

struct nl_msg *netlink_help_message(size_t size)
{
	return netlink_help_genl(16, 0, 0, size);
}

struct attrs netlink_help_take(struct nl_msg *msg)
{
	struct nlmsghdr *h = nlmsg_hdr(msg);
	struct attrs a = { .len = nlmsg_attrlen(h, GENL_HDRLEN) };

	a.v = malloc(a.len ? a.len : 1);
	memcpy(a.v, nlmsg_attrdata(h, GENL_HDRLEN), a.len);
	nlmsg_free(msg);
	return a;
}

/* --- as text --- */

/* 1, 2, 4, 8: a number of so many bytes; p: a port; s: a string; a: an address; f: a flag */
struct field {
	const char *name;
	char kind;
	const struct field *nest;
	int max;	/* of nest */
};

static const struct field frontend[] = {
	[SVCNAT_A_FRONTEND_KIND] = { "kind", '1' },
	[SVCNAT_A_FRONTEND_ADDR] = { "addr", 'a' },
	[SVCNAT_A_FRONTEND_PORT] = { "port", 'p' },
};

static const struct field cidr[] = {
	[SVCNAT_A_CIDR_FAMILY] = { "family", '1' },
	[SVCNAT_A_CIDR_ADDR] = { "addr", 'a' },
	[SVCNAT_A_CIDR_PREFIX] = { "prefix", '1' },
};

static const struct field endpoint[] = {
	[SVCNAT_A_ENDPOINT_ADDR] = { "addr", 'a' },
	[SVCNAT_A_ENDPOINT_PORT] = { "port", 'p' },
	[SVCNAT_A_ENDPOINT_LISTS] = { "lists", '1' },
	[SVCNAT_A_ENDPOINT_WEIGHT] = { "weight", '2' },
};

static const struct field service[] = {
	[SVCNAT_A_SERVICE_NAME] = { "name", 's' },
	[SVCNAT_A_SERVICE_FAMILY] = { "family", '1' },
	[SVCNAT_A_SERVICE_PROTO] = { "proto", '1' },
	[SVCNAT_A_SERVICE_OWNER] = { "owner", 's' },
	[SVCNAT_A_SERVICE_FLAGS] = { "flags", '4' },
	[SVCNAT_A_SERVICE_SCHEDULER] = { "scheduler", '1' },
	[SVCNAT_A_SERVICE_AFFINITY] = { "affinity", '4' },
	[SVCNAT_A_SERVICE_SYNC] = { "sync", '4' },
	[SVCNAT_A_SERVICE_DEFER] = { "defer", 'f' },
	[SVCNAT_A_SERVICE_STATS] = { "stats", 'f' },
	[SVCNAT_A_SERVICE_FRONTEND] = { "frontend", 'n', frontend, SVCNAT_A_FRONTEND_PORT },
	[SVCNAT_A_SERVICE_RANGE] = { "range", 'n', cidr, SVCNAT_A_CIDR_PREFIX },
	[SVCNAT_A_SERVICE_ENDPOINT] = { "endpoint", 'n', endpoint, SVCNAT_A_ENDPOINT_WEIGHT },
};

static const struct field cidrs[] = {
	[SVCNAT_A_CIDR] = { "cidr", 'n', cidr, SVCNAT_A_CIDR_PREFIX },
};

static const struct field settings[] = {
	[SVCNAT_A_SETTINGS_POD_CIDRS] = { "pod", 'n', cidrs, SVCNAT_A_CIDR },
	[SVCNAT_A_SETTINGS_SERVICE_CIDRS] = { "service", 'n', cidrs, SVCNAT_A_CIDR },
	[SVCNAT_A_SETTINGS_NODEPORT_CIDRS] = { "nodeport", 'n', cidrs, SVCNAT_A_CIDR },
	[SVCNAT_A_SETTINGS_EXTERNAL_CIDRS] = { "external", 'n', cidrs, SVCNAT_A_CIDR },
	[SVCNAT_A_SETTINGS_LOOPBACK_NODEPORTS] = { "loopback", '1' },
	[SVCNAT_A_SETTINGS_MASQUERADE_ALL] = { "masquerade", '1' },
	[SVCNAT_A_SETTINGS_ECHO] = { "echo", '1' },
	[SVCNAT_A_SETTINGS_ARMED] = { "armed", '1' },
	[SVCNAT_A_SETTINGS_MAX_SERVICES] = { "max-services", '4' },
	[SVCNAT_A_SETTINGS_MAX_FRONTENDS] = { "max-frontends", '4' },
	[SVCNAT_A_SETTINGS_MAX_ENDPOINTS] = { "max-endpoints", '4' },
	[SVCNAT_A_SETTINGS_MAX_RANGES] = { "max-ranges", '4' },
	[SVCNAT_A_SETTINGS_MAX_AFFINITY] = { "max-affinity", '4' },
	[SVCNAT_A_SETTINGS_MAX_CONNECTIONS] = { "max-connections", '4' },
};

static const struct field sync_fields[] = {
	[SVCNAT_A_SYNC_OWNER] = { "owner", 's' },
	[SVCNAT_A_SYNC_TOKEN] = { "token", '4' },
};

static const struct field affinity[] = {
	[SVCNAT_A_AFFINITY_NAME] = { "name", 's' },
	[SVCNAT_A_AFFINITY_FAMILY] = { "family", '1' },
	[SVCNAT_A_AFFINITY_PROTO] = { "proto", '1' },
	[SVCNAT_A_AFFINITY_CLIENT] = { "client", 'a' },
};

static const struct field resolve[] = {
	[SVCNAT_A_RESOLVE_FAMILY] = { "family", '1' },
	[SVCNAT_A_RESOLVE_PROTO] = { "proto", '1' },
	[SVCNAT_A_RESOLVE_SRC] = { "src", 'a' },
	[SVCNAT_A_RESOLVE_SRC_PORT] = { "src-port", 'p' },
	[SVCNAT_A_RESOLVE_DST] = { "dst", 'a' },
	[SVCNAT_A_RESOLVE_DST_PORT] = { "dst-port", 'p' },
	[SVCNAT_A_RESOLVE_IFINDEX] = { "ifindex", '4' },
};

#define SET(f)	{ "", 'n', f, sizeof(f) / sizeof(f[0]) - 1 }

static const struct field sets[] = {
	[NETLINK_SERVICE] = SET(service),
	[NETLINK_SETTINGS] = SET(settings),
	[NETLINK_SYNC] = SET(sync_fields),
	[NETLINK_AFFINITY] = SET(affinity),
	[NETLINK_RESOLVE] = SET(resolve),
};

static uint64_t number(const struct nlattr *a)
{
	switch (nla_len(a)) {
	case 1:
		return nla_get_u8(a);
	case 2:
		return nla_get_u16(a);
	case 4:
		return nla_get_u32(a);
	default:
		return nla_get_u64(a);
	}
}

static void put_addr(FILE *f, const struct nlattr *a)
{
	char buf[INET6_ADDRSTRLEN];

	assert_true(nla_len(a) == 4 || nla_len(a) == 16);
	fprintf(f, "%s", inet_ntop(nla_len(a) == 4 ? AF_INET : AF_INET6, nla_data(a), buf,
				   sizeof(buf)));
}

static void put_all(FILE *f, const struct field *set, const struct nlattr *attrs, int len);

static void put_value(FILE *f, const struct field *field, const struct nlattr *a)
{
	switch (field->kind) {
	case 'n':
		assert_true(a->nla_type & NLA_F_NESTED);
		fputc('{', f);
		put_all(f, field, nla_data(a), nla_len(a));
		fputc('}', f);
		return;
	case 'f':
		assert_int_equal(nla_len(a), 0);
		return;
	case 's':
		assert_int_equal(strnlen(nla_data(a), nla_len(a)), nla_len(a) - 1);
		fprintf(f, "=%s", nla_get_string((struct nlattr *)a));
		return;
	case 'a':
		fputc('=', f);
		put_addr(f, a);
		return;
	case 'p':
		assert_int_equal(nla_len(a), 2);
		fprintf(f, "=%u", ntohs(nla_get_u16(a)));
		return;
	default:
		assert_int_equal(nla_len(a), field->kind - '0');
		fprintf(f, "=%" PRIu64, number(a));
	}
}

static void put_all(FILE *f, const struct field *set, const struct nlattr *attrs, int len)
{
	const struct nlattr *a;
	const char *space = "";
	int rem;

	nla_for_each_attr(a, attrs, len, rem) {
		if (nla_type(a) > set->max || !set->nest[nla_type(a)].name)
			fail_msg("attribute %d has no place here", nla_type(a));
		fprintf(f, "%s%s", space, set->nest[nla_type(a)].name);
		put_value(f, &set->nest[nla_type(a)], a);
		space = " ";
	}
	assert_int_equal(rem, 0);
}

char *netlink_help_text(const struct nlmsghdr *h, enum netlink_set set)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	put_all(f, &sets[set], nlmsg_attrdata(h, GENL_HDRLEN), nlmsg_attrlen(h, GENL_HDRLEN));
	fclose(f);
	return text;
}

void netlink_help_expect(struct nl_msg *msg, enum netlink_set set, const char *expected)
{
	char *text = netlink_help_text(nlmsg_hdr(msg), set);

	assert_string_equal(text, expected);
	free(text);
	nlmsg_free(msg);
}

/* --- spoilt --- */

static int parse_copy(netlink_help_parse *parse, const void *bytes, int len)
{
	void *copy = malloc(len ? len : 1);
	int err;

	memcpy(copy, bytes, len);
	err = parse(copy, len);
	free(copy);
	return err;
}

void netlink_help_spoil(struct attrs a, netlink_help_parse *parse)
{
	uint8_t *bytes = (uint8_t *)a.v;
	int i, bit, err;

	assert_int_equal(parse_copy(parse, bytes, a.len), 0);
	for (i = 0; i < a.len; i++) {
		err = parse_copy(parse, bytes, i);
		assert_true(!err || err == -EPROTO);
		for (bit = 0; bit < 8; bit++) {
			bytes[i] ^= (uint8_t)(1 << bit);
			err = parse_copy(parse, bytes, a.len);
			assert_true(!err || err == -EPROTO);
			bytes[i] ^= (uint8_t)(1 << bit);
		}
	}
	free(a.v);
}

void netlink_help_omit(struct attrs a, netlink_help_parse *parse)
{
	const struct nlattr *nla;
	int rem, err, at, len;
	char *rest;

	assert_int_equal(parse(a.v, a.len), 0);
	nla_for_each_attr(nla, a.v, a.len, rem) {
		at = (int)((const char *)nla - (const char *)a.v);
		len = NLA_ALIGN(nla->nla_len);
		rest = malloc(a.len);
		memcpy(rest, a.v, at);
		memcpy(rest + at, (const char *)nla + len, a.len - at - len);
		err = parse((struct nlattr *)rest, a.len - len);
		free(rest);
		if (err != -EPROTO)
			fail_msg("without attribute %d: %d", nla_type(nla), err);
	}
	free(a.v);
}

/* --- what the module says --- */

void netlink_help_port(struct nl_msg *msg, int type, uint16_t port)
{
	assert_int_equal(nla_put_u16(msg, type, htons(port)), 0);
}

void netlink_help_cidr(struct nl_msg *msg, int type, const char *text)
{
	struct nlattr *nest = nla_nest_start(msg, type);
	struct ip_cidr c;

	assert_int_equal(ip_cidr_parse(text, &c, NULL), 0);
	nla_put_u8(msg, SVCNAT_A_CIDR_FAMILY, c.addr.family);
	nla_put(msg, SVCNAT_A_CIDR_ADDR, (int)ip_addr_len(&c.addr), &c.addr.v6);
	nla_put_u8(msg, SVCNAT_A_CIDR_PREFIX, c.prefix);
	nla_nest_end(msg, nest);
}

void netlink_help_count(struct nl_msg *msg, int type, uint8_t reason, uint64_t n)
{
	struct nlattr *nest = nla_nest_start(msg, type);

	nla_put_u8(msg, SVCNAT_A_COUNT_REASON, reason);
	nla_put(msg, SVCNAT_A_COUNT_PAD, 0, NULL);
	nla_put_u64(msg, SVCNAT_A_COUNT_N, n);
	nla_nest_end(msg, nest);
}

struct ack netlink_help_ack(int type, int error, size_t echo, const char *text)
{
	struct nlmsgerr body = { .error = error };
	struct ack a = { .h.nlmsg_type = (uint16_t)type };
	size_t n = type == NLMSG_DONE ? sizeof(int) : sizeof(body) + echo;
	struct nlattr *nla;

	body.msg.nlmsg_len = (uint32_t)(sizeof(body.msg) + 100);
	if (echo)
		body.msg.nlmsg_len = (uint32_t)(sizeof(body.msg) + echo);
	else
		a.h.nlmsg_flags |= NLM_F_CAPPED;
	memcpy(a.body, &body, type == NLMSG_DONE ? sizeof(int) : sizeof(body));
	n = NLMSG_ALIGN(n);
	if (text) {
		a.h.nlmsg_flags |= NLM_F_ACK_TLVS;
		nla = (struct nlattr *)(a.body + n);
		nla->nla_type = NLMSGERR_ATTR_MSG;
		nla->nla_len = (uint16_t)(NLA_HDRLEN + strlen(text) + 1);
		strcpy((char *)nla + NLA_HDRLEN, text);
		n += NLA_ALIGN(nla->nla_len);
	}
	a.h.nlmsg_len = (uint32_t)(NLMSG_HDRLEN + n);
	return a;
}
