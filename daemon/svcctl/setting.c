// SPDX-License-Identifier: GPL-2.0
#include "setting.h"

#include "args.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define CIDRS(name, json, what, member) \
	{ name, json, SETTING_CIDRS, what, offsetof(struct ksettings, member) }
#define SWITCH(name, json, what, member) \
	{ name, json, SETTING_SWITCH, what, offsetof(struct ksettings, member) }
#define LIMIT(name, json, i) \
	{ name, json, SETTING_LIMIT, KSETTINGS_LIMITS, offsetof(struct ksettings, max[i]) }

const struct setting settings_list[] = {
	CIDRS("pod-cidrs", "podCIDRs", KSETTINGS_POD_CIDRS, pod_cidrs),
	CIDRS("service-cidrs", "serviceCIDRs", KSETTINGS_SERVICE_CIDRS, service_cidrs),
	CIDRS("nodeport-cidrs", "nodePortCIDRs", KSETTINGS_NODEPORT_CIDRS, nodeport_cidrs),
	CIDRS("external-cidrs", "externalCIDRs", KSETTINGS_EXTERNAL_CIDRS, external_cidrs),
	SWITCH("loopback-nodeports", "loopbackNodePorts", KSETTINGS_LOOPBACK_NODEPORTS,
	       loopback_nodeports),
	SWITCH("masquerade-all", "masqueradeAll", KSETTINGS_MASQUERADE_ALL, masquerade_all),
	SWITCH("echo", "echo", KSETTINGS_ECHO, echo),
	SWITCH("armed", "armed", KSETTINGS_ARMED, armed),
	LIMIT("max-services", "maxServices", KLIMIT_SERVICES),
	LIMIT("max-frontends", "maxFrontends", KLIMIT_FRONTENDS),
	LIMIT("max-endpoints", "maxEndpoints", KLIMIT_ENDPOINTS),
	LIMIT("max-ranges", "maxRanges", KLIMIT_RANGES),
	LIMIT("max-affinity", "maxAffinity", KLIMIT_AFFINITY),
	LIMIT("max-connections", "maxConnections", KLIMIT_CONNECTIONS),
	{ 0 },
};

const char *const setting_numbers[KLIMIT_N] = {
	[KLIMIT_SERVICES] = "services",
	[KLIMIT_FRONTENDS] = "frontends",
	[KLIMIT_ENDPOINTS] = "endpoints",
	[KLIMIT_RANGES] = "ranges",
	[KLIMIT_AFFINITY] = "affinity",
	[KLIMIT_CONNECTIONS] = "connections",
};

static void *member(const struct setting *setting, const struct ksettings *s)
{
	return (char *)s + setting->at;
}

const struct kcidrs *setting_cidrs(const struct setting *setting, const struct ksettings *s)
{
	return member(setting, s);
}

bool setting_switch(const struct setting *setting, const struct ksettings *s)
{
	return *(const bool *)member(setting, s);
}

uint32_t setting_limit(const struct setting *setting, const struct ksettings *s)
{
	return *(const uint32_t *)member(setting, s);
}

static void print_cidrs(FILE *f, const struct kcidrs *l)
{
	char buf[INET6_ADDRSTRLEN + 4];
	size_t i;

	if (!l->n)
		fputs("none", f);
	for (i = 0; i < l->n; i++)
		fprintf(f, "%s%s", i ? "," : "", ip_cidr_print(&l->v[i], buf));
}

void setting_print(FILE *f, const struct setting *setting, const struct ksettings *s)
{
	switch (setting->type) {
	case SETTING_CIDRS:
		print_cidrs(f, setting_cidrs(setting, s));
		break;
	case SETTING_SWITCH:
		fputs(setting_switch(setting, s) ? "on" : "off", f);
		break;
	default:
		fprintf(f, "%" PRIu32, setting_limit(setting, s));
	}
}

/* --- parse --- */

enum { JSON = ARGS_WORD + 1 };

static const struct args_option no_options[] = { { 0 } };

static const struct args_option options[] = {
	{ "json", 'j', false, JSON },
	{ 0 },
};

static int add_cidr(struct kcidrs *l, const char *text, struct err *e)
{
	struct ip_cidr c;
	int err;

	if (ip_cidr_parse(text, &c, e))
		return -EINVAL;
	err = kcidrs_add(l, &c);
	if (err == -ENOSPC)
		return err_set(e, EINVAL, "more than %u CIDRs", SVCNAT_CIDRS_MAX);
	return err ? err_set(e, ENOMEM, "out of memory") : 0;
}

static int parse_cidrs(struct kcidrs *l, const char *value, struct err *e)
{
	char *copy, *rest, *word;
	int err = 0;

	if (!strcmp(value, "none"))
		return 0;
	copy = strdup(value);
	if (!copy)
		return err_set(e, ENOMEM, "out of memory");
	rest = copy;
	while (!err && (word = strsep(&rest, ",")))
		err = add_cidr(l, word, e);
	free(copy);
	return err;
}

static int parse_switch(bool *on, const char *value, struct err *e)
{
	if (strcmp(value, "on") && strcmp(value, "off"))
		return err_set(e, EINVAL, "'%s' is not on or off", value);
	*on = !strcmp(value, "on");
	return 0;
}

static int unknown(const char *key, struct err *e)
{
	char names[512] = "";
	size_t i, n = 0;

	for (i = 0; settings_list[i].name && n < sizeof(names); i++)
		n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s", i ? ", " : "",
				      settings_list[i].name);
	return err_set(e, EINVAL, "'%s' is not a setting (%s)", key, names);
}

static bool is_given(const struct setting_changes *c, const struct setting *setting)
{
	if (setting->type == SETTING_LIMIT)
		return setting_limit(setting, &c->s);
	return c->what & setting->what;
}

static int parse_value(struct setting_changes *c, const struct setting *setting,
		       const char *value, struct err *e)
{
	void *into = member(setting, &c->s);

	switch (setting->type) {
	case SETTING_CIDRS:
		return parse_cidrs(into, value, e);
	case SETTING_SWITCH:
		return parse_switch(into, value, e);
	default:
		return args_number(value, 1, UINT32_MAX, into, e);
	}
}

static int set_one(struct setting_changes *c, const char *key, const char *value, struct err *e)
{
	const struct setting *setting = settings_list;
	int err;

	while (setting->name && strcmp(setting->name, key))
		setting++;
	if (!setting->name)
		return unknown(key, e);
	if (!value)
		return err_set(e, EINVAL, "%s needs a value", key);
	if (is_given(c, setting))
		return err_set(e, EINVAL, "%s is given twice", key);
	err = parse_value(c, setting, value, e);
	if (err)
		err_prefix(e, "%s %s", key, value);
	else
		c->what |= setting->what;
	return err;
}

int setting_parse(struct setting_changes *c, bool *json, int argc, char **argv, struct err *e)
{
	const char *key = NULL, *value;
	struct args a;
	int id, err;

	args_init(&a, json ? options : no_options, argc, argv);
	while ((id = args_next(&a, &value, e)) > ARGS_END) {
		if (id == JSON) {
			*json = true;
		} else if (!key) {
			key = value;
		} else {
			err = set_one(c, key, value, e);
			if (err)
				return err;
			key = NULL;
		}
	}
	return !id && key ? set_one(c, key, NULL, e) : id;
}
