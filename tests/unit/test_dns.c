// SPDX-License-Identifier: GPL-2.0
/* DNS as a whole: a node that is told of objects, sockets, upstreams, and other options. */
#include "http_fixture.h"

#include "dns.h"
#include "dns_access.h"
#include "dns_upstream.h"
#include "kernel_fake.h"
#include "prom_parse.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT	5500

struct fixture {
	struct event_base *base;
	struct kernel *kernel;
	struct node *node;
	struct dns *dns;
	struct options o;
	struct dns_upstream upstream;
	struct dns_peer where;
	char file[64];
	char said[4096];
};

static int open_fake(struct kernel **out, void *ctx, struct err *e)
{
	struct fixture *f = ctx;

	(void)e;
	*out = f->kernel;
	return 0;
}

static int no_addresses(void *ctx, struct ip_addr **out, size_t *n, struct err *e)
{
	(void)ctx;
	(void)e;
	*out = NULL;
	*n = 0;
	return 0;
}

/* --- options --- */

/* %s of a word is where svcd shall listen, %u the upstream. */
static void parse(struct fixture *f, struct options *o, const char *const *words)
{
	char text[8][128], where[ADDRPORT_STRLEN], up[ADDRPORT_STRLEN], *argv[10] = { "svcd" };
	struct err e = { "" };
	int n = 1;

	dns_peer_print(&f->where, where);
	dns_peer_print(&f->upstream.where, up);
	for (; words[n - 1]; n++) {
		const char *at = strchr(words[n - 1], '@');

		if (at)
			snprintf(text[n - 1], sizeof(text[0]), "%.*s%s", (int)(at - words[n - 1]),
				 words[n - 1], at[1] == 'u' ? up : where);
		else
			snprintf(text[n - 1], sizeof(text[0]), "%s", words[n - 1]);
		argv[n] = text[n - 1];
	}
	if (options_parse(o, n, argv, NULL, stdout, &e))
		fail_msg("%s", e.text);
}

#define WORDS(...)	((const char *const []){ __VA_ARGS__, NULL })

static void set(struct fixture *f, const char *const *words)
{
	struct options next;
	struct options was;

	parse(f, &next, words);
	was = f->o;
	f->o = next;
	dns_set(f->dns, &f->o);
	options_clear(&was);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct node_config nc = { .node_name = "n1", .open = open_fake, .open_ctx = f,
				  .addresses = no_addresses };
	struct dns_config c = { .retry_ms = 50, .look_ms = 20 };
	struct err e = { "" };

	f->base = event_base_new();
	f->kernel = kernel_fake_open();
	nc.base = c.base = f->base;
	assert_int_equal(node_alloc(&f->node, &nc, NULL), 0);
	node_start(f->node);
	f->where = dns_help_place(1, PORT);
	f->upstream.records[0] = "www.example. 5 IN A 192.0.2.1";
	dns_upstream_open(&f->upstream, f->base, dns_help_place(2, PORT));
	strcpy(f->file, "/tmp/svcnat-dns-XXXXXX");
	close(mkstemp(f->file));
	c.node = f->node;
	log_init(LOG_LEVEL_ERROR, NULL, LOG_FORMAT_TEXT);
	parse(f, &f->o, WORDS("--node-name=n1", "--dns-listen=@l", "--dns-upstream=@u"));
	assert_int_equal(dns_open(&f->dns, &c, &f->o, &e), 0);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	dns_close(f->dns);
	node_free(f->node);
	kernel_fake_free(f->kernel);
	dns_upstream_close(&f->upstream);
	options_clear(&f->o);
	event_base_free(f->base);
	unlink(f->file);
	free(f);
	return 0;
}

/* --- objects --- */

static void tell(struct fixture *f, enum proxy_kind kind, const char *text, bool deleted)
{
	char *copy = strdup(text), *c;
	json_t *o;

	for (c = copy; *c; c++)
		*c = *c == '\'' ? '"' : *c;
	o = json_loads(copy, 0, NULL);
	assert_non_null(o);
	node_object(f->node, kind, o, deleted);
	json_decref(o);
	free(copy);
}

