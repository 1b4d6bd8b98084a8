// SPDX-License-Identifier: GPL-2.0
#include "pools_help.h"

#include "jx.h"
#include "lb_service.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct pools pools;

int pools_help_setup(void **state)
{
	struct registry_help *h;

	registry_help_setup(state);
	h = *state;
	assert_int_equal(ip_cidr_parse("fd00:10:96::/112", &h->config.service_cidrs[1], NULL), 0);
	h->config.nservice_cidrs = 2;
	h->config.pools = &pools;
	registry_help_reopen(h);
	return 0;
}

int pools_help_teardown(void **state)
{
	registry_help_teardown(state);
	pools_clear(&pools);
	return 0;
}

static void add_ranges(struct pool *p, char *text)
{
	char *save, *word;
	struct err e = { "" };
	struct pool_range r;

	for (word = strtok_r(text, ",", &save); word; word = strtok_r(NULL, ",", &save)) {
		if (pool_range_parse(word, &r, &e))
			fail_msg("%s", e.text);
		pool_add_range(p, &r);
	}
}

static void add_word(struct pool *p, char *word)
{
	if (!p->name)
		p->name = strdup(word);
	else if (!p->nranges)
		add_ranges(p, word);
	else if (!strcmp(word, "noauto"))
		p->auto_assign = false;
	else if (!strcmp(word, "avoid"))
		p->avoid_buggy = true;
	else if (!strncmp(word, "prio=", 5))
		p->priority = atoi(word + 5);
	else if (!strncmp(word, "ns=", 3))
		pool_add_namespace(p, word + 3);
	else if (!strncmp(word, "sel=", 4))
		assert_int_equal(pool_add_selector(p, word + 4, NULL), 0);
	else
		fail_msg("%s", word);
	p->restricted |= p->priority || p->nnamespaces || p->nselectors;
}

void pools_help_put(struct registry_help *h, const char *text)
{
	char *copy = strdup(text), *one, *word, *save, *inner;

	(void)h;
	pools_clear(&pools);
	for (one = strtok_r(copy, ";", &save); one; one = strtok_r(NULL, ";", &save)) {
		struct pool p = { .auto_assign = true };

		for (word = strtok_r(one, " ", &inner); word; word = strtok_r(NULL, " ", &inner))
			add_word(&p, word);
		pools_add(&pools, &p);
	}
	free(copy);
}

void pools_help_reload(struct registry_help *h, const char *text)
{
	struct err e = { "" };

	pools_help_put(h, text);
	if (registry_pools_changed(h->r, &e))
		fail_msg("%s", e.text);
}

void pools_help_service(struct registry_help *h, const char *name, const char *meta,
			const char *spec)
{
	char body[1024];

	h->now++;
	snprintf(body, sizeof(body), "{'metadata':{'name':'%s'%s},'spec':{'type':'LoadBalancer'"
		 "%s%s}}", name, meta, strstr(spec, "'ports'") ? "" : ",'ports':[{'port':80}]",
		 spec);
	if (registry_help_create(h, "services", body) != 201)
		fail_msg("%s: %s", body, registry_help_message(h));
}

const char *pools_help_address(struct registry_help *h, const char *name)
{
	static char text[256];
	const json_t *list;
	const char *mark;
	char *end = text;

	assert_int_equal(registry_help_get(h, "services", name), 200);
	list = jx_get(h->reply.body, "status.loadBalancer.ingress");
	*text = '\0';
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *entry = json_array_get(list, i);

		end += sprintf(end, "%s%s%s", i ? " " : "", jx_str(entry, "ip"),
			       jx_str(entry, "hostname"));
		if (*jx_str(entry, "ip") && !jx_is(entry, "ipMode", "VIP"))
			end += sprintf(end, "(%s)", jx_str(entry, "ipMode"));
	}
	mark = lb_service_note(h->reply.body, LB_FROM);
	if (*mark)
		sprintf(end, "%s@%s", end > text ? " " : "", mark);
	return text;
}

void pools_help_expect(struct registry_help *h, const char *name, const char *address)
{
	const char *is = pools_help_address(h, name);

	if (strcmp(is, address))
		fail_msg("%s has \"%s\", not \"%s\"; %s", name, is, address,
			 pools_help_event(h, name, "AllocationFailed"));
}

/* The newest one; NULL: none. The caller's. */
static json_t *find_event(struct registry_help *h, const char *name, const char *reason)
{
	char fields[256];
	struct registry_query q = { NULL, fields };
	unsigned long long newest = 0, version;
	json_t *ev, *found = NULL;
	struct reply list;
	size_t i;

	snprintf(fields, sizeof(fields), "involvedObject.name=%s,reason=%s", name, reason);
	registry_list(h->r, registry_help_type("events"), NULL, &q, &list);
	json_array_foreach(json_object_get(list.body, "items"), i, ev) {
		version = strtoull(jx_str(ev, "metadata.resourceVersion"), NULL, 10);
		if (version >= newest)
			found = ev;
		newest = version > newest ? version : newest;
	}
	json_incref(found);
	json_decref(list.body);
	return found;
}

const char *pools_help_event(struct registry_help *h, const char *name, const char *reason)
{
	json_t *ev = find_event(h, name, reason);
	static char text[1200];

	snprintf(text, sizeof(text), "%s", jx_str(ev, "message"));
	json_decref(ev);
	return text;
}

int pools_help_count(struct registry_help *h, const char *name, const char *reason)
{
	json_t *ev = find_event(h, name, reason);
	int n = (int)jx_int(ev, "count");

	json_decref(ev);
	return n;
}

void pools_help_says(struct registry_help *h, const char *name, const char *reason,
		     const char *part)
{
	const char *is = pools_help_event(h, name, reason);

	if (*part ? !strstr(is, part) : *is)
		fail_msg("%s of %s: \"%s\", not \"%s\"", reason, name, is, part);
}

void pools_help_status(struct registry_help *h, const char *name, const char *ingress)
{
	char body[512];

	snprintf(body, sizeof(body), "{'status':{'loadBalancer':{'ingress':%s}}}", ingress);
	if (registry_help_patch(h, "services", name, "status", body) != 200)
		fail_msg("%s: %s", body, registry_help_message(h));
}
