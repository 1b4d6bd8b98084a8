// SPDX-License-Identifier: GPL-2.0
/*
 * The same text as each of the files that svcd reads: svcd.yaml, a kubeconfig, a resolv.conf. An
 * error names a line, or a field; what svcd.yaml says is what the command line says with the same
 * values.
 */
#include "target.h"

#include "dns_resolv.h"
#include "err.h"
#include "options_priv.h"
#include "yaml_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define ARGS_MAX	256
#define SERVERS_MAX	3

/* --- a file --- */

struct file {
	int fd;
	char path[64];
};

static const struct file *file_with(const uint8_t *data, size_t len)
{
	static struct file f = { .fd = -1 };

	if (f.fd < 0) {
		f.fd = memfd_create("input", MFD_CLOEXEC);
		must(f.fd >= 0, "memfd_create: %s", strerror(errno));
		snprintf(f.path, sizeof(f.path), "/proc/self/fd/%d", f.fd);
	}
	must(ftruncate(f.fd, 0) == 0 && pwrite(f.fd, data, len, 0) == (ssize_t)len, "%s",
	     strerror(errno));
	return &f;
}

/* --- errors --- */

/* One of the keys, or of the options, is in the text. */
static bool names_key(const char *text)
{
	size_t i;

	for (i = 0; i < noption_rows; i++)
		if (strstr(text, option_rows[i].key) || strstr(text, option_rows[i].name))
			return true;
	return strstr(text, "pools") != NULL;
}

static void check_error(int ret, const struct err *e, const struct file *f, const uint8_t *data,
			size_t len)
{
	unsigned int line = target_line_of(e->text, f->path);

	must(ret < 0 && ret != -ENOMEM, "%d: %s", ret, e->text);
	must(line || names_key(e->text), "neither a line nor a key: %s", e->text);
	must(line <= target_lines(data, len), "no such line: %s", e->text);
	must(target_is_utf8(e->text), "not UTF-8: %s", e->text);
}

/* --- svcd.yaml --- */

struct args {
	char *v[ARGS_MAX];
	int n;
	bool all;		/* each key has its option in here */
};

static const struct option_row *row_of(const char *key)
{
	size_t i;

	for (i = 0; i < noption_rows; i++)
		if (!strcmp(option_rows[i].key, key))
			return &option_rows[i];
	return NULL;
}

static void add_one(struct args *a, const struct option_row *row, const json_t *v)
{
	char number[32];
	const char *text = json_string_value(v);

	snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT, json_integer_value(v));
	if (json_is_boolean(v))
		text = json_is_true(v) ? "true" : "false";
	else if (json_is_integer(v))
		text = number;
	if (!text || a->n + 1 >= ARGS_MAX) {
		a->all = false;
		return;
	}
	must(asprintf(&a->v[a->n], "--%s=%s", row->name, text) > 0, "out of memory");
	a->n++;
}

static void add_key(struct args *a, const char *key, const json_t *v)
{
	const struct option_row *row = row_of(key);
	const json_t *one;
	size_t i;

	if (!row || (json_is_array(v) && (!row->forget || !json_array_size(v)))) {
		a->all = false;
	} else if (json_is_array(v)) {
		json_array_foreach(v, i, one)
			add_one(a, row, one);
	} else {
		add_one(a, row, v);
	}
}

static void add_map(struct args *a, const char *map, const json_t *object)
{
	const char *key;
	char name[160];
	json_t *v;

	json_object_foreach((json_t *)object, key, v) {
		snprintf(name, sizeof(name), "%s%s%s", map, *map ? "." : "", key);
		if (!*map && !strcmp(key, "dns") && json_is_object(v))
			add_map(a, key, v);
		else
			add_key(a, name, v);
	}
}

/* The command line that says the same; all is false where there is none. */
static void args_of(struct args *a, const char *path)
{
	struct yaml_docs docs;

	*a = (struct args){ .v = { strdup("svcd") }, .n = 1 };
	if (yaml_read_file(path, (size_t)1 << 20, &docs, NULL))
		return;
	a->all = docs.n == 1 && json_is_object(docs.v[0].value);
	if (a->all)
		add_map(a, "", docs.v[0].value);
	yaml_docs_clear(&docs);
}

static void args_clear(struct args *a)
{
	while (a->n)
		free(a->v[--a->n]);
}

