// SPDX-License-Identifier: GPL-2.0
/* Requests and their answers: kernel_ops on a module that a test plays. */
#include "err.h"
#include "kernel.h"
#include "netlink.h"
#include "netlink_fill.h"
#include "netlink_help.h"

#include <errno.h>
#include <netlink/attr.h>
#include <netlink/genl/genl.h>
#include <netlink/msg.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* --- a module that a test plays --- */

#define FAMILY	0x1c

struct module {
	struct kernel *k;
	/* answers the nth request, from 1 */
	void (*answer)(struct module *m, unsigned int nth);
	unsigned int requests, closed;
	/* the last request */
	uint8_t cmd;
	uint16_t flags;
	char *text;
	enum netlink_set set;
	/* its answer, in progress */
	struct netlink_answer a;
	struct err *e;
};

static void deliver_from(struct module *m, const void *datagram, int len, uint32_t port)
{
	void *copy = malloc(len);

	memcpy(copy, datagram, len);
	netlink_sock_take(&m->a, copy, len, port, m->e);
	free(copy);
}

/* Frees msg. */
static void deliver(struct module *m, struct nl_msg *msg)
{
	struct nlmsghdr *h = nlmsg_hdr(msg);

	h->nlmsg_seq = m->a.seq;
	deliver_from(m, h, (int)h->nlmsg_len, 0);
	nlmsg_free(msg);
}

static struct nl_msg *reply(const struct module *m, int flags)
{
	return netlink_help_genl(FAMILY, m->cmd, flags, 8192);
}

static void finish(struct module *m, int type, int error, const char *text, int flags)
{
	struct ack a = netlink_help_ack(type, error, 0, text);

	a.h.nlmsg_seq = m->a.seq;
	a.h.nlmsg_flags |= (uint16_t)flags;
	deliver_from(m, &a, (int)a.h.nlmsg_len, 0);
}

static void ok(struct module *m)
{
	finish(m, NLMSG_ERROR, 0, NULL, 0);
}

static void done(struct module *m)
{
	finish(m, NLMSG_DONE, 0, NULL, 0);
}

static int play(void *ctx, struct nl_msg *msg, struct netlink_exchange *x, struct err *e)
{
	struct nlmsghdr *h = nlmsg_hdr(msg);
	struct genlmsghdr *g = nlmsg_data(h);
	struct module *m = ctx;

	assert_int_equal(h->nlmsg_type, FAMILY);
	assert_int_equal(g->version, SVCNAT_GENL_VERSION);
	m->cmd = g->cmd;
	m->flags = h->nlmsg_flags;
	free(m->text);
	m->text = netlink_help_text(h, m->set);
	m->e = e;
	x->replied = x->interrupted = x->has_text = false;
	m->a = (struct netlink_answer){ .x = x, .seq = 1000 + ++m->requests };
	m->answer(m, m->requests);
	assert_true(m->a.done);
	return m->a.err;
}

static void play_close(void *ctx)
{
	struct module *m = ctx;

	m->closed++;
}

static const struct netlink_transport transport = { .exchange = play, .close = play_close };

static int setup(void **state)
{
	struct module *m = calloc(1, sizeof(*m));

	m->k = netlink_open_on(&transport, m, FAMILY);
	*state = m;
	return m->k ? 0 : -1;
}

static int teardown(void **state)
{
	struct module *m = *state;
	bool closed;

	kernel_close(m->k);
	closed = m->closed == 1;
	free(m->text);
	free(m);
	return closed ? 0 : -1;
}

static void answer_ok(struct module *m, unsigned int nth)
{
	(void)nth;
	ok(m);
}

static void assert_request(struct module *m, int cmd, int flags, const char *text)
{
	assert_int_equal(m->cmd, cmd);
	assert_int_equal(m->flags, flags);
	assert_string_equal(m->text, text);
}

/* --- each command --- */

static struct kservice web(void)
{
	struct kservice s = { .name = "web", .family = AF_INET, .proto = IPPROTO_TCP };
	struct kendpoint p = { .port = 8080, .lists = SVCNAT_LIST_CLUSTER, .weight = 1 };

	strcpy(s.owner, "hand");
	assert_int_equal(ip_addr_parse("10.0.0.1", &p.addr, NULL), 0);
	assert_int_equal(kservice_add_endpoint(&s, &p), 0);
	return s;
}

#define WEB		"name=web family=2 proto=6 owner=hand"
#define SHORT		" endpoint{addr=10.0.0.1 port=8080}"

