// SPDX-License-Identifier: GPL-2.0
#include "print_json.h"
#include "setting.h"

static json_t *json_cidrs(const struct kcidrs *l)
{
	char buf[INET6_ADDRSTRLEN + 4];
	json_t *list = json_array();
	size_t i;

	for (i = 0; list && i < l->n; i++)
		list = print_json_append(list, json_string(ip_cidr_print(&l->v[i], buf)));
	return list;
}

static json_t *json_value(const struct setting *setting, const struct ksettings *s)
{
	switch (setting->type) {
	case SETTING_CIDRS:
		return json_cidrs(setting_cidrs(setting, s));
	case SETTING_SWITCH:
		return json_boolean(setting_switch(setting, s));
	default:
		return json_integer(setting_limit(setting, s));
	}
}

json_t *print_json_settings(const struct ksettings *s)
{
	json_t *o = json_pack("{s:s, s:b}", "version", s->version, "enabled", s->enabled);
	const struct setting *setting;
	int i;

	for (setting = settings_list; setting->name; setting++)
		o = print_json_set(o, setting->json, json_value(setting, s));
	for (i = 0; i < KLIMIT_N; i++)
		o = print_json_set(o, setting_numbers[i], json_integer(s->now[i]));
	return o;
}

static void label(const struct print *p, const char *indent, const char *name)
{
	fprintf(p->out, "%s%-20s", indent, name);
}

void print_settings_text(const struct print *p, const char *indent, const struct ksettings *s)
{
	const struct setting *setting;
	int i;

	label(p, indent, "version");
	fprintf(p->out, "%s\n", s->version);
	label(p, indent, "enabled");
	fprintf(p->out, "%s\n", s->enabled ? "yes" : "no");
	for (setting = settings_list; setting->name; setting++) {
		label(p, indent, setting->name);
		setting_print(p->out, setting, s);
		fputc('\n', p->out);
	}
	for (i = 0; i < KLIMIT_N; i++) {
		label(p, indent, setting_numbers[i]);
		fprintf(p->out, "%u\n", s->now[i]);
	}
}

int print_settings(const struct print *p, const struct ksettings *s)
{
	if (p->json)
		return print_json(p, print_json_settings(s));
	print_settings_text(p, "", s);
	return 0;
}
