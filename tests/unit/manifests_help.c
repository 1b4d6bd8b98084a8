// SPDX-License-Identifier: GPL-2.0
#include "manifests_help.h"

#include "http_fixture.h"
#include "log.h"
#include "manifests_priv.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void manifests_help_start(struct manifests_help *t)
{
	const struct manifests_config c = {
		.base = t->base,
		.registry = t->h->r,
		.node_name = "node",
		.folder = t->dir,
	};
	struct err e = { "" };

	if (manifests_open(&t->m, &c, &e))
		fail_msg("%s", e.text);
}

void manifests_help_stop(struct manifests_help *t)
{
	manifests_close(t->m);
	t->m = NULL;
}

void manifests_help_restart(struct manifests_help *t)
{
	manifests_help_stop(t);
	registry_help_reopen(t->h);
	manifests_help_start(t);
}

int manifests_help_setup(void **state)
{
	struct manifests_help *t = calloc(1, sizeof(*t));
	void *h;

	assert_non_null(t);
	if (registry_help_setup(&h))
		return -1;
	t->h = h;
	t->base = event_base_new();
	snprintf(t->dir, sizeof(t->dir), "%s/m", t->h->dir);
	assert_return_code(mkdir(t->dir, 0700), errno);
	log_init(LOG_LEVEL_ERROR, stderr, LOG_FORMAT_TEXT);
	manifests_help_start(t);
	*state = t;
	return 0;
}

/* Links are not followed. */
static void remove_tree(const char *path)
{
	char below[512];
	struct dirent *d;
	DIR *dir;

	if (unlink(path) == 0 || errno == ENOENT)
		return;
	dir = opendir(path);
	while (dir && (d = readdir(dir))) {
		if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, ".."))
			continue;
		snprintf(below, sizeof(below), "%s/%s", path, d->d_name);
		remove_tree(below);
	}
	if (dir)
		closedir(dir);
	rmdir(path);
}

int manifests_help_teardown(void **state)
{
	static const char *const names[] = { "m", "n", "x" };
	struct manifests_help *t = *state;
	void *h = t->h;
	char path[128];

	manifests_help_stop(t);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", t->h->dir, names[i]);
		remove_tree(path);
	}
	event_base_free(t->base);
	free(t);
	return registry_help_teardown(&h);
}

void manifests_help_put(struct manifests_help *t, const char *name, const char *text)
{
	struct timespec then[2] = { { .tv_nsec = UTIME_OMIT }, { 0 } };
	char temporary[192], path[192];
	FILE *f;

	clock_gettime(CLOCK_REALTIME, &then[1]);
	then[1].tv_sec--;
	snprintf(temporary, sizeof(temporary), "%s/.new", t->dir);
	snprintf(path, sizeof(path), "%s/%s", t->dir, name);
	f = fopen(temporary, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
	assert_return_code(utimensat(AT_FDCWD, temporary, then, 0), errno);
	assert_return_code(rename(temporary, path), errno);
}

void manifests_help_remove(struct manifests_help *t, const char *name)
{
	char path[192];

	snprintf(path, sizeof(path), "%s/%s", t->dir, name);
	assert_return_code(unlink(path), errno);
}

static bool is_idle(void *ctx)
{
	const struct manifests *m = ctx;

	return !m->asked.tv_sec && m->look.phase == LOOK_NONE;
}

void manifests_help_look(struct manifests_help *t)
{
	manifests_look(t->m);
	assert_true(http_wait(t->base, is_idle, t->m));
}

void manifests_help_change(struct manifests_help *t, const char *name, const char *text)
{
	manifests_help_put(t, name, text);
	manifests_help_look(t);
}

const char *manifests_help_refusal(struct manifests_help *t, const char *name)
{
	static char text[1100];
	json_t *status = manifests_status(t->m), *list = json_object_get(status, "refused"), *one;
	size_t i;

	text[0] = '\0';
	json_array_foreach(list, i, one)
		if (!strcmp(json_string_value(json_object_get(one, "file")), name))
			snprintf(text, sizeof(text), "%s",
				 json_string_value(json_object_get(one, "message")));
	json_decref(status);
	return text;
}

bool manifests_help_has(struct manifests_help *t, const char *what)
{
	char plural[32], ns[64] = "default", name[256];
	struct reply reply = { 0 };
	int code;

	if (sscanf(what, "%31s %63[^/]/%255s", plural, ns, name) != 3) {
		strcpy(ns, "default");
		assert_int_equal(sscanf(what, "%31s %255s", plural, name), 2);
	}
	registry_get(t->h->r, registry_help_type(plural), ns, name, &reply);
	code = reply.code;
	json_decref(reply.body);
	return code == 200;
}

const char *manifests_help_value(struct manifests_help *t, const char *plural, const char *name,
				 const char *path)
{
	return registry_help_get(t->h, plural, name) == 200 ? registry_help_value(t->h, path) : "";
}
