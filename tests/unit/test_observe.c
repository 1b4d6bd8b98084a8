// SPDX-License-Identifier: GPL-2.0
/* A node on a fake kernel, seen from outside: probes, health checks, scrapes. */
#include "http_fixture.h"

#include "json_help.h"
#include "kernel_fake.h"
#include "liveness.h"
#include "node.h"
#include "observe.h"
#include "prom_parse.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct fixture {
	struct http_fixture *http;
	struct kernel *kernel;
	struct node *node;
	struct observe *observe;
	struct listen_address health, metrics;
	bool missing;			/* the module is not loaded */
	int64_t now;			/* of the node's clock, ms */
	char warned[1500];
};

static int open_fake(struct kernel **out, void *ctx, struct err *e)
{
	struct fixture *f = ctx;

	if (f->missing)
		return err_set(e, ENOENT, "the module is not loaded");
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

static int64_t tell_time(void *ctx)
{
	return ((struct fixture *)ctx)->now;
}

static void on_warn(void *ctx, const json_t *service, const char *reason, const char *message)
{
	struct fixture *f = ctx;

	(void)service;
	snprintf(f->warned, sizeof(f->warned), "%s: %s", reason, message);
}

static void loopback(struct listen_address *a)
{
	a->n = 1;
	a->port = http_free_port();
	assert_int_equal(ip_addr_parse("127.0.0.1", &a->addrs[0], NULL), 0);
}

static void open_observe(struct fixture *f, bool endpoints)
{
	const struct observe_config c = {
		.base = f->http->base, .node = f->node, .health = &f->health,
		.metrics = &f->metrics, .metrics_endpoints = endpoints, .retry_ms = 20,
	};

	assert_int_equal(observe_open(&f->observe, &c, NULL), 0);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct node_config c = {
		.node_name = "n1", .open = open_fake, .open_ctx = f, .addresses = no_addresses,
		.warn = on_warn, .warn_ctx = f, .clock = tell_time, .clock_ctx = f,
		.health_ports = true,
	};

	f->http = http_fixture_open(NULL);
	f->kernel = kernel_fake_open();
	f->now = 1000;
	c.base = f->http->base;
	assert_int_equal(node_alloc(&f->node, &c, NULL), 0);
	loopback(&f->health);
	loopback(&f->metrics);
	open_observe(f, true);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	observe_close(f->observe);
	node_free(f->node);
	kernel_fake_free(f->kernel);
	http_fixture_close(f->http);
	free(f);
	return 0;
}

static void tell(struct fixture *f, enum proxy_kind kind, const char *text, bool deleted)
{
	json_t *object = json_help_parse(text);

	node_object(f->node, kind, object, deleted);
	json_decref(object);
}

static void tell_service(struct fixture *f, const char *name, int octet, const char *more)
{
	char text[512];

	snprintf(text, sizeof(text), "{'metadata': {'name': '%s', 'namespace': 'ns'}, 'spec': "
		 "{'clusterIP': '10.96.0.%d', 'ports': [{'port': 80}]%s}}", name, octet, more);
	tell(f, PROXY_SERVICE, text, false);
}

static void tell_slice(struct fixture *f, const char *service, const char *annotations)
{
	char text[1024];

	snprintf(text, sizeof(text), "{'metadata': {'name': '%s-x', 'namespace': 'ns', "
		 "'annotations': {%s}, 'labels': {'kubernetes.io/service-name': '%s'}}, "
		 "'addressType': 'IPv4', 'ports': [{'port': 8080}], 'endpoints': "
		 "[{'addresses': ['10.244.1.1'], 'nodeName': 'n1'}]}", service, annotations,
		 service);
	tell(f, PROXY_SLICE, text, false);
}

static void start(struct fixture *f)
{
	enum proxy_kind kind;

	node_start(f->node);
	for (kind = PROXY_SERVICE; kind < PROXY_KINDS; kind++) {
		node_list_begin(f->node, kind);
		node_list_end(f->node, kind);
	}
	node_run(f->node);
}

static int ask(struct fixture *f, const struct listen_address *where, const char *path)
{
	struct http_answer a;
	int status;

	http_ask_port(f->http, "127.0.0.1", where->port, "GET", path, &a);
	status = a.status;
	http_answer_clear(&a);
	return status;
}

static void parse(struct prom *p, const struct http_answer *a)
{
	char why[256];

	assert_int_equal(a->status, 200);
	assert_non_null(strstr(a->head, "\r\nContent-Type: text/plain; version=0.0.4; "
			       "charset=utf-8\r\n"));
	if (!prom_parse(p, a->body, why))
		fail_msg("%s", why);
}

/* The metrics, which must be well-formed; to be cleared. */
static void scrape(struct fixture *f, struct prom *p)
{
	struct http_answer a;

	http_ask_port(f->http, "127.0.0.1", f->metrics.port, "GET", "/metrics", &a);
	parse(p, &a);
	http_answer_clear(&a);
}

static double value(struct fixture *f, const char *key)
{
	struct prom p;
	double v;

	scrape(f, &p);
	v = prom_value(&p, key);
	prom_clear(&p);
	return v;
}

/* --- probes */

static void test_stuck(void **state)
{
	struct fixture *f = *state;

	start(f);
	assert_int_equal(ask(f, &f->health, "/healthz"), 200);
	/* Nothing happens for an hour: that is not stuck. */
	f->now += 3600000;
	assert_int_equal(ask(f, &f->health, "/healthz"), 200);
	kernel_fake_break(f->kernel, EIO);
	tell_service(f, "a", 1, "");
	node_run(f->node);
	f->now += LIVENESS_LIMIT_MS - 1;
	assert_int_equal(ask(f, &f->health, "/healthz"), 200);
	f->now++;
	assert_int_equal(ask(f, &f->health, "/healthz"), 503);
	assert_int_equal(ask(f, &f->health, "/livez"), 503);
	assert_true(value(f, "kubeproxy_sync_proxy_rules_service_changes_pending") > 0);
	kernel_fake_break(f->kernel, 0);
	node_run(f->node);
	assert_int_equal(ask(f, &f->health, "/healthz"), 200);
	assert_int_equal(ask(f, &f->health, "/livez"), 200);
	assert_float_equal(value(f, "kubeproxy_proxy_healthz_total{code=\"200\"}"), 4, 0);
	assert_float_equal(value(f, "kubeproxy_proxy_healthz_total{code=\"503\"}"), 1, 0);
	assert_float_equal(value(f, "kubeproxy_proxy_livez_total{code=\"503\"}"), 1, 0);
	assert_float_equal(value(f, "kubeproxy_sync_proxy_rules_service_changes_pending"), 0, 0);
}

/* What one service lacks is no reason to send nothing to the node any more. */
static void test_refused_service(void **state)
{
	struct fixture *f = *state;

	start(f);
	kernel_fake_refuse(f->kernel, "ns/a", EINVAL);
	tell_service(f, "a", 1, "");
	node_run(f->node);
	f->now += 2 * LIVENESS_LIMIT_MS;
	node_run(f->node);
	assert_int_equal(ask(f, &f->health, "/healthz"), 200);
	assert_float_equal(value(f, "svcnat_stuck"), 1, 0);
}

static void test_without_module(void **state)
{
	struct fixture *f = *state;

	f->missing = true;
	start(f);
	assert_int_equal(ask(f, &f->health, "/healthz"), 200);
	f->now += LIVENESS_LIMIT_MS;
	assert_int_equal(ask(f, &f->health, "/healthz"), 503);
	assert_float_equal(value(f, "svcnat_module_loaded"), 0, 0);
	assert_float_equal(value(f, "svcnat_scrape_complete"), 0, 0);
	f->missing = false;
	node_kernel_changed(f->node);
	node_run(f->node);
	assert_int_equal(ask(f, &f->health, "/healthz"), 200);
	assert_float_equal(value(f, "svcnat_module_loaded"), 1, 0);
	/* And it goes again, though nothing changes. */
	f->missing = true;
	node_kernel_changed(f->node);
	f->now += LIVENESS_LIMIT_MS;
	assert_int_equal(ask(f, &f->health, "/livez"), 503);
}

static void test_node_leaves(void **state)
{
	struct fixture *f = *state;

	start(f);
	tell(f, PROXY_NODE, "{'metadata': {'name': 'n1'}}", false);
	assert_int_equal(ask(f, &f->health, "/healthz"), 200);
	tell(f, PROXY_NODE, "{'metadata': {'name': 'n1'}, 'spec': {'taints': [{'key': "
	     "'ToBeDeletedByClusterAutoscaler', 'effect': 'NoSchedule'}]}}", false);
	assert_int_equal(ask(f, &f->health, "/healthz"), 503);
	assert_int_equal(ask(f, &f->health, "/livez"), 200);
	tell(f, PROXY_NODE, "{'metadata': {'name': 'n1'}}", false);
	assert_int_equal(ask(f, &f->health, "/healthz"), 200);
}

/* --- health checks, through the node */

static bool is_open(uint16_t port)
{
	struct http_peer p;

	if (!http_peer_connect(&p, "127.0.0.1", port))
		return false;
	http_peer_close(&p);
	return true;
}

static void test_health_port(void **state)
{
	struct listen_address check = { .port = http_free_port() };
	struct fixture *f = *state;
	char more[256];

	snprintf(more, sizeof(more), ", 'type': 'LoadBalancer', 'externalTrafficPolicy': 'Local', "
		 "'healthCheckNodePort': %u", check.port);
	start(f);
	/* Not before the kernel has it. */
	kernel_fake_break(f->kernel, EIO);
	tell_service(f, "a", 1, more);
	node_run(f->node);
	assert_false(is_open(check.port));
	kernel_fake_break(f->kernel, 0);
	node_run(f->node);
	assert_int_equal(ask(f, &check, "/"), 503);
	tell_slice(f, "a", "");
	node_run(f->node);
	assert_int_equal(ask(f, &check, "/"), 200);
	/* The daemon's health is a part of it, the node's leaving is not. */
	tell(f, PROXY_NODE, "{'metadata': {'name': 'n1'}}", true);
	assert_int_equal(ask(f, &f->health, "/healthz"), 503);
	assert_int_equal(ask(f, &check, "/"), 200);
	kernel_fake_break(f->kernel, EIO);
	tell_service(f, "b", 2, "");
	node_run(f->node);
	f->now += LIVENESS_LIMIT_MS;
	assert_int_equal(ask(f, &check, "/"), 503);
	kernel_fake_break(f->kernel, 0);
	node_list_begin(f->node, PROXY_SERVICE);
	node_list_end(f->node, PROXY_SERVICE);
	node_run(f->node);
	assert_false(is_open(check.port));
	assert_string_equal(f->warned, "");
}

/* --- scrapes */

#define SERVICE	"namespace=\"ns\",service=\"a\",port=\"80\",protocol=\"TCP\",family=\"IPv4\""

static void put_counters(struct fixture *f)
{
	struct kservice *s = kernel_fake_counters(f->kernel, "ns/a", AF_INET, IPPROTO_TCP);
	struct kstats stats = { .masqueraded = 7, .stale_udp = 8, .affinity_full = 9 };

	assert_non_null(s);
	s->counts[SVCNAT_REASON_ENDPOINT] = 1;
	s->counts[SVCNAT_REASON_AFFINITY] = 2;
	s->counts[SVCNAT_REASON_NO_ENDPOINTS] = 3;
	s->counts[SVCNAT_REASON_NO_LOCAL] = 4;
	s->counts[SVCNAT_REASON_SOURCE_RANGE] = 5;
	s->endpoints[0].connections = 6;
	stats.counts[SVCNAT_REASON_UNALLOCATED] = 10;
	kernel_fake_set_stats(f->kernel, &stats);
}

static const struct {
	const char *key;
	double value;
} expected[] = {
	{ "svcnat_service_connections_total{" SERVICE ",reason=\"endpoint\"}", 1 },
	{ "svcnat_service_connections_total{" SERVICE ",reason=\"affinity\"}", 2 },
	{ "svcnat_service_rejected_total{" SERVICE ",reason=\"no-endpoints\"}", 3 },
	{ "svcnat_service_dropped_total{" SERVICE ",reason=\"no-local\"}", 4 },
	{ "svcnat_service_dropped_total{" SERVICE ",reason=\"source-range\"}", 5 },
	{ "svcnat_endpoint_connections_total{" SERVICE ",endpoint=\"10.244.1.1:8080\"}", 6 },
	{ "svcnat_masqueraded_total", 7 },
	{ "svcnat_stale_udp_total", 8 },
	{ "svcnat_affinity_full_total", 9 },
	{ "svcnat_verdicts_total{verdict=\"drop\",reason=\"unallocated\"}", 10 },
	{ "svcnat_table_entries{table=\"services\"}", 2 },
	{ "svcnat_table_limit{table=\"services\"}", 65536 },
	{ "svcnat_module_loaded", 1 },
	{ "svcnat_build_info{version=\"" SVCNAT_VERSION "\",module=\"1.2.3\"}", 1 },
	{ "svcnat_scrape_complete", 1 },
	{ "svcnat_stuck", 0 },
	{ "svcnat_foreign_changes_total", 0 },
	{ "kubeproxy_sync_proxy_rules_service_changes_total", 1 },
	{ "kubeproxy_sync_proxy_rules_service_changes_pending", 0 },
	{ "kubeproxy_sync_proxy_rules_endpoint_changes_total", 1 },
	{ "kubeproxy_sync_proxy_rules_endpoint_changes_pending", 0 },
	{ "kubeproxy_sync_proxy_rules_duration_seconds_count", 2 },
	{ "kubeproxy_sync_full_proxy_rules_duration_seconds_count", 1 },
	{ "kubeproxy_sync_partial_proxy_rules_duration_seconds_count", 1 },
	{ "kubeproxy_sync_proxy_rules_no_local_endpoints_total{traffic_policy=\"internal\"}", 0 },
	{ "kubeproxy_network_programming_duration_seconds_count", 1 },
	{ "kubeproxy_network_programming_duration_seconds_bucket{le=\"0\"}", 1 },
	{ "kubeproxy_network_programming_duration_seconds_bucket{le=\"300\"}", 1 },
	{ "kubeproxy_proxy_livez_total{code=\"200\"}", 0 },
};

/* Of another owner: it is in no series but those of the tables. */
static void put_by_hand(struct fixture *f)
{
	struct kservice s = { .name = "hand", .owner = "hand", .family = AF_INET,
			      .proto = IPPROTO_TCP };

	assert_int_equal(f->kernel->ops->service_set(f->kernel, &s, KERNEL_CREATE, 0, NULL), 0);
}

static void test_metrics(void **state)
{
	struct fixture *f = *state;
	struct prom p;
	size_t i;

	start(f);
	tell_service(f, "a", 1, "");
	tell_slice(f, "a", "'endpoints.kubernetes.io/last-change-trigger-time': "
			   "'2100-01-01T00:00:00Z'");
	node_run(f->node);
	put_counters(f);
	put_by_hand(f);
	scrape(f, &p);
	for (i = 0; i < sizeof(expected) / sizeof(*expected); i++)
		if (prom_value(&p, expected[i].key) != expected[i].value)
			fail_msg("%s is %g", expected[i].key, prom_value(&p, expected[i].key));
	/* 15 buckets of kube-proxy's, and 81, each with +Inf. */
	assert_int_equal(prom_count(&p, "kubeproxy_sync_proxy_rules_duration_seconds_bucket"), 16);
	assert_int_equal(prom_count(&p, "kubeproxy_network_programming_duration_seconds_bucket"),
			 82);
	assert_int_equal(prom_count(&p, "svcnat_service_connections_total"), 2);
	assert_true(prom_value(&p, "process_resident_memory_bytes") > 100000);
	assert_true(prom_value(&p, "process_open_fds") > 3);
	assert_true(prom_value(&p, "process_start_time_seconds") > 1700000000);
	assert_true(prom_has(&p, "process_cpu_seconds_total"));
	assert_true(prom_value(&p, "kubeproxy_sync_proxy_rules_last_timestamp_seconds") >
		    1700000000);
	assert_true(prom_value(&p, "kubeproxy_sync_proxy_rules_last_queued_timestamp_seconds") >
		    1700000000);
	prom_clear(&p);
	assert_int_equal(ask(f, &f->metrics, "/"), 404);
}

/* Prometheus' own reader, where it is installed. 3: it finds fault with kube-proxy's names. */
static void test_promtool(void **state)
{
	struct fixture *f = *state;
	struct http_answer a;
	FILE *pipe;
	int status;

	if (system("command -v promtool >/dev/null") != 0)
		skip();
	start(f);
	tell_service(f, "a", 1, "");
	tell_slice(f, "a", "");
	node_run(f->node);
	http_ask_port(f->http, "127.0.0.1", f->metrics.port, "GET", "/metrics", &a);
	pipe = popen("promtool check metrics >/dev/null 2>&1", "w");
	assert_non_null(pipe);
	assert_int_equal(fwrite(a.body, 1, a.len, pipe), a.len);
	status = pclose(pipe);
	assert_true(WIFEXITED(status));
	assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 3);
	http_answer_clear(&a);
}

