// SPDX-License-Identifier: GPL-2.0
#include "dns_fixture.h"

#include "kernel_fake.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

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

static int is_local(void *ctx, const struct ip_addr *addr, struct err *e)
{
	const struct fixture *f = ctx;

	(void)addr;
	(void)e;
	return !f->away;
}

static int *news_fds;

static int watch(struct err *e)
{
	(void)e;
	return dup(news_fds[0]);
}

/* --- options --- */

/* @l of a word is where svcd shall listen, @u the upstream. */
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

void fixture_set(struct fixture *f, const char *const *words)
{
	struct options next;
	struct options was;

	parse(f, &next, words);
	was = f->o;
	f->o = next;
	dns_set(f->dns, &f->o);
	options_clear(&was);
}

void fixture_reopen(struct fixture *f, const struct dns_config *like)
{
	struct dns_config c = *like;
	struct err e = { "" };

	dns_close(f->dns);
	c.base = f->base;
	c.node = f->node;
	c.is_local = is_local;
	c.watch = watch;
	c.ctx = f;
	if (dns_open(&f->dns, &c, &f->o, &e))
		fail_msg("%s", e.text);
}

int fixture_setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct node_config nc = { .node_name = "n1", .open = open_fake, .open_ctx = f,
				  .addresses = no_addresses };
	const struct dns_config c = { .retry_ms = 50, .look_ms = 20 };

	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, f->news), 0);
	news_fds = f->news;
	f->base = event_base_new();
	f->kernel = kernel_fake_open();
	nc.base = f->base;
	assert_int_equal(node_alloc(&f->node, &nc, NULL), 0);
	node_start(f->node);
	f->where = dns_help_place(1, DNS_FIXTURE_PORT);
	f->upstream.records[0] = "www.example. 5 IN A 192.0.2.1";
	dns_upstream_open(&f->upstream, f->base, dns_help_place(2, DNS_FIXTURE_PORT));
	strcpy(f->file, "/tmp/svcnat-dns-XXXXXX");
	close(mkstemp(f->file));
	log_init(LOG_LEVEL_ERROR, NULL, LOG_FORMAT_TEXT);
	parse(f, &f->o, WORDS("--node-name=n1", "--dns-listen=@l", "--dns-upstream=@u"));
	fixture_reopen(f, &c);
	*state = f;
	return 0;
}

int fixture_teardown(void **state)
{
	struct fixture *f = *state;

	dns_close(f->dns);
	node_free(f->node);
	kernel_fake_free(f->kernel);
	dns_upstream_close(&f->upstream);
	options_clear(&f->o);
	event_base_free(f->base);
	unlink(f->file);
	close(f->news[0]);
	close(f->news[1]);
	free(f);
	return 0;
}

/* --- objects --- */

void fixture_tell(struct fixture *f, enum proxy_kind kind, const char *text, bool deleted)
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

void fixture_service(struct fixture *f, const char *name, const char *ip, bool deleted)
{
	char text[512];

	snprintf(text, sizeof(text), "{'metadata': {'name': '%s', 'namespace': 'default'}, 'spec': "
		 "{'clusterIP': '%s', 'clusterIPs': ['%s'], 'ipFamilies': ['IPv4'], 'ports': "
		 "[{'name': 'dns', 'port': 53, 'protocol': 'UDP'}, {'name': 'dns-tcp', 'port': 53,"
		 " 'protocol': 'TCP'}, {'name': 'more', 'port': 9153, 'protocol': 'TCP'}]}}", name,
		 ip, ip);
	fixture_tell(f, PROXY_SERVICE, text, deleted);
}

void fixture_alias(struct fixture *f, const char *name, const char *target)
{
	char text[512];

	snprintf(text, sizeof(text), "{'metadata': {'name': '%s', 'namespace': 'default'}, 'spec': "
		 "{'type': 'ExternalName', 'externalName': '%s'}}", name, target);
	fixture_tell(f, PROXY_SERVICE, text, false);
}

void fixture_headless(struct fixture *f, const char *name, int n)
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
	fixture_tell(f, PROXY_SERVICE, text, false);
	node_object(f->node, PROXY_SLICE, slice, false);
	json_decref(slice);
}

void fixture_lists_done(struct fixture *f)
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

int fixture_connect(struct fixture *f, const char *source, int type)
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

const char *fixture_ask_raw(struct fixture *f, const struct dns_text *m, bool tcp)
{
	static struct client c;
	uint8_t length[2];

	c = (struct client){ .fd = fixture_connect(f, "127.0.0.1", tcp ? SOCK_STREAM : SOCK_DGRAM),
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

const char *fixture_ask(struct fixture *f, const char *name, uint16_t type)
{
	static struct dns_text m;

	dns_help_query(&m, name, type, 1232);
	return fixture_ask_raw(f, &m, false);
}

const char *fixture_ask_tcp(struct fixture *f, const char *name, uint16_t type)
{
	static struct dns_text m;

	dns_help_query(&m, name, type, 0);
	return fixture_ask_raw(f, &m, true);
}