static void test_service_modes(void **state)
{
	static const struct {
		unsigned int mode;
		int flags;
		const char *text;
	} cases[] = {
		{ KERNEL_CREATE, NLM_F_CREATE | NLM_F_EXCL, WEB SHORT },
		{ KERNEL_REPLACE, NLM_F_REPLACE, WEB SHORT },
		{ KERNEL_CREATE | KERNEL_REPLACE, NLM_F_CREATE | NLM_F_REPLACE, WEB SHORT },
		{ KERNEL_CREATE | KERNEL_DEFER, NLM_F_CREATE | NLM_F_EXCL, WEB SHORT " defer" },
	};
	struct module *m = *state;
	struct kservice s = web();
	size_t i;

	m->answer = answer_ok;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(m->k->ops->service_set(m->k, &s, cases[i].mode, 0, NULL), 0);
		assert_request(m, SVCNAT_CMD_SERVICE_SET, cases[i].flags, cases[i].text);
	}
	assert_int_equal(m->k->ops->service_set(m->k, &s, KERNEL_REPLACE, 5, NULL), 0);
	assert_request(m, SVCNAT_CMD_SERVICE_SET, NLM_F_REPLACE, WEB " sync=5" SHORT);
	kservice_clear(&s);
}

static void test_writes(void **state)
{
	const struct ksettings settings = { .echo = true };
	struct module *m = *state;
	const struct kernel_ops *ops = m->k->ops;
	struct kservice s = web();

	m->answer = answer_ok;
	assert_int_equal(ops->service_del(m->k, "web", AF_INET, IPPROTO_TCP, "hand", KERNEL_DEFER,
					  NULL), 0);
	assert_request(m, SVCNAT_CMD_SERVICE_DEL, 0, WEB " defer");
	assert_int_equal(ops->service_del(m->k, "web", AF_INET, IPPROTO_TCP, NULL, 0, NULL), 0);
	assert_request(m, SVCNAT_CMD_SERVICE_DEL, 0, "name=web family=2 proto=6");
	assert_int_equal(ops->endpoint_set(m->k, &s, KERNEL_DEFER, NULL), 0);
	assert_request(m, SVCNAT_CMD_ENDPOINT_SET, 0,
		       WEB " endpoint{addr=10.0.0.1 port=8080 lists=1 weight=1} defer");
	assert_int_equal(ops->endpoint_del(m->k, &s, 0, NULL), 0);
	assert_request(m, SVCNAT_CMD_ENDPOINT_DEL, 0, WEB SHORT);
	m->set = NETLINK_SETTINGS;
	assert_int_equal(ops->settings_set(m->k, &settings, KSETTINGS_ECHO, NULL), 0);
	assert_request(m, SVCNAT_CMD_SETTINGS_SET, 0, "echo=1");
	kservice_clear(&s);
}

static void answer_numbers(struct module *m, unsigned int nth)
{
	struct nl_msg *msg = reply(m, 0);
	int type = SVCNAT_A_SYNC_DELETED;

	if (m->cmd == SVCNAT_CMD_SYNC_BEGIN)
		type = SVCNAT_A_SYNC_TOKEN;
	else if (m->cmd == SVCNAT_CMD_AFFINITY_FLUSH)
		type = SVCNAT_A_AFFINITY_DELETED;
	nla_put_u32(msg, type, 70 + nth);
	deliver(m, msg);
	ok(m);
}

static void test_numbers(void **state)
{
	const struct kaffinity_filter filter = { .name = "web", .family = AF_INET };
	struct module *m = *state;
	const struct kernel_ops *ops = m->k->ops;
	uint32_t n;

	m->answer = answer_numbers;
	m->set = NETLINK_SYNC;
	assert_int_equal(ops->sync_begin(m->k, "svcd", &n, NULL), 0);
	assert_request(m, SVCNAT_CMD_SYNC_BEGIN, 0, "owner=svcd");
	assert_int_equal(n, 71);
	assert_int_equal(ops->sync_end(m->k, "svcd", 71, &n, NULL), 0);
	assert_request(m, SVCNAT_CMD_SYNC_END, 0, "owner=svcd token=71");
	assert_int_equal(n, 72);
	assert_int_equal(ops->flush(m->k, NULL, &n, NULL), 0);
	assert_request(m, SVCNAT_CMD_FLUSH, 0, "");
	assert_int_equal(n, 73);
	m->set = NETLINK_AFFINITY;
	assert_int_equal(ops->affinity_flush(m->k, &filter, &n, NULL), 0);
	assert_request(m, SVCNAT_CMD_AFFINITY_FLUSH, 0, "name=web family=2");
	assert_int_equal(n, 74);
	assert_int_equal(ops->affinity_flush(m->k, NULL, &n, NULL), 0);
	assert_request(m, SVCNAT_CMD_AFFINITY_FLUSH, 0, "");
}