static void check_values(const struct options *o)
{
	size_t i, j;

	must(o->node_name && o->socket && o->data_dir && o->manifests, "something is not set");
	must(o->socket[0] == '/' && o->data_dir[0] == '/', "no absolute path");
	must(o->node_port_min && o->node_port_min <= o->node_port_max, "%u-%u", o->node_port_min,
	     o->node_port_max);
	must(o->nservice_cidrs == 1 || o->nservice_cidrs == 2, "%zu", o->nservice_cidrs);
	must(o->dns.nlisten <= OPTIONS_DNS_LISTEN_MAX && o->dns.nupstreams <= DNS_UPSTREAMS_MAX,
	     "too many");
	must(o->settings.pod_cidrs.n <= SVCNAT_CIDRS_MAX, "too many");
	for (i = 0; i < o->nservice_cidrs; i++)
		must(ip_cidr_valid(&o->service_cidrs[i]), "a wrong range");
	for (i = 0; i < o->settings.pod_cidrs.n; i++) {
		must(ip_cidr_valid(&o->settings.pod_cidrs.v[i]), "a wrong range");
		for (j = 0; j < i; j++)
			must(ip_addr_len(&o->settings.pod_cidrs.v[i].addr), "no address");
	}
}

/* The same by the command line: the same verdict, and the same options. */
static void check_command_line(int ret, const struct options *by_file, const struct file *f)
{
	struct err e = { "" };
	struct options o;
	struct args a;
	int other;

	args_of(&a, f->path);
	if (a.all) {
		other = options_parse(&o, a.n, a.v, NULL, stderr, &e);
		must(!ret == !other, "by the file %d, by the command line %d: %s", ret, other,
		     e.text);
		if (!ret)
			must(!options_changes(by_file, &o), "other options: %#x",
			     options_changes(by_file, &o));
		options_clear(&o);
	}
	args_clear(&a);
}

static void check_options(const struct file *f, const uint8_t *data, size_t len)
{
	char config[96], *argv[] = { (char *)"svcd", config, NULL };
	struct err e = { "" };
	struct options o, again;
	int ret;

	snprintf(config, sizeof(config), "--config=%s", f->path);
	ret = options_parse(&o, 2, argv, NULL, stderr, &e);
	if (ret) {
		check_error(ret, &e, f, data, len);
	} else {
		check_values(&o);
		must(!options_parse(&again, 2, argv, NULL, stderr, &e), "%s", e.text);
		must(!options_changes(&o, &again), "read twice it is not the same");
		options_clear(&again);
	}
	check_command_line(ret, &o, f);
	options_clear(&o);
}

/* --- the others --- */

static void check_kubeconfig(const struct file *f, const uint8_t *data, size_t len)
{
	struct upstream u = { .name = NULL }, again = { .name = NULL };
	struct err e = { "" };
	int ret = upstream_kubeconfig(&u, f->path, &e);

	if (ret) {
		must(target_line_of(e.text, f->path) || strstr(e.text, "is not a kubeconfig"),
		     "no line: %s", e.text);
		must(target_line_of(e.text, f->path) <= target_lines(data, len), "%s", e.text);
	} else {
		must(u.name && u.url, "nowhere");
		must(!strncmp(u.url, "https://", 8) || !strncmp(u.url, "http://", 7), "%s", u.url);
		must(!strchr(u.url, '@') && !strchr(u.url, '\n'), "%s", u.url);
		must(!u.cert.file == !u.key.file || u.cert.text || u.key.text, "half a pair");
		must(!upstream_kubeconfig(&again, f->path, &e) && upstream_equal(&u, &again),
		     "read twice it is not the same");
	}
	upstream_clear(&u);
	upstream_clear(&again);
}

static void check_resolv_conf(const uint8_t *data, size_t len)
{
	char *text = target_text(data, len);
	struct dns_peer v[SERVERS_MAX];
	size_t i, j, n = 0;

	dns_resolv_parse(text, v, &n, SERVERS_MAX);
	must(n <= SERVERS_MAX, "%zu", n);
	for (i = 0; i < n; i++) {
		must(v[i].port == DNS_PORT && (v[i].addr.family == AF_INET ||
					       v[i].addr.family == AF_INET6), "no address");
		for (j = 0; j < i; j++)
			must(!dns_peer_equal(&v[i], &v[j]), "one stands twice");
	}
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct file *f = file_with(data, len);

	check_options(f, data, len);
	check_kubeconfig(f, data, len);
	check_resolv_conf(data, len);
	return 0;
}
