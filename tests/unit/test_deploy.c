// SPDX-License-Identifier: GPL-2.0
/* What deploy/svcd.yaml lets svcd do in a cluster is what it does there. */
#include "err.h"
#include "jx.h"
#include "options.h"
#include "yaml_file.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <setjmp.h>
#include <stdint.h>

#include <cmocka.h>

#define DEPLOY	SVCNAT_SOURCE "/deploy/svcd.yaml"

static int setup(void **state)
{
	struct yaml_docs *docs = calloc(1, sizeof(*docs));
	struct err e = { "" };

	if (yaml_read_file(DEPLOY, 1 << 20, docs, &e))
		fail_msg("%s", e.text);
	*state = docs;
	return 0;
}

static int teardown(void **state)
{
	yaml_docs_clear(*state);
	free(*state);
	return 0;
}

static const json_t *find(const struct yaml_docs *docs, const char *kind)
{
	size_t i;

	for (i = 0; i < docs->n; i++)
		if (jx_is(docs->v[i].value, "kind", kind))
			return docs->v[i].value;
	fail_msg("there is no %s", kind);
	return NULL;
}

/* "group/resource:verb " of all rules, in their order. */
static void test_rights(void **state)
{
	const json_t *rules = jx_get(find(*state, "ClusterRole"), "rules"), *rule, *r, *v;
	char got[512] = "";
	size_t i, j, k;

	json_array_foreach(rules, i, rule)
		json_array_foreach(json_object_get(rule, "resources"), j, r)
			json_array_foreach(json_object_get(rule, "verbs"), k, v) {
				const json_t *groups = json_object_get(rule, "apiGroups");

				assert_int_equal(json_array_size(groups), 1);
				snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s/%s:%s ",
					 json_string_value(json_array_get(groups, 0)),
					 json_string_value(r), json_string_value(v));
			}
	assert_string_equal(got, "/services:get /services:list /services:watch "
			    "/nodes:get /nodes:list /nodes:watch "
			    "discovery.k8s.io/endpointslices:get "
			    "discovery.k8s.io/endpointslices:list "
			    "discovery.k8s.io/endpointslices:watch /events:create ");
}

static const json_t *pod_of(void **state)
{
	return jx_get(find(*state, "DaemonSet"), "spec.template.spec");
}

static const json_t *container_of(void **state)
{
	return json_array_get(jx_get(pod_of(state), "containers"), 0);
}

/* With the environment that it gets there; to be cleared. */
static void read_options(const json_t *c, struct options *o)
{
	char *argv[16] = { "svcd" };
	struct err e = { "" };
	const json_t *v;
	int argc = 1;
	size_t i;

	json_array_foreach(json_object_get(c, "env"), i, v)
		setenv(jx_str(v, "name"), *jx_str(v, "value") ? jx_str(v, "value") : "n1", 1);
	json_array_foreach(json_object_get(c, "args"), i, v) {
		argv[argc] = strdup(json_string_value(v));
		if (strcmp(argv[argc], "--node-name=$(NODE_NAME)") == 0)
			strcpy(argv[argc], "--node-name=n1");
		argc++;
	}
	if (options_parse(o, argc, argv, NULL, stdout, &e))
		fail_msg("%s", e.text);
	while (--argc)
		free(argv[argc]);
}

/* Its command line is one. */
static void test_arguments(void **state)
{
	const json_t *pod = pod_of(state), *c = container_of(state);
	struct options o;

	read_options(c, &o);
	assert_string_equal(o.follow.name, "https://192.168.56.150:6443");
	assert_string_equal(o.node_name, "n1");
	assert_int_equal(o.nservice_cidrs, 1);
	options_clear(&o);
	assert_true(jx_bool(pod, "hostNetwork"));
	assert_true(jx_bool(c, "securityContext.readOnlyRootFilesystem"));
	assert_false(jx_bool(c, "securityContext.privileged"));
}

static json_int_t port_named(const json_t *c, const char *name)
{
	const json_t *port;
	size_t i;

	json_array_foreach(json_object_get(c, "ports"), i, port)
		if (jx_is(port, "name", name))
			return json_integer_value(json_object_get(port, "containerPort"));
	fail_msg("there is no port %s", name);
	return 0;
}

/* Where svcd listens by these options: on each address, as the kubelet asks the node's. */
static void assert_listens(const json_t *c, const char *name, const struct listen_address *a)
{
	assert_int_equal(port_named(c, name), a->port);
	assert_int_equal(a->n, 2);
}

static void test_ports(void **state)
{
	static const char *const probes[] = { "startupProbe", "livenessProbe" };
	const json_t *c = container_of(state), *get;
	struct options o;
	size_t i;

	read_options(c, &o);
	assert_listens(c, "healthz", &o.healthz);
	assert_listens(c, "metrics", &o.metrics);
	for (i = 0; i < sizeof(probes) / sizeof(*probes); i++) {
		get = json_object_get(json_object_get(c, probes[i]), "httpGet");
		assert_string_equal(jx_str(get, "path"), "/livez");
		assert_string_equal(jx_str(get, "port"), "healthz");
	}
	options_clear(&o);
	/* The verb and its option are those of svcctl, which test_svcctl_status has. */
	get = jx_get(c, "readinessProbe.exec.command");
	assert_int_equal(json_array_size(get), 3);
	assert_string_equal(json_string_value(json_array_get(get, 0)), "svcctl");
	assert_string_equal(json_string_value(json_array_get(get, 1)), "status");
	assert_string_equal(json_string_value(json_array_get(get, 2)), "--ready");
}

#define CASE(test)	cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(test_rights),
		CASE(test_arguments),
		CASE(test_ports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
