// SPDX-License-Identifier: GPL-2.0
/*
 * "create service TYPE NAME" and "create namespace NAME": the object is made of
 * the command line, with what kubectl puts into it.
 */
#include "create.h"
#include "creation.h"
#include "verbs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct making {
	struct creation creation;
	const char *type;		/* "ClusterIP", as in the object; NULL: a namespace */
	const char *name;
	json_t *ports;
	uint32_t node_port;
	const char *cluster_ip, *external_name;
};

enum { OPT_TCP = CREATION_OPT_LAST, OPT_NODE_PORT, OPT_CLUSTER_IP, OPT_EXTERNAL_NAME };

#define SERVICE_OPTIONS \
	CREATION_OPTIONS, CREATION_NAMESPACE, { "tcp", 0, ARGS_VALUE, OPT_TCP }

static const struct args_option namespace_options[] = { CREATION_OPTIONS, { 0 } };
static const struct args_option cluster_ip_options[] = {
	SERVICE_OPTIONS, { "clusterip", 0, ARGS_VALUE, OPT_CLUSTER_IP }, { 0 },
};
static const struct args_option node_port_options[] = {
	SERVICE_OPTIONS, { "node-port", 0, ARGS_VALUE, OPT_NODE_PORT }, { 0 },
};
static const struct args_option load_balancer_options[] = { SERVICE_OPTIONS, { 0 } };
static const struct args_option external_name_options[] = {
	SERVICE_OPTIONS, { "external-name", 0, ARGS_VALUE, OPT_EXTERNAL_NAME }, { 0 },
};

static const struct {
	const char *word, *type;
	const struct args_option *options;
} types[] = {
	{ "clusterip", "ClusterIP", cluster_ip_options },
	{ "nodeport", "NodePort", node_port_options },
	{ "loadbalancer", "LoadBalancer", load_balancer_options },
	{ "externalname", "ExternalName", external_name_options },
};

static json_t *target_port(const char *text, struct err *e)
{
	uint32_t number;

	if (!text[strspn(text, "0123456789")])
		return args_number(text, 1, 65535, &number, e) ? NULL : json_integer(number);
	return json_string(text);	/* the name of a port: svcd looks at it */
}

/* "80" or "80:8080"; its name is the text. */
static int add_port(struct making *m, const char *text, struct err *e)
{
	const char *colon = strchr(text, ':');
	char name[64], number[16];
	json_t *target;
	uint32_t port;

	snprintf(number, sizeof(number), "%.*s", colon ? (int)(colon - text) : 15, text);
	snprintf(name, sizeof(name), "%s", text);
	if (colon && (size_t)(colon - text) < sizeof(name))
		name[colon - text] = '-';
	if (args_number(number, 1, 65535, &port, e)) {
		err_prefix(e, "--tcp=%s", text);
		return -EINVAL;
	}
	target = target_port(colon ? colon + 1 : text, e);
	if (!target) {
		err_prefix(e, "--tcp=%s", text);
		return -EINVAL;
	}
	return json_array_append_new(m->ports, json_pack("{s:s, s:i, s:s, s:o}", "name", name,
							 "port", (int)port, "protocol", "TCP",
							 "targetPort", target)) ?
		err_set(e, ENOMEM, "out of memory") : 0;
}

static int add_ports(struct making *m, const char *list, struct err *e)
{
	char *copy = strdup(list), *rest = copy, *word;
	int ret = copy ? 0 : err_set(e, ENOMEM, "out of memory");

	while (!ret && (word = strsep(&rest, ",")))
		ret = add_port(m, word, e);
	free(copy);
	return ret;
}

static int set_option(struct making *m, int id, const char *value, struct err *e)
{
	switch (id) {
	case OPT_TCP:
		return add_ports(m, value, e);
	case OPT_NODE_PORT:
		if (args_number(value, 0, 65535, &m->node_port, e)) {
			err_prefix(e, "--node-port");
			return -EINVAL;
		}
		return 0;
	case OPT_CLUSTER_IP:
		m->cluster_ip = value;
		return 0;
	case OPT_EXTERNAL_NAME:
		m->external_name = value;
		return 0;
	case ARGS_WORD:
		if (m->name)
			return err_set(e, EINVAL, "one name, not also '%s'", value);
		m->name = value;
		return 0;
	default:
		return creation_option(&m->creation, id, value, e);
	}
}