static void test_without_endpoints(void **state)
{
	struct fixture *f = *state;
	struct prom p;

	observe_close(f->observe);
	open_observe(f, false);
	start(f);
	tell_service(f, "a", 1, "");
	tell_slice(f, "a", "");
	node_run(f->node);
	scrape(f, &p);
	assert_int_equal(prom_count(&p, "svcnat_service_"), 5);
	assert_int_equal(prom_count(&p, "svcnat_endpoint_"), 0);
	prom_clear(&p);
}

#define MANY	20

static void tell_many(struct fixture *f)
{
	char name[16];
	int i;

	for (i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "s%d", i);
		tell_service(f, name, i + 1, "");
	}
	node_run(f->node);
}

/* They are read in parts, and who comes meanwhile gets the same answer. */
static void test_parts(void **state)
{
	struct fixture *f = *state;
	struct http_answer a, b;
	struct http_peer p, q;
	struct prom m;
	unsigned int calls;

	start(f);
	tell_many(f);
	calls = kernel_fake_calls(f->kernel, KERNEL_FAKE_WALK_READ);
	assert_true(http_peer_connect(&p, "127.0.0.1", f->metrics.port));
	assert_true(http_peer_connect(&q, "127.0.0.1", f->metrics.port));
	http_peer_sendf(&p, "GET /metrics HTTP/1.1\r\n\r\n");
	http_peer_sendf(&q, "GET /metrics HTTP/1.1\r\n\r\n");
	http_peer_answer(f->http, &p, &a);
	http_peer_answer(f->http, &q, &b);
	parse(&m, &a);
	assert_int_equal(prom_count(&m, "svcnat_service_dropped_total"), 2 * MANY);
	prom_clear(&m);
	assert_string_equal(a.body, b.body);
	assert_int_equal(kernel_fake_calls(f->kernel, KERNEL_FAKE_WALK_READ) - calls,
			 (MANY + KERNEL_FAKE_WALK_PART - 1) / KERNEL_FAKE_WALK_PART);
	http_answer_clear(&a);
	http_answer_clear(&b);
	http_peer_close(&p);
	http_peer_close(&q);
}