static void service(struct fixture *f, const char *name, const char *ip, bool deleted)
{
	char text[512];

	snprintf(text, sizeof(text), "{'metadata': {'name': '%s', 'namespace': 'default'}, 'spec': "
		 "{'clusterIP': '%s', 'clusterIPs': ['%s'], 'ipFamilies': ['IPv4'], 'ports': "
		 "[{'name': 'dns', 'port': 53, 'protocol': 'UDP'}, {'name': 'dns-tcp', 'port': 53,"
		 " 'protocol': 'TCP'}, {'name': 'more', 'port': 9153, 'protocol': 'TCP'}]}}", name,
		 ip, ip);
	tell(f, PROXY_SERVICE, text, deleted);
}

static void alias(struct fixture *f, const char *name, const char *target)
{
	char text[512];

	snprintf(text, sizeof(text), "{'metadata': {'name': '%s', 'namespace': 'default'}, 'spec': "
		 "{'type': 'ExternalName', 'externalName': '%s'}}", name, target);
	tell(f, PROXY_SERVICE, text, false);
}

/* A headless Service with so many endpoints. */
static void headless(struct fixture *f, const char *name, int n)
{
	json_t *slice = json_pack("{s:{s:s, s:s, s:{s:s, s:s}}, s:s, s:[], s:[{s:s, s:i, s:s}]}",
				  "metadata", "name", name, "namespace", "default", "labels",
				  "kubernetes.io/service-name", name,
				  "service.kubernetes.io/headless", "", "addressType", "IPv4",
				  "endpoints", "ports", "name", "http", "port", 80, "protocol",
				  "TCP");
	char text[512];
	int i;

	assert_non_null(slice);
	for (i = 0; i < n; i++) {
		snprintf(text, sizeof(text), "10.244.%d.%d", i / 250, i % 250);
		json_array_append_new(json_object_get(slice, "endpoints"),
				      json_pack("{s:[s]}", "addresses", text));
	}
	snprintf(text, sizeof(text), "{'metadata': {'name': '%s', 'namespace': 'default'}, 'spec': "
		 "{'clusterIP': 'None', 'clusterIPs': ['None'], 'ports': [{'name': 'http', "
		 "'port': 80, 'protocol': 'TCP'}]}}", name);
	tell(f, PROXY_SERVICE, text, false);
	node_object(f->node, PROXY_SLICE, slice, false);
	json_decref(slice);
}

static void lists_done(struct fixture *f)
{
	enum proxy_kind kind;

	for (kind = PROXY_SERVICE; kind < PROXY_KINDS; kind++) {
		node_list_begin(f->node, kind);
		node_list_end(f->node, kind);
	}
}

/* --- questions --- */

struct client {
	int fd;
	bool tcp;
	uint8_t data[DNS_MESSAGE_MAX + 2];
	size_t len;
};

static bool has_answer(void *ctx)
{
	struct client *c = ctx;
	ssize_t n = recv(c->fd, c->data + c->len, sizeof(c->data) - c->len, MSG_DONTWAIT);

	c->len += n > 0 ? (size_t)n : 0;
	return c->tcp ? c->len >= 2 && c->len >= 2u + ldns_read_uint16(c->data) : c->len > 0;
}

static int connect_from(struct fixture *f, const char *source, int type)
{
	struct sockaddr_storage sa;
	struct sockaddr_in from = { .sin_family = AF_INET };
	socklen_t len = dns_peer_sockaddr(&f->where, &sa);
	int fd = socket(AF_INET, type, 0);

	inet_pton(AF_INET, source, &from.sin_addr);
	assert_int_equal(bind(fd, (struct sockaddr *)&from, sizeof(from)), 0);
	if (connect(fd, (struct sockaddr *)&sa, len) == 0)
		return fd;
	close(fd);
	return -1;
}

/* edns: the size to say; -1: by TCP. */
static const char *ask_raw(struct fixture *f, const struct dns_text *m, bool tcp)
{
	static struct client c;
	uint8_t length[2];

	c = (struct client){ .fd = connect_from(f, "127.0.0.1", tcp ? SOCK_STREAM : SOCK_DGRAM),
			     .tcp = tcp };
	assert_true(c.fd >= 0);
	ldns_write_uint16(length, (uint16_t)m->len);
	if (tcp)
		send(c.fd, length, 2, MSG_NOSIGNAL);
	send(c.fd, m->v, m->len, MSG_NOSIGNAL);
	if (!http_wait(f->base, has_answer, &c))
		fail_msg("no answer");
	close(c.fd);
	snprintf(f->said, sizeof(f->said), "%s", tcp ? dns_help_say(c.data + 2, c.len - 2) :
		 dns_help_say(c.data, c.len));
	return f->said;
}

