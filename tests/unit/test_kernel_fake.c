// SPDX-License-Identifier: GPL-2.0
/* The fake kernel keeps the rules that other tests rely on. */
#include "err.h"
#include "kernel_fake.h"

#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define EITHER	(KERNEL_CREATE | KERNEL_REPLACE)

static int setup(void **state)
{
	*state = kernel_fake_open();
	return 0;
}

static int teardown(void **state)
{
	kernel_fake_free(*state);
	return 0;
}

static struct kservice make(const char *name)
{
	struct kservice s = { .family = AF_INET, .proto = IPPROTO_TCP };

	strcpy(s.name, name);
	strcpy(s.owner, "hand");
	return s;
}

static struct kendpoint endpoint(const char *addr, uint8_t lists, uint16_t weight)
{
	struct kendpoint p = { .port = 80, .lists = lists, .weight = weight };

	assert_int_equal(ip_addr_parse(addr, &p.addr, NULL), 0);
	return p;
}

static void add_endpoint(struct kservice *s, const char *addr, uint8_t lists, uint16_t weight)
{
	const struct kendpoint p = endpoint(addr, lists, weight);

	assert_int_equal(kservice_add_endpoint(s, &p), 0);
}

static void add_frontend(struct kservice *s, enum svcnat_kind kind, const char *addr)
{
	struct kfrontend f = { .kind = kind, .port = 80 };

	assert_int_equal(ip_addr_parse(addr, &f.addr, NULL), 0);
	assert_int_equal(kservice_add_frontend(s, &f), 0);
}

static struct ip_cidr cidr(const char *text)
{
	struct ip_cidr c;

	assert_int_equal(ip_cidr_parse(text, &c, NULL), 0);
	return c;
}

static void add_range(struct kservice *s, const char *text)
{
	const struct ip_cidr c = cidr(text);

	assert_int_equal(kservice_add_range(s, &c), 0);
}

static void put(struct kernel *k, const struct kservice *s)
{
	assert_int_equal(k->ops->service_set(k, s, EITHER, 0, NULL), 0);
}

static void assert_set_refused(struct kernel *k, const struct kservice *s, int err,
			       const char *text)
{
	struct err e;

	assert_int_equal(k->ops->service_set(k, s, EITHER, 0, &e), -err);
	assert_non_null(strstr(e.text, text));
}

static const struct kservice *find(struct kernel *k, const char *name)
{
	return kernel_fake_find(k, name, AF_INET, IPPROTO_TCP);
}

/* --- SERVICE_SET --- */

static void test_options(void **state)
{
	struct kernel *k = *state;
	struct kservice s = make("web");

	s.affinity = SVCNAT_AFFINITY_MAX;
	s.scheduler = SVCNAT_SCHEDULER_LEASTCONN;
	put(k, &s);
	s.affinity++;
	assert_set_refused(k, &s, ERANGE, "out of range");
	s.affinity = 0;
	s.flags = SVCNAT_F_ALL + 1;
	assert_set_refused(k, &s, EINVAL, "reserved bit");
	s.flags = 0;
	s.proto = IPPROTO_UDP;
	assert_set_refused(k, &s, EINVAL, "use hash, source or maglev");
	s.scheduler = SVCNAT_SCHEDULER_RR;
	assert_set_refused(k, &s, EINVAL, "use hash, source or maglev");
	s.scheduler = SVCNAT_SCHEDULER_MAGLEV;
	put(k, &s);
	assert_int_equal(find(k, "web")->affinity, SVCNAT_AFFINITY_MAX);
	kservice_clear(&s);
}

static void test_members(void **state)
{
	struct kernel *k = *state;
	struct kservice s = make("web");

	add_range(&s, "10.0.0.0/8");
	add_range(&s, "10.0.0.0/16");
	add_endpoint(&s, "10.0.0.1", 0, 0);
	put(k, &s);
	s.ranges[1] = s.ranges[0];
	assert_set_refused(k, &s, EEXIST, "a source range stands twice");
	s.ranges[1] = cidr("fd00::/8");
	assert_set_refused(k, &s, EINVAL, "not of the service's family");
	s.nranges = 1;
	s.endpoints[0].weight = SVCNAT_WEIGHT_MAX + 1;
	assert_set_refused(k, &s, ERANGE, "out of range");
	s.endpoints[0].weight = 1;
	s.endpoints[0].lists = SVCNAT_LIST_ALL + 1;
	assert_set_refused(k, &s, EINVAL, "reserved bit");
	s.endpoints[0].lists = SVCNAT_LIST_ALL;
	add_endpoint(&s, "10.0.0.1", 0, 0);
	assert_set_refused(k, &s, EEXIST, "the endpoint 10.0.0.1:80 stands twice");
	assert_int_equal(find(k, "web")->nranges, 2);
	kservice_clear(&s);
}

