// SPDX-License-Identifier: GPL-2.0
#include "proxy_env.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One kernel at a time: cmocka runs a test behind the other. */
static const struct kernel_ops *ops;
static char written[1 << 14], said[1 << 14];

/* --- what is written --- */

static void note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static void note(const char *fmt, ...)
{
	size_t n = strlen(written);
	va_list ap;

	n += snprintf(written + n, sizeof(written) - n, "%s", n ? "; " : "");
	va_start(ap, fmt);
	n += vsnprintf(written + n, sizeof(written) - n, fmt, ap);
	va_end(ap);
	assert_true(n < sizeof(written));
}

static const char *defer(unsigned int flags)
{
	return flags & KERNEL_DEFER ? "+defer" : "";
}

static int spy_set(struct kernel *k, const struct kservice *s, unsigned int mode, uint32_t token,
		   struct err *e)
{
	int err = ops->service_set(k, s, mode, token, e);

	if (!err)
		note("set %s%s", s->name, defer(mode));
	return err;
}

static int spy_del(struct kernel *k, const char *name, uint8_t family, uint8_t proto,
		   const char *owner, unsigned int flags, struct err *e)
{
	int err = ops->service_del(k, name, family, proto, owner, flags, e);

	if (!err)
		note("del %s%s", name, defer(flags));
	return err;
}

static int spy_endpoint_set(struct kernel *k, const struct kservice *s, unsigned int flags,
			    struct err *e)
{
	int err = ops->endpoint_set(k, s, flags, e);

	if (!err)
		note("endpoint_set %s %zu%s", s->name, s->nendpoints, defer(flags));
	return err;
}

static int spy_endpoint_del(struct kernel *k, const struct kservice *s, unsigned int flags,
			    struct err *e)
{
	int err = ops->endpoint_del(k, s, flags, e);

	if (!err)
		note("endpoint_del %s %zu%s", s->name, s->nendpoints, defer(flags));
	return err;
}

static int spy_settings_set(struct kernel *k, const struct ksettings *s, unsigned int what,
			    struct err *e)
{
	static const char *const names[] = {
		" pod", " service", " nodeport", " external", " loopback", " masquerade",
		" echo", " armed", " limits",
	};
	int err = ops->settings_set(k, s, what, e);
	char text[128] = "";
	size_t i;

	if (err)
		return err;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (what & (1u << i))
			strcat(text, names[i]);
	note("settings%s", text);
	return 0;
}

static int spy_sync_begin(struct kernel *k, const char *owner, uint32_t *token, struct err *e)
{
	int err = ops->sync_begin(k, owner, token, e);

	if (!err)
		note("sync_begin");
	return err;
}

static int spy_sync_end(struct kernel *k, const char *owner, uint32_t token, uint32_t *deleted,
			struct err *e)
{
	int err = ops->sync_end(k, owner, token, deleted, e);

	if (!err)
		note("sync_end");
	return err;
}

static struct kernel_ops spy_ops;

static void spy_on(struct kernel *k)
{
	ops = k->ops;
	spy_ops = *ops;
	spy_ops.service_set = spy_set;
	spy_ops.service_del = spy_del;
	spy_ops.endpoint_set = spy_endpoint_set;
	spy_ops.endpoint_del = spy_endpoint_del;
	spy_ops.settings_set = spy_settings_set;
	spy_ops.sync_begin = spy_sync_begin;
	spy_ops.sync_end = spy_sync_end;
	k->ops = &spy_ops;
	written[0] = '\0';
}

const char *env_log(struct env *env)
{
	(void)env;
	memcpy(said, written, sizeof(said));
	written[0] = '\0';
	return said;
}

/* --- the proxy --- */

static void take_warning(void *ctx, const json_t *service, const char *reason,
			 const char *message)
{
	const json_t *meta = json_object_get(service, "metadata");
	struct env *env = ctx;
	size_t n = strlen(env->warnings);

	snprintf(env->warnings + n, sizeof(env->warnings) - n, "%s %s: %s\n",
		 json_string_value(json_object_get(meta, "name")), reason, message);
}

static int give_addresses(void *ctx, struct ip_addr **out, size_t *n, struct err *e)
{
	struct env *env = ctx;

	env->addrs_read++;
	if (env->addrs_fail)
		return err_set(e, env->addrs_fail, "the test asked for this");
	*out = calloc(env->naddrs + 1, sizeof(**out));
	memcpy(*out, env->addrs, env->naddrs * sizeof(**out));
	*n = env->naddrs;
	return 0;
}

/* Who does not care for time waits for nothing. */
static int64_t tell_time(void *ctx)
{
	struct env *env = ctx;

	return env->now += env->step;
}

struct env *env_open(const struct ksettings *settings, unsigned int what)
{
	struct env *env = calloc(1, sizeof(*env));
	const struct proxy_config c = {
		.owner = "svcd",
		.node_name = "n1",
		.settings = settings,
		.settings_what = what,
		.warn = take_warning,
		.ctx = env,
		.addresses = give_addresses,
		.addresses_ctx = env,
		.clock = tell_time,
		.clock_ctx = env,
	};

	env->now = 1000000;
	env->step = 3600000;

	env->k = kernel_fake_open();
	env->fake_ops = env->k->ops;
	spy_on(env->k);
	assert_int_equal(proxy_alloc(&env->p, &c, NULL), 0);
	return env;
}

void env_close(struct env *env)
{
	proxy_free(env->p);
	env->k->ops = env->fake_ops;
	kernel_fake_free(env->k);
	free(env);
}