static const char *ask(struct fixture *f, const char *name, uint16_t type)
{
	static struct dns_text m;

	dns_help_query(&m, name, type, 1232);
	return ask_raw(f, &m, false);
}

static const char *ask_tcp(struct fixture *f, const char *name, uint16_t type)
{
	static struct dns_text m;

	dns_help_query(&m, name, type, 0);
	return ask_raw(f, &m, true);
}

#define WEB	"web.default.svc.cluster.local."
#define EXT	"ext.default.svc.cluster.local."
#define SOA	" | cluster.local. SOA"
#define A	LDNS_RR_TYPE_A

static void test_names_follow_objects(void **state)
{
	struct fixture *f = *state;

	/* Nothing is known not to be there before the lists are complete. */
	assert_string_equal(ask(f, WEB, A), "SERVFAIL ra");
	lists_done(f);
	assert_string_equal(ask(f, WEB, A), "NXDOMAIN aa ra" SOA);
	service(f, "web", "10.96.0.1", false);
	assert_string_equal(ask(f, WEB, A), "NOERROR aa ra: " WEB " A 10.96.0.1");
	assert_string_equal(ask_tcp(f, WEB, A), "NOERROR aa ra: " WEB " A 10.96.0.1");
	assert_string_equal(ask(f, WEB, LDNS_RR_TYPE_AAAA), "NOERROR aa ra" SOA);
	service(f, "web", "10.96.0.2", false);
	assert_string_equal(ask(f, WEB, A), "NOERROR aa ra: " WEB " A 10.96.0.2");
	service(f, "web", "10.96.0.2", true);
	assert_string_equal(ask(f, WEB, A), "NXDOMAIN aa ra" SOA);
	/* The upstreams are not asked for what is ours. */
	assert_int_equal(f->upstream.asked, 0);
}

static void test_other_names(void **state)
{
	struct fixture *f = *state;

	lists_done(f);
	assert_string_equal(ask(f, "www.example.", A), "NOERROR ra: www.example. A 192.0.2.1");
	f->upstream.mood = UPSTREAM_DENIES;
	assert_string_equal(ask(f, "www.example.", A), "NXDOMAIN ra");
	f->upstream.mood = UPSTREAM_BROKEN;
	assert_string_equal(ask(f, "www.example.", A), "SERVFAIL ra");
	f->upstream.mood = UPSTREAM_REFUSES;
	assert_string_equal(ask(f, "www.example.", A), "SERVFAIL ra");
	f->upstream.mood = UPSTREAM_CUT;
	assert_string_equal(ask(f, "www.example.", A), "NOERROR tc ra");
	assert_string_equal(ask_tcp(f, "www.example.", A), "NOERROR ra: www.example. A 192.0.2.1");
	assert_int_equal(f->upstream.asked_tcp, 1);
	set(f, WORDS("--node-name=n1", "--dns-listen=@l", "--dns-upstream=none"));
	assert_string_equal(ask(f, "www.example.", A), "REFUSED");
}

/*
 * The answer has the addresses as well, whatever else the upstream adds; or the alias alone. A
 * failure is one: that there is no address would be final.
 */
