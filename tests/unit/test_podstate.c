// SPDX-License-Identifier: GPL-2.0
/* A pod in one word: the rules of Kubernetes' own table of pods, case by case. */
#include "podstate.h"
#include "rows.h"
#include "steps.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NOW	1767225600	/* 2026-01-01T00:00:00Z */

/* What the status of a pod, with ' for ", makes of READY, STATUS and RESTARTS. */
struct pod_case {
	const char *name, *spec, *status, *ready, *word, *restarts;
};

#define INITS	"'initContainers':[{'name':'i'},{'name':'side','restartPolicy':'Always'}]," \
		"'containers':[{'name':'a'},{'name':'b'}]"
#define TWO	"'containers':[{'name':'a'},{'name':'b'}]"
#define DONE	"{'name':'i','state':{'terminated':{'exitCode':0,'reason':'Completed'}}}"

static const struct pod_case pods[] = {
	{ "the pod's own reason", TWO, "'phase':'Failed','reason':'Evicted'", "0/2", "Evicted",
	  "0" },
	{ "an end without a reason", TWO,
	  "'phase':'Failed','containerStatuses':[{'state':{'terminated':{'exitCode':3}}}]", "0/2",
	  "ExitCode:3", "0" },
	{ "an end by a signal", TWO, "'phase':'Failed','containerStatuses':[{'state':{"
	  "'terminated':{'exitCode':137,'signal':9}}}]", "0/2", "Signal:9", "0" },
	{ "the first that says something", TWO, "'phase':'Running','containerStatuses':["
	  "{'state':{'waiting':{'reason':'ImagePullBackOff'}}},"
	  "{'state':{'waiting':{'reason':'CrashLoopBackOff'}},'restartCount':4}]", "0/2",
	  "ImagePullBackOff", "4" },
	{ "one has done its work, the other goes on", TWO, "'phase':'Running','conditions':["
	  "{'type':'Ready','status':'True'}],'containerStatuses':["
	  "{'state':{'terminated':{'exitCode':0,'reason':'Completed'}}},"
	  "{'ready':true,'state':{'running':{}}}]", "1/2", "Running", "0" },
	{ "the same, and the pod is not ready", TWO, "'phase':'Running','containerStatuses':["
	  "{'state':{'terminated':{'exitCode':0,'reason':'Completed'}}},"
	  "{'ready':true,'state':{'running':{}}}]", "1/2", "NotReady", "0" },
	{ "all have done their work", TWO, "'phase':'Succeeded','containerStatuses':["
	  "{'state':{'terminated':{'exitCode':0,'reason':'Completed'}}}]", "0/2", "Completed",
	  "0" },
	{ "restarts, and when the last was", TWO, "'phase':'Running','containerStatuses':["
	  "{'ready':true,'restartCount':2,'state':{'running':{}},'lastState':{'terminated':"
	  "{'exitCode':1,'finishedAt':'2025-12-31T23:50:00Z'}}},"
	  "{'ready':true,'restartCount':1,'state':{'running':{}},'lastState':{'terminated':"
	  "{'exitCode':1,'finishedAt':'2025-12-31T23:00:00Z'}}}]", "2/2", "Running",
	  "3 (10m ago)" },
	{ "init containers to come", INITS, "'phase':'Pending','initContainerStatuses':["
	  "{'name':'i','restartCount':7,'state':{'running':{}}},{'name':'side','state':{"
	  "'waiting':{'reason':'PodInitializing'}}}]", "0/3", "Init:0/2", "7" },
	{ "an init container that fails", INITS, "'phase':'Pending','initContainerStatuses':["
	  "{'name':'i','state':{'terminated':{'exitCode':2}}}]", "0/3", "Init:ExitCode:2", "0" },
	{ "an init container that waits", INITS, "'phase':'Pending','initContainerStatuses':["
	  DONE ",{'name':'side','state':{'waiting':{'reason':'ErrImagePull'}}}]", "0/3",
	  "Init:ErrImagePull", "0" },
	{ "the sidecar that is to start", INITS, "'phase':'Pending','initContainerStatuses':["
	  DONE ",{'name':'side','state':{'waiting':{'reason':'PodInitializing'}}}]", "0/3",
	  "Init:1/2", "0" },
	{ "a sidecar counts like a container", INITS, "'phase':'Running',"
	  "'initContainerStatuses':[{'name':'i','restartCount':7,'state':{'terminated':{"
	  "'exitCode':0}}},{'name':'side','restartCount':2,'started':true,'ready':true}],"
	  "'containerStatuses':[{'ready':true,'restartCount':1},{'ready':false}]", "2/3",
	  "Running", "3" },
	{ "gated", TWO, "'phase':'Pending','conditions':[{'type':'PodScheduled','status':"
	  "'False','reason':'SchedulingGated'}]", "0/2", "SchedulingGated", "0" },
};