/* Growth past a limit is refused, what is past it may stay. */
static void test_limits(void **state)
{
	struct ksettings set = { .max[KLIMIT_RANGES] = 2 };
	struct kernel *k = *state;
	struct kservice s = make("web");
	struct ksettings got;

	assert_int_equal(k->ops->settings_set(k, &set, KSETTINGS_LIMITS, NULL), 0);
	add_range(&s, "10.0.0.0/8");
	add_range(&s, "11.0.0.0/8");
	put(k, &s);
	add_range(&s, "12.0.0.0/8");
	assert_set_refused(k, &s, ENOSPC, "max-ranges");
	assert_int_equal(k->ops->settings_get(k, &got, NULL), 0);
	assert_int_equal(got.now[KLIMIT_RANGES], 2);
	assert_int_equal(got.max[KLIMIT_RANGES], 2);
	assert_true(got.max[KLIMIT_SERVICES] > 0);
	ksettings_clear(&got);
	set.max[KLIMIT_RANGES] = 1;
	assert_int_equal(k->ops->settings_set(k, &set, KSETTINGS_LIMITS, NULL), 0);
	s.nranges = 2;
	s.flags = SVCNAT_F_RESET;
	put(k, &s);
	kservice_clear(&s);
}

static void test_externals(void **state)
{
	struct ksettings set = { 0 };
	struct kernel *k = *state;
	struct kservice s = make("web");
	struct ip_cidr c = cidr("192.0.2.0/24");
	struct err e;

	add_frontend(&s, SVCNAT_KIND_EXTERNAL, "198.51.100.1");
	put(k, &s);
	assert_int_equal(kcidrs_add(&set.external_cidrs, &c), 0);
	assert_int_equal(k->ops->settings_set(k, &set, KSETTINGS_ALL, &e), -EBUSY);
	assert_string_equal(e.text,
			    "service 'web' of owner 'hand' has the external address 198.51.100.1");
	assert_int_equal(kernel_fake_settings(k)->external_cidrs.n, 0);
	assert_true(kernel_fake_settings(k)->echo);
	/* Only external addresses are meant. */
	s.frontends[0].kind = SVCNAT_KIND_LOADBALANCER;
	put(k, &s);
	assert_int_equal(k->ops->settings_set(k, &set, KSETTINGS_EXTERNAL_CIDRS, &e), 0);
	s.frontends[0].kind = SVCNAT_KIND_EXTERNAL;
	assert_set_refused(k, &s, EACCES, "198.51.100.1");
	s.frontends[0].addr = cidr("192.0.2.7/32").addr;
	put(k, &s);
	kcidrs_clear(&set.external_cidrs);
	assert_int_equal(k->ops->settings_set(k, &set, KSETTINGS_EXTERNAL_CIDRS, &e), 0);
	s.frontends[0].addr = cidr("203.0.113.1/32").addr;
	put(k, &s);
	kservice_clear(&s);
}

/* --- endpoints --- */

static int set_endpoints(struct kernel *k, const struct kservice *s, struct err *e)
{
	return k->ops->endpoint_set(k, s, 0, e);
}

static int del_endpoints(struct kernel *k, const struct kservice *s, struct err *e)
{
	return k->ops->endpoint_del(k, s, 0, e);
}