static bool began(void *ctx)
{
	return kernel_fake_calls(((struct fixture *)ctx)->kernel, KERNEL_FAKE_WALK_READ) > 0;
}

/* What others change is put right after a pause of the node's clock. */
static bool all_are_there(void *ctx)
{
	struct fixture *f = ctx;

	f->now += 100;
	return kernel_fake_services(f->kernel)->n == MANY;
}

/* A reader that is not there any more, a service that is made anew, a module that goes. */
static void test_trouble(void **state)
{
	struct fixture *f = *state;
	struct http_answer a;
	struct http_peer p;
	struct prom m;

	start(f);
	tell_many(f);
	assert_true(http_peer_connect(&p, "127.0.0.1", f->metrics.port));
	http_peer_sendf(&p, "GET /metrics HTTP/1.1\r\n\r\n");
	assert_true(http_wait(f->http->base, began, f));
	observe_close(f->observe);
	http_peer_close(&p);
	open_observe(f, true);
	assert_true(http_peer_connect(&p, "127.0.0.1", f->metrics.port));
	http_peer_sendf(&p, "GET /metrics HTTP/1.1\r\n\r\n");
	event_base_loop(f->http->base, EVLOOP_ONCE);
	f->kernel->ops->service_del(f->kernel, "ns/s0", AF_INET, IPPROTO_TCP, NULL, 0, NULL);
	http_peer_answer(f->http, &p, &a);
	parse(&m, &a);
	http_answer_clear(&a);
	http_peer_close(&p);
	prom_clear(&m);
	assert_true(http_wait(f->http->base, all_are_there, f));
	/* It changes in the middle once, which nobody notices, or each time. */
	kernel_fake_fail(f->kernel, KERNEL_FAKE_WALK_READ, 3, EAGAIN);
	scrape(f, &m);
	assert_int_equal(prom_count(&m, "svcnat_service_rejected_total"), MANY);
	prom_clear(&m);
	kernel_fake_fail(f->kernel, KERNEL_FAKE_WALK_READ, 2, EPERM);
	scrape(f, &m);
	assert_int_equal(prom_count(&m, "svcnat_service_rejected_total"), 0);
	assert_float_equal(prom_value(&m, "svcnat_scrape_complete"), 0, 0);
	prom_clear(&m);
	kernel_fake_fail(f->kernel, KERNEL_FAKE_WALK_OPEN, 1, EPERM);
	assert_float_equal(value(f, "svcnat_scrape_complete"), 0, 0);
	assert_float_equal(value(f, "svcnat_scrape_complete"), 1, 0);
}

