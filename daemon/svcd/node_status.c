// SPDX-License-Identifier: GPL-2.0
#include "node_priv.h"

#include "jx.h"
#include "release.h"

#include <string.h>

static void put(json_t *to, const char *name, json_t *value)
{
	json_object_set_new(to, name, value);
}

static void put_time(const struct node *n, json_t *to, const char *name, int64_t t)
{
	if (t)
		put(to, name, proxy_when(n->proxy, t));
}

/* The kernel itself is asked: that the module is there is to be said of now. */
static json_t *module(struct node *n)
{
	json_t *o = json_object();
	struct ksettings s = { 0 };
	struct err e = { "" };

	if (n->kernel && !n->kernel->ops->settings_get(n->kernel, &s, &e)) {
		put(o, "loaded", json_true());
		put(o, "version", json_string(s.version));
		if (release_module_differs("svcd", s.version, &e))
			put(o, "message", jx_string(e.text));
		ksettings_clear(&s);
		return o;
	}
	put(o, "loaded", json_false());
	put(o, "message", jx_string(n->kernel ? e.text : n->last.text));
	return o;
}

static json_t *lists(const struct node *n)
{
	static const char *const names[PROXY_KINDS] = { "services", "endpointSlices", "nodes" };
	json_t *o = json_object();
	enum proxy_kind kind;

	for (kind = PROXY_SERVICE; kind < PROXY_KINDS; kind++)
		put(o, names[kind], json_boolean(proxy_has_list(n->proxy, kind)));
	return o;
}

static json_t *passes(const struct node *n)
{
	json_t *o = json_pack("{s:I}", "count", (json_int_t)n->passes);

	put_time(n, o, "last", n->ran);
	put_time(n, o, "lastSuccess", n->succeeded);
	if (n->failed) {
		put(o, "lastError", json_pack("{s:o, s:o}", "message", jx_string(n->failure.text),
					      "time", proxy_when(n->proxy, n->failed)));
	}
	return o;
}

/* true: what others do to the kernel, and to its modules, is heard of. */
static bool put_events(const struct node *n, json_t *to)
{
	const char *trouble;
	json_t *o;

	if (!n->events)
		return true;
	trouble = kernel_news_trouble(n->events);
	if (!trouble && n->module)
		trouble = fdwatch_trouble(n->module);
	o = json_pack("{s:b}", "heard", !trouble);
	if (trouble)
		put(o, "message", jx_string(trouble));
	put(to, "events", o);
	return !trouble;
}

json_t *node_status(struct node *n)
{
	json_t *o = json_object(), *m;
	struct err why = { "" };
	bool ready, heard;

	/* What was told before somebody asks is not to be found missing. */
	if (event_pending(n->run, EV_TIMEOUT, NULL))
		node_run(n);
	m = module(n);
	ready = node_ready(n, &why) && json_is_true(json_object_get(m, "loaded"));
	put(o, "kind", json_string("NodeStatus"));
	put(o, "version", json_string(SVCNAT_VERSION));
	put(o, "ready", json_boolean(ready));
	if (!ready)
		put(o, "message", jx_string(why.text[0] ? why.text : jx_str(m, "message")));
	heard = put_events(n, o);
	put(o, "ok", json_boolean(ready && n->well && heard));
	put_time(n, o, "since", n->well);
	put(o, "module", m);
	put(o, "lists", lists(n));
	put(o, "passes", passes(n));
	if (proxy_status(n->proxy, o)) {
		json_decref(o);
		return NULL;
	}
	return o;
}