static json_t *pod_of(const struct pod_case *c)
{
	char text[2048], *p;

	snprintf(text, sizeof(text), "{'metadata':{'name':'p'},'spec':{%s},'status':{%s}}", c->spec,
		 c->status);
	for (p = text; *p; p++)
		if (*p == '\'')
			*p = '"';
	return json_loads(text, 0, NULL);
}

static void assert_cell(const struct pod_case *c, const json_t *cells, size_t column,
			const char *expected)
{
	const char *got = json_string_value(json_array_get(cells, column));

	if (!got || strcmp(got, expected))
		fail_msg("%s: %s, not %s", c->name, got, expected);
}

static void test_words(void **state)
{
	const struct rows_type *type = rows_of(resource_by_word("pods"));
	json_t *pod, *cells;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(pods) / sizeof(pods[0]); i++) {
		pod = pod_of(&pods[i]);
		assert_non_null(pod);
		cells = rows_cells(type, pod, NOW);
		assert_cell(&pods[i], cells, 1, pods[i].ready);
		assert_cell(&pods[i], cells, 2, pods[i].word);
		assert_cell(&pods[i], cells, 3, pods[i].restarts);
		json_decref(cells);
		json_decref(pod);
	}
}

/* A word that no cell has room for is cut, and ends. */
static void test_long_word(void **state)
{
	char reason[2 * PODSTATE_SIZE];
	struct podstate s;
	json_t *pod;

	(void)state;
	memset(reason, 'x', sizeof(reason) - 1);
	reason[sizeof(reason) - 1] = '\0';
	pod = json_pack("{s:{s:s}}", "status", "reason", reason);
	s = podstate_of(pod);
	assert_int_equal(strlen(s.status), PODSTATE_SIZE - 1);
	json_decref(pod);
}

/* It is cut between characters: what is cut within one would be no text in JSON. */
static void test_long_word_of_utf8(void **state)
{
	static const char *const characters[] = { "\303\251", "\342\202\254", "\360\237\230\200" };
	char reason[2 * PODSTATE_SIZE];
	json_t *pod, *cells;
	struct podstate s;
	size_t k, size, shift;

	(void)state;
	for (k = 0; k < 3; k++) {
		size = strlen(characters[k]);
		for (shift = 0; shift < 4; shift++) {
			reason[0] = '\0';
			strncat(reason, "xxxx", shift);
			while (strlen(reason) + size < sizeof(reason))
				strcat(reason, characters[k]);
			pod = json_pack("{s:{s:s}}", "status", "reason", reason);
			s = podstate_of(pod);
			assert_int_equal(strlen(s.status), shift +
					 (PODSTATE_SIZE - 1 - shift) / size * size);
			assert_memory_equal(s.status, reason, strlen(s.status));
			cells = rows_cells(rows_of(resource_by_word("pods")), pod, NOW);
			assert_string_equal(json_string_value(json_array_get(cells, 2)), s.status);
			json_decref(cells);
			json_decref(pod);
		}
	}
}

/* n sidecars that run, and as many gates of which half are open. */
static size_t steps_of_row(int n)
{
	json_t *pod, *inits = json_array(), *statuses = json_array(), *conditions = json_array();
	json_t *gates = json_array(), *cells;
	char name[16], want[32];
	int i;

	for (i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "c%d", i);
		json_array_append_new(inits, json_pack("{s:s, s:s}", "name", name,
						       "restartPolicy", "Always"));
		json_array_append_new(statuses, json_pack("{s:s, s:b, s:b}", "name", name,
							  "started", 1, "ready", 1));
		json_array_append_new(gates, json_pack("{s:s}", "conditionType", name));
		json_array_append_new(conditions, json_pack("{s:s, s:s}", "type", name, "status",
							    i % 2 ? "True" : "False"));
	}
	pod = json_pack("{s:{s:o, s:o}, s:{s:o, s:o}}", "spec", "initContainers", inits,
			"readinessGates", gates, "status", "initContainerStatuses", statuses,
			"conditions", conditions);
	steps = 0;
	cells = rows_cells(rows_of(resource_by_word("pods")), pod, NOW);
	snprintf(want, sizeof(want), "%d/%d", n, n);
	assert_string_equal(json_string_value(json_array_get(cells, 1)), want);
	snprintf(want, sizeof(want), "%d/%d", n / 2, n);
	assert_string_equal(json_string_value(json_array_get(cells, 8)), want);
	json_decref(cells);
	json_decref(pod);
	return steps;
}

/* Four times as many take some more than four times the steps, and not sixteen times. */
static void test_many_sidecars(void **state)
{
	(void)state;
	assert_true(steps_of_row(400) < 6 * steps_of_row(100));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_long_word),
		cmocka_unit_test(test_long_word_of_utf8),
		cmocka_unit_test(test_many_sidecars),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
