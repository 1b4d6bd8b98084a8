// SPDX-License-Identifier: GPL-2.0
/* healthCheckNodePorts, from objects to the bytes that a load balancer gets. */
#include "http_fixture.h"

#include "health_ports.h"
#include "proxy_env.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct fixture {
	struct http_fixture *http;
	struct env *env;
	struct health_ports *ports;
	struct kcidrs cidrs;
	const char *addr;		/* the node's only one */
	bool sick;
	unsigned int warnings;
	char warned[1500];
};

static int one_address(void *ctx, struct ip_addr **out, size_t *n, struct err *e)
{
	struct fixture *f = ctx;

	if (!f->addr)
		return err_set(e, EIO, "the test says so");
	*out = calloc(1, sizeof(**out));
	*n = 1;
	return ip_addr_parse(f->addr, *out, e);
}

static bool healthy(void *ctx)
{
	return !((struct fixture *)ctx)->sick;
}

static void warn(void *ctx, const json_t *service, const char *reason, const char *message)
{
	struct fixture *f = ctx;
	const json_t *meta = json_object_get(service, "metadata");

	f->warnings++;
	snprintf(f->warned, sizeof(f->warned), "%s %s: %s",
		 json_string_value(json_object_get(meta, "name")), reason, message);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct health_ports_config c = {
		.cidrs = &f->cidrs, .addresses = one_address, .addresses_ctx = f,
		.healthy = healthy, .warn = warn, .ctx = f, .retry_ms = 20,
	};

	f->http = http_fixture_open(NULL);
	f->env = env_open(NULL, 0);
	f->addr = "127.0.0.1";
	c.base = f->http->base;
	f->ports = health_ports_alloc(&c);
	env_start(f->env);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	health_ports_free(f->ports);
	env_close(f->env);
	kcidrs_clear(&f->cidrs);
	http_fixture_close(f->http);
	free(f);
	return 0;
}

static void tell(struct fixture *f, const char *name, int octet, uint16_t port, bool deleted)
{
	env_tell(f->env, PROXY_SERVICE, env_load("{'metadata': {'name': '%s', 'namespace': 'ns'}, "
		 "'spec': {'type': 'LoadBalancer', 'clusterIP': '10.96.0.%d', "
		 "'ports': [{'port': 80}], 'externalTrafficPolicy': 'Local', "
		 "'healthCheckNodePort': %u}}", name, octet, port), deleted);
}

static void tell_endpoints(struct fixture *f, const char *name, const char *endpoints)
{
	env_tell(f->env, PROXY_SLICE, env_load("{'metadata': {'name': '%s-x', 'namespace': 'ns', "
		 "'labels': {'kubernetes.io/service-name': '%s'}}, 'addressType': 'IPv4', "
		 "'ports': [{'port': 8080}], 'endpoints': [%s]}", name, name, endpoints), false);
}

#define EP(addr, node)	"{'addresses': ['" addr "'], 'nodeName': '" node "'}"

static void settle(struct fixture *f)
{
	env_run(f->env);
	assert_int_equal(health_ports_sync(f->ports, f->env->p), 0);
}

static void expect_from(struct fixture *f, const char *ip, uint16_t port, const char *method,
			int status, const char *weight, const char *body)
{
	struct http_answer a;
	char header[64];

	http_ask_port(f->http, ip, port, method, "/any/path", &a);
	assert_int_equal(a.status, status);
	assert_string_equal(a.body, body);
	assert_non_null(strstr(a.head, "\r\nContent-Type: application/json\r\n"
			       "X-Content-Type-Options: nosniff\r\n"));
	snprintf(header, sizeof(header), "\r\nX-Load-Balancing-Endpoint-Weight: %s\r\n", weight);
	assert_non_null(strstr(a.head, header));
	http_answer_clear(&a);
}

static void expect(struct fixture *f, uint16_t port, int status, const char *weight,
		   const char *body)
{
	expect_from(f, "127.0.0.1", port, "GET", status, weight, body);
}

#define BODY(name, n, healthy) \
	"{\n" \
	"\t\"service\": {\n" \
	"\t\t\"namespace\": \"ns\",\n" \
	"\t\t\"name\": \"" name "\"\n" \
	"\t},\n" \
	"\t\"localEndpoints\": " n ",\n" \
	"\t\"serviceProxyHealthy\": " healthy "\n" \
	"}"

static bool is_open(const char *ip, uint16_t port)
{
	struct http_peer p;

	if (!http_peer_connect(&p, ip, port))
		return false;
	http_peer_close(&p);
	return true;
}

