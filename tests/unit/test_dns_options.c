// SPDX-License-Identifier: GPL-2.0
/* Who may ask, where, and whom DNS asks itself: by other options, and as the node changes. */
#include "dns_fixture.h"

#include "dns_access.h"
#include "jx.h"
#include "kernel_fake.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- who may ask --- */

static void test_strangers(void **state)
{
	static const struct { const char *allow, *addr; bool may; } cases[] = {
		{ NULL, "127.0.0.1", true }, { NULL, "10.1.2.3", true },
		{ NULL, "172.31.0.1", true }, { NULL, "172.32.0.1", false },
		{ NULL, "192.168.9.9", true }, { NULL, "100.64.0.1", true },
		{ NULL, "169.254.1.1", true }, { NULL, "192.0.2.1", false },
		{ NULL, "8.8.8.8", false }, { NULL, "fd00::1", true }, { NULL, "fe80::1", true },
		{ NULL, "::1", true }, { NULL, "2001:db8::1", false },
		{ "192.0.2.0/24", "192.0.2.1", true }, { "192.0.2.0/24", "10.1.2.3", false },
		{ "192.0.2.0/24", "127.0.0.1", true }, { "192.0.2.0/24", "198.51.100.7", true },
		{ "192.0.2.0/24", "203.0.113.5", true }, { "192.0.2.0/24", "fd00::1", false },
		{ "192.0.2.0/24", "169.254.20.10", true },
		{ "192.0.2.0/24", "169.254.20.11", false },
	};
	struct kcidrs pods = { 0 }, allow = { 0 }, none = { 0 };
	struct dns_peer listen = { .port = 53 };
	struct dns_access access = { .pods = &pods, .listen = &listen, .nlisten = 1 };
	struct ip_cidr cidr;
	struct ip_addr own[1], addr;
	size_t i;

	(void)state;
	/* The node's pods, and itself. */
	assert_int_equal(ip_cidr_parse("198.51.100.0/24", &cidr, NULL), 0);
	kcidrs_add(&pods, &cidr);
	assert_int_equal(ip_addr_parse("203.0.113.5", &own[0], NULL), 0);
	assert_int_equal(ip_addr_parse("169.254.20.10", &listen.addr, NULL), 0);
	access.own = own;
	access.nown = 1;
	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		kcidrs_clear(&allow);
		access.allow = &none;
		if (cases[i].allow) {
			assert_int_equal(ip_cidr_parse(cases[i].allow, &cidr, NULL), 0);
			kcidrs_add(&allow, &cidr);
			access.allow = &allow;
		}
		assert_int_equal(ip_addr_parse(cases[i].addr, &addr, NULL), 0);
		if (dns_access_allows(&access, &addr) != cases[i].may)
			fail_msg("%s", cases[i].addr);
	}
	kcidrs_clear(&allow);
	kcidrs_clear(&pods);
}

/* --- other options --- */

static void test_other_options(void **state)
{
	struct fixture *f = *state;
	json_t *status = json_object();

	fixture_lists_done(f);
	fixture_service(f, "web", "10.96.0.1", false);
	fixture_headless(f, "few", 1);
	fixture_set(f, WORDS("--node-name=n1", "--dns-listen=@l", "--dns-domain=example.org",
		     "--dns-upstream=@u"));
	assert_string_equal(fixture_ask(f, "web.default.svc.example.org.", A),
			    "NOERROR aa ra: web.default.svc.example.org. A 10.96.0.1");
	assert_int_equal(f->upstream.asked, 0);
	fixture_ask(f, WEB, A);
	assert_int_equal(f->upstream.asked, 1);
	assert_true(dns_status(f->dns, status));
	assert_int_equal(json_array_size(jx_get(status, "dns.listens")), 1);
	/* Off, and on again: what was told before counts. */
	fixture_set(f, WORDS("--node-name=n1"));
	assert_true(fixture_connect(f, "127.0.0.1", SOCK_STREAM) < 0);
	json_object_clear(status);
	assert_true(dns_status(f->dns, status));
	assert_null(json_object_get(status, "dns"));
	json_decref(status);
	fixture_service(f, "late", "10.96.0.3", false);
	fixture_set(f, WORDS("--node-name=n1", "--dns-listen=@l", "--dns-upstream=none"));
	assert_string_equal(fixture_ask(f, WEB, A), "NOERROR aa: " WEB " A 10.96.0.1");
	assert_string_equal(fixture_ask(f, "late.default.svc.cluster.local.", A),
			    "NOERROR aa: late.default.svc.cluster.local. A 10.96.0.3");
	assert_string_equal(fixture_ask(f, "few.default.svc.cluster.local.", A),
			    "NOERROR aa: few.default.svc.cluster.local. A 10.244.0.0");
}

