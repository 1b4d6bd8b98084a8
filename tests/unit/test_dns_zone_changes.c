// SPDX-License-Identifier: GPL-2.0
/* Objects come, change and go; what a zone says depends on what there is, not on how it came. */
#include "dns_zone_help.h"
#include "json_help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NODATA		"nodata\n! cluster.local."
#define NXDOMAIN	"nxdomain\n! cluster.local."
#define WEB		SERVICE("ns", "web", "'clusterIP': '10.96.0.1', 'ports': [" \
				PORT("http", 80) "]")
#define DB		SERVICE("ns", "db", "'clusterIP': 'None'")
#define DB_IS(answer)	"answer\n" SVC("db.ns") " A " answer

/* --- one change after the other --- */

struct step {
	const char *what;
	const char *told, *untold;	/* NULL: none */
	const char *name, *type, *expected;
};

static const struct step steps[] = {
	{ "nothing", NULL, NULL, SVC("web.ns"), "A", NXDOMAIN },
	{ "a Service", WEB, NULL, SVC("web.ns"), "A", "answer\n" SVC("web.ns") " A 10.96.0.1" },
	{ "its namespace", NULL, NULL, "ns.svc.cluster.local", "A", NODATA },
	{ "another address", SERVICE("ns", "web", "'clusterIP': '10.96.0.2', 'ports': ["
				     PORT("https", 443) "]"), NULL,
	  SVC("web.ns"), "A", "answer\n" SVC("web.ns") " A 10.96.0.2" },
	{ "the old address", NULL, NULL, "1.0.96.10.in-addr.arpa", "PTR",
	  "nxdomain\n! 96.10.in-addr.arpa." },
	{ "the new address", NULL, NULL, "2.0.96.10.in-addr.arpa", "PTR",
	  "answer\n2.0.96.10.in-addr.arpa. PTR " SVC("web.ns") },
	{ "the old port", NULL, NULL, SVC("_http._tcp.web.ns"), "SRV", NXDOMAIN },
	{ "the new port", NULL, NULL, SVC("_https._tcp.web.ns"), "A", NODATA },
	{ "an alias now", SERVICE("ns", "web", "'type': 'ExternalName', 'externalName': 'a.b'"),
	  NULL, SVC("web.ns"), "A", "answer\n" SVC("web.ns") " CNAME a.b.\n> a.b." },
	{ "without its address", NULL, NULL, "2.0.96.10.in-addr.arpa", "PTR",
	  "nxdomain\n! 96.10.in-addr.arpa." },
	{ "headless now", SERVICE("ns", "web", "'clusterIP': 'None'"), NULL,
	  SVC("web.ns"), "A", NXDOMAIN },
	{ "an unknown one is deleted", NULL, DB, "ns.svc.cluster.local", "A", NODATA },
	{ "deleted", NULL, WEB, "ns.svc.cluster.local", "A", NXDOMAIN },
	{ "deleted again", NULL, WEB, "ns.svc.cluster.local", "A", NXDOMAIN },

	{ "a slice ahead of its Service",
	  SLICE("ns", "s1", "db", "IPv4", PORT("p", 1), NAMED("10.244.0.1", "a")), NULL,
	  SVC("db.ns"), "A", NXDOMAIN },
	{ "not even its namespace", NULL, NULL, "ns.svc.cluster.local", "A", NXDOMAIN },
	{ "its Service", DB, NULL, SVC("db.ns"), "A", DB_IS("10.244.0.1") },
	{ "another slice", SLICE("ns", "s2", "db", "IPv4", PORT("q", 2), EP("10.244.0.2")), NULL,
	  SVC("db.ns"), "A", DB_IS("10.244.0.1\n" SVC("db.ns") " A 10.244.0.2") },
	{ "a port of the one", NULL, NULL, SVC("_p._tcp.db.ns"), "SRV",
	  "answer\n" SVC("_p._tcp.db.ns") " SRV 0 100 1 " SVC("a.db.ns") "\n+ " SVC("a.db.ns")
	  " A 10.244.0.1" },
	{ "who is not ready any more",
	  SLICE("ns", "s1", "db", "IPv4", PORT("p", 1), UNREADY("10.244.0.1")), NULL,
	  SVC("db.ns"), "A", DB_IS("10.244.0.2") },
	{ "has no name", NULL, NULL, SVC("a.db.ns"), "A", NXDOMAIN },
	{ "nor a port", NULL, NULL, SVC("_p._tcp.db.ns"), "SRV", NXDOMAIN },
	{ "nor a way back", NULL, NULL, "1.0.244.10.in-addr.arpa", "PTR", "not ours" },
	{ "published all the same",
	  SERVICE("ns", "db", "'clusterIP': 'None', 'publishNotReadyAddresses': true"), NULL,
	  SVC("db.ns"), "A", DB_IS("10.244.0.1\n" SVC("db.ns") " A 10.244.0.2") },
	{ "with a port", NULL, NULL, SVC("_p._tcp.db.ns"), "A", NODATA },
	{ "and a slice that comes then",
	  SLICE("ns", "s3", "db", "IPv4", "", UNREADY("10.244.0.3")), NULL, SVC("db.ns"), "A",
	  DB_IS("10.244.0.1\n" SVC("db.ns") " A 10.244.0.2\n" SVC("db.ns") " A 10.244.0.3") },
	{ "no more", DB, NULL, SVC("db.ns"), "A", DB_IS("10.244.0.2") },
	{ "a slice goes elsewhere", SLICE("ns", "s2", "other", "IPv4", "", EP("10.244.0.2")), NULL,
	  SVC("db.ns"), "A", NXDOMAIN },
	{ "where nobody is yet", NULL, NULL, SVC("other.ns"), "A", NXDOMAIN },
	{ "where it is found", SERVICE("ns", "other", "'clusterIP': 'None'"), NULL,
	  SVC("10-244-0-2.other.ns"), "A", "answer\n" SVC("10-244-0-2.other.ns")
	  " A 10.244.0.2" },
	{ "a slice of nobody", "{'metadata': {'namespace': 'ns', 'name': 's2'}, 'addressType':"
	  " 'IPv4', 'endpoints': [" EP("10.244.0.2") "]}", NULL, SVC("other.ns"), "A", NXDOMAIN },
	{ "back", SLICE("ns", "s2", "db", "IPv4", "", EP("10.244.0.2")), NULL, SVC("db.ns"), "A",
	  DB_IS("10.244.0.2") },
	{ "headless no more",
	  SERVICE("ns", "db", "'clusterIP': '10.96.0.9', 'ports': [{'port': 1}]"), NULL,
	  SVC("db.ns"), "A", DB_IS("10.96.0.9") },
	{ "and its endpoint", NULL, NULL, "2.0.244.10.in-addr.arpa", "PTR",
	  "answer\n2.0.244.10.in-addr.arpa. PTR " SVC("10-244-0-2.db.ns") },
	{ "a slice is deleted", NULL, SLICE("ns", "s2", "", "", "", ""),
	  "2.0.244.10.in-addr.arpa", "PTR", "not ours" },
	{ "a Service of the same name elsewhere",
	  SERVICE("else", "db", "'clusterIP': '10.96.0.8', 'ports': [{'port': 1}]"), NULL,
	  SVC("db.else"), "A", "answer\n" SVC("db.else") " A 10.96.0.8" },
	{ "is another one", NULL, SERVICE("else", "db", ""), SVC("db.ns"), "A",
	  DB_IS("10.96.0.9") },
	{ "an address changes hands: both for a while",
	  SERVICE("ns", "next", "'clusterIP': '10.96.0.9', 'ports': [{'port': 1}]"), NULL,
	  "9.0.96.10.in-addr.arpa", "PTR",
	  "answer\n9.0.96.10.in-addr.arpa. PTR " SVC("db.ns") "\n9.0.96.10.in-addr.arpa. PTR "
	  SVC("next.ns") },
	{ "an address changes hands", NULL, DB, "9.0.96.10.in-addr.arpa", "PTR",
	  "answer\n9.0.96.10.in-addr.arpa. PTR " SVC("next.ns") },
	{ "no namespace is the default one",
	  "{'metadata': {'name': 'x'}, 'spec': {'clusterIP': '10.96.0.3', 'ports': []}}", NULL,
	  SVC("x.default"), "A", "answer\n" SVC("x.default") " A 10.96.0.3" },
};