static void answer_stats(struct module *m, unsigned int nth)
{
	struct nl_msg *msg = reply(m, 0);
	int i;

	(void)nth;
	for (i = 0; i <= SVCNAT_REASON_MAX; i++)
		netlink_help_count(msg, SVCNAT_A_STATS_COUNT, (uint8_t)i, 1);
	for (i = SVCNAT_A_STATS_MASQUERADED; i < SVCNAT_A_STATS_PAD; i++)
		nla_put_u64(msg, i, 2);
	deliver(m, msg);
	ok(m);
}

static void answer_resolve(struct module *m, unsigned int nth)
{
	struct nl_msg *msg = reply(m, 0);

	(void)nth;
	nla_put_u8(msg, SVCNAT_A_RESOLVE_ORIGIN, SVCNAT_ORIGIN_POD);
	nla_put_u8(msg, SVCNAT_A_RESOLVE_ARMED, 0);
	nla_put_u8(msg, SVCNAT_A_RESOLVE_VERDICT, SVCNAT_VERDICT_DROP);
	nla_put_u8(msg, SVCNAT_A_RESOLVE_REASON, SVCNAT_REASON_UNALLOCATED);
	deliver(m, msg);
	ok(m);
}

static void answer_settings(struct module *m, unsigned int nth)
{
	const struct ksettings s = { .max = { 1, 2, 3, 4, 5, 6 } };
	struct nl_msg *msg = reply(m, 0);
	int i;

	(void)nth;
	assert_int_equal(netlink_fill_settings(msg, &s, KSETTINGS_ALL), 0);
	nla_put_string(msg, SVCNAT_A_SETTINGS_VERSION, "2.0");
	nla_put_u8(msg, SVCNAT_A_SETTINGS_ENABLED, 0);
	for (i = 0; i < KLIMIT_N; i++)
		nla_put_u32(msg, SVCNAT_A_SETTINGS_SERVICES + i, 0);
	deliver(m, msg);
	ok(m);
}

static void test_reads(void **state)
{
	struct kresolve r = { .family = AF_INET, .proto = IPPROTO_ICMP };
	struct module *m = *state;
	const struct kernel_ops *ops = m->k->ops;
	struct ksettings settings;
	struct kstats stats;

	m->answer = answer_stats;
	assert_int_equal(ops->stats_get(m->k, &stats, NULL), 0);
	assert_request(m, SVCNAT_CMD_STATS_GET, 0, "");
	assert_int_equal(stats.counts[SVCNAT_REASON_MAX], 1);
	assert_int_equal(stats.stale_walks, 2);
	m->answer = answer_settings;
	assert_int_equal(ops->settings_get(m->k, &settings, NULL), 0);
	assert_request(m, SVCNAT_CMD_SETTINGS_GET, 0, "");
	assert_string_equal(settings.version, "2.0");
	assert_int_equal(settings.max[KLIMIT_RANGES], 4);
	ksettings_clear(&settings);
	m->answer = answer_resolve;
	m->set = NETLINK_RESOLVE;
	r.src.family = r.dst.family = AF_INET;
	assert_int_equal(ops->resolve(m->k, &r, NULL), 0);
	assert_request(m, SVCNAT_CMD_RESOLVE, 0, "family=2 proto=1 src=0.0.0.0 dst=0.0.0.0");
	assert_int_equal(r.verdict, SVCNAT_VERDICT_DROP);
	assert_int_equal(r.reason, SVCNAT_REASON_UNALLOCATED);
}