static void test_endpoints(void **state)
{
	struct kernel *k = *state;
	struct kservice s = make("web"), change = make("web");
	const struct kservice *have;

	add_endpoint(&s, "10.0.0.1", SVCNAT_LIST_CLUSTER, 1);
	add_endpoint(&s, "10.0.0.2", SVCNAT_LIST_CLUSTER, 1);
	put(k, &s);
	add_endpoint(&change, "10.0.0.2", SVCNAT_LIST_ALL, 7);
	add_endpoint(&change, "10.0.0.3", 0, 0);
	assert_int_equal(set_endpoints(k, &change, NULL), 0);
	have = find(k, "web");
	assert_int_equal(have->nendpoints, 3);
	assert_int_equal(have->endpoints[0].weight, 1);
	assert_int_equal(have->endpoints[1].weight, 7);
	assert_int_equal(have->endpoints[1].lists, SVCNAT_LIST_ALL);
	assert_int_equal(have->endpoints[2].lists, 0);
	assert_int_equal(kernel_fake_settings(k)->now[KLIMIT_ENDPOINTS], 3);
	/* By address alone. */
	change.owner[0] = '\0';
	change.endpoints[0].weight = SVCNAT_WEIGHT_MAX + 1;
	assert_int_equal(del_endpoints(k, &change, NULL), 0);
	assert_int_equal(find(k, "web")->nendpoints, 1);
	assert_int_equal(find(k, "web")->endpoints[0].weight, 1);
	assert_string_equal(kernel_fake_log(k), "set web; epset web; epdel web");
	kservice_clear(&s);
	kservice_clear(&change);
}

static void test_endpoints_refused(void **state)
{
	const struct ksettings set = { .max[KLIMIT_ENDPOINTS] = 2 };
	struct kernel *k = *state;
	struct kservice s = make("web"), change = make("web");
	struct err e;

	assert_int_equal(set_endpoints(k, &change, &e), -EINVAL);
	add_endpoint(&change, "10.0.0.1", SVCNAT_LIST_CLUSTER, 1);
	assert_int_equal(set_endpoints(k, &change, &e), -ENOENT);
	assert_string_equal(e.text, "there is no such service");
	add_endpoint(&s, "10.0.0.1", SVCNAT_LIST_CLUSTER, 1);
	put(k, &s);
	assert_int_equal(k->ops->settings_set(k, &set, KSETTINGS_LIMITS, NULL), 0);
	add_endpoint(&change, "10.0.0.9", SVCNAT_LIST_CLUSTER, 1);
	/* All or nothing. */
	assert_int_equal(del_endpoints(k, &change, &e), -ENOENT);
	assert_string_equal(e.text, "the service has no endpoint 10.0.0.9:80/TCP");
	assert_int_equal(find(k, "web")->nendpoints, 1);
	strcpy(change.owner, "svcd");
	assert_int_equal(set_endpoints(k, &change, &e), -EBUSY);
	assert_int_equal(del_endpoints(k, &change, &e), -EBUSY);
	assert_string_equal(e.text, "the service belongs to owner 'hand'");
	strcpy(change.owner, "hand");
	add_endpoint(&change, "10.0.0.9", SVCNAT_LIST_CLUSTER, 1);
	assert_int_equal(set_endpoints(k, &change, &e), -EEXIST);
	change.endpoints[2] = endpoint("10.0.0.10", SVCNAT_LIST_CLUSTER, 1);
	assert_int_equal(set_endpoints(k, &change, &e), -ENOSPC);
	assert_non_null(strstr(e.text, "max-endpoints"));
	assert_int_equal(find(k, "web")->nendpoints, 1);
	assert_string_equal(kernel_fake_log(k), "set web; settings");
	kservice_clear(&s);
	kservice_clear(&change);
}

static void test_deferred(void **state)
{
	struct kernel *k = *state;
	struct kservice s = make("web");
	uint32_t n;

	add_endpoint(&s, "10.0.0.1", SVCNAT_LIST_CLUSTER, 1);
	assert_int_equal(k->ops->service_set(k, &s, EITHER | KERNEL_DEFER, 0, NULL), 0);
	assert_int_equal(k->ops->endpoint_set(k, &s, KERNEL_DEFER, NULL), 0);
	assert_int_equal(kernel_fake_deferred(k), 2);
	/* What failed has not ended anything. */
	assert_int_equal(k->ops->service_del(k, "no", AF_INET, IPPROTO_TCP, NULL, 0, NULL),
			 -ENOENT);
	assert_int_equal(kernel_fake_deferred(k), 2);
	assert_int_equal(k->ops->endpoint_del(k, &s, 0, NULL), 0);
	assert_int_equal(kernel_fake_deferred(k), 0);
	assert_int_equal(k->ops->service_del(k, "web", AF_INET, IPPROTO_TCP, NULL, KERNEL_DEFER,
					     NULL), 0);
	assert_int_equal(kernel_fake_deferred(k), 1);
	assert_int_equal(k->ops->flush(k, NULL, &n, NULL), 0);
	assert_int_equal(kernel_fake_deferred(k), 0);
	kservice_clear(&s);
}