static void test_steps(void **state)
{
	struct dns_zone *z = dns_zone_help_new();
	const struct step *s;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		s = &steps[i];
		if (s->told)
			dns_zone_help_tell(z, s->told);
		if (s->untold)
			dns_zone_help_untell(z, s->untold);
		dns_zone_help_expect(z, s->what, s->name, s->type, s->expected);
	}
	dns_zone_free(z);
}

/* --- lists --- */

static void list(struct dns_zone *z, enum proxy_kind kind)
{
	dns_zone_list_begin(z, kind);
	dns_zone_list_end(z, kind);
}

/* Nothing is said not to exist, nor to exist, before all was told; what is not ours is not. */
static void test_ready(void **state)
{
	static const char *const ours[][2] = {
		{ SVC("web.ns"), "A" }, { SVC("gone.ns"), "A" }, { "cluster.local", "SOA" },
		{ "1.0.96.10.in-addr.arpa", "PTR" }, { SVC("away.ext"), "A" },
		{ "10-0-0-1.ns.pod.cluster.local", "A" },
	};
	struct dns_zone *z = dns_zone_help_empty();
	size_t i, round;

	(void)state;
	for (round = 0; round < 4; round++) {
		assert_false(dns_zone_ready(z));
		for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
			dns_zone_help_expect(z, "too early", ours[i][0], ours[i][1], "not ready");
		dns_zone_help_expect(z, "of others", "example.com", "A", "not ours");
		dns_zone_help_expect(z, "of others", "1.0.0.10.in-addr.arpa", "PTR", "not ours");
		if (round == 0)
			list(z, PROXY_NODE);
		else if (round == 1)
			list(z, PROXY_SERVICE);
		/* Of another source: the list of Services has to come again. */
		else if (round == 2)
			dns_zone_lists_void(z);
		dns_zone_help_tell(z, WEB);
	}
	list(z, PROXY_SLICE);
	assert_false(dns_zone_ready(z));
	dns_zone_list_begin(z, PROXY_SERVICE);
	dns_zone_help_tell(z, WEB);
	assert_false(dns_zone_ready(z));
	dns_zone_list_end(z, PROXY_SERVICE);
	assert_true(dns_zone_ready(z));
	dns_zone_help_expect(z, "ready", SVC("web.ns"), "A", "answer\n" SVC("web.ns")
			     " A 10.96.0.1");
	dns_zone_help_expect(z, "ready", SVC("gone.ns"), "A", NXDOMAIN);
	dns_zone_free(z);
}