static void write_resolv(struct fixture *f, const char *server)
{
	FILE *out = fopen(f->file, "w");

	fprintf(out, "search example\nnameserver %s\n", server);
	fclose(out);
}

static json_int_t upstreams(struct fixture *f)
{
	json_t *status = json_object();
	json_int_t n;

	dns_status(f->dns, status);
	n = json_integer_value(jx_get(status, "dns.upstreams"));
	json_decref(status);
	return n;
}

/* What is wrong; "": nothing. */
static const char *message(struct fixture *f)
{
	json_t *status = json_object();
	const char *text;

	dns_status(f->dns, status);
	text = json_string_value(jx_get(status, "dns.message"));
	snprintf(f->said, sizeof(f->said), "%s", text ? text : "");
	json_decref(status);
	return f->said;
}

static bool is_unreachable(void *ctx)
{
	return strcmp(fixture_ask(ctx, "www.example.", A), "SERVFAIL ra") == 0;
}

/* It is read again when it is another one. Port 53 of this address is nobody's. */
static void test_resolv_conf(void **state)
{
	struct fixture *f = *state;
	char file[96];

	fixture_lists_done(f);
	write_resolv(f, "# none");
	snprintf(file, sizeof(file), "--dns-upstream=%s", f->file);
	fixture_set(f, WORDS("--node-name=n1", "--dns-listen=@l", file));
	assert_string_equal(fixture_ask(f, "www.example.", A), "REFUSED");
	assert_non_null(strstr(message(f), "has no name server"));
	write_resolv(f, "127.255.255.254");
	usleep(30000);
	assert_true(http_wait(f->base, is_unreachable, f));
	/* One that is gone says nothing. */
	unlink(f->file);
	usleep(30000);
	event_base_loop(f->base, EVLOOP_ONCE);
	assert_string_equal(fixture_ask(f, "www.example.", A), "SERVFAIL ra");
}

/* Who listens everywhere is not asked by any address of the node. */
static void test_it_does_not_ask_itself(void **state)
{
	const uint16_t port = (uint16_t)(20000 + getpid() % 20000);
	struct fixture *f = *state;
	char listen[64], own[64], other[64];

	fixture_lists_done(f);
	snprintf(listen, sizeof(listen), "--dns-listen=0.0.0.0:%u", port);
	snprintf(own, sizeof(own), "--dns-upstream=127.0.0.1:%u", port);
	snprintf(other, sizeof(other), "--dns-upstream=127.0.0.1:%u", port + 1);
	f->where = (struct dns_peer){ .addr.family = AF_INET, .port = port };
	inet_pton(AF_INET, "127.0.0.1", &f->where.addr.v4);
	fixture_set(f, WORDS("--node-name=n1", listen, own));
	assert_string_equal(fixture_ask(f, "www.example.", A), "REFUSED");
	assert_non_null(strstr(message(f), "all upstreams are this svcd"));
	fixture_set(f, WORDS("--node-name=n1", listen, own, other));
	assert_int_equal(upstreams(f), 1);
	assert_string_equal(message(f), "");
	/* Who wants none has none. */
	fixture_set(f, WORDS("--node-name=n1", listen, "--dns-upstream=none"));
	assert_string_equal(message(f), "");
}

/* Nor by the Service that leads to it, which is what a node's resolv.conf most often names. */
static void test_its_service_is_not_asked(void **state)
{
	struct fixture *f = *state;

	inet_pton(AF_INET, "198.51.100.53", &f->where.addr.v4);
	fixture_lists_done(f);
	fixture_set(f, WORDS("--node-name=n1", "--dns-listen=@l", "--dns-service=default/kube-dns",
		     "--dns-upstream=10.96.0.10", "--dns-upstream=10.96.0.11"));
	assert_int_equal(upstreams(f), 2);
	fixture_service(f, "kube-dns", "10.96.0.10", false);
	assert_int_equal(upstreams(f), 1);
	fixture_service(f, "kube-dns2", "10.96.0.11", false);
	assert_int_equal(upstreams(f), 1);
	fixture_service(f, "kube-dns", "10.96.0.10", true);
	assert_int_equal(upstreams(f), 2);
}