/* --- counters --- */

static void test_counters(void **state)
{
	const struct kfilter with = { .stats = true };
	const struct kstats stats = { .counts[SVCNAT_REASON_ECHO] = 3, .stale_walks = 4 };
	struct kernel *k = *state;
	struct kservice s = make("web"), *counters;
	struct kservices l = { 0 };
	struct kstats got;

	add_endpoint(&s, "10.0.0.1", SVCNAT_LIST_CLUSTER, 1);
	put(k, &s);
	assert_null(kernel_fake_counters(k, "no", AF_INET, IPPROTO_TCP));
	counters = kernel_fake_counters(k, "web", AF_INET, IPPROTO_TCP);
	counters->counts[SVCNAT_REASON_ENDPOINT] = 5;
	counters->endpoints[0].connections = 6;
	counters->endpoints[0].active = 7;
	/* They stay with what stays, and are told when asked for. */
	add_endpoint(&s, "10.0.0.2", SVCNAT_LIST_CLUSTER, 1);
	s.flags = SVCNAT_F_ACCOUNT;
	put(k, &s);
	assert_int_equal(k->ops->service_list(k, &with, &l, NULL), 0);
	assert_int_equal(k->ops->service_list(k, NULL, &l, NULL), 0);
	assert_true(l.v[0].has_counts && l.v[0].endpoints[0].has_records);
	assert_int_equal(l.v[0].counts[SVCNAT_REASON_ENDPOINT], 5);
	assert_int_equal(l.v[0].endpoints[0].connections, 6);
	assert_int_equal(l.v[0].endpoints[0].active, 7);
	assert_int_equal(l.v[0].endpoints[1].connections, 0);
	assert_false(l.v[1].has_counts || l.v[1].endpoints[0].has_records);
	assert_int_equal(l.v[1].endpoints[0].connections, 0);
	/* Without connection records there is less. */
	s.flags = 0;
	put(k, &s);
	assert_int_equal(k->ops->service_list(k, &with, &l, NULL), 0);
	assert_false(l.v[2].endpoints[0].has_records);
	assert_int_equal(l.v[2].endpoints[0].active, 0);
	assert_int_equal(l.v[2].endpoints[0].connections, 6);
	kernel_fake_set_stats(k, &stats);
	assert_int_equal(k->ops->stats_get(k, &got, NULL), 0);
	assert_int_equal(got.counts[SVCNAT_REASON_ECHO], 3);
	assert_int_equal(got.stale_walks, 4);
	kservices_clear(&l);
	kservice_clear(&s);
}

/* --- affinity --- */

static void add_affinity(struct kernel *k, const char *name, const char *client,
			 const char *endpoint_addr)
{
	struct kaffinity a = {
		.family = AF_INET, .proto = IPPROTO_TCP, .port = 80, .age = 5, .timeout = 60,
	};

	strcpy(a.name, name);
	assert_int_equal(ip_addr_parse(client, &a.client, NULL), 0);
	assert_int_equal(ip_addr_parse(endpoint_addr, &a.endpoint, NULL), 0);
	kernel_fake_add_affinity(k, &a);
}

static size_t count_affinity(struct kernel *k, const struct kaffinity_filter *f)
{
	struct kaffinities l = { 0 };
	size_t n;

	assert_int_equal(k->ops->affinity_list(k, f, &l, NULL), 0);
	n = l.n;
	kaffinities_clear(&l);
	return n;
}

