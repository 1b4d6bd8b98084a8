// SPDX-License-Identifier: GPL-2.0
/*
 * A kubeconfig: of all its clusters, users and contexts those that are current.
 * Paths in it are seen from its own folder, as kubectl sees them.
 */
#include "upstream.h"

#include "err.h"
#include "jx.h"
#include "yaml_file.h"

#include <errno.h>
#include <resolv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KUBECONFIG_MAX	((size_t)4 << 20)

/* What is read, and where in it, for errors. */
struct part {
	const struct yaml_doc *doc;
	const char *path;	/* of the file */
	json_t *object;
	char at[300];		/* such as users[2].user */
};

static int no_memory(struct err *e)
{
	return err_set(e, ENOMEM, "out of memory");
}

static int refuse(const struct part *p, const char *field, struct err *e, const char *why)
{
	struct yaml_place place;
	char at[400];

	snprintf(at, sizeof(at), "%s%s%s", p->at, *p->at && *field ? "." : "", field);
	place = yaml_find(p->doc, at);
	return err_set(e, EINVAL, "%s:%u:%u: %s: %s", p->path, place.line, place.column, at, why);
}

/* The value, NULL when there is none; it stays the document's. */
static int get_string(const struct part *p, const char *field, const char **out, struct err *e)
{
	const json_t *v = json_object_get(p->object, field);

	*out = NULL;
	if (!v || json_is_null(v))
		return 0;
	if (!json_is_string(v))
		return refuse(p, field, e, "this has to be a string");
	if (*json_string_value(v))
		*out = json_string_value(v);
	return 0;
}

static int copy_string(const struct part *p, const char *field, char **out, struct err *e)
{
	const char *text;
	int ret;

	ret = get_string(p, field, &text, e);
	if (ret || !text)
		return ret;
	free(*out);
	*out = strdup(text);
	return *out ? 0 : no_memory(e);
}

static int copy_path(const struct part *p, const char *field, char **out, struct err *e)
{
	const char *text, *slash = strrchr(p->path, '/');
	int ret;

	ret = get_string(p, field, &text, e);
	if (ret || !text)
		return ret;
	free(*out);
	if (text[0] == '/')
		*out = strdup(text);
	else if (asprintf(out, "%.*s/%s", (int)(slash - p->path), p->path, text) < 0)
		*out = NULL;
	return *out ? 0 : no_memory(e);
}

static int copy_base64(const struct part *p, const char *field, char **out, struct err *e)
{
	const char *text;
	size_t size;
	int ret, n;

	ret = get_string(p, field, &text, e);
	if (ret || !text)
		return ret;
	size = strlen(text) + 4;
	free(*out);
	*out = malloc(size);
	if (!*out)
		return no_memory(e);
	n = b64_pton(text, (unsigned char *)*out, size - 1);
	if (n <= 0 || memchr(*out, '\0', n))
		return refuse(p, field, e, "this is not a PEM text in base64");
	(*out)[n] = '\0';
	return 0;
}

/* The text in the kubeconfig wins over the file, as with kubectl. */
static int copy_pem(const struct part *p, const char *field, struct upstream_pem *pem,
		    struct err *e)
{
	char data[64];
	int ret;

	snprintf(data, sizeof(data), "%s-data", field);
	ret = copy_base64(p, data, &pem->text, e);
	if (!ret && !pem->text)
		ret = copy_path(p, field, &pem->file, e);
	return ret;
}

/* The one called name among the clusters, users or contexts: what it holds under key. */
static int find_part(const struct part *root, const char *list, const char *key,
		     const char *name, struct part *out, struct err *e)
{
	const json_t *all = json_object_get(root->object, list), *one;
	char why[400];
	size_t i;

	*out = *root;
	json_array_foreach(all, i, one) {
		if (strcmp(jx_str(one, "name"), name) != 0)
			continue;
		snprintf(out->at, sizeof(out->at), "%s[%zu].%s", list, i, key);
		out->object = json_object_get(one, key);
		if (json_is_object(out->object))
			return 0;
		return refuse(out, "", e, "this has to be an object");
	}
	snprintf(why, sizeof(why), "there is none with the name \"%s\"", name);
	return refuse(root, list, e, why);
}

/* It goes into a URL. */
static int check_server_name(const struct upstream *u, const struct part *p, struct err *e)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789.-";
	char why[300];

	if (!u->server_name || !u->server_name[strspn(u->server_name, letters)])
		return 0;
	snprintf(why, sizeof(why), "\"%.200s\" is not a host name", u->server_name);
	return refuse(p, "tls-server-name", e, why);
}