static void test_an_alias(void **state)
{
	struct fixture *f = *state;

	lists_done(f);
	alias(f, "ext", "www.example");
	f->upstream.records[0] = "www.example. 5 IN CNAME x.example.";
	f->upstream.records[1] = "other.example. 5 IN A 192.0.2.66";
	f->upstream.records[2] = "x.example. 5 IN A 192.0.2.1";
	f->upstream.records[3] = "x.example. 5 IN TXT \"more\"";
	f->upstream.records[4] = "X.example. 5 IN A 192.0.2.2";
	assert_string_equal(ask(f, EXT, A), "NOERROR aa ra: " EXT " CNAME www.example.; "
			    "www.example. CNAME x.example.; x.example. A 192.0.2.1; "
			    "x.example. A 192.0.2.2");
	assert_string_equal(ask(f, EXT, LDNS_RR_TYPE_CNAME), "NOERROR aa ra: " EXT
			    " CNAME www.example.");
	/* The upstream has nothing of that type. */
	assert_string_equal(ask(f, EXT, LDNS_RR_TYPE_AAAA), "NOERROR aa ra: " EXT
			    " CNAME www.example.");
	f->upstream.mood = UPSTREAM_DENIES;
	assert_string_equal(ask(f, EXT, A), "NXDOMAIN aa ra: " EXT " CNAME www.example.");
	f->upstream.mood = UPSTREAM_GARBAGE;
	assert_string_equal(ask(f, EXT, A), "SERVFAIL ra");
	f->upstream.mood = UPSTREAM_FAILS;
	assert_string_equal(ask(f, EXT, A), "SERVFAIL ra");
	assert_string_equal(ask(f, EXT, LDNS_RR_TYPE_CNAME), "NOERROR aa ra: " EXT
			    " CNAME www.example.");
	f->upstream.mood = UPSTREAM_PIECES;
	assert_non_null(strstr(ask(f, EXT, A), "x.example. A 192.0.2.2"));
	/* An alias of itself, and one without an end. */
	f->upstream.mood = UPSTREAM_GOOD;
	f->upstream.records[0] = "www.example. 5 IN CNAME WWW.example.";
	assert_string_equal(ask(f, EXT, A), "NOERROR aa ra: " EXT " CNAME www.example.");
	set(f, WORDS("--node-name=n1", "--dns-listen=@l", "--dns-upstream=none"));
	assert_string_equal(ask(f, EXT, A), "NOERROR aa: " EXT " CNAME www.example.");
}

static void test_refused(void **state)
{
	struct fixture *f = *state;
	static struct dns_text m;

	lists_done(f);
	service(f, "web", "10.96.0.1", false);
	assert_string_equal(ask(f, WEB, LDNS_RR_TYPE_ANY), "REFUSED ra");
	assert_string_equal(ask_tcp(f, "cluster.local.", LDNS_RR_TYPE_AXFR), "REFUSED ra");
	assert_string_equal(ask(f, "www.example.", LDNS_RR_TYPE_ANY), "REFUSED ra");
	dns_help_query(&m, "version.bind.", LDNS_RR_TYPE_TXT, 0);
	m.v[m.len - 1] = LDNS_RR_CLASS_CH;
	assert_string_equal(ask_raw(f, &m, false), "REFUSED ra");
	dns_help_query(&m, WEB, A, 0);
	m.v[2] = 5 << 3;
	assert_string_equal(ask_raw(f, &m, false), "NOTIMP ra");
	dns_help_query(&m, WEB, A, 4096);
	m.v[m.len - 5] = 3;
	assert_string_equal(ask_raw(f, &m, false), "BADVERS ra");
	dns_help_query(&m, WEB, A, 0);
	m.len -= 2;
	assert_string_equal(ask_raw(f, &m, false), "FORMERR ra");
	assert_int_equal(f->upstream.asked, 0);
}

/* A headless Service of many: by UDP as many as fit, and by TCP all of them. */
static void test_many_endpoints(void **state)
{
	struct fixture *f = *state;
	const char *said;
	char last[64];

	lists_done(f);
	headless(f, "many", 200);
	said = ask(f, "many.default.svc.cluster.local.", A);
	assert_true(strncmp(said, "NOERROR aa tc ra: many.default.svc.cluster.local. A ", 52) == 0);
	said = ask_tcp(f, "many.default.svc.cluster.local.", A);
	assert_true(strncmp(said, "NOERROR aa ra: many.default.svc.cluster.local. A ", 49) == 0);
	snprintf(last, sizeof(last), "10.244.0.%d", 42);
	assert_non_null(strstr(said, last));
}

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

	lists_done(f);
	service(f, "web", "10.96.0.1", false);
	headless(f, "few", 1);
	set(f, WORDS("--node-name=n1", "--dns-listen=@l", "--dns-domain=example.org",
		     "--dns-upstream=@u"));
	assert_string_equal(ask(f, "web.default.svc.example.org.", A),
			    "NOERROR aa ra: web.default.svc.example.org. A 10.96.0.1");
	assert_int_equal(f->upstream.asked, 0);
	ask(f, WEB, A);
	assert_int_equal(f->upstream.asked, 1);
	assert_true(dns_status(f->dns, status));
	assert_non_null(json_object_get(status, "dns"));
	/* Off, and on again: what was told before counts. */
	set(f, WORDS("--node-name=n1"));
	assert_true(connect_from(f, "127.0.0.1", SOCK_STREAM) < 0);
	json_object_clear(status);
	assert_true(dns_status(f->dns, status));
	assert_null(json_object_get(status, "dns"));
	json_decref(status);
	service(f, "late", "10.96.0.3", false);
	set(f, WORDS("--node-name=n1", "--dns-listen=@l", "--dns-upstream=none"));
	assert_string_equal(ask(f, WEB, A), "NOERROR aa: " WEB " A 10.96.0.1");
	assert_string_equal(ask(f, "late.default.svc.cluster.local.", A),
			    "NOERROR aa: late.default.svc.cluster.local. A 10.96.0.3");
	assert_string_equal(ask(f, "few.default.svc.cluster.local.", A),
			    "NOERROR aa: few.default.svc.cluster.local. A 10.244.0.0");
}

