// SPDX-License-Identifier: GPL-2.0
/* SIGHUP: all of what the file says is in force afterwards, or nothing has changed. */
#include "svcd.h"

#include "kernel_fake.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	char dir[64], config[96], config_option[112];
	char *argv[2];
	struct kernel *kernel;
	struct svcd d;
};

static int open_fake(struct kernel **out, void *ctx, struct err *e)
{
	struct fixture *f = ctx;

	(void)e;
	*out = f->kernel;
	return 0;
}

static json_t *no_status(void *ctx)
{
	(void)ctx;
	return NULL;
}

/* SOCKET and DATA in the folder; more is whole lines. */
static void put(struct fixture *f, const char *socket, const char *data, const char *more)
{
	FILE *out = fopen(f->config, "w");

	assert_non_null(out);
	fprintf(out, "socket: %s/%s\ndataDir: %s/%s\nmanifests: ''\nhealthzBindAddress: ''\n"
		"metricsBindAddress: ''\nlogLevel: error\n%s", f->dir, socket, f->dir, data, more);
	assert_int_equal(fclose(out), 0);
}

/* What main.c does, on a fake kernel. */
static void start(struct fixture *f)
{
	struct svcd *d = &f->d;
	struct err e = { "" };
	struct node_config nc = { .open = open_fake, .open_ctx = f };
	struct source_config sc;
	int ret;

	d->options = &d->slots[0];
	ret = options_parse(d->options, d->argc, d->argv, NULL, stdout, &e);
	d->base = event_base_new();
	nc.base = d->base;
	nc.node_name = d->options->node_name;
	if (!ret)
		ret = node_alloc(&d->node, &nc, &e);
	sc = (struct source_config){ d->base, d->options, d->node };
	if (!ret)
		ret = source_open(&d->source, &sc, &e);
	if (!ret)
		ret = dns_open(&d->dns, &(struct dns_config){ .base = d->base, .node = d->node },
			       d->options, &e);
	d->api = (struct api){ .ready = node_ready, .ready_ctx = d->node, .status = no_status };
	if (!ret)
		ret = server_open(&d->server, d->base, d->options->socket, api_handle, &d->api, &e);
	if (ret)
		fail_msg("%s", e.text);
	source_serve(d->source, &d->api);
	node_start(d->node);
	assert_int_equal(source_start(d->source, &e), 0);
	node_run(d->node);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	strcpy(f->dir, "/tmp/reload-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->config, sizeof(f->config), "%s/svcd.yaml", f->dir);
	snprintf(f->config_option, sizeof(f->config_option), "--config=%s", f->config);
	f->argv[0] = "svcd";
	f->argv[1] = f->config_option;
	f->d.argc = 2;
	f->d.argv = f->argv;
	f->kernel = kernel_fake_open();
	log_init(LOG_LEVEL_ERROR, NULL, LOG_FORMAT_TEXT);
	put(f, "a.sock", "a", "nodeName: n1\n");
	start(f);
	*state = f;
	return 0;
}

static void remove_below(struct fixture *f, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", f->dir, name);
	if (unlink(path) < 0)
		rmdir(path);
}

static int teardown(void **state)
{
	static const char *const names[] = {
		"a/svcd.db", "a/svcd.db-wal", "a/svcd.db-shm", "a", "b/svcd.db", "b/svcd.db-wal",
		"b/svcd.db-shm", "b", "a.sock.lock", "b.sock.lock", "file", "file.lock",
		"svcd.yaml", "",
	};
	struct fixture *f = *state;

	svcd_reload_stop(&f->d);
	server_close(f->d.server);
	source_close(f->d.source);
	dns_close(f->d.dns);
	node_free(f->d.node);
	kernel_fake_free(f->kernel);
	event_base_free(f->d.base);
	options_clear(f->d.options);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		remove_below(f, names[i]);
	free(f);
	return 0;
}

static void reload(struct fixture *f, const char *socket, const char *data, const char *more)
{
	put(f, socket, data, more);
	svcd_reload(&f->d);
	node_run(f->d.node);
}

static void must_reload(struct fixture *f, const char *socket, const char *data, const char *more)
{
	reload(f, socket, data, more);
	if (f->d.refused.text[0])
		fail_msg("%s", f->d.refused.text);
}

static void create(struct fixture *f, const struct resource *res, json_t *o)
{
	struct reply r = { 0 };

	registry_create(f->d.api.registry, res, "default", o, 0, &r);
	assert_int_equal(r.code, 201);
	json_decref(r.body);
	json_decref(o);
	node_run(f->d.node);
}

static void create_service(struct fixture *f, const char *name)
{
	create(f, resource_by_plural("v1", "services"),
	       json_pack("{s:{s:s}, s:{s:s, s:[{s:i}]}}", "metadata", "name", name, "spec",
			 "internalTrafficPolicy", "Local", "ports", "port", 80));
}

/* Of the Service one, on nodes n1 and n2. */
static void create_endpoints(struct fixture *f)
{
	create(f, resource_by_plural("discovery.k8s.io/v1", "endpointslices"),
	       json_pack("{s:{s:s, s:{s:s}}, s:s, s:[{s:[s], s:s}, {s:[s], s:s}], s:[{s:i}]}",
			 "metadata", "name", "one-x", "labels", "kubernetes.io/service-name", "one",
			 "addressType", "IPv4", "endpoints", "addresses", "10.244.1.1", "nodeName",
			 "n1", "addresses", "10.244.2.1", "nodeName", "n2", "ports", "port", 8080));
}

/* Of the two: on which is this node? 0: on none. */
static int local(struct fixture *f)
{
	const struct kservice *s = kernel_fake_find(f->kernel, "default/one", AF_INET, IPPROTO_TCP);
	int i, node = 0;

	assert_int_equal(s->nendpoints, 2);
	for (i = 0; i < 2; i++)
		if (s->endpoints[i].lists & SVCNAT_LIST_LOCAL)
			node = node * 10 + i + 1;
	return node;
}

static bool in_kernel(struct fixture *f, const char *name)
{
	return kernel_fake_find(f->kernel, name, AF_INET, IPPROTO_TCP);
}

static void assert_refused(struct fixture *f, const char *why)
{
	json_t *status = json_object();

	if (!strstr(f->d.refused.text, why))
		fail_msg("not \"%s\": \"%s\"", why, f->d.refused.text);
	assert_false(svcd_reload_status(&f->d, status));
	assert_string_equal(json_string_value(json_object_get(json_object_get(status, "options"),
							      "message")), f->d.refused.text);
	json_decref(status);
}

/* 0 or an errno */
static int reach(struct fixture *f, const char *name)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), ret;

	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s/%s", f->dir, name);
	ret = connect(fd, (struct sockaddr *)&sun, sizeof(sun)) ? errno : 0;
	close(fd);
	return ret;
}

