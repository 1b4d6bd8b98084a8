// SPDX-License-Identifier: GPL-2.0
/*
 * Services, Pods and Nodes that change at random: what the controllers made of
 * it step by step is what they make at a start without any slice, and no step
 * changes more than it has to.
 */
#include "registry_help.h"

#include "jx.h"
#include "slice.h"
#include "txn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define STEPS		2000
#define EVERY		50	/* steps between two comparisons */
#define PODS		240
#define SERVICES	5
#define NODES		4

static const char *pick(const char *const *v, int n)
{
	return v[rand() % n];
}

/* As often refused as not; what is wrong would show in what the slices are. */
static int create(struct registry_help *h, const char *plural, const char *body)
{
	int code = registry_help_create(h, plural, body);

	if (code != 201 && code != 409)
		fail_msg("%s: %s", body, registry_help_message(h));
	return code;
}

static void patch(struct registry_help *h, const char *plural, const char *name, const char *sub,
		  const char *body)
{
	int code = registry_help_patch(h, plural, name, sub, body);

	if (code != 200 && code != 404)
		fail_msg("%s: %s", body, registry_help_message(h));
}

static void change_node(struct registry_help *h)
{
	char name[16], body[256];

	snprintf(name, sizeof(name), "n%d", rand() % NODES);
	if (rand() % 4 == 0) {
		registry_help_delete(h, "nodes", name);
		return;
	}
	snprintf(body, sizeof(body), "{'metadata':{'name':'%s','labels':{"
		 "'topology.kubernetes.io/zone':'z%d'}}}", name, rand() % 3);
	if (create(h, "nodes", body) == 409)
		patch(h, "nodes", name, NULL, body);
}

static void change_service(struct registry_help *h)
{
	static const char *const ports[] = {
		"[{'name':'a','port':80,'targetPort':'http'}]",
		"[{'name':'a','port':80,'targetPort':8080},{'name':'b','port':81,'targetPort':"
		"'http'}]", "[{'port':80}]", "[{'port':80,'targetPort':'absent'}]",
	};
	static const char *const near[] = { "null", "'PreferClose'", "'PreferSameNode'" };
	static const char *const flags[] = { "true", "false" };
	char name[16], body[512];

	snprintf(name, sizeof(name), "s%d", rand() % SERVICES);
	if (rand() % 12 == 0) {
		registry_help_delete(h, "services", name);
		return;
	}
	snprintf(body, sizeof(body), "{'metadata':{'name':'%s','labels':{'l':'%d'}},'spec':{"
		 "'selector':{'app':'a%d'},'ports':%s,'trafficDistribution':%s,"
		 "'publishNotReadyAddresses':%s}}", name, rand() % 2,
		 rand() % 4 == 0, pick(ports, 4), pick(near, 3), pick(flags, 2));
	if (create(h, "services", body) == 409)
		patch(h, "services", name, NULL, body);
}

static void new_pod(struct registry_help *h, const char *name)
{
	char body[512];

	snprintf(body, sizeof(body), "{'metadata':{'name':'%s','labels':{'app':'a%d'}},'spec':{"
		 "'nodeName':'n%d','hostname':'h','subdomain':'s%d','containers':[{'name':'c',"
		 "'image':'x','ports':[{'name':'http','containerPort':%d}]}]}}", name,
		 rand() % 8 == 0, rand() % NODES, rand() % SERVICES, rand() % 5 ? 8080 : 8081);
	create(h, "pods", body);
}

static void change_pod(struct registry_help *h, int i)
{
	static const char *const words[] = { "True", "False" };
	static const char *const phases[] = { "Running", "Running", "Running", "Succeeded" };
	char name[16], body[512];

	snprintf(name, sizeof(name), "p%d", i);
	switch (rand() % 16) {
	case 0:
		registry_help_delete(h, "pods", name);
		return;
	case 1:
		snprintf(body, sizeof(body), "{'metadata':{'labels':{'app':'a%d'}}}",
			 rand() % 4 == 0);
		patch(h, "pods", name, NULL, body);
		return;
	case 2:
	case 3:
	case 4:
		new_pod(h, name);
	}
	snprintf(body, sizeof(body), "{'status':{'phase':'%s','podIP':'10.244.%d.%d',"
		 "'conditions':[{'type':'Ready','status':'%s'}]}}", pick(phases, 4),
		 rand() % 2 * 8 + i / 200, 1 + i % 200, pick(words, 2));
	patch(h, "pods", name, "status", body);
}