static void test_affinity(void **state)
{
	struct kaffinity_filter web = { .name = "web" }, one = { .family = AF_INET };
	struct kernel *k = *state;
	struct ip_addr client;
	struct err e;
	uint32_t n;

	add_affinity(k, "web", "192.0.2.1", "10.0.0.1");
	add_affinity(k, "web", "192.0.2.2", "10.0.0.2");
	add_affinity(k, "dns", "192.0.2.1", "10.0.0.3");
	assert_int_equal(ip_addr_parse("192.0.2.1", &client, NULL), 0);
	one.client = &client;
	assert_int_equal(count_affinity(k, NULL), 3);
	assert_int_equal(count_affinity(k, &web), 2);
	assert_int_equal(count_affinity(k, &one), 2);
	assert_int_equal(kernel_fake_settings(k)->now[KLIMIT_AFFINITY], 3);
	web.client = &client;
	assert_int_equal(k->ops->affinity_flush(k, &web, &n, &e), -EINVAL);
	assert_non_null(strstr(e.text, "the family of the client's address is missing"));
	web.family = AF_INET6;
	assert_int_equal(k->ops->affinity_flush(k, &web, &n, &e), -EINVAL);
	web.family = AF_INET;
	assert_int_equal(k->ops->affinity_flush(k, &web, &n, &e), 0);
	assert_int_equal(n, 1);
	assert_int_equal(k->ops->affinity_flush(k, NULL, &n, &e), 0);
	assert_int_equal(n, 2);
	assert_int_equal(count_affinity(k, NULL), 0);
	assert_string_equal(kernel_fake_log(k), "affinity_flush; affinity_flush");
}

/* An entry goes with its endpoint, and with its service. */
static void test_affinity_goes(void **state)
{
	struct kernel *k = *state;
	struct kservice s = make("web");

	add_endpoint(&s, "10.0.0.1", SVCNAT_LIST_CLUSTER, 1);
	add_endpoint(&s, "10.0.0.2", SVCNAT_LIST_CLUSTER, 1);
	put(k, &s);
	add_affinity(k, "web", "192.0.2.1", "10.0.0.1");
	add_affinity(k, "web", "192.0.2.2", "10.0.0.2");
	add_affinity(k, "dns", "192.0.2.1", "10.0.0.1");
	s.nendpoints = 1;
	put(k, &s);
	assert_int_equal(count_affinity(k, NULL), 2);
	assert_int_equal(k->ops->service_del(k, "web", AF_INET, IPPROTO_TCP, NULL, 0, NULL), 0);
	assert_int_equal(count_affinity(k, NULL), 1);
	kservice_clear(&s);
}

/* --- syncs --- */

static void test_sync(void **state)
{
	const struct ksettings set = { .armed = true };
	struct kernel *k = *state;
	struct kservice s = make("kept");
	uint32_t token, n;

	assert_int_equal(k->ops->settings_set(k, &set, KSETTINGS_ARMED, NULL), 0);
	put(k, &s);
	strcpy(s.name, "gone");
	put(k, &s);
	assert_int_equal(k->ops->sync_begin(k, "hand", &token, NULL), 0);
	strcpy(s.name, "kept");
	assert_int_equal(k->ops->service_set(k, &s, EITHER, token, NULL), 0);
	/* A mark stays. */
	put(k, &s);
	assert_int_equal(k->ops->sync_end(k, "hand", token + 1, &n, NULL), -ESTALE);
	assert_true(kernel_fake_settings(k)->armed);
	assert_int_equal(k->ops->sync_end(k, "hand", token, &n, NULL), 0);
	assert_int_equal(n, 1);
	assert_false(kernel_fake_settings(k)->armed);
	assert_non_null(find(k, "kept"));
	assert_null(find(k, "gone"));
}

/* --- events --- */