static int read_cluster(struct upstream *u, const struct part *p, struct err *e)
{
	const json_t *insecure = json_object_get(p->object, "insecure-skip-tls-verify");
	const char *server;
	struct err why;
	int ret;

	ret = get_string(p, "server", &server, e);
	if (ret)
		return ret;
	if (!server)
		return refuse(p, "server", e, "this is missing");
	ret = upstream_set_url(u, server, &why);
	if (ret)
		return ret == -ENOMEM ? no_memory(e) : refuse(p, "server", e, why.text);
	if (insecure && !json_is_boolean(insecure))
		return refuse(p, "insecure-skip-tls-verify", e, "this has to be true or false");
	u->insecure = json_is_true(insecure);
	ret = copy_string(p, "tls-server-name", &u->server_name, e);
	if (!ret)
		ret = check_server_name(u, p, e);
	if (!ret)
		ret = copy_string(p, "proxy-url", &u->proxy, e);
	if (!ret)
		ret = copy_pem(p, "certificate-authority", &u->ca, e);
	if (!ret && u->insecure && (u->ca.text || u->ca.file))
		ret = refuse(p, "insecure-skip-tls-verify", e,
			     "this and a certificate-authority exclude each other");
	return ret;
}

static bool pem_given(const struct upstream_pem *pem)
{
	return pem->file || pem->text;
}

#define NO_PROGRAMS	"svcd runs no other programs: use a token, a tokenFile or a client "    \
			"certificate"
#define NOBODY_ELSE	"svcd comes as itself: give this user's own credentials"

/* What would give other rights than those that are asked for, if it were not looked at. */
static const struct {
	const char *field, *why;
} refused_fields[] = {
	{ "exec", NO_PROGRAMS },
	{ "auth-provider", NO_PROGRAMS },
	{ "as", NOBODY_ELSE },
	{ "as-uid", NOBODY_ELSE },
	{ "as-groups", NOBODY_ELSE },
	{ "as-user-extra", NOBODY_ELSE },
};

static int read_user(struct upstream *u, const struct part *p, struct err *e)
{
	size_t i;
	int ret;

	for (i = 0; i < sizeof(refused_fields) / sizeof(*refused_fields); i++)
		if (json_object_get(p->object, refused_fields[i].field))
			return refuse(p, refused_fields[i].field, e, refused_fields[i].why);
	ret = copy_pem(p, "client-certificate", &u->cert, e);
	if (!ret)
		ret = copy_pem(p, "client-key", &u->key, e);
	if (!ret && pem_given(&u->cert) != pem_given(&u->key))
		ret = refuse(p, pem_given(&u->cert) ? "client-key" : "client-certificate", e,
			     "this is missing: a certificate and its key belong together");
	if (!ret)
		ret = copy_string(p, "token", &u->token, e);
	if (!ret)
		ret = copy_path(p, "tokenFile", &u->token_file, e);
	if (!ret)
		ret = copy_string(p, "username", &u->user, e);
	if (!ret)
		ret = copy_string(p, "password", &u->password, e);
	return ret;
}

static int read_current(struct upstream *u, const struct part *root, struct err *e)
{
	const char *context, *cluster, *user;
	struct part part, found;
	int ret;

	ret = get_string(root, "current-context", &context, e);
	if (!ret && !context)
		ret = refuse(root, "current-context", e, "this is missing: which one "
			     "shall be used?");
	if (!ret)
		ret = find_part(root, "contexts", "context", context, &part, e);
	if (!ret)
		ret = get_string(&part, "cluster", &cluster, e);
	if (!ret)
		ret = get_string(&part, "user", &user, e);
	if (ret)
		return ret;
	if (!cluster)
		return refuse(&part, "cluster", e, "this is missing");
	ret = find_part(root, "clusters", "cluster", cluster, &found, e);
	if (!ret)
		ret = read_cluster(u, &found, e);
	if (ret || !user)
		return ret;
	ret = find_part(root, "users", "user", user, &found, e);
	return ret ? ret : read_user(u, &found, e);
}

static int read_docs(struct upstream *u, const char *path, const struct yaml_docs *docs,
		     struct err *e)
{
	struct part root = { .path = path };

	if (docs->n != 1 || !json_is_object(docs->v[0].value))
		return err_set(e, EINVAL, "%s is not a kubeconfig", path);
	root.doc = &docs->v[0];
	root.object = docs->v[0].value;
	if (!jx_is(root.object, "kind", "Config"))
		return refuse(&root, "kind", e, "this has to be Config");
	return read_current(u, &root, e);
}

int upstream_kubeconfig(struct upstream *u, const char *path, struct err *e)
{
	struct yaml_docs docs;
	int ret;

	ret = yaml_read_file(path, KUBECONFIG_MAX, &docs, e);
	if (ret)
		return ret;
	ret = read_docs(u, path, &docs, e);
	yaml_docs_clear(&docs);
	return ret;
}