static void test_database(void **state)
{
	struct fixture *f = *state;
	json_t *status = json_object();

	create_service(f, "one");
	assert_true(in_kernel(f, "default/one"));
	must_reload(f, "a.sock", "b", "nodeName: n1\n");
	assert_false(in_kernel(f, "default/one"));
	create_service(f, "two");
	assert_true(in_kernel(f, "default/two"));
	must_reload(f, "a.sock", "a", "nodeName: n1\n");
	assert_true(in_kernel(f, "default/one"));
	assert_false(in_kernel(f, "default/two"));
	create_service(f, "three");
	assert_true(in_kernel(f, "default/three"));
	assert_true(svcd_reload_status(&f->d, status));
	json_decref(status);
}

/* One that cannot be there: nothing else of the same file is in force either. */
static void test_database_that_fails(void **state)
{
	struct fixture *f = *state;
	char path[96];

	snprintf(path, sizeof(path), "%s/file", f->dir);
	close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	create_service(f, "one");
	reload(f, "b.sock", "file/below", "nodeName: n2\nmasqueradeAll: true\n");
	assert_refused(f, "file/below");
	assert_string_equal(f->d.options->node_name, "n1");
	assert_int_equal(f->d.options->settings_what, 0);
	assert_true(in_kernel(f, "default/one"));
	assert_int_equal(reach(f, "a.sock"), 0);
	assert_int_equal(reach(f, "b.sock"), ENOENT);
	create_service(f, "two");
	assert_true(in_kernel(f, "default/two"));
	must_reload(f, "a.sock", "a", "nodeName: n2\n");
	assert_string_equal(f->d.options->node_name, "n2");
	/* The same one by another path goes on. */
	must_reload(f, "a.sock", "./a", "nodeName: n1\n");
	create_service(f, "three");
	assert_true(in_kernel(f, "default/three"));
}

static void test_socket(void **state)
{
	struct fixture *f = *state;
	char path[96];

	must_reload(f, "b.sock", "a", "nodeName: n1\n");
	assert_int_equal(reach(f, "b.sock"), 0);
	/* Back while the last answers by the old one are on their way. */
	must_reload(f, "a.sock", "a", "nodeName: n1\n");
	assert_int_equal(reach(f, "a.sock"), 0);
	while (f->d.retired)
		event_base_loop(f->d.base, EVLOOP_ONCE);
	assert_int_equal(reach(f, "b.sock"), ENOENT);

	snprintf(path, sizeof(path), "%s/file", f->dir);
	close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	reload(f, "file", "b", "nodeName: n2\n");
	assert_refused(f, "is not a socket");
	assert_int_equal(reach(f, "a.sock"), 0);
	assert_string_equal(f->d.options->node_name, "n1");
	create_service(f, "one");
	must_reload(f, "a.sock", "a", "nodeName: n1\n");
	assert_true(in_kernel(f, "default/one"));
}