static bool readable(struct kernel *k)
{
	struct pollfd p = { .fd = k->ops->events_fd(k), .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

/* All that there are: "SERVICE_SET web 1/0/2; ..." with numbers of members; "+": more follow. */
static void assert_events(struct kernel *k, const char *expected)
{
	static const char *const names[] = {
		[SVCNAT_CMD_SERVICE_SET] = "SET", [SVCNAT_CMD_SERVICE_DEL] = "DEL",
		[SVCNAT_CMD_ENDPOINT_SET] = "EPSET", [SVCNAT_CMD_ENDPOINT_DEL] = "EPDEL",
		[SVCNAT_CMD_SETTINGS_SET] = "SETTINGS", [SVCNAT_CMD_SYNC_END] = "END",
	};
	char text[1024] = "";
	struct kevent ev;
	size_t n = 0;

	assert_int_equal(readable(k), *expected != '\0');
	while (k->ops->events_read(k, &ev, NULL) == 1) {
		n += snprintf(text + n, sizeof(text) - n, "%s%s", n ? "; " : "", names[ev.cmd]);
		if (ev.service.id)
			n += snprintf(text + n, sizeof(text) - n, " %s %zu/%zu/%zu%s",
				      ev.service.name, ev.service.nfrontends, ev.service.nranges,
				      ev.service.nendpoints, ev.more ? "+" : "");
		kevent_clear(&ev);
	}
	assert_string_equal(text, expected);
	assert_false(readable(k));
}

static struct kservice make_full(void)
{
	struct kservice s = make("web");

	add_frontend(&s, SVCNAT_KIND_CLUSTER, "10.96.0.1");
	add_frontend(&s, SVCNAT_KIND_LOADBALANCER, "192.0.2.1");
	add_range(&s, "10.0.0.0/8");
	add_endpoint(&s, "10.0.0.1", SVCNAT_LIST_CLUSTER, 1);
	add_endpoint(&s, "10.0.0.2", SVCNAT_LIST_CLUSTER, 1);
	return s;
}

static void test_events(void **state)
{
	const struct ksettings set = { .armed = true };
	struct kernel *k = *state;
	struct kservice s = make_full(), change = make("web");
	uint32_t token, n;

	put(k, &s);
	assert_int_equal(k->ops->events_fd(k), -1);
	assert_int_equal(k->ops->events_open(k, NULL), 0);
	assert_events(k, "");
	put(k, &s);
	assert_events(k, "");	/* nothing was changed */
	s.flags = SVCNAT_F_RESET;
	put(k, &s);
	assert_int_equal(k->ops->events_open(k, NULL), 0);
	assert_events(k, "SET web 2/1/2");
	add_endpoint(&change, "10.0.0.3", SVCNAT_LIST_CLUSTER, 1);
	assert_int_equal(set_endpoints(k, &change, NULL), 0);
	assert_int_equal(set_endpoints(k, &change, NULL), 0);
	assert_int_equal(del_endpoints(k, &change, NULL), 0);
	assert_int_equal(del_endpoints(k, &change, NULL), -ENOENT);
	assert_events(k, "EPSET web 0/0/1; EPDEL web 0/0/1");
	assert_int_equal(k->ops->settings_set(k, &set, KSETTINGS_ARMED, NULL), 0);
	assert_int_equal(k->ops->sync_begin(k, "hand", &token, NULL), 0);
	assert_int_equal(k->ops->sync_end(k, "hand", token, &n, NULL), 0);
	assert_events(k, "SETTINGS; SETTINGS; DEL web 0/0/0; END");
	put(k, &s);
	assert_int_equal(k->ops->flush(k, NULL, &n, NULL), 0);
	assert_events(k, "SET web 2/1/2; DEL web 0/0/0");
	kservice_clear(&s);
	kservice_clear(&change);
}

static void test_split_events(void **state)
{
	struct kernel *k = *state;
	struct kservice s = make_full();

	assert_int_equal(k->ops->events_open(k, NULL), 0);
	kernel_fake_split_events(k, 2);
	put(k, &s);
	assert_events(k, "SET web 2/0/0+; SET web 0/1/1+; SET web 0/0/1");
	kernel_fake_split_events(k, 1);
	s.affinity = 1;
	put(k, &s);
	assert_events(k, "SET web 1/0/0+; SET web 1/0/0+; SET web 0/1/0+; SET web 0/0/1+; "
		      "SET web 0/0/1");
	kernel_fake_split_events(k, 4);
	s.affinity = 2;
	put(k, &s);
	assert_events(k, "SET web 2/1/1+; SET web 0/0/1");
	kernel_fake_split_events(k, 0);
	s.affinity = 3;
	put(k, &s);
	assert_events(k, "SET web 2/1/2");
	kservice_clear(&s);
}

static void test_events_fail(void **state)
{
	struct kernel *k = *state;
	struct kservice s = make("web");
	struct kevent ev;

	assert_int_equal(k->ops->events_open(k, NULL), 0);
	put(k, &s);
	kernel_fake_lose_events(k);
	assert_true(readable(k));
	assert_int_equal(k->ops->events_read(k, &ev, NULL), -ENOBUFS);
	assert_events(k, "");
	/* An error that was ordered is to be read, behind what is there before. */
	kernel_fake_fail(k, KERNEL_FAKE_EVENTS_READ, 2, EIO);
	assert_true(readable(k));
	assert_int_equal(k->ops->events_read(k, &ev, NULL), 0);
	assert_true(readable(k));
	assert_int_equal(k->ops->events_read(k, &ev, NULL), -EIO);
	assert_false(readable(k));
	/* What breaks requests does not break this. */
	kernel_fake_break(k, ENODEV);
	assert_int_equal(k->ops->events_read(k, &ev, NULL), 0);
	assert_int_equal(k->ops->service_set(k, &s, EITHER, 0, NULL), -ENODEV);
	assert_int_equal(k->ops->stats_get(k, &(struct kstats){ 0 }, NULL), -ENODEV);
}

/* --- resolve --- */

static struct kresolve ask(struct kernel *k, const char *src, const char *dst, uint16_t src_port,
			   uint8_t proto)
{
	struct kresolve r = {
		.family = AF_INET, .proto = proto, .src_port = src_port,
		.dst_port = proto == IPPROTO_TCP ? 80 : 0,
	};

	assert_int_equal(ip_addr_parse(src, &r.src, NULL), 0);
	assert_int_equal(ip_addr_parse(dst, &r.dst, NULL), 0);
	assert_int_equal(k->ops->resolve(k, &r, NULL), 0);
	return r;
}

static void test_resolve(void **state)
{
	struct ksettings set = { .armed = true };
	struct kernel *k = *state;
	struct kservice s = make_full();
	struct ip_cidr c = cidr("10.96.0.0/12");
	struct kresolve r;

	s.affinity = 60;
	s.endpoints[0].lists = SVCNAT_LIST_ALL;
	put(k, &s);
	assert_int_equal(kcidrs_add(&set.service_cidrs, &c), 0);
	assert_int_equal(k->ops->settings_set(k, &set, KSETTINGS_SERVICE_CIDRS, NULL), 0);
	r = ask(k, "10.0.0.9", "192.0.2.1", 1234, IPPROTO_TCP);
	assert_int_equal(r.verdict, SVCNAT_VERDICT_DNAT);
	assert_true(r.has_service && r.has_endpoint && r.has_hash && r.has_masquerade);
	assert_int_equal(r.cluster, 2);
	assert_int_equal(r.local, 1);
	assert_int_equal(r.ranges, 1);
	assert_false(r.has_affinity_age);
	r = ask(k, "11.0.0.9", "192.0.2.1", 1234, IPPROTO_TCP);
	assert_int_equal(r.reason, SVCNAT_REASON_SOURCE_RANGE);
	assert_false(r.has_endpoint || r.has_masquerade);
	add_affinity(k, "web", "10.0.0.9", "10.0.0.2");
	r = ask(k, "10.0.0.9", "10.96.0.1", 0, IPPROTO_TCP);
	assert_int_equal(r.reason, SVCNAT_REASON_AFFINITY);
	assert_true(r.has_affinity_age && r.has_endpoint);
	assert_true(ip_addr_equal(&r.endpoint.addr, &s.endpoints[1].addr));
	assert_false(r.has_hash);
	assert_int_equal(ask(k, "10.0.0.9", "10.96.0.1", 0, IPPROTO_ICMP).reason,
			 SVCNAT_REASON_ECHO);
	assert_int_equal(ask(k, "10.0.0.9", "10.96.0.2", 1, IPPROTO_TCP).reason,
			 SVCNAT_REASON_UNALLOCATED);
	assert_int_equal(ask(k, "10.0.0.9", "10.9.0.2", 1, IPPROTO_TCP).reason,
			 SVCNAT_REASON_NO_SERVICE);
	assert_int_equal(k->ops->settings_set(k, &set, KSETTINGS_ARMED, NULL), 0);
	r = ask(k, "10.0.0.9", "10.96.0.2", 1, IPPROTO_TCP);
	assert_true(r.armed);
	assert_int_equal(r.reason, SVCNAT_REASON_NOT_LOADED);
	s.flags = SVCNAT_F_INTERNAL_LOCAL;
	s.endpoints[0].weight = 0;
	put(k, &s);
	assert_int_equal(ask(k, "10.0.0.9", "10.96.0.1", 1, IPPROTO_TCP).reason,
			 SVCNAT_REASON_NO_LOCAL);
	kcidrs_clear(&set.service_cidrs);
	kservice_clear(&s);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(test_options), T(test_members), T(test_limits), T(test_externals),
		T(test_endpoints), T(test_endpoints_refused), T(test_deferred),
		T(test_counters), T(test_affinity), T(test_affinity_goes), T(test_sync),
		T(test_events), T(test_split_events), T(test_events_fail), T(test_resolve),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