static bool module_goes(void *ctx)
{
	struct fixture *f = ctx;

	if (!began(f))
		return false;
	f->missing = true;
	node_kernel_changed(f->node);
	return true;
}

static void test_module_goes(void **state)
{
	struct fixture *f = *state;
	struct http_answer a;
	struct http_peer p;
	struct prom m;

	start(f);
	tell_many(f);
	assert_true(http_peer_connect(&p, "127.0.0.1", f->metrics.port));
	http_peer_sendf(&p, "GET /metrics HTTP/1.1\r\n\r\n");
	assert_true(http_wait(f->http->base, module_goes, f));
	http_peer_answer(f->http, &p, &a);
	parse(&m, &a);
	assert_float_equal(prom_value(&m, "svcnat_scrape_complete"), 0, 0);
	prom_clear(&m);
	http_answer_clear(&a);
	http_peer_close(&p);
}

/* --- ports */

struct wanted {
	struct fixture *f;
	uint16_t port;
};

static bool is_answered(void *ctx)
{
	return is_open(((struct wanted *)ctx)->port);
}

static void test_port_in_use(void **state)
{
	struct fixture *f = *state;
	struct wanted w = { f, http_free_port() };
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons(w.port) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	/* Bound and not listening: nobody answers, and nobody else can. */
	sa.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_return_code(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), errno);
	observe_close(f->observe);
	f->metrics.port = w.port;
	open_observe(f, true);
	start(f);
	assert_int_equal(ask(f, &f->health, "/healthz"), 200);
	assert_false(is_open(w.port));
	close(fd);
	assert_true(http_wait(f->http->base, is_answered, &w));
	assert_float_equal(value(f, "svcnat_scrape_complete"), 1, 0);
}