/* What a list does not name is gone; what another kind's list does is not its business. */
static void test_lists(void **state)
{
	static const char *const slices[] = {
		SLICE("ns", "s1", "db", "IPv4", "", EP("10.244.0.1")),
		SLICE("ns", "s2", "db", "IPv4", "", EP("10.244.0.2")),
	};
	struct dns_zone *z = dns_zone_help_new();

	(void)state;
	dns_zone_help_tell(z, WEB);
	dns_zone_help_tell(z, DB);
	dns_zone_help_tell_all(z, slices, 2);
	dns_zone_lists_void(z);
	assert_true(dns_zone_ready(z));

	dns_zone_list_begin(z, PROXY_SLICE);
	dns_zone_help_tell(z, slices[1]);
	dns_zone_help_expect(z, "not yet", SVC("db.ns"), "A",
			     DB_IS("10.244.0.1\n" SVC("db.ns") " A 10.244.0.2"));
	/* It begins anew: what came before is nothing that it names. */
	dns_zone_list_begin(z, PROXY_SLICE);
	dns_zone_help_tell(z, slices[0]);
	dns_zone_list_end(z, PROXY_SLICE);
	dns_zone_help_expect(z, "a slice less", SVC("db.ns"), "A", DB_IS("10.244.0.1"));
	list(z, PROXY_NODE);
	dns_zone_help_expect(z, "Nodes", SVC("web.ns"), "A", "answer\n" SVC("web.ns")
			     " A 10.96.0.1");

	dns_zone_list_begin(z, PROXY_SERVICE);
	dns_zone_help_tell(z, DB);
	dns_zone_list_end(z, PROXY_SERVICE);
	dns_zone_help_expect(z, "a Service less", SVC("web.ns"), "A", NXDOMAIN);
	dns_zone_help_expect(z, "the other one", SVC("db.ns"), "A", DB_IS("10.244.0.1"));
	list(z, PROXY_SERVICE);
	dns_zone_help_expect(z, "none", SVC("db.ns"), "A", NXDOMAIN);
	dns_zone_help_tell(z, DB);
	dns_zone_help_expect(z, "its slices were kept", SVC("db.ns"), "A", DB_IS("10.244.0.1"));
	list(z, PROXY_SLICE);
	dns_zone_help_expect(z, "no slices", SVC("db.ns"), "A", NXDOMAIN);
	dns_zone_free(z);
}

static void test_other_kinds(void **state)
{
	struct dns_zone *z = dns_zone_help_new();
	json_t *object = json_help_parse(WEB);

	(void)state;
	assert_int_equal(dns_zone_object(z, PROXY_NODE, object, false), 0);
	dns_zone_help_expect(z, "a Node", SVC("web.ns"), "A", NXDOMAIN);
	json_decref(object);
	dns_zone_free(z);
}

