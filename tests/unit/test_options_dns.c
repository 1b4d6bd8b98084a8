// SPDX-License-Identifier: GPL-2.0
/* The options of DNS: on the command line, in svcd.yaml, and what changes of them. */
#include "err.h"
#include "options_help.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define ROWS(table)	(sizeof(table) / sizeof((table)[0]))

/* Words of the command line end with NULL. */
static int parse(struct options_help *f, struct options *o, const char *text, ...)
{
	char *argv[12] = { "svcd", "--config", f->path, "--node-name=n" };
	FILE *out = fopen(f->path, "w");
	int argc = 4;
	va_list ap;

	assert_non_null(out);
	fputs(text, out);
	fclose(out);
	options_clear(o);
	f->e.text[0] = '\0';
	va_start(ap, text);
	while ((argv[argc] = va_arg(ap, char *)))
		argc++;
	va_end(ap);
	return options_parse(o, argc, argv, NULL, stdout, &f->e);
}

static const char full[] =
	"dns:\n"
	"  listen: [169.254.20.10, '[fd53::53]:5353']\n"
	"  domain: k8s.example\n"
	"  service: kube-system/kube-dns\n"
	"  upstreams: [192.0.2.1, '192.0.2.2:5353', /run/resolv.conf]\n"
	"  allow: [10.0.0.0/8, 'fd00::/8']\n"
	"  ttl: 30\n";

static void assert_peer(const struct dns_peer *p, const char *expected)
{
	char buf[ADDRPORT_STRLEN];

	assert_string_equal(dns_peer_print(p, buf), expected);
}

static void assert_full(const struct dns_options *d)
{
	assert_int_equal(d->nlisten, 2);
	assert_peer(&d->listen[0], "169.254.20.10:53");
	assert_peer(&d->listen[1], "[fd53::53]:5353");
	assert_string_equal(d->domain, "k8s.example");
	assert_string_equal(d->service, "kube-system/kube-dns");
	assert_int_equal(d->nupstreams, 2);
	assert_peer(&d->upstreams[0], "192.0.2.1:53");
	assert_peer(&d->upstreams[1], "192.0.2.2:5353");
	assert_string_equal(d->resolv_conf, "/run/resolv.conf");
	assert_int_equal(d->allow.n, 2);
	assert_int_equal(d->ttl, 30);
}

static void test_full(void **state)
{
	struct options_help *f = *state;

	if (parse(f, &f->o, full, NULL))
		fail_msg("%s", f->e.text);
	assert_full(&f->o.dns);
	/* The same in other words. */
	assert_int_equal(parse(f, &f->o, "", "--dns-listen=169.254.20.10",
			       "--dns-listen=[fd53::53]:5353", NULL), 0);
	assert_int_equal(f->o.dns.nlisten, 2);
	/* A list of the command line takes the place of the file's; all else stays. */
	assert_int_equal(parse(f, &f->o, full, "--dns-listen=192.0.2.9", "--dns-upstream=none",
			       "--dns-allow=192.0.2.0/24", NULL), 0);
	assert_int_equal(f->o.dns.nlisten, 1);
	assert_int_equal(f->o.dns.nupstreams, 0);
	assert_null(f->o.dns.resolv_conf);
	assert_int_equal(f->o.dns.allow.n, 1);
	assert_int_equal(f->o.dns.ttl, 30);
}

static void test_defaults(void **state)
{
	struct options_help *f = *state;

	assert_int_equal(parse(f, &f->o, "", NULL), 0);
	assert_int_equal(f->o.dns.nlisten, 0);
	assert_string_equal(f->o.dns.domain, "cluster.local");
	assert_string_equal(f->o.dns.service, "");
	assert_string_equal(f->o.dns.resolv_conf, "/etc/resolv.conf");
	assert_int_equal(f->o.dns.ttl, 5);
	/* Of one's own, it is not asked. */
	assert_int_equal(parse(f, &f->o, "dns: {upstreams: 192.0.2.1}", NULL), 0);
	assert_null(f->o.dns.resolv_conf);
	assert_int_equal(f->o.dns.nupstreams, 1);
}