static void test_node_name(void **state)
{
	struct fixture *f = *state;

	create_service(f, "one");
	create_endpoints(f);
	assert_int_equal(local(f), 1);
	must_reload(f, "a.sock", "a", "nodeName: n2\n");
	assert_int_equal(local(f), 2);
	reload(f, "a.sock", "a", "nodeName: n1\nnodePortRange: 5-1\n");
	assert_refused(f, "nodePortRange: ");
	assert_int_equal(local(f), 2);
	/* Together with what takes the place of something else. */
	must_reload(f, "b.sock", "b", "nodeName: n3\n");
	must_reload(f, "a.sock", "a", "nodeName: n3\n");
	assert_int_equal(local(f), 0);
}

/* A follower keeps what is there until its authority says otherwise. */
static void test_role(void **state)
{
	struct fixture *f = *state;

	create_service(f, "one");
	must_reload(f, "a.sock", "a", "nodeName: n1\nfollow: unix:///nowhere/svcd.sock\n");
	assert_null(f->d.api.registry);
	assert_null(f->d.api.watches);
	assert_string_equal(f->d.api.authority, "unix:///nowhere/svcd.sock");
	assert_true(in_kernel(f, "default/one"));
	/* To another one, with a new name: two keys that only a new follower has. */
	must_reload(f, "a.sock", "a", "nodeName: n2\nfollow: unix:///nowhere/else.sock\n");
	assert_string_equal(f->d.api.authority, "unix:///nowhere/else.sock");
	assert_true(in_kernel(f, "default/one"));
	reload(f, "a.sock", "a", "nodeName: n2\nfollow: http://192.0.2.1\n");
	assert_refused(f, "follow: ");
	assert_string_equal(f->d.api.authority, "unix:///nowhere/else.sock");

	must_reload(f, "a.sock", "a", "nodeName: n2\n");
	assert_non_null(f->d.api.registry);
	assert_null(f->d.api.authority);
	assert_true(in_kernel(f, "default/one"));
	create_service(f, "two");
	assert_true(in_kernel(f, "default/two"));
}

/* What is exchanged in place is not looked at where it was. */
static bool answers_names(struct fixture *f)
{
	json_t *status = json_object();
	bool ok = dns_status(f->d.dns, status), there = json_object_get(status, "dns");

	json_decref(status);
	return ok && there;
}

/* With a wrong file names are answered as before. */
static void test_dns(void **state)
{
	struct fixture *f = *state;
	char more[160];

	assert_false(answers_names(f));
	snprintf(more, sizeof(more), "nodeName: n1\ndns: {listen: '127.7.%d.%d:5600', upstreams: "
		 "none}\n", getpid() >> 8 & 255, getpid() & 255);
	put(f, "a.sock", "a", more);
	svcd_reload(&f->d);
	assert_string_equal(f->d.refused.text, "");
	assert_true(answers_names(f));
	put(f, "a.sock", "a", "nodeName: n1\ndns: {listen: nonsense}\n");
	svcd_reload(&f->d);
	assert_non_null(strstr(f->d.refused.text, "dns.listen"));
	assert_true(answers_names(f));
	/* Another source of objects is another place of the options, too. */
	put(f, "a.sock", "b", more);
	svcd_reload(&f->d);
	assert_true(answers_names(f));
	put(f, "a.sock", "b", "nodeName: n1\n");
	svcd_reload(&f->d);
	assert_false(answers_names(f));
}

static void test_again_and_again(void **state)
{
	static const char *const more[] = {
		"nodeName: n1\nfollow: unix:///nowhere/svcd.sock\n",
		"nodeName: n1\nfollow: unix:///nowhere/svcd.sock\nmasqueradeAll: true\n",
		"nodeName: n2\n", "nodeName: n2\nnodePortRange: 31000-31100\n", "nodeName: n1\n",
		"nodeName: n1\nnonsense: 1\n",
	};
	struct fixture *f = *state;

	create_service(f, "one");
	for (size_t i = 0; i < 24; i++) {
		reload(f, i % 3 ? "a.sock" : "b.sock", "a", more[i % 6]);
		event_base_loop(f->d.base, EVLOOP_NONBLOCK);
		assert_int_equal(!f->d.refused.text[0], i % 6 != 5);
		assert_true(in_kernel(f, "default/one"));
	}
}

#define CASE(test)	cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_database), CASE(test_database_that_fails), CASE(test_socket),
		CASE(test_node_name), CASE(test_role), CASE(test_dns), CASE(test_again_and_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