static void write_resolv(struct fixture *f, const char *server)
{
	FILE *out = fopen(f->file, "w");

	fprintf(out, "search example\nnameserver %s\n", server);
	fclose(out);
}

static bool is_unreachable(void *ctx)
{
	return strcmp(ask(ctx, "www.example.", A), "SERVFAIL ra") == 0;
}

/* It is read again when it is another one. Port 53 of this address is nobody's. */
static void test_resolv_conf(void **state)
{
	struct fixture *f = *state;
	char file[96];

	lists_done(f);
	write_resolv(f, "# none");
	snprintf(file, sizeof(file), "--dns-upstream=%s", f->file);
	set(f, WORDS("--node-name=n1", "--dns-listen=@l", file));
	assert_string_equal(ask(f, "www.example.", A), "REFUSED");
	write_resolv(f, "127.255.255.254");
	usleep(30000);
	assert_true(http_wait(f->base, is_unreachable, f));
	/* One that is gone says nothing. */
	unlink(f->file);
	usleep(30000);
	event_base_loop(f->base, EVLOOP_ONCE);
	assert_string_equal(ask(f, "www.example.", A), "SERVFAIL ra");
}

static json_int_t upstreams(struct fixture *f)
{
	json_t *status = json_object();
	json_int_t n;

	dns_status(f->dns, status);
	n = json_integer_value(json_object_get(json_object_get(status, "dns"), "upstreams"));
	json_decref(status);
	return n;
}

/* Who listens everywhere is not asked by any address of the node. */
static void test_it_does_not_ask_itself(void **state)
{
	const uint16_t port = (uint16_t)(20000 + getpid() % 20000);
	struct fixture *f = *state;
	char listen[64], own[64], other[64];

	lists_done(f);
	snprintf(listen, sizeof(listen), "--dns-listen=0.0.0.0:%u", port);
	snprintf(own, sizeof(own), "--dns-upstream=127.0.0.1:%u", port);
	snprintf(other, sizeof(other), "--dns-upstream=127.0.0.1:%u", port + 1);
	f->where = (struct dns_peer){ .addr.family = AF_INET, .port = port };
	inet_pton(AF_INET, "127.0.0.1", &f->where.addr.v4);
	set(f, WORDS("--node-name=n1", listen, own));
	assert_string_equal(ask(f, "www.example.", A), "REFUSED");
	set(f, WORDS("--node-name=n1", listen, other));
	assert_int_equal(upstreams(f), 1);
}

/* Nor by the Service that leads to it, which is what a node's resolv.conf most often names. */
static void test_its_service_is_not_asked(void **state)
{
	struct fixture *f = *state;

	inet_pton(AF_INET, "198.51.100.53", &f->where.addr.v4);
	lists_done(f);
	set(f, WORDS("--node-name=n1", "--dns-listen=@l", "--dns-service=default/kube-dns",
		     "--dns-upstream=10.96.0.10", "--dns-upstream=10.96.0.11"));
	assert_int_equal(upstreams(f), 2);
	service(f, "kube-dns", "10.96.0.10", false);
	assert_int_equal(upstreams(f), 1);
	service(f, "kube-dns2", "10.96.0.11", false);
	assert_int_equal(upstreams(f), 1);
	service(f, "kube-dns", "10.96.0.10", true);
	assert_int_equal(upstreams(f), 2);
}