static const struct {
	const char *text, *said;
} wrongs[] = {
	{ "dns: 1", "dns: there is no such key" },
	{ "dns: {}\nother: {listen: 1}", "other: there is no such key" },
	{ "dns: {port: 53}", ":1:7: dns.port: there is no such key" },
	{ "dns:\n  listen: [127.0.0.1, nonsense]", ":2:23: dns.listen[1]: " },
	{ "dns: {listen: []}", "dns.listen: this list is empty" },
	{ "dns: {listen: {a: b}}", "dns.listen: this has to be a list of values" },
	{ "dns: {listen: '127.0.0.1:0'}", "dns.listen: " },
	{ "dns: {domain: Cluster}", "is not a domain" },
	{ "dns: {domain: cluster.local.}", "is not a domain" },
	{ "dns: {domain: [a, b]}", "dns.domain: this has to be one value" },
	{ "dns: {domain: a123456789.a123456789.a123456789.a123456789.a123456789.a123456789."
	  "a123456789.a123456789.a123456789.a123456789.a123456789.b}", "too long" },
	{ "dns: {listen: 192.0.2.1, service: kube-dns}", "is not the name of a Service" },
	{ "dns: {listen: 192.0.2.1, service: Kube/dns}", "is not the name of a Service" },
	{ "dns: {service: a/b}", "--dns-service: it leads to an address of --dns-listen" },
	{ "dns: {service: a/b, listen: [127.0.0.1, 0.0.0.0]}", "--dns-service: it leads" },
	{ "dns: {upstreams: [none, 192.0.2.1]}", "--dns-upstream: none, and others" },
	{ "dns: {upstreams: [none, /etc/resolv.conf]}", "--dns-upstream: none, and others" },
	{ "dns: {upstreams: resolv.conf}", "dns.upstreams: " },
	{ "dns: {listen: 127.0.0.1, upstreams: '127.0.0.1:53'}", "listens itself" },
	{ "dns: {upstreams: 0.0.0.0}", "an unspecified address" },
	{ "dns: {upstreams: [192.0.2.1, 192.0.2.2, 192.0.2.3, 192.0.2.4, 192.0.2.5, 192.0.2.6,"
	  " 192.0.2.7, 192.0.2.8, 192.0.2.9]}", "more than 8 addresses" },
	{ "dns: {allow: 192.0.2.1/24}", "dns.allow: " },
	{ "dns: {allow: []}", "dns.allow: this list is empty" },
	{ "dns: {ttl: 3601}", "is not a number of seconds" },
	{ "dns: {ttl: -1}", "is not a number of seconds" },
	{ "dns: {ttl: 1s}", "is not a number of seconds" },
};

static void test_wrong(void **state)
{
	struct options_help *f = *state;
	size_t i;

	for (i = 0; i < ROWS(wrongs); i++) {
		assert_int_equal(parse(f, &f->o, wrongs[i].text, NULL), -EINVAL);
		if (!strstr(f->e.text, wrongs[i].said))
			fail_msg("%s: %s", wrongs[i].text, f->e.text);
	}
}

/* Each of them by itself is a change of DNS, and of nothing else. */
static void test_changes(void **state)
{
	static const char *const others[] = {
		"--dns-listen=192.0.2.3", "--dns-domain=other", "--dns-service=", "--dns-ttl=6",
		"--dns-upstream=192.0.2.1", "--dns-upstream=none", "--dns-allow=192.0.2.0/24",
		"--dns-upstream=/etc/resolv.conf",
	};
	struct options_help *f = *state;
	struct options next = { 0 };
	size_t i;

	assert_int_equal(parse(f, &f->o, full, NULL), 0);
	assert_int_equal(parse(f, &next, full, NULL), 0);
	assert_int_equal(options_changes(&f->o, &next), 0);
	for (i = 0; i < ROWS(others); i++) {
		if (parse(f, &next, full, others[i], NULL))
			fail_msg("%s", f->e.text);
		if (options_changes(&f->o, &next) != OPTIONS_DNS)
			fail_msg("%s", others[i]);
	}
	options_clear(&next);
}

#define CASE(test) \
	cmocka_unit_test_setup_teardown(test, options_help_setup, options_help_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_full),
		CASE(test_defaults),
		CASE(test_wrong),
		CASE(test_changes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