/* --- any changes --- */

#define NAMES		3
#define SLICES		9
#define CHANGES		3000
#define LOOK_EVERY	25

static unsigned int seed;

static unsigned int below(unsigned int n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % n;
}

static const char *const spaces[] = { "ns", "other" };
static const char *const services[NAMES] = { "a", "b", "c" };
static const char *const specs[] = {
	"'clusterIP': 'None'", "'clusterIP': 'None', 'publishNotReadyAddresses': true",
	"'clusterIP': '10.96.0.1', 'ports': [" PORT("p", 1) "," UDP("p", 2) "]",
	"'clusterIPs': ['10.96.0.2', 'fd00:96::2'], 'ports': [" PORT("q", 3) "," PORT("", 4) "]",
	"'clusterIP': '10.96.0.1', 'publishNotReadyAddresses': true, 'ports': [" PORT("q", 1) "]",
	"'type': 'ExternalName', 'externalName': 'a.other.svc.cluster.local'",
	"'type': 'ExternalName', 'externalName': 'example.com'", "'clusterIP': ''",
};
static const char *const endpoints[] = {
	"10.244.0.1", "10.244.0.2", "10.244.0.3", "fd00:244::1", "fd00:244::2",
};
static const char *const ports[] = {
	"", PORT("p", 1), PORT("q", 2), PORT("p", 3) "," UDP("q", 4), PORT("", 5),
};

static const char *const names[] = {
	"ns.svc.cluster.local", "other.svc.cluster.local", "a.ns.svc.cluster.local",
	"b.ns.svc.cluster.local", "c.ns.svc.cluster.local", "a.other.svc.cluster.local",
	"b.other.svc.cluster.local", "c.other.svc.cluster.local", "h.a.ns.svc.cluster.local",
	"h.b.ns.svc.cluster.local", "i.a.ns.svc.cluster.local", "h.a.other.svc.cluster.local",
	"10-244-0-1.a.ns.svc.cluster.local", "10-244-0-2.b.ns.svc.cluster.local",
	"fd00-244--1.a.ns.svc.cluster.local", "10-244-0-3.c.other.svc.cluster.local",
	"_tcp.a.ns.svc.cluster.local", "_udp.b.ns.svc.cluster.local",
	"_p._tcp.a.ns.svc.cluster.local", "_p._udp.a.ns.svc.cluster.local",
	"_q._tcp.b.ns.svc.cluster.local", "_q._udp.c.other.svc.cluster.local",
	"_p._tcp.c.other.svc.cluster.local", "1.0.96.10.in-addr.arpa", "2.0.96.10.in-addr.arpa",
	"1.0.244.10.in-addr.arpa", "2.0.244.10.in-addr.arpa", "3.0.244.10.in-addr.arpa",
	"2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.6.9.0.0.0.0.d.f.ip6.arpa",
	"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.4.4.2.0.0.0.d.f.ip6.arpa", NULL,
};
static const char *const types[] = { "A", "AAAA", "SRV", "PTR", NULL };

/* The objects that there are; NULL: it is not there. */
struct world {
	char *services[2 * NAMES];
	char *slices[2 * SLICES];
};