/* Nothing but an acknowledgement is no answer to a question. */
static void test_no_answer(void **state)
{
	struct module *m = *state;
	const struct kernel_ops *ops = m->k->ops;
	struct ksettings settings = { .echo = true };
	struct kresolve r = { .family = AF_INET };
	struct kstats stats;
	struct err e;
	uint32_t n;

	m->answer = answer_ok;
	m->set = NETLINK_SYNC;
	assert_int_equal(ops->settings_get(m->k, &settings, &e), -EPROTO);
	assert_non_null(strstr(e.text, "has not answered"));
	assert_true(settings.echo);
	assert_int_equal(ops->stats_get(m->k, &stats, &e), -EPROTO);
	assert_int_equal(ops->sync_begin(m->k, "svcd", &n, &e), -EPROTO);
	assert_int_equal(ops->affinity_flush(m->k, NULL, &n, &e), -EPROTO);
	m->set = NETLINK_RESOLVE;
	r.src.family = r.dst.family = AF_INET;
	assert_int_equal(ops->resolve(m->k, &r, &e), -EPROTO);
}

static void answer_refused(struct module *m, unsigned int nth)
{
	if (nth == 1)
		finish(m, NLMSG_ERROR, -ENOENT, "there is no such service", 0);
	else if (nth == 2)
		finish(m, NLMSG_ERROR, -ENOENT, NULL, 0);
	else
		finish(m, NLMSG_ERROR, -EACCES, "not that address", 0);
}

static void test_refusals(void **state)
{
	struct module *m = *state;
	const struct kernel_ops *ops = m->k->ops;
	struct kservice s = web();
	struct err e;

	m->answer = answer_refused;
	assert_int_equal(ops->endpoint_set(m->k, &s, 0, &e), -ENOENT);
	assert_string_equal(e.text, "there is no such service");
	/* Without a text it is generic netlink that speaks: the family has gone. */
	assert_int_equal(ops->endpoint_del(m->k, &s, 0, &e), -ENODEV);
	assert_non_null(strstr(e.text, "was removed"));
	assert_int_equal(ops->service_set(m->k, &s, KERNEL_CREATE, 0, &e), -EACCES);
	assert_string_equal(e.text, "not that address");
	kservice_clear(&s);
}

/* --- dumps --- */

/* One message of a service, named, or a further part of it. */
static struct nl_msg *service_reply(struct module *m, uint32_t id, const char *name, int flags)
{
	const struct kfilter key = {
		.name = name, .family = AF_INET, .proto = IPPROTO_TCP, .owner = "hand",
	};
	struct nl_msg *msg = reply(m, NLM_F_MULTI | flags);

	nla_put_u32(msg, SVCNAT_A_SERVICE_ID, id);
	if (name)
		assert_int_equal(netlink_fill_filter(msg, &key), 0);
	return msg;
}

static void put_endpoint(struct nl_msg *msg, uint8_t last)
{
	const uint8_t addr[4] = { 10, 0, 0, last };
	struct nlattr *nest = nla_nest_start(msg, SVCNAT_A_SERVICE_ENDPOINT);

	nla_put(msg, SVCNAT_A_ENDPOINT_ADDR, 4, addr);
	netlink_help_port(msg, SVCNAT_A_ENDPOINT_PORT, 80);
	nla_nest_end(msg, nest);
}

/* Two services, the first one in two messages. */
static void answer_list(struct module *m, unsigned int nth)
{
	struct nl_msg *msg = service_reply(m, 3, "a", 0);

	(void)nth;
	put_endpoint(msg, 1);
	nla_put_flag(msg, SVCNAT_A_SERVICE_MORE);
	deliver(m, msg);
	msg = service_reply(m, 3, NULL, 0);
	put_endpoint(msg, 2);
	deliver(m, msg);
	deliver(m, service_reply(m, 4, "b", 0));
	done(m);
}

static void test_service_list(void **state)
{
	const struct kfilter filter = { .owner = "hand", .stats = true };
	struct module *m = *state;
	struct kservices l = { 0 };

	m->answer = answer_list;
	assert_int_equal(m->k->ops->service_list(m->k, &filter, &l, NULL), 0);
	assert_request(m, SVCNAT_CMD_SERVICE_GET, NLM_F_DUMP, "owner=hand stats");
	assert_int_equal(l.n, 2);
	assert_int_equal(l.v[0].nendpoints, 2);
	/* What is there already stays. */
	assert_int_equal(m->k->ops->service_list(m->k, NULL, &l, NULL), 0);
	assert_request(m, SVCNAT_CMD_SERVICE_GET, NLM_F_DUMP, "");
	assert_int_equal(l.n, 4);
	assert_int_equal(l.v[2].nendpoints, 2);
	assert_string_equal(l.v[3].name, "b");
	kservices_clear(&l);
}

/*
 * Interrupted three times: in a message, at the end, and so that the pieces do
 * not fit together. What came then is thrown away.
 */