static bool is_refused(void *ctx)
{
	return strcmp(fixture_ask(ctx, "www.example.", A), "REFUSED") == 0;
}

static bool is_forwarded(void *ctx)
{
	return strcmp(fixture_ask(ctx, "www.example.", A),
		      "NOERROR ra: www.example. A 192.0.2.1") == 0;
}

/* A forwarder of the node that was told to ask svcd: it is found out, said, and tried again. */
static void test_a_loop(void **state)
{
	struct dns_config c = { .retry_ms = 50, .look_ms = 20, .check_ms = 50 };
	struct fixture *f = *state;
	json_t *status = json_object();
	char up[ADDRPORT_STRLEN];

	fixture_lists_done(f);
	f->upstream.mood = UPSTREAM_ASKS_BACK;
	f->upstream.back = f->where;
	fixture_reopen(f, &c);
	assert_true(http_wait(f->base, is_refused, f));
	assert_int_equal(upstreams(f), 0);
	assert_false(dns_status(f->dns, status));
	assert_non_null(strstr(json_string_value(jx_get(status, "dns.message")),
			       dns_peer_print(&f->upstream.where, up)));
	f->upstream.mood = UPSTREAM_GOOD;
	assert_true(http_wait(f->base, is_forwarded, f));
	assert_true(dns_status(f->dns, status));
	json_decref(status);
}

static bool is_open(void *ctx)
{
	struct fixture *f = ctx;
	int fd = fixture_connect(f, "127.0.0.1", SOCK_STREAM);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* What somebody else has is tried again, and said. */
static void test_a_port_that_is_taken(void **state)
{
	struct fixture *f = *state;
	struct dns_peer other = dns_help_place(1, DNS_FIXTURE_PORT + 1);
	struct sockaddr_storage sa;
	socklen_t len = dns_peer_sockaddr(&other, &sa);
	json_t *status = json_object();
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&sa, len), 0);
	f->where = other;
	fixture_set(f, WORDS("--node-name=n1", "--dns-listen=@l", "--dns-upstream=none"));
	assert_false(dns_status(f->dns, status) || json_array_size(jx_get(status, "dns.listens")));
	json_decref(status);
	close(fd);
	assert_true(http_wait(f->base, is_open, f));
}

/* --- the Service that leads here --- */

static const struct kservice *kernel_service(struct fixture *f, const char *name, uint8_t proto)
{
	node_run(f->node);
	return kernel_fake_find(f->kernel, name, AF_INET, proto);
}

static void test_the_own_service(void **state)
{
	struct fixture *f = *state;
	const struct kservice *s;
	struct dns_peer here = { .addr.family = AF_INET, .port = DNS_FIXTURE_PORT };
	struct proxy_socket same;
	int n;

	inet_pton(AF_INET, "198.51.100.53", &here.addr.v4);
	same = (struct proxy_socket){ here.addr, DNS_FIXTURE_PORT };
	f->where = here;
	fixture_lists_done(f);
	fixture_service(f, "kube-dns", "10.96.0.10", false);
	fixture_tell(f, PROXY_SLICE, "{'metadata': {'name': 'x', 'namespace': 'default', 'labels': "
	     "{'kubernetes.io/service-name': 'kube-dns'}}, 'addressType': 'IPv4', 'endpoints': "
	     "[{'addresses': ['10.244.9.9']}], 'ports': [{'name': 'dns', 'port': 53, 'protocol': "
	     "'UDP'}, {'name': 'more', 'port': 9153, 'protocol': 'TCP'}]}", false);
	s = kernel_service(f, "default/kube-dns:dns", IPPROTO_UDP);
	assert_int_equal(s->endpoints[0].port, 53);
	fixture_set(f, WORDS("--node-name=n1", "--dns-listen=@l", "--dns-service=default/kube-dns",
		     "--dns-upstream=none"));
	s = kernel_service(f, "default/kube-dns:dns", IPPROTO_UDP);
	assert_int_equal(s->nendpoints, 1);
	assert_true(ip_addr_equal(&s->endpoints[0].addr, &here.addr));
	assert_int_equal(s->endpoints[0].port, DNS_FIXTURE_PORT);
	/* On this node, for a policy that wants that. */
	assert_int_equal(s->endpoints[0].lists, SVCNAT_LIST_CLUSTER | SVCNAT_LIST_LOCAL);
	s = kernel_service(f, "default/kube-dns:dns-tcp", IPPROTO_TCP);
	assert_int_equal(s->nendpoints, 1);
	assert_int_equal(kernel_service(f, "default/kube-dns:more", IPPROTO_TCP)->nendpoints, 0);
	/* To say the same again makes nobody run. */
	event_base_loop(f->base, EVLOOP_NONBLOCK);
	n = event_base_get_num_events(f->base, EVENT_BASE_COUNT_ADDED);
	node_set_own(f->node, "default/kube-dns", 53, &same, 1);
	assert_int_equal(event_base_get_num_events(f->base, EVENT_BASE_COUNT_ADDED), n);
	/* Switched off, it is a Service as any other. */
	fixture_set(f, WORDS("--node-name=n1"));
	s = kernel_service(f, "default/kube-dns:dns", IPPROTO_UDP);
	assert_int_equal(s->endpoints[0].port, 53);
	assert_int_equal(kernel_service(f, "default/kube-dns:more", IPPROTO_TCP)->nendpoints, 1);
}

