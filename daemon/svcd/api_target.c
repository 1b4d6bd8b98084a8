// SPDX-License-Identifier: GPL-2.0
#include "api_target.h"

#include "api_review.h"

#include <errno.h>
#include <event2/http.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* /apis/GROUP/VERSION/namespaces/NS/TYPE/NAME/SUB, and one that is too many */
#define SEGMENTS_MAX	9

struct segments {
	char *v[SEGMENTS_MAX];
	size_t n;
};

static void segments_clear(struct segments *s)
{
	while (s->n)
		free(s->v[--s->n]);
}

/* One decoded segment: UTF-8, and no NUL hidden in it. */
static char *decode(const char *start, size_t len)
{
	char *raw = strndup(start, len), *text = NULL;
	json_t *utf8 = NULL;
	size_t size = 0;

	if (raw)
		text = evhttp_uridecode(raw, 0, &size);
	if (text && strlen(text) == size)
		utf8 = json_string(text);
	free(raw);
	if (!utf8) {
		free(text);
		return NULL;
	}
	json_decref(utf8);
	return text;
}

/* A slash at the end counts for nothing, as in Kubernetes. */
static int split(struct segments *s, const char *path)
{
	const char *end;

	while (*path == '/' && path[1]) {
		end = strchr(++path, '/');
		if (!end)
			end = path + strlen(path);
		if (s->n == SEGMENTS_MAX)
			return -ENOENT;
		if (end == path)
			return -ESRCH;
		s->v[s->n] = decode(path, end - path);
		if (!s->v[s->n])
			return -EINVAL;
		s->n++;
		path = end;
	}
	return 0;
}

bool api_target_version_known(const char *api_version)
{
	const struct resource *res;
	size_t i;

	for (i = 0; (res = resource_at(i)); i++)
		if (strcmp(res->api_version, api_version) == 0)
			return true;
	return false;
}

/* How many segments name the API; 0: none does. */
static size_t parse_version(struct api_target *t, const struct segments *s)
{
	size_t used = 0;

	if (s->n >= 2 && strcmp(s->v[0], "api") == 0) {
		snprintf(t->api_version, sizeof(t->api_version), "%s", s->v[1]);
		used = 2;
	} else if (s->n >= 3 && strcmp(s->v[0], "apis") == 0) {
		snprintf(t->api_version, sizeof(t->api_version), "%s/%s", s->v[1], s->v[2]);
		used = 3;
	}
	/* "api" holds the versions without a group only. */
	if (used == 2 && strchr(t->api_version, '/'))
		return 0;
	if (api_target_version_known(t->api_version) || api_review_version_known(t->api_version))
		return used;
	return 0;
}

static char *take(struct segments *s, size_t i)
{
	char *text = NULL;

	if (i < s->n) {
		text = s->v[i];
		s->v[i] = NULL;
	}
	return text;
}

/*
 * namespaces/NAME and namespaces/NAME/status are the Namespace itself; with
 * anything else behind NAME it is the scope of what follows.
 */
static size_t parse_scope(struct api_target *t, struct segments *s, size_t at)
{
	if (s->n < at + 3 || strcmp(s->v[at], "namespaces") != 0)
		return at;
	if (strcmp(s->v[at + 2], "status") == 0 || strcmp(s->v[at + 2], "finalize") == 0)
		return at;
	t->ns = take(s, at + 1);
	return at + 2;
}

static int parse_rest(struct api_target *t, struct segments *s, size_t at)
{
	if (at == s->n)
		return 0;
	at = parse_scope(t, s, at);
	t->res = resource_by_plural(t->api_version, s->v[at]);
	if (!t->res || s->n > at + 3)
		return -ESRCH;
	if (t->ns && !t->res->namespaced)
		return -ESRCH;
	t->name = take(s, at + 1);
	t->sub = take(s, at + 2);
	if (t->name && t->res->namespaced && !t->ns)
		return -ESRCH;
	return 0;
}

int api_target_parse(struct api_target *t, const char *path)
{
	struct segments s = { .n = 0 };
	size_t used;
	int ret;

	*t = (struct api_target){ .res = NULL };
	ret = split(&s, path);
	if (!ret) {
		used = parse_version(t, &s);
		ret = used ? parse_rest(t, &s, used) : -ENOENT;
	}
	segments_clear(&s);
	if (ret)
		api_target_clear(t);
	return ret;
}

void api_target_clear(struct api_target *t)
{
	free(t->ns);
	free(t->name);
	free(t->sub);
	*t = (struct api_target){ .res = NULL };
}