static void answer_interrupted(struct module *m, unsigned int nth)
{
	struct nl_msg *msg;

	if (nth > 3) {
		answer_list(m, nth);
		return;
	}
	msg = service_reply(m, 1, "gone", nth == 1 ? NLM_F_DUMP_INTR : 0);
	if (nth == 3)
		nla_put_flag(msg, SVCNAT_A_SERVICE_MORE);
	deliver(m, msg);
	if (nth == 3)
		deliver(m, service_reply(m, 2, NULL, NLM_F_DUMP_INTR));
	finish(m, NLMSG_DONE, 0, NULL, nth == 2 ? NLM_F_DUMP_INTR : 0);
}

static void test_interrupted_list(void **state)
{
	struct module *m = *state;
	struct kservices l = { 0 };

	m->answer = answer_interrupted;
	assert_int_equal(m->k->ops->service_list(m->k, NULL, &l, NULL), 0);
	assert_int_equal(m->requests, 4);
	assert_int_equal(l.n, 2);
	assert_string_equal(l.v[0].name, "a");
	kservices_clear(&l);
}

static void answer_restless(struct module *m, unsigned int nth)
{
	(void)nth;
	finish(m, NLMSG_DONE, 0, NULL, NLM_F_DUMP_INTR);
}

static void answer_cut(struct module *m, unsigned int nth)
{
	struct nl_msg *msg = service_reply(m, 1, "a", 0);

	(void)nth;
	nla_put_flag(msg, SVCNAT_A_SERVICE_MORE);
	deliver(m, msg);
	done(m);
}

static void answer_error_at_end(struct module *m, unsigned int nth)
{
	(void)nth;
	deliver(m, service_reply(m, 1, "a", NLM_F_DUMP_INTR));
	finish(m, NLMSG_DONE, -ENOMEM, "no memory", 0);
}

static void test_list_fails(void **state)
{
	struct module *m = *state;
	struct kservices l = { 0 };
	struct err e;

	m->answer = answer_list;
	assert_int_equal(m->k->ops->service_list(m->k, NULL, &l, NULL), 0);
	m->requests = 0;
	m->answer = answer_restless;
	assert_int_equal(m->k->ops->service_list(m->k, NULL, &l, &e), -EAGAIN);
	assert_string_equal(e.text, "the services changed while they were listed, 100 times: try "
			    "again");
	assert_int_equal(m->requests, 100);
	m->answer = answer_cut;
	assert_int_equal(m->k->ops->service_list(m->k, NULL, &l, &e), -EPROTO);
	assert_non_null(strstr(e.text, "ends in the middle"));
	/* An error is none that goes away by trying again. */
	m->requests = 0;
	m->answer = answer_error_at_end;
	assert_int_equal(m->k->ops->service_list(m->k, NULL, &l, &e), -ENOMEM);
	assert_string_equal(e.text, "no memory");
	assert_int_equal(m->requests, 1);
	assert_int_equal(l.n, 2);
	kservices_clear(&l);
}

static void put_affinity(struct module *m, uint32_t age, int flags)
{
	struct nl_msg *msg = reply(m, NLM_F_MULTI | flags);

	nla_put_string(msg, SVCNAT_A_AFFINITY_NAME, "web");
	nla_put_u8(msg, SVCNAT_A_AFFINITY_FAMILY, AF_INET);
	nla_put_u8(msg, SVCNAT_A_AFFINITY_PROTO, IPPROTO_TCP);
	nla_put(msg, SVCNAT_A_AFFINITY_CLIENT, 4, "\x0a\0\0\x01");
	nla_put(msg, SVCNAT_A_AFFINITY_ENDPOINT_ADDR, 4, "\x0a\0\0\x02");
	netlink_help_port(msg, SVCNAT_A_AFFINITY_ENDPOINT_PORT, 80);
	nla_put_u32(msg, SVCNAT_A_AFFINITY_AGE, age);
	nla_put_u32(msg, SVCNAT_A_AFFINITY_TIMEOUT, 60);
	deliver(m, msg);
}

static void answer_affinity(struct module *m, unsigned int nth)
{
	put_affinity(m, nth * 10 + 1, nth == 1 ? NLM_F_DUMP_INTR : 0);
	put_affinity(m, nth * 10 + 2, 0);
	done(m);
}