struct changes {
	char names[64][64];
	int n;
};

/* The names of Services of which slices change, one for each slice. */
static void note(void *ctx, const struct registry_event *ev)
{
	struct changes *c = ctx;

	if (strcmp(ev->res->plural, "endpointslices"))
		return;
	assert_true(c->n < 64);
	snprintf(c->names[c->n++], sizeof(c->names[0]), "%s", slice_service(ev->object));
}

/* Of no Service more than the slice that the pod left and the one that it is in now. */
static void check_changes(const struct changes *c)
{
	for (int i = 0; i < c->n; i++) {
		int same = 0;

		for (int j = 0; j < c->n; j++)
			same += !strcmp(c->names[i], c->names[j]);
		assert_true(same <= 2);
	}
}

struct dump {
	char **v;
	size_t n;
};

static int cmp(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void add_line(struct dump *d, const json_t *slice, const json_t *endpoint)
{
	json_t *line = json_pack("{s:s, s:s, s:O, s:O, s:O*}", "service", slice_service(slice),
				 "type", jx_str(slice, "addressType"), "ports",
				 json_object_get(slice, "ports"), "labels",
				 jx_get(slice, "metadata.labels"), "endpoint", endpoint);

	assert_non_null(line);
	d->v = realloc(d->v, (d->n + 1) * sizeof(*d->v));
	d->v[d->n++] = json_dumps(line, JSON_SORT_KEYS);
	json_decref(line);
}

/* Every endpoint of every slice, however they are spread; an empty slice counts as one. */
static struct dump dump(struct registry_help *h)
{
	const struct objects *o = txn_objects(h->r, slice_type());
	struct dump d = { .n = 0 };

	for (size_t i = 0; i < o->n; i++) {
		const json_t *list = json_object_get(o->v[i].object, "endpoints");
		size_t n = json_array_size(list);

		assert_true(n <= SLICE_ENDPOINTS);
		for (size_t j = 0; j < n; j++)
			add_line(&d, o->v[i].object, json_array_get(list, j));
		if (!n)
			add_line(&d, o->v[i].object, NULL);
	}
	qsort(d.v, d.n, sizeof(*d.v), cmp);
	return d;
}

/* Without a controller's knowledge. */
static void wipe(struct registry_help *h)
{
	const struct objects *o = txn_objects(h->r, slice_type());
	struct err e = { "" };
	struct txn t;

	txn_begin(&t, h->r);
	for (size_t i = 0; i < o->n; i++)
		txn_del(&t, slice_type(), o->v[i].object);
	assert_int_equal(txn_write(&t, &e), 0);
	assert_int_equal(o->n, 0);
}

static size_t compare(struct registry_help *h)
{
	struct dump before = dump(h), after;
	size_t n = before.n;

	wipe(h);
	registry_help_reopen(h);
	after = dump(h);
	for (size_t i = 0; i < before.n && i < after.n; i++)
		assert_string_equal(before.v[i], after.v[i]);
	assert_int_equal(before.n, after.n);
	for (size_t i = 0; i < n; i++) {
		free(before.v[i]);
		free(after.v[i]);
	}
	free(before.v);
	free(after.v);
	return n;
}

static void test_random(void **state)
{
	struct registry_help *h = *state;
	struct changes changes;
	size_t most = 0;

	srand(11);
	/* What is kept for watchers is read at each start. */
	h->config.history = 16;
	registry_help_reopen(h);
	registry_listen(h->r, note, &changes);
	for (int step = 1; step <= STEPS; step++) {
		int what = rand() % 40;

		changes.n = 0;
		if (what < 2) {
			change_service(h);
		} else if (what == 2) {
			change_node(h);
		} else {
			change_pod(h, rand() % PODS);
			check_changes(&changes);
		}
		if (step % EVERY == 0) {
			size_t n = compare(h);

			most = n > most ? n : most;
			registry_listen(h->r, note, &changes);
		}
	}
	/* Else nothing was compared. */
	print_message("# at most %zu endpoints\n", most);
	assert_true(most > 3 * SLICE_ENDPOINTS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_random, registry_help_setup,
						registry_help_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