int env_setup(void **state)
{
	struct ksettings s = { .pod_cidrs = env_cidr("10.244.0.0/16") };

	*state = env_open(&s, KSETTINGS_POD_CIDRS);
	ksettings_clear(&s);
	return 0;
}

int env_teardown(void **state)
{
	env_close(*state);
	return 0;
}

struct kcidrs env_cidr(const char *text)
{
	struct kcidrs l = { 0 };
	struct ip_cidr c;

	assert_int_equal(ip_cidr_parse(text, &c, NULL), 0);
	assert_int_equal(kcidrs_add(&l, &c), 0);
	return l;
}

/* --- objects --- */

json_t *env_load(const char *fmt, ...)
{
	char text[4096], *c;
	json_error_t e;
	json_t *value;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	for (c = text; *c; c++)
		if (*c == '\'')
			*c = '"';
	value = json_loads(text, 0, &e);
	if (!value)
		fail_msg("%s at %d of %s", e.text, e.position, text);
	return value;
}

json_t *env_service(const char *name, const char *ip, const char *external, int second)
{
	return env_load("{'metadata': {'name': '%s', 'namespace': 'default',"
		    "              'creationTimestamp': '2026-01-01T00:00:%02dZ'},"
		    " 'spec': {'clusterIP': '%s', 'clusterIPs': ['%s'], 'externalIPs': [%s%s%s],"
		    "          'ports': [{'port': 80, 'protocol': 'TCP'}]}}",
		    name, second, ip, ip, external ? "'" : "", external ? external : "",
		    external ? "'" : "");
}

json_t *env_named_slice(const char *name, const char *service, const char *endpoints)
{
	return env_load("{'metadata': {'name': '%s', 'namespace': 'default',"
			" 'labels': {'kubernetes.io/service-name': '%s'}}, 'addressType': 'IPv4',"
			" 'endpoints': [%s], 'ports': [{'name': '', 'port': 8080}]}",
			name, service, endpoints);
}

json_t *env_slice(const char *service, const char *endpoints)
{
	char name[64];

	snprintf(name, sizeof(name), "%s-1", service);
	return env_named_slice(name, service, endpoints);
}

json_t *env_large_slice(const char *service, unsigned int first, unsigned int n)
{
	json_t *object = env_slice(service, ""), *list;
	char ip[INET6_ADDRSTRLEN];
	unsigned int i;

	list = json_object_get(object, "endpoints");
	for (i = first; i < first + n; i++) {
		snprintf(ip, sizeof(ip), "10.244.%u.%u", i / 256, i % 256);
		json_array_append_new(list, json_pack("{s:[s]}", "addresses", ip));
	}
	return object;
}

json_t *env_node(const char *name, const char *zone)
{
	return env_load("{'metadata': {'name': '%s', 'labels':"
			" {'topology.kubernetes.io/zone': '%s'}}}", name, zone);
}

void env_tell(struct env *env, enum proxy_kind kind, json_t *object, bool deleted)
{
	assert_int_equal(proxy_object(env->p, kind, object, deleted), 0);
	json_decref(object);
}

void env_lists_done(struct env *env)
{
	proxy_list_end(env->p, PROXY_SERVICE);
	proxy_list_end(env->p, PROXY_SLICE);
	proxy_list_end(env->p, PROXY_NODE);
}

void env_run(struct env *env)
{
	struct err e = { "" };

	if (proxy_run(env->p, &e))
		fail_msg("proxy_run: %s", e.text);
}

void env_start(struct env *env)
{
	proxy_attach(env->p, env->k);
	proxy_list_begin(env->p, PROXY_SERVICE);
	proxy_list_begin(env->p, PROXY_SLICE);
	proxy_list_begin(env->p, PROXY_NODE);
	env_lists_done(env);
	env_run(env);
	env_log(env);
}

/* --- the kernel --- */

const struct kservice *env_find(struct env *env, const char *name)
{
	return kernel_fake_find(env->k, name, AF_INET, IPPROTO_TCP);
}

void env_assert_frontends(struct env *env, const char *name, const char *expected)
{
	const struct kservice *s = env_find(env, name);
	char text[512] = "", ip[INET6_ADDRSTRLEN];
	size_t i, n;

	assert_non_null(s);
	for (i = 0; i < s->nfrontends; i++) {
		n = strlen(text);
		snprintf(text + n, sizeof(text) - n, "%s%s", i ? " " : "",
			 ip_addr_print(&s->frontends[i].addr, ip));
	}
	assert_string_equal(text, expected);
}

void env_assert_ranges(struct env *env, const char *name, const char *expected)
{
	const struct kservice *s = env_find(env, name);
	char text[512] = "", cidr[INET6_ADDRSTRLEN + 4];
	size_t i, n;

	assert_non_null(s);
	for (i = 0; i < s->nranges; i++) {
		n = strlen(text);
		snprintf(text + n, sizeof(text) - n, "%s%s", i ? " " : "",
			 ip_cidr_print(&s->ranges[i], cidr));
	}
	assert_string_equal(text, expected);
}

void env_put_by_hand(struct env *env, const char *name, const char *owner, const char *ip)
{
	struct kservice s = { .family = AF_INET, .proto = IPPROTO_TCP };
	struct kfrontend f = { .kind = SVCNAT_KIND_EXTERNAL, .port = 80 };

	strcpy(s.name, name);
	strcpy(s.owner, owner);
	assert_int_equal(ip_addr_parse(ip, &f.addr, NULL), 0);
	assert_int_equal(kservice_add_frontend(&s, &f), 0);
	assert_int_equal(env->fake_ops->service_set(env->k, &s, KERNEL_CREATE, 0, NULL), 0);
	kservice_clear(&s);
}