static void test_switched_off(void **state)
{
	struct fixture *f = *state;
	uint16_t health = f->health.port, metrics = f->metrics.port;

	assert_true(is_open(health) && is_open(metrics));
	observe_close(f->observe);
	assert_false(is_open(health) || is_open(metrics));
	f->health.n = f->metrics.n = 0;
	open_observe(f, true);
	assert_false(is_open(health) || is_open(metrics));
}

/* As when the options are read again. */
static void test_set(void **state)
{
	struct fixture *f = *state;
	struct listen_address other, nowhere = { .n = 0 };
	struct prom p;

	start(f);
	tell_service(f, "a", 1, "");
	tell_slice(f, "a", "");
	node_run(f->node);
	assert_int_equal(ask(f, &f->health, "/healthz"), 200);
	loopback(&other);
	observe_set(f->observe, &nowhere, &other, false);
	assert_false(is_open(f->health.port) || is_open(f->metrics.port));
	f->metrics = other;
	scrape(f, &p);
	assert_int_equal(prom_count(&p, "svcnat_service_"), 5);
	assert_int_equal(prom_count(&p, "svcnat_endpoint_"), 0);
	/* What was counted stays. */
	assert_float_equal(prom_value(&p, "kubeproxy_proxy_healthz_total{code=\"200\"}"), 1, 0);
	prom_clear(&p);
	observe_set(f->observe, &f->health, &other, true);
	assert_int_equal(ask(f, &f->health, "/livez"), 200);
	scrape(f, &p);
	assert_int_equal(prom_count(&p, "svcnat_endpoint_"), 1);
	prom_clear(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_stuck, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused_service, setup, teardown),
		cmocka_unit_test_setup_teardown(test_without_module, setup, teardown),
		cmocka_unit_test_setup_teardown(test_node_leaves, setup, teardown),
		cmocka_unit_test_setup_teardown(test_health_port, setup, teardown),
		cmocka_unit_test_setup_teardown(test_metrics, setup, teardown),
		cmocka_unit_test_setup_teardown(test_promtool, setup, teardown),
		cmocka_unit_test_setup_teardown(test_without_endpoints, setup, teardown),
		cmocka_unit_test_setup_teardown(test_parts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_trouble, setup, teardown),
		cmocka_unit_test_setup_teardown(test_module_goes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_port_in_use, setup, teardown),
		cmocka_unit_test_setup_teardown(test_switched_off, setup, teardown),
		cmocka_unit_test_setup_teardown(test_set, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
