// SPDX-License-Identifier: GPL-2.0
#include "print.h"

#include "print_json.h"

#include <errno.h>
#include <inttypes.h>

int print_json(const struct print *p, json_t *value)
{
	if (!value)
		return -ENOMEM;
	json_dumpf(value, p->out, p->one_line ? JSON_COMPACT : JSON_INDENT(2));
	fputc('\n', p->out);
	json_decref(value);
	return 0;
}

json_t *print_json_append(json_t *list, json_t *member)
{
	if (list && !json_array_append_new(list, member))
		return list;
	if (!list)
		json_decref(member);
	json_decref(list);
	return NULL;
}

json_t *print_json_set(json_t *object, const char *key, json_t *value)
{
	if (object && !json_object_set_new(object, key, value))
		return object;
	if (!object)
		json_decref(value);
	json_decref(object);
	return NULL;
}

json_t *print_json_addrport(const struct ip_addr *addr, uint16_t port)
{
	char buf[INET6_ADDRSTRLEN];

	return json_pack("{s:s, s:i}", "address", ip_addr_print(addr, buf), "port", port);
}

json_t *print_json_number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

int print_deleted(const struct print *p, uint32_t n, const char *one, const char *many)
{
	if (p->json)
		return print_json(p, json_pack("{s:I}", "deleted", (json_int_t)n));
	fprintf(p->out, "%" PRIu32 " %s deleted\n", n, n == 1 ? one : many);
	return 0;
}

int print_version(const struct print *p, const char *tool, const struct ksettings *s,
		  const char *svcd)
{
	if (p->json)
		return print_json(p, json_pack("{s:s, s:s?, s:s?}", "svcctl", tool, "module",
					       s ? s->version : NULL, "svcd", svcd));
	fprintf(p->out, "%-15s%s\n", "svcctl", tool);
	fprintf(p->out, "%-15s%s\n", "svcnat module",
		s ? s->version : "not loaded: run \"modprobe svcnat\" as root");
	fprintf(p->out, "%-15s%s\n", "svcd", svcd ? svcd : "does not answer");
	return 0;
}