static void test_affinity_list(void **state)
{
	struct kaffinity_filter filter = { .family = AF_INET };
	struct module *m = *state;
	const struct kernel_ops *ops = m->k->ops;
	struct kaffinities l = { 0 };
	struct ip_addr client;
	struct err e;

	assert_int_equal(ip_addr_parse("10.0.0.1", &client, NULL), 0);
	filter.client = &client;
	m->set = NETLINK_AFFINITY;
	m->answer = answer_affinity;
	assert_int_equal(ops->affinity_list(m->k, &filter, &l, NULL), 0);
	assert_request(m, SVCNAT_CMD_AFFINITY_GET, NLM_F_DUMP, "family=2 client=10.0.0.1");
	/* The first try was interrupted. */
	assert_int_equal(m->requests, 2);
	assert_int_equal(l.n, 2);
	assert_int_equal(l.v[0].age, 21);
	assert_int_equal(l.v[1].age, 22);
	assert_int_equal(ops->affinity_list(m->k, NULL, &l, NULL), 0);
	assert_request(m, SVCNAT_CMD_AFFINITY_GET, NLM_F_DUMP, "");
	assert_int_equal(l.n, 4);
	assert_int_equal(l.v[3].age, 32);
	m->requests = 0;
	m->answer = answer_restless;
	assert_int_equal(ops->affinity_list(m->k, NULL, &l, &e), -EAGAIN);
	assert_non_null(strstr(e.text, "the affinity entries changed"));
	assert_int_equal(m->requests, 100);
	assert_int_equal(l.n, 4);
	kaffinities_clear(&l);
}

/* --- what does not belong to the answer --- */

static void answer_among_others(struct module *m, unsigned int nth)
{
	struct ack a = netlink_help_ack(NLMSG_ERROR, -EPERM, 0, NULL);
	struct nl_msg *msg = reply(m, 0);
	struct nlmsghdr *h = nlmsg_hdr(msg);

	(void)nth;
	/* of an earlier request */
	a.h.nlmsg_seq = m->a.seq - 1;
	deliver_from(m, &a, (int)a.h.nlmsg_len, 0);
	/* of another process */
	a.h.nlmsg_seq = m->a.seq;
	deliver_from(m, &a, (int)a.h.nlmsg_len, 4711);
	nla_put_u32(msg, SVCNAT_A_SYNC_TOKEN, 1);
	h->nlmsg_seq = m->a.seq;
	deliver_from(m, h, (int)h->nlmsg_len, 4711);
	nlmsg_free(msg);
	assert_false(m->a.done);
	answer_numbers(m, 2);
	/* after the end */
	deliver_from(m, &a, (int)a.h.nlmsg_len, 0);
}

static void test_others_are_skipped(void **state)
{
	struct module *m = *state;
	uint32_t n;

	m->answer = answer_among_others;
	m->set = NETLINK_SYNC;
	assert_int_equal(m->k->ops->sync_begin(m->k, "svcd", &n, NULL), 0);
	assert_int_equal(n, 72);
}

/* Several messages in a datagram, the last one cut off. */
static void answer_in_one(struct module *m, unsigned int nth)
{
	struct nl_msg *first = service_reply(m, 1, "a", 0), *second = service_reply(m, 2, "b", 0);
	uint32_t len = nlmsg_hdr(first)->nlmsg_len;
	char both[4096];

	(void)nth;
	nlmsg_hdr(first)->nlmsg_seq = nlmsg_hdr(second)->nlmsg_seq = m->a.seq;
	memcpy(both, nlmsg_hdr(first), len);
	memcpy(both + len, nlmsg_hdr(second), len);
	deliver_from(m, both, (int)(2 * len), 0);
	deliver_from(m, both, (int)(2 * len - 4), 0);
	nlmsg_free(first);
	nlmsg_free(second);
	done(m);
}

static void test_datagram(void **state)
{
	struct module *m = *state;
	struct kservices l = { 0 };

	m->answer = answer_in_one;
	assert_int_equal(m->k->ops->service_list(m->k, NULL, &l, NULL), 0);
	assert_int_equal(l.n, 3);
	assert_string_equal(l.v[1].name, "b");
	assert_string_equal(l.v[2].name, "a");
	kservices_clear(&l);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_service_modes), T(test_writes), T(test_numbers), T(test_reads),
		T(test_no_answer), T(test_refusals),
		T(test_service_list), T(test_interrupted_list), T(test_list_fails),
		T(test_affinity_list),
		T(test_others_are_skipped), T(test_datagram),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
