// SPDX-License-Identifier: GPL-2.0
/*
 * "expose": a Service in front of a pod, or a second one with the selector of
 * another. What is not given is taken from that object, as by kubectl.
 */
#include "creation.h"
#include "field.h"
#include "refusal.h"
#include "verbs.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

const char verb_expose_usage[] =
	"usage: svcctl expose pod|service NAME [OPTIONS]\n"
	"\n"
	"Create a service for the pods with the labels of this pod, or with the selector of\n"
	"this service. What is not said is that object's: name, labels, ports.\n"
	"\n"
	"  --port PORT[,PORT]      the service's; by default those of the object\n"
	"  --target-port PORT      the pods', a number or a name; by default the same\n"
	"  --protocol PROTOCOL     TCP (the default), UDP or SCTP\n"
	"  --name NAME             of the new service; needed for that of a service\n"
	"  --type TYPE             ClusterIP (the default), NodePort or LoadBalancer\n"
	"  --cluster-ip IP         its address, or None\n"
	"  --external-ip IP        an address for the outside\n"
	"  --load-balancer-ip IP   the wish for one of a LoadBalancer\n"
	"  --session-affinity WHAT None or ClientIP\n"
	"  --selector K=V[,K=V]    other pods than those\n"
	"  -l, --labels K=V[,K=V]  of the new service\n"
	"  -n, --namespace NAME    where (default: default)\n"
	"  -o, --output FORMAT     name, json or yaml\n"
	"  --dry-run WHERE         client or server: check only\n"
	"\n"
	"Example: svcctl expose pod web-1 --name web --port 80 --target-port 8080\n";

enum {
	OPT_PORT = CREATION_OPT_LAST, OPT_TARGET, OPT_PROTOCOL, OPT_NAME, OPT_TYPE, OPT_CLUSTER_IP,
	OPT_EXTERNAL_IP, OPT_BALANCER_IP, OPT_AFFINITY, OPT_SELECTOR, OPT_LABELS, OPT_LAST,
};

static const struct args_option options[] = {
	CREATION_OPTIONS, CREATION_NAMESPACE,
	{ "port", 0, ARGS_VALUE, OPT_PORT },
	{ "target-port", 0, ARGS_VALUE, OPT_TARGET },
	{ "protocol", 0, ARGS_VALUE, OPT_PROTOCOL },
	{ "name", 0, ARGS_VALUE, OPT_NAME },
	{ "type", 0, ARGS_VALUE, OPT_TYPE },
	{ "cluster-ip", 0, ARGS_VALUE, OPT_CLUSTER_IP },
	{ "external-ip", 0, ARGS_VALUE, OPT_EXTERNAL_IP },
	{ "load-balancer-ip", 0, ARGS_VALUE, OPT_BALANCER_IP },
	{ "session-affinity", 0, ARGS_VALUE, OPT_AFFINITY },
	{ "selector", 0, ARGS_VALUE, OPT_SELECTOR },
	{ "labels", 'l', ARGS_VALUE, OPT_LABELS },
	{ 0 },
};

struct exposing {
	struct creation creation;
	const char *words[2];
	size_t nwords;
	const char *given[OPT_LAST];	/* by option; NULL: not given */
	struct selection what;
};

static int parse(struct exposing *x, int argc, char **argv, struct err *e)
{
	const char *value;
	struct args args;
	int id, ret;

	args_init(&args, options, argc, argv);
	while ((id = args_next(&args, &value, e)) != ARGS_END) {
		ret = id < 0 ? id : creation_check_utf8(value, e);
		if (ret)
			return ret;
		if (id == ARGS_WORD && x->nwords == 2)
			return err_set(e, EINVAL, "one object, not also '%s'", value);
		if (id == ARGS_WORD)
			x->words[x->nwords++] = value;
		else if (id >= CREATION_OPT_LAST)
			x->given[id] = value;
		else if (creation_option(&x->creation, id, value, e))
			return -EINVAL;
	}
	if (!x->nwords)
		return err_set(e, EINVAL, "what to expose is missing: pod NAME or service NAME");
	return 0;
}

/* --- what it is made of --- */

/* "a=b,c=d" as a map. -EINVAL. */
static int parse_map(const char *option, const char *text, json_t *map, struct err *e)
{
	char *copy = strdup(text), *rest = copy, *pair, *value;
	int ret = copy ? 0 : err_set(e, ENOMEM, "out of memory");

	while (!ret && (pair = strsep(&rest, ","))) {
		value = strchr(pair, '=');
		if (!value || value == pair) {
			ret = err_set(e, EINVAL, "%s: '%s' is not KEY=VALUE", option, pair);
			break;
		}
		*value++ = '\0';
		if (json_object_set_new(map, pair, json_string(value)))
			ret = err_set(e, ENOMEM, "out of memory");
	}
	free(copy);
	return ret;
}