static char *text(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static char *text(const char *fmt, ...)
{
	char *out;
	va_list ap;

	va_start(ap, fmt);
	assert_true(vasprintf(&out, fmt, ap) >= 0);
	va_end(ap);
	return out;
}

static char *random_service(size_t i)
{
	return text("{'metadata': {'namespace': '%s', 'name': '%s'}, 'spec': {%s}}",
		    spaces[i / NAMES], services[i % NAMES],
		    specs[below(sizeof(specs) / sizeof(specs[0]))]);
}

static char *random_endpoint(const char *before)
{
	static const char *const conditions[] = { "", "'ready': true", "'ready': false" };
	static const char *const hostnames[] = { "h", "i", "", "", "Bad Host" };

	return text("%s%s{'addresses': ['%s'], 'hostname': '%s', 'conditions': {%s}}", before,
		    *before ? "," : "", endpoints[below(5)], hostnames[below(5)],
		    conditions[below(3)]);
}

static char *random_slice(size_t i)
{
	unsigned int n = below(5);
	char *list = strdup(""), *more, *out;

	while (n--) {
		more = random_endpoint(list);
		free(list);
		list = more;
	}
	out = text("{'metadata': {'namespace': '%s', 'name': 's%zu', 'labels': {"
		   "'kubernetes.io/service-name': '%s', 'service.kubernetes.io/headless': ''}},"
		   " 'addressType': '%s', 'ports': [%s], 'endpoints': [%s]}", spaces[i / SLICES],
		   i % SLICES, below(8) ? services[below(NAMES)] : "", below(3) ? "IPv4" : "IPv6",
		   ports[below(5)], list);
	free(list);
	return out;
}

static void change(struct dns_zone *z, char **object, char *now)
{
	if (now)
		dns_zone_help_tell(z, now);
	else if (*object)
		dns_zone_help_untell(z, *object);
	free(*object);
	*object = now;
}

static void change_any(struct dns_zone *z, struct world *w)
{
	size_t i;

	if (below(2)) {
		i = below(2 * NAMES);
		change(z, &w->services[i], below(4) ? random_service(i) : NULL);
	} else {
		i = below(2 * SLICES);
		change(z, &w->slices[i], below(4) ? random_slice(i) : NULL);
	}
}

static void tell_world(struct dns_zone *z, const struct world *w)
{
	size_t i;

	dns_zone_list_begin(z, PROXY_SERVICE);
	for (i = 0; i < 2 * NAMES; i++)
		if (w->services[i])
			dns_zone_help_tell(z, w->services[i]);
	dns_zone_list_end(z, PROXY_SERVICE);
	dns_zone_list_begin(z, PROXY_SLICE);
	for (i = 0; i < 2 * SLICES; i++)
		if (w->slices[i])
			dns_zone_help_tell(z, w->slices[i]);
	dns_zone_list_end(z, PROXY_SLICE);
}

/* A list has other objects than there were: some are gone, some changed unheard. */
static void relist(struct dns_zone *z, struct world *w)
{
	size_t i;

	i = below(2 * NAMES);
	free(w->services[i]);
	w->services[i] = below(2) ? random_service(i) : NULL;
	i = below(2 * SLICES);
	free(w->slices[i]);
	w->slices[i] = below(2) ? random_slice(i) : NULL;
	tell_world(z, w);
}

static void expect_same(struct dns_zone *z, const struct world *w, int at)
{
	struct dns_zone *fresh = dns_zone_help_empty();
	char *got = dns_zone_help_dump(z, names, types), *expected;

	tell_world(fresh, w);
	expected = dns_zone_help_dump(fresh, names, types);
	if (strcmp(got, expected))
		fail_msg("after %d changes:\n%s\nand not\n%s", at, got, expected);
	free(got);
	free(expected);
	dns_zone_free(fresh);
}

static bool exists(struct dns_zone *z, const char *name)
{
	char *answer = dns_zone_help_ask(z, name, "A", DNS_ZONE_HELP_ROOM);
	bool there = strncmp(answer, "nxdomain", strlen("nxdomain"));

	free(answer);
	return there;
}

/* A resolver that heard of NXDOMAIN asks for nothing below it (RFC 8020). */
static void expect_ancestors(struct dns_zone *z)
{
	const char *const *name;
	const char *dot;

	for (name = names; *name; name++) {
		if (!exists(z, *name))
			continue;
		for (dot = strchr(*name, '.'); dot; dot = strchr(dot + 1, '.'))
			if (!exists(z, dot + 1))
				fail_msg("there is %s, and no %s", *name, dot + 1);
	}
}

static void test_random(void **state)
{
	struct dns_zone *z = dns_zone_help_new();
	struct world w = { 0 };
	size_t answered = 0;
	char *dump;
	int i;

	(void)state;
	seed = 4;
	for (i = 1; i <= CHANGES; i++) {
		if (below(40))
			change_any(z, &w);
		else
			relist(z, &w);
		if (i % LOOK_EVERY)
			continue;
		expect_same(z, &w, i);
		expect_ancestors(z);
		dump = dns_zone_help_dump(z, names, types);
		answered += !!strstr(dump, "_p._tcp.a.ns.svc.cluster.local SRV: answer");
		free(dump);
	}
	/* It was about something. */
	print_message("# an SRV %zu times of %d\n", answered, CHANGES / LOOK_EVERY);
	assert_in_range(answered, 10, CHANGES / LOOK_EVERY - 10);
	for (i = 0; i < 2 * NAMES; i++)
		free(w.services[i]);
	for (i = 0; i < 2 * SLICES; i++)
		free(w.slices[i]);
	dns_zone_free(z);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_steps), cmocka_unit_test(test_ready),
		cmocka_unit_test(test_lists), cmocka_unit_test(test_other_kinds),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