/* What svcd could not know: it would make something else of it. */
static int check(const struct making *m, struct err *e)
{
	bool headless = m->cluster_ip && !strcmp(m->cluster_ip, "None");
	size_t n = json_array_size(m->ports);

	if (!m->name)
		return err_set(e, EINVAL, "NAME is missing");
	if (!m->type)
		return 0;
	if (!strcmp(m->type, "ExternalName"))
		return m->external_name ? 0 :
			err_set(e, EINVAL, "--external-name is missing");
	if (!n && !headless)
		return err_set(e, EINVAL, "at least one tcp port specifier must be provided: "
			       "--tcp=PORT[:TARGET]");
	return 0;
}

static int parse(struct making *m, const struct args_option *options, int argc, char **argv,
		 struct err *e)
{
	const char *value;
	struct args args;
	int id, ret;

	args_init(&args, options, argc, argv);
	while ((id = args_next(&args, &value, e)) != ARGS_END) {
		ret = id < 0 ? id : creation_check_utf8(value, e);
		if (!ret)
			ret = set_option(m, id, value, e);
		if (ret)
			return ret;
	}
	return check(m, e);
}

/* As in a manifest, the namespace is said only where it was given. */
static json_t *make_service(const struct making *m)
{
	json_t *port, *spec;
	size_t i;

	spec = json_pack("{s:s, s:s*, s:s*, s:{s:s}}", "type", m->type, "clusterIP", m->cluster_ip,
			 "externalName", m->external_name, "selector", "app", m->name);
	if (m->node_port)
		json_array_foreach(m->ports, i, port)
			json_object_set_new(port, "nodePort", json_integer(m->node_port));
	if (json_array_size(m->ports))
		json_object_set(spec, "ports", m->ports);
	return json_pack("{s:s, s:s, s:{s:s, s:s*, s:{s:s}}, s:o}", "apiVersion", "v1", "kind",
			 "Service", "metadata", "name", m->name, "namespace", m->creation.scope.ns,
			 "labels", "app", m->name, "spec", spec);
}

static json_t *make(const struct making *m)
{
	if (m->type)
		return make_service(m);
	return json_pack("{s:s, s:s, s:{s:s}}", "apiVersion", "v1", "kind", "Namespace",
			 "metadata", "name", m->name);
}

static int run(struct making *m)
{
	const struct resource *res = resource_by_kind("v1", m->type ? "Service" : "Namespace");
	json_t *object = make(m);
	char failed[64];
	int code;

	snprintf(failed, sizeof(failed), "failed to create %s service", m->type ? m->type : "");
	m->creation.done = "created";
	m->creation.failed = m->type ? failed : NULL;
	code = creation_run(&m->creation, res, object);
	json_decref(object);
	return code;
}

static int parse_and_run(struct making *m, const struct args_option *options, int argc,
			 char **argv)
{
	struct err e;
	int ret;

	m->ports = json_array();
	ret = m->ports ? parse(m, options, argc, argv, &e) : err_set(&e, ENOMEM, "out of memory");
	ret = ret ? verbs_usage(m->creation.ctx, "%s", e.text) : run(m);
	json_decref(m->ports);
	return ret;
}

int create_service(struct ctx *ctx, int argc, char **argv)
{
	struct making m = { .creation.ctx = ctx };
	size_t i;

	for (i = 0; argc > 1 && i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(argv[1], types[i].word))
			continue;
		m.type = types[i].type;
		return parse_and_run(&m, types[i].options, argc - 1, argv + 1);
	}
	return verbs_usage(ctx, "create service: the type is missing: clusterip, nodeport, "
			   "loadbalancer or externalname");
}

int create_namespace(struct ctx *ctx, int argc, char **argv)
{
	struct making m = { .creation.ctx = ctx };

	return parse_and_run(&m, namespace_options, argc, argv);
}