static json_t *port_value(const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	return *end || !isdigit((unsigned char)*text) ? json_string(text) : json_integer(n);
}

/* protocol: where it was not given, that of the object's own port, or NULL. */
static int add_port(const struct exposing *x, json_t *ports, json_int_t number,
		    const char *protocol, struct err *e)
{
	const char *target = x->given[OPT_TARGET];

	if (x->given[OPT_PROTOCOL])
		protocol = x->given[OPT_PROTOCOL];
	if (!protocol || !*protocol)
		protocol = "TCP";
	return json_array_append_new(ports, json_pack("{s:I, s:s, s:o}", "port", number,
		"protocol", protocol, "targetPort",
		target ? port_value(target) : json_integer(number))) ?
		err_set(e, ENOMEM, "out of memory") : 0;
}

/* The object's ports: those of all containers, or of the service. */
static json_t *own_ports(const json_t *object)
{
	const json_t *containers = field_get(object, "spec.containers");
	json_t *ports = json_array(), *c;
	size_t i;

	if (!containers)
		json_array_extend(ports, field_get(object, "spec.ports"));
	json_array_foreach(containers, i, c)
		json_array_extend(ports, json_object_get(c, "ports"));
	return ports;
}

static const char *own_protocol(const json_t *own, json_int_t number)
{
	json_t *port;
	size_t i;

	json_array_foreach(own, i, port)
		if (field_int(port, "port", field_int(port, "containerPort", 0)) == number)
			return field_string(port, "protocol");
	return NULL;
}

static int add_given_ports(const struct exposing *x, const json_t *own, json_t *ports,
			   struct err *e)
{
	char *copy = strdup(x->given[OPT_PORT]), *rest = copy, *word;
	int ret = copy ? 0 : err_set(e, ENOMEM, "out of memory");
	uint32_t n;

	while (!ret && (word = strsep(&rest, ","))) {
		ret = args_number(word, 1, 65535, &n, e);
		if (ret)
			err_prefix(e, "--port");
		else
			ret = add_port(x, ports, n, own_protocol(own, n), e);
	}
	free(copy);
	return ret;
}

static int add_ports(const struct exposing *x, const json_t *object, json_t *ports, struct err *e)
{
	const char *ip = x->given[OPT_CLUSTER_IP];
	json_t *own = own_ports(object), *port;
	char name[32];
	size_t i;
	int ret = 0;

	if (x->given[OPT_PORT])
		ret = add_given_ports(x, own, ports, e);
	else
		json_array_foreach(own, i, port)
			ret = ret ? ret : add_port(x, ports, field_int(port, "port",
						   field_int(port, "containerPort", 0)),
						   field_string(port, "protocol"), e);
	if (!ret && !json_array_size(ports) && (!ip || strcmp(ip, "None")))
		ret = err_set(e, EINVAL, "couldn't find port via --port flag or introspection");
	json_array_foreach(ports, i, port) {
		snprintf(name, sizeof(name), "port-%zu", i + 1);
		if (json_array_size(ports) > 1)
			json_object_set_new(port, "name", json_string(name));
	}
	json_decref(own);
	return ret;
}

static int add_selector(const struct exposing *x, const json_t *object, json_t *spec,
			struct err *e)
{
	const bool pod = field_get(object, "spec.containers") != NULL;
	const json_t *own = field_get(object, pod ? "metadata.labels" : "spec.selector");
	json_t *map = json_object();
	int ret = 0;

	if (x->given[OPT_SELECTOR])
		ret = parse_map("--selector", x->given[OPT_SELECTOR], map, e);
	else if (!json_object_size(own))
		ret = err_set(e, EINVAL, "couldn't retrieve selectors via --selector flag or "
			      "introspection: the %s", pod ? "pod has no labels and cannot be "
			      "exposed" : "service has no pod selector set");
	else
		json_object_update(map, (json_t *)own);
	json_object_set_new(spec, "selector", map);
	return ret;
}