static bool is_open(void *ctx)
{
	struct fixture *f = ctx;
	int fd = connect_from(f, "127.0.0.1", SOCK_STREAM);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* What somebody else has is tried again, and said. */
static void test_a_port_that_is_taken(void **state)
{
	struct fixture *f = *state;
	struct dns_peer other = dns_help_place(1, PORT + 1);
	struct sockaddr_storage sa;
	socklen_t len = dns_peer_sockaddr(&other, &sa);
	json_t *status = json_object();
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&sa, len), 0);
	f->where = other;
	set(f, WORDS("--node-name=n1", "--dns-listen=@l", "--dns-upstream=none"));
	assert_false(dns_status(f->dns, status));
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
	struct dns_peer here = { .addr.family = AF_INET, .port = PORT };
	struct proxy_socket same;
	int n;

	inet_pton(AF_INET, "198.51.100.53", &here.addr.v4);
	same = (struct proxy_socket){ here.addr, PORT };
	f->where = here;
	lists_done(f);
	service(f, "kube-dns", "10.96.0.10", false);
	tell(f, PROXY_SLICE, "{'metadata': {'name': 'x', 'namespace': 'default', 'labels': "
	     "{'kubernetes.io/service-name': 'kube-dns'}}, 'addressType': 'IPv4', 'endpoints': "
	     "[{'addresses': ['10.244.9.9']}], 'ports': [{'name': 'dns', 'port': 53, 'protocol': "
	     "'UDP'}, {'name': 'more', 'port': 9153, 'protocol': 'TCP'}]}", false);
	s = kernel_service(f, "default/kube-dns:dns", IPPROTO_UDP);
	assert_int_equal(s->endpoints[0].port, 53);
	set(f, WORDS("--node-name=n1", "--dns-listen=@l", "--dns-service=default/kube-dns",
		     "--dns-upstream=none"));
	s = kernel_service(f, "default/kube-dns:dns", IPPROTO_UDP);
	assert_int_equal(s->nendpoints, 1);
	assert_true(ip_addr_equal(&s->endpoints[0].addr, &here.addr));
	assert_int_equal(s->endpoints[0].port, PORT);
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
	set(f, WORDS("--node-name=n1"));
	s = kernel_service(f, "default/kube-dns:dns", IPPROTO_UDP);
	assert_int_equal(s->endpoints[0].port, 53);
	assert_int_equal(kernel_service(f, "default/kube-dns:more", IPPROTO_TCP)->nendpoints, 1);
}

static void test_metrics(void **state)
{
	struct evbuffer *out = evbuffer_new();
	struct fixture *f = *state;
	struct prom p = { 0 };
	char why[256];

	lists_done(f);
	service(f, "web", "10.96.0.1", false);
	ask(f, WEB, A);
	ask(f, WEB, A);
	ask(f, "nobody.default.svc.cluster.local.", A);
	ask(f, WEB, 12345);
	ask(f, "www.example.", A);
	dns_print_metrics(f->dns, out);
	evbuffer_add(out, "", 1);
	if (!prom_parse(&p, (char *)evbuffer_pullup(out, -1), why))
		fail_msg("%s", why);
#define assert_metric(key, value)	assert_true(prom_value(&p, key) == (value))
	assert_metric("svcnat_dns_queries_total{type=\"A\",rcode=\"NOERROR\"}", 3);
	assert_metric("svcnat_dns_queries_total{type=\"A\",rcode=\"NXDOMAIN\"}", 1);
	assert_metric("svcnat_dns_queries_total{type=\"other\",rcode=\"NOERROR\"}", 1);
	assert_metric("svcnat_dns_forwards_total{result=\"answered\"}", 1);
	assert_metric("svcnat_dns_query_duration_seconds_count", 5);
	prom_clear(&p);
	set(f, WORDS("--node-name=n1"));
	evbuffer_drain(out, evbuffer_get_length(out));
	dns_print_metrics(f->dns, out);
	assert_int_equal(evbuffer_get_length(out), 0);
	evbuffer_free(out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_names_follow_objects, setup, teardown),
		cmocka_unit_test_setup_teardown(test_other_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_an_alias, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_endpoints, setup, teardown),
		cmocka_unit_test(test_strangers),
		cmocka_unit_test_setup_teardown(test_other_options, setup, teardown),
		cmocka_unit_test_setup_teardown(test_resolv_conf, setup, teardown),
		cmocka_unit_test_setup_teardown(test_it_does_not_ask_itself, setup, teardown),
		cmocka_unit_test_setup_teardown(test_its_service_is_not_asked, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_port_that_is_taken, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_own_service, setup, teardown),
		cmocka_unit_test_setup_teardown(test_metrics, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