static void test_answers(void **state)
{
	struct fixture *f = *state;
	uint16_t port = http_free_port();

	tell(f, "a", 1, port, false);
	settle(f);
	expect(f, port, 503, "0", BODY("a", "0", "true"));
	tell_endpoints(f, "a", EP("10.244.1.1", "n1") ", " EP("10.244.1.2", "n1") ", "
		       EP("10.244.2.1", "n2"));
	settle(f);
	expect(f, port, 200, "2", BODY("a", "2", "true"));
	expect_from(f, "127.0.0.1", port, "POST", 200, "2", BODY("a", "2", "true"));
	expect_from(f, "127.0.0.1", port, "ANYTHING", 200, "2", BODY("a", "2", "true"));
	f->sick = true;
	expect(f, port, 503, "2", BODY("a", "2", "false"));
	f->sick = false;
	tell_endpoints(f, "a", "{'addresses': ['10.244.1.1'], 'nodeName': 'n1', 'conditions': "
		       "{'ready': false, 'serving': true, 'terminating': true}}");
	settle(f);
	expect(f, port, 503, "0", BODY("a", "0", "true"));
	assert_int_equal(f->warnings, 0);
}

/* Ports come, change hands, and go, and the others do not notice. */
static void test_changes(void **state)
{
	struct fixture *f = *state;
	uint16_t one = http_free_port(), two = http_free_port(), three = http_free_port();

	tell(f, "a", 1, one, false);
	tell(f, "b", 2, two, false);
	tell_endpoints(f, "b", EP("10.244.1.1", "n1"));
	settle(f);
	expect(f, one, 503, "0", BODY("a", "0", "true"));
	expect(f, two, 200, "1", BODY("b", "1", "true"));
	tell(f, "a", 1, two, false);
	tell(f, "b", 2, one, false);
	settle(f);
	expect(f, two, 503, "0", BODY("a", "0", "true"));
	expect(f, one, 200, "1", BODY("b", "1", "true"));
	tell(f, "a", 1, three, false);
	tell(f, "c", 3, two, false);
	settle(f);
	expect(f, two, 503, "0", BODY("c", "0", "true"));
	expect(f, three, 503, "0", BODY("a", "0", "true"));
	tell(f, "b", 2, one, true);
	settle(f);
	assert_false(is_open("127.0.0.1", one));
	assert_true(is_open("127.0.0.1", two));
	assert_int_equal(f->warnings, 0);
}

static int occupy(uint16_t port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons(port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), on = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_return_code(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), errno);
	assert_return_code(listen(fd, 1), errno);
	return fd;
}

struct wanted {
	struct fixture *f;
	uint16_t port;
};

static bool is_answered(void *ctx)
{
	const struct wanted *w = ctx;

	return is_open("127.0.0.1", w->port);
}

static void test_in_use(void **state)
{
	struct fixture *f = *state;
	struct wanted w = { f, http_free_port() };
	uint16_t other = http_free_port();
	char text[256];
	int fd = occupy(w.port);

	tell(f, "a", 1, w.port, false);
	tell(f, "b", 2, other, false);
	settle(f);
	expect(f, other, 503, "0", BODY("b", "0", "true"));
	assert_int_equal(f->warnings, 1);
	snprintf(text, sizeof(text), "a FailedToStartServiceHealthcheck: the healthCheckNodePort "
		 "%u cannot be opened on this node, and is tried again: 0.0.0.0:%u: cannot "
		 "listen: %s",
		 w.port, w.port, strerror(EADDRINUSE));
	assert_string_equal(f->warned, text);
	/* Said once, however often it is tried. */
	tell_endpoints(f, "a", EP("10.244.1.1", "n1"));
	settle(f);
	assert_int_equal(f->warnings, 1);
	close(fd);
	assert_true(http_wait(f->http->base, is_answered, &w));
	expect(f, w.port, 200, "1", BODY("a", "1", "true"));
	/* And the next time it is news again. */
	tell(f, "a", 1, w.port, true);
	settle(f);
	fd = occupy(w.port);
	tell(f, "a", 1, w.port, false);
	settle(f);
	assert_int_equal(f->warnings, 2);
	close(fd);
}

/* Only the addresses in the ranges; they follow those of the node. */
static void test_addresses(void **state)
{
	struct fixture *f = *state;
	uint16_t port = http_free_port();
	struct ip_cidr cidr;

	assert_int_equal(ip_cidr_parse("127.0.0.0/24", &cidr, NULL), 0);
	assert_int_equal(kcidrs_add(&f->cidrs, &cidr), 0);
	tell(f, "a", 1, port, false);
	settle(f);
	assert_true(is_open("127.0.0.1", port));
	assert_false(is_open("127.0.0.2", port));
	f->addr = "127.0.0.2";
	settle(f);
	assert_false(is_open("127.0.0.1", port));
	assert_true(is_open("127.0.0.2", port));
	/* They cannot be read: it stays as it is. */
	f->addr = NULL;
	settle(f);
	assert_true(is_open("127.0.0.2", port));
	f->addr = "127.0.1.1";
	settle(f);
	assert_false(is_open("127.0.0.2", port));
	assert_false(is_open("127.0.1.1", port));
	assert_int_equal(f->warnings, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_answers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_changes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_in_use, setup, teardown),
		cmocka_unit_test_setup_teardown(test_addresses, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