static json_t *make_meta(const struct exposing *x, const json_t *object, struct err *e)
{
	const char *name = x->given[OPT_NAME];
	json_t *labels = json_object(), *meta;

	if (x->given[OPT_LABELS]) {
		if (parse_map("--labels", x->given[OPT_LABELS], labels, e)) {
			json_decref(labels);
			return NULL;
		}
	} else {
		json_object_update(labels, field_get(object, "metadata.labels"));
	}
	meta = json_pack("{s:s, s:s*}", "name",
			 name ? name : field_string(object, "metadata.name"), "namespace",
			 x->creation.scope.ns);
	if (json_object_size(labels))
		json_object_set(meta, "labels", labels);
	json_decref(labels);
	if (!meta)
		err_set(e, ENOMEM, "out of memory");
	return meta;
}

static int fill_spec(const struct exposing *x, const json_t *object, json_t *spec, struct err *e)
{
	static const struct { int option; const char *key; } plain[] = {
		{ OPT_TYPE, "type" }, { OPT_CLUSTER_IP, "clusterIP" },
		{ OPT_BALANCER_IP, "loadBalancerIP" }, { OPT_AFFINITY, "sessionAffinity" },
	};
	json_t *ports = json_array();
	size_t i;
	int ret;

	for (i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		if (x->given[plain[i].option])
			json_object_set_new(spec, plain[i].key,
					    json_string(x->given[plain[i].option]));
	if (x->given[OPT_EXTERNAL_IP])
		json_object_set_new(spec, "externalIPs",
				    json_pack("[s]", x->given[OPT_EXTERNAL_IP]));
	ret = add_selector(x, object, spec, e);
	if (!ret)
		ret = add_ports(x, object, ports, e);
	if (json_array_size(ports))
		json_object_set(spec, "ports", ports);
	json_decref(ports);
	return ret;
}

/* NULL: e says why not. */
static json_t *make(const struct exposing *x, const json_t *object, struct err *e)
{
	json_t *spec = json_object(), *meta = NULL;

	if (!fill_spec(x, object, spec, e))
		meta = make_meta(x, object, e);
	if (!meta) {
		json_decref(spec);
		return NULL;
	}
	return json_pack("{s:s, s:s, s:o, s:o}", "apiVersion", "v1", "kind", "Service", "metadata",
			 meta, "spec", spec);
}

/* --- the command --- */

/* The object that is to be exposed. 1: there is none, and the user was told. */
static int fetch(const struct exposing *x, json_t **out, struct err *e)
{
	const struct selection_target *t = &x->what.v[0];
	char *path = scope_path(&x->creation.scope, t->res, t->names[0]);
	struct client_reply reply;
	struct client client;
	int ret;

	if (!path)
		return err_set(e, ENOMEM, "out of memory");
	ret = client_open(&client, x->creation.ctx, e);
	if (!ret) {
		ret = client_do(&client, "GET", path, NULL, &reply, e);
		client_close(&client);
	}
	free(path);
	if (ret)
		return ret;
	if (client_failed(&reply)) {
		refusal_print(x->creation.ctx->err, reply.body, NULL, NULL);
		ret = 1;
	} else {
		*out = json_incref(reply.body);
	}
	client_reply_clear(&reply);
	return ret;
}

static int complain(const struct exposing *x, const struct err *e)
{
	fprintf(x->creation.ctx->err, "error: %s\n", e->text);
	return VERB_REFUSED;
}

static int run(struct exposing *x)
{
	const struct resource *service = resource_by_kind("v1", "Service");
	json_t *object = NULL, *made = NULL;
	struct err e;
	int ret;

	ret = fetch(x, &object, &e);
	if (ret)
		return ret < 0 ? verbs_refused(x->creation.ctx, &e) : VERB_REFUSED;
	made = make(x, object, &e);
	x->creation.done = "exposed";
	ret = made ? creation_run(&x->creation, service, made) : complain(x, &e);
	json_decref(made);
	json_decref(object);
	return ret;
}

/* One pod or service, and no other type. */
static int find(struct exposing *x, struct err *e)
{
	const char *kind;

	if (selection_parse(&x->what, x->words, x->nwords, e))
		return -EINVAL;
	kind = x->what.v[0].res->kind;
	if (selection_names(&x->what) != 1 || x->what.n != 1)
		return err_set(e, EINVAL, "one object to expose: pod NAME or service NAME");
	if (strcmp(kind, "Pod") && strcmp(kind, "Service"))
		return err_set(e, EINVAL, "cannot expose a %s: only pods and services", kind);
	return 0;
}

int verb_expose(struct ctx *ctx, int argc, char **argv)
{
	struct exposing x = { .creation.ctx = ctx };
	struct err e;
	int ret;

	if (parse(&x, argc, argv, &e))
		return verbs_usage(ctx, "%s", e.text);
	ret = find(&x, &e) ? complain(&x, &e) : run(&x);
	selection_clear(&x.what);
	return ret;
}
