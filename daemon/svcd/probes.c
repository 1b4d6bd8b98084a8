// SPDX-License-Identifier: GPL-2.0
#include "probes.h"

#include "announce.h"
#include "announce_peer.h"
#include "gotime.h"

#include <stdio.h>
#include <string.h>

#define NS_PER_MS	1000000LL
#define NS_PER_SECOND	1000000000LL
#define HEADERS		"Content-Type: application/json\r\nX-Content-Type-Options: nosniff\r\n"

/* The time of day some milliseconds ago. */
static struct timespec before(const struct timespec *wall, int64_t ms)
{
	int64_t ns = wall->tv_sec * NS_PER_SECOND + wall->tv_nsec - ms * NS_PER_MS;

	return (struct timespec){ .tv_sec = ns / NS_PER_SECOND, .tv_nsec = ns % NS_PER_SECOND };
}

/* As kube-proxy: when all is well, lastUpdated is now, whenever something changed last. */
static void print_times(struct evbuffer *body, const struct probes *p,
			const struct node_health *h, bool well)
{
	char updated[GOTIME_STRLEN], current[GOTIME_STRLEN];
	int64_t ago = well ? 0 : h->now - h->updated;
	struct timespec wall, then;
	int64_t run;

	p->now(p->now_ctx, &wall, &run);
	then = before(&wall, ago);
	gotime_print(well || h->updated ? &then : NULL, run - ago * NS_PER_MS, updated);
	gotime_print(&wall, run, current);
	evbuffer_add_printf(body, "{\"lastUpdated\": \"%s\",\"currentTime\": \"%s\"", updated,
			    current);
}

/* Another node that announces says who it is; anybody else: NULL. */
static const char *asker(const struct http_call *call)
{
	const char *query = http_call_query(call);

	return query && !strncmp(query, ANNOUNCE_ASKER, strlen(ANNOUNCE_ASKER)) ?
	       query + strlen(ANNOUNCE_ASKER) : NULL;
}

static void answer(struct http_call *call, struct probes *p, bool live)
{
	struct evbuffer *body = evbuffer_new();
	struct probe_counts *counts = live ? &p->livez : &p->healthz;
	struct node_health h;
	char headers[256];
	bool well;

	if (!body) {
		http_call_text(call, 500, "", "out of memory\n");
		return;
	}
	p->health(p->node, &h);
	well = h.ok && (live || h.eligible);
	print_times(body, p, &h, well);
	if (live)
		evbuffer_add_printf(body, "}");
	else
		evbuffer_add_printf(body, ", \"nodeEligible\": %s}", h.eligible ? "true" : "false");
	counts->ok += well;
	counts->failed += !well;
	snprintf(headers, sizeof(headers), HEADERS "%s",
		 p->announce && !live ? announce_header(p->announce, asker(call)) : "");
	http_call_answer(call, well ? 200 : 503, headers, body);
	evbuffer_free(body);
}

void probes_handle(struct http_call *call, void *ctx)
{
	const char *path = http_call_path(call);
	bool live = strcmp(path, "/livez") == 0;

	if (!live && strcmp(path, "/healthz") != 0)
		http_call_text(call, 404, "", "404 page not found\n");
	else if (http_call_is_get(call))
		answer(call, ctx, live);
}
