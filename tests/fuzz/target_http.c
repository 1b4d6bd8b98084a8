// SPDX-License-Identifier: GPL-2.0
/*
 * Bytes where HTTP is expected: the first line as the ports for probes and scrapes read it, and
 * all of it at the socket of the API. Whatever it was, the next one who asks gets an answer.
 */
#include "api_env.h"
#include "target.h"

#include "http_head.h"
#include "registry.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SENT_MAX	65536	/* what a socket takes without a reader */

static void check_visible(const char *s, const char *what)
{
	for (; *s; s++)
		must(isgraph((unsigned char)*s), "the %s has %#x in it", what, (unsigned char)*s);
}

static void check_head(const char *data, size_t len)
{
	struct http_head h;
	int ret = http_head_parse(data, len, &h);

	must(ret == 0 || ret == -EINVAL, "%d", ret);
	if (ret) {
		must(!h.path && !h.query, "something is left of what is refused");
		return;
	}
	must(*h.method && h.path, "neither a method nor a path");
	must(memcmp(data, h.method, strlen(h.method)) == 0, "another method: %s", h.method);
	check_visible(h.method, "method");
	check_visible(h.path, "path");
	check_visible(h.query ? h.query : "", "query");
	must(!strchr(h.path, '?'), "a query is in the path: %s", h.path);
	http_head_clear(&h);
}

static void check_server(struct api_env *env, const char *data, size_t len)
{
	static const char alive[] = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n";
	struct api_answer a;

	api_env_ask(env, data, len, true, &a);
	must(!a.status || (a.status >= 100 && a.status < 600), "%d", a.status);
	api_answer_clear(&a);
	api_env_ask(env, alive, sizeof(alive) - 1, true, &a);
	must(a.status == 200 && !strcmp(a.body, "ok"), "%d: the next one gets no answer",
	     a.status);
	api_answer_clear(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct api_env *env = api_env();

	check_head((const char *)data, len);
	if (!len || len > SENT_MAX)
		return 0;
	check_server(env, (const char *)data, len);
	if (registry_version(env->registry) != env->empty)
		api_env_wipe(env);
	return 0;
}
