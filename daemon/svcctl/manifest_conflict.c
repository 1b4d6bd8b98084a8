// SPDX-License-Identifier: GPL-2.0
#include "field.h"
#include "kservice.h"
#include "manifest_conflict.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* The cause of a refusal. message is taken over. NULL: no memory. */
static json_t *make_cause(const char *field, json_t *message)
{
	return json_pack("{s:s, s:o}", "field", field, "message", message);
}

static json_t *invalid(const char *field, const json_t *value, const char *why)
{
	char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
	json_t *message = text ? json_sprintf("Invalid value: %s: %s", text, why) : NULL;

	free(text);
	return make_cause(field, message);
}

/*
 * One thing that an object asks for, and what to say when it is taken (taken
 * over). Asked for twice by one object it is one claim: that is svcd's to judge.
 */
__attribute__((format(printf, 3, 4)))
static int claim(json_t *claims, json_t *cause, const char *fmt, ...)
{
	char *key = NULL;
	va_list ap;
	int ret;

	va_start(ap, fmt);
	ret = vasprintf(&key, fmt, ap);
	va_end(ap);
	if (ret < 0) {
		json_decref(cause);
		return -ENOMEM;
	}
	ret = json_object_set_new_nocheck(claims, key, cause);
	free(key);
	return ret ? -ENOMEM : 0;
}

static int claim_name(json_t *claims, const struct manifest_object *o, const char *ns)
{
	if (!*o->name)
		return 0;	/* svcd makes one up */
	return claim(claims, make_cause("metadata.name", json_string("")), "%s %s/%s",
		     o->res->plural, ns ? ns : "", o->name);
}

static int claim_ip(json_t *claims, const json_t *ips, const char *text)
{
	char canonical[INET6_ADDRSTRLEN], why[128];
	struct ip_addr ip;

	if (ip_addr_parse(text, &ip, NULL))
		return 0;	/* None, "", and what svcd refuses */
	snprintf(why, sizeof(why), "failed to allocate IP %s: provided IP is already allocated",
		 text);
	return claim(claims, invalid("spec.clusterIPs", ips, why), "cluster IP %s",
		     ip_addr_print(&ip, canonical));
}

/* svcd makes the list of clusterIP when there is none. */
static int claim_ips(json_t *claims, const json_t *value)
{
	const json_t *list = field_get(value, "spec.clusterIPs");
	json_t *ips, *ip;
	int ret = 0;
	size_t i;

	ips = json_array_size(list) ? json_deep_copy(list) :
		json_pack("[s]", field_string(value, "spec.clusterIP"));
	if (!ips)
		return -ENOMEM;
	json_array_foreach(ips, i, ip)
		if (!ret && json_is_string(ip))
			ret = claim_ip(claims, ips, json_string_value(ip));
	json_decref(ips);
	return ret;
}

static int claim_node_port(json_t *claims, const json_t *port, const char *protocol,
			   const char *field)
{
	if (!json_is_integer(port) || !json_integer_value(port))
		return 0;
	return claim(claims, invalid(field, port, "provided port is already allocated"),
		     "node port %" JSON_INTEGER_FORMAT "/%s", json_integer_value(port), protocol);
}

static int claim_node_ports(json_t *claims, const json_t *value)
{
	const json_t *ports = field_get(value, "spec.ports");
	json_t *port;
	size_t i;

	json_array_foreach(ports, i, port) {
		const char *protocol = field_string(port, "protocol");
		char field[64];

		snprintf(field, sizeof(field), "spec.ports[%zu].nodePort", i);
		if (claim_node_port(claims, json_object_get(port, "nodePort"),
				    *protocol ? protocol : "TCP", field))
			return -ENOMEM;
	}
	return claim_node_port(claims, field_get(value, "spec.healthCheckNodePort"), "TCP",
			       "spec.healthCheckNodePort");
}

/* In the order in which svcd looks at them: it is the order of the causes. */
static json_t *claims_of(const struct manifest_object *o, const char *ns)
{
	json_t *claims = json_object();
	bool good;

	good = claims && !claim_name(claims, o, ns);
	if (good && !strcmp(o->res->plural, "services"))
		good = !claim_ips(claims, o->value) && !claim_node_ports(claims, o->value);
	if (good)
		return claims;
	json_decref(claims);
	return NULL;
}

static json_t *causes_of(const struct manifest_conflict *c, json_t *claims)
{
	json_t *causes = json_array(), *cause;
	const char *key;

	json_object_foreach(claims, key, cause) {
		if (!json_object_get(c->taken, key) || !json_array_append(causes, cause))
			continue;
		json_decref(causes);
		return NULL;
	}
	return causes;
}

/* As svcd words it: a name that exists is all that it says. causes is taken over. */
static json_t *make_status(const struct manifest_object *o, json_t *causes)
{
	const json_t *first = json_array_get(causes, 0);

	if (strcmp(field_string(first, "field"), "metadata.name"))
		return json_pack("{s:s, s:{s:s, s:s, s:o}}", "reason", "Invalid", "details", "kind",
				 o->kind, "name", o->name, "causes", causes);
	while (json_array_size(causes) > 1)
		json_array_remove(causes, 1);
	return json_pack("{s:s, s:o, s:{s:s, s:s, s:o}}", "reason", "AlreadyExists", "message",
			 json_sprintf("%s \"%s\" already exists", o->res->plural, o->name),
			 "details", "kind", o->res->plural, "name", o->name, "causes", causes);
}

/* 0, 1 and -ENOMEM as manifest_conflict_add(). */
static int take(struct manifest_conflict *c, const struct manifest_object *o, json_t *claims,
		json_t **status)
{
	json_t *causes = causes_of(c, claims);

	if (!causes)
		return -ENOMEM;
	if (json_array_size(causes)) {
		*status = make_status(o, causes);
		return *status ? 1 : -ENOMEM;
	}
	json_decref(causes);
	return json_object_update(c->taken, claims) ? -ENOMEM : 0;
}

int manifest_conflict_add(struct manifest_conflict *c, const struct manifest_object *o,
			  const char *ns, json_t **status, struct err *e)
{
	json_t *claims = claims_of(o, ns);
	int ret = -ENOMEM;

	*status = NULL;
	if (!c->taken)
		c->taken = json_object();
	if (claims && c->taken)
		ret = take(c, o, claims, status);
	json_decref(claims);
	return ret < 0 ? err_set(e, ENOMEM, "out of memory") : ret;
}

void manifest_conflict_clear(struct manifest_conflict *c)
{
	json_decref(c->taken);
	c->taken = NULL;
}
