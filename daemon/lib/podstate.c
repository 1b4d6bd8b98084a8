// SPDX-License-Identifier: GPL-2.0
/*
 * The rules are those of Kubernetes' own table of pods: the first container that
 * has something to say says more than the pod's phase; init containers, which come
 * first, say "Init:" in front of it; and a sidecar is an init container that stays.
 */
#include "field.h"
#include "podstate.h"

#include <stdio.h>
#include <string.h>

bool podstate_condition(const json_t *pod, const char *type)
{
	json_t *c;
	size_t i;

	json_array_foreach(field_get(pod, "status.conditions"), i, c)
		if (!strcmp(field_string(c, "type"), type))
			return !strcmp(field_string(c, "status"), "True");
	return false;
}

/* Cut between characters of UTF-8: half of one would be no text in JSON. */
static void say(struct podstate *s, const char *prefix, const char *word)
{
	size_t room = sizeof(s->status) - 1 - strlen(prefix), n = strlen(word);

	if (n > room)
		for (n = room; n && (word[n] & 0xc0) == 0x80; n--)
			;
	snprintf(s->status, sizeof(s->status), "%s%.*s", prefix, (int)n, word);
}

/* Why a container came to its end. */
static void say_end(struct podstate *s, const char *prefix, const json_t *ended)
{
	json_int_t signal = field_int(ended, "signal", 0);
	const char *reason = field_string(ended, "reason");

	if (*reason)
		say(s, prefix, reason);
	else if (signal)
		snprintf(s->status, sizeof(s->status), "%sSignal:%lld", prefix, (long long)signal);
	else
		snprintf(s->status, sizeof(s->status), "%sExitCode:%lld", prefix,
			 (long long)field_int(ended, "exitCode", 0));
}

static void count_restarts(struct podstate *s, const json_t *status)
{
	const char *at = field_string(status, "lastState.terminated.finishedAt");

	s->restarts += field_int(status, "restartCount", 0);
	if (strcmp(at, s->restarted) > 0)
		s->restarted = at;
}

static bool is_sidecar(const json_t *container)
{
	return !strcmp(field_string(container, "restartPolicy"), "Always");
}

/* The init containers that stay, by their names; NULL: none, or no memory to tell. */
static json_t *find_sidecars(const json_t *pod)
{
	json_t *all = NULL, *c;
	size_t i;

	json_array_foreach(field_get(pod, "spec.initContainers"), i, c) {
		if (!is_sidecar(c))
			continue;
		if (!all)
			all = json_object();
		json_object_set(all, field_string(c, "name"), c);
	}
	return all;
}

static size_t count_sidecars(const json_t *pod)
{
	size_t i, n = 0;
	json_t *c;

	json_array_foreach(field_get(pod, "spec.initContainers"), i, c)
		n += is_sidecar(c);
	return n;
}

/* The init container that the others wait for; at is its place. */
static void say_init(struct podstate *s, const json_t *pod, const json_t *status, size_t at)
{
	const json_t *ended = field_get(status, "state.terminated");
	const char *reason = field_string(status, "state.waiting.reason");

	if (ended)
		say_end(s, "Init:", ended);
	else if (*reason && strcmp(reason, "PodInitializing"))
		say(s, "Init:", reason);
	else
		snprintf(s->status, sizeof(s->status), "Init:%zu/%zu", at,
			 json_array_size(field_get(pod, "spec.initContainers")));
}

/* False: one of them is not through, and that is said. */
static bool look_at_init(struct podstate *s, const json_t *pod, const json_t *names)
{
	struct podstate sidecars = { .restarted = "" };
	const json_t *ended;
	bool sidecar;
	json_t *c;
	size_t i;

	json_array_foreach(field_get(pod, "status.initContainerStatuses"), i, c) {
		sidecar = json_object_get(names, field_string(c, "name"));
		ended = field_get(c, "state.terminated");
		count_restarts(s, c);
		if (sidecar)
			count_restarts(&sidecars, c);
		if (ended && !field_int(ended, "exitCode", 0))
			continue;
		if (!sidecar || !json_is_true(json_object_get(c, "started"))) {
			say_init(s, pod, c, i);
			if (!podstate_condition(pod, "Initialized"))
				return false;
			break;
		}
		s->ready += json_is_true(json_object_get(c, "ready"));
	}
	s->restarts = sidecars.restarts;
	s->restarted = sidecars.restarted;
	return true;
}

/* The first one is looked at last: what it says counts. */
static void look_at_containers(struct podstate *s, const json_t *pod)
{
	const json_t *list = field_get(pod, "status.containerStatuses"), *c, *ended;
	size_t i = json_array_size(list);
	bool running = false;
	const char *waits;

	while (i--) {
		c = json_array_get(list, i);
		count_restarts(s, c);
		ended = field_get(c, "state.terminated");
		waits = field_string(c, "state.waiting.reason");
		if (*waits) {
			say(s, "", waits);
		} else if (ended) {
			say_end(s, "", ended);
		} else if (json_is_true(json_object_get(c, "ready"))) {
			/* Who writes it by hand may leave out the state. */
			s->ready++;
			running = true;
		}
	}
	if (running && !strcmp(s->status, "Completed"))
		say(s, "", podstate_condition(pod, "Ready") ? "Running" : "NotReady");
}

/* Not yet put on a node, because somebody wants to look at it before. */
static bool is_gated(const json_t *pod)
{
	json_t *c;
	size_t i;

	json_array_foreach(field_get(pod, "status.conditions"), i, c)
		if (!strcmp(field_string(c, "type"), "PodScheduled") &&
		    !strcmp(field_string(c, "reason"), "SchedulingGated"))
			return true;
	return false;
}

struct podstate podstate_of(const json_t *pod)
{
	const char *reason = field_string(pod, "status.reason");
	const char *phase = field_string(pod, "status.phase");
	struct podstate s = { .restarted = "" };
	json_t *sidecars = find_sidecars(pod);

	s.containers = json_array_size(field_get(pod, "spec.containers")) + count_sidecars(pod);
	say(&s, "", is_gated(pod) ? "SchedulingGated" : *reason ? reason : phase);
	if (look_at_init(&s, pod, sidecars))
		look_at_containers(&s, pod);
	json_decref(sidecars);
	if (!field_get(pod, "metadata.deletionTimestamp"))
		return s;
	if (!strcmp(reason, "NodeLost"))
		say(&s, "", "Unknown");
	else if (strcmp(phase, "Failed") && strcmp(phase, "Succeeded"))
		say(&s, "", "Terminating");
	return s;
}