static size_t endpoints(struct fixture *f)
{
	return kernel_service(f, "default/kube-dns:dns", IPPROTO_UDP)->nendpoints;
}

static bool leads(void *ctx)
{
	return endpoints(ctx) == 1;
}

static bool leads_nowhere(void *ctx)
{
	return endpoints(ctx) == 0;
}

/* What is sent to an address that the node does not have is lost: the Service refuses it. */
static void test_an_address_that_is_missing(void **state)
{
	struct fixture *f = *state;
	json_t *status = json_object();

	inet_pton(AF_INET, "198.51.100.53", &f->where.addr.v4);
	fixture_lists_done(f);
	fixture_service(f, "kube-dns", "10.96.0.10", false);
	f->away = true;
	fixture_set(f, WORDS("--node-name=n1", "--dns-listen=@l", "--dns-service=default/kube-dns",
		     "--dns-upstream=none"));
	assert_int_equal(endpoints(f), 0);
	assert_false(dns_status(f->dns, status));
	assert_non_null(strstr(json_string_value(jx_get(status, "dns.message")),
			       "ip address add 198.51.100.53/32 dev lo"));
	/* It comes without a word, and goes; that is found out anyway. */
	f->away = false;
	assert_true(http_wait(f->base, leads, f));
	assert_true(dns_status(f->dns, status));
	f->away = true;
	assert_true(http_wait(f->base, leads_nowhere, f));
	assert_false(dns_status(f->dns, status));
	/* Who does not lead there does not miss it. */
	fixture_set(f, WORDS("--node-name=n1", "--dns-listen=@l", "--dns-upstream=none"));
	assert_true(dns_status(f->dns, status));
	json_decref(status);
}

static void test_news_of_addresses(void **state)
{
	struct dns_config c = { .retry_ms = 60000, .look_ms = 60000 };
	struct fixture *f = *state;

	inet_pton(AF_INET, "198.51.100.53", &f->where.addr.v4);
	fixture_lists_done(f);
	fixture_service(f, "kube-dns", "10.96.0.10", false);
	fixture_reopen(f, &c);
	fixture_set(f, WORDS("--node-name=n1", "--dns-listen=@l", "--dns-service=default/kube-dns",
		     "--dns-upstream=none"));
	assert_int_equal(endpoints(f), 1);
	f->away = true;
	event_base_loop(f->base, EVLOOP_NONBLOCK);
	assert_int_equal(endpoints(f), 1);
	assert_int_equal(send(f->news[1], "", 1, 0), 1);
	assert_true(http_wait(f->base, leads_nowhere, f));
}

#define TEST(name)	cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_strangers),
		TEST(test_other_options),
		TEST(test_resolv_conf),
		TEST(test_it_does_not_ask_itself),
		TEST(test_its_service_is_not_asked),
		TEST(test_a_loop),
		TEST(test_a_port_that_is_taken),
		TEST(test_the_own_service),
		TEST(test_an_address_that_is_missing),
		TEST(test_news_of_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
