// SPDX-License-Identifier: GPL-2.0
#include "status_print.h"

#include "age.h"
#include "color.h"
#include "field.h"

#include <stdbool.h>
#include <string.h>

#define WIDTH	80
#define LABEL	12

/* Words with indent in front of each line; at is the column where the first one begins. */
static void wrap(FILE *f, int at, int indent, const char *text)
{
	size_t len;

	for (; *text; text += len) {
		text += strspn(text, " \n");
		len = strcspn(text, " \n");
		if (at > indent && at + 1 + (int)len > WIDTH) {
			fprintf(f, "\n%*s", indent, "");
			at = indent;
		} else if (at > indent) {
			fputc(' ', f);
			at++;
		}
		fwrite(text, 1, len, f);
		at += (int)len;
	}
	fputc('\n', f);
}

static void line(FILE *f, const char *label, const char *text)
{
	wrap(f, fprintf(f, "%-*s", LABEL, label), LABEL, text);
}

static const char *age(const json_t *o, const char *path, time_t now, char buf[AGE_SIZE])
{
	return age_since(field_string(o, path), now, buf);
}

static bool is_connected(const json_t *s)
{
	const json_t *kinds = field_get(s, "source.kinds");
	json_t *kind;
	size_t i;

	json_array_foreach(kinds, i, kind)
		if (!json_is_true(json_object_get(kind, "connected")))
			return false;
	return true;
}

/* Since when the first of what is stuck is; "" when nothing says so. */
static const char *stuck_since(const json_t *stuck)
{
	const char *first = "", *since;
	json_t *item;
	size_t i;

	json_array_foreach(stuck, i, item) {
		since = field_string(item, "since");
		if (*since && (!*first || strcmp(since, first) < 0))
			first = since;
	}
	return first;
}

/* All in one: what is the state, and how bad is it? */
static enum color say_state(const json_t *s, time_t now, char *text, size_t size)
{
	const json_t *stuck = json_object_get(s, "stuck");
	char buf[AGE_SIZE];

	if (json_is_true(json_object_get(s, "ok"))) {
		snprintf(text, size, "all is in the kernel, for %s", age(s, "since", now, buf));
		return COLOR_GOOD;
	}
	if (!json_is_true(json_object_get(s, "ready"))) {
		snprintf(text, size, "not ready");
		return COLOR_BAD;
	}
	if (json_array_size(stuck)) {
		snprintf(text, size, "%zu stuck, for %s", json_array_size(stuck),
			 age_since(stuck_since(stuck), now, buf));
		return COLOR_BAD;
	}
	if (*field_string(s, "options.message"))
		snprintf(text, size, "its options are not those of its file");
	else if (!is_connected(s))
		snprintf(text, size, "its authority does not answer");
	else if (json_is_false(field_get(s, "events.heard")))
		snprintf(text, size, "changes by others are not heard of");
	else if (json_array_size(field_get(s, "manifests.refused")))
		snprintf(text, size, "not all manifests are taken");
	else if (*field_string(s, "manifests.message"))
		snprintf(text, size, "the folder of manifests cannot be read");
	else if (*field_string(s, "announce.message"))
		snprintf(text, size, "addresses are not announced as they should be");
	else if (*field_string(s, "fastPath.message"))
		snprintf(text, size, "the fast path is not as it should be");
	else if (*field_string(s, "dns.message"))
		snprintf(text, size, "names are not answered as they should be");
	else
		snprintf(text, size, "not all is in the kernel");
	return COLOR_WARN;
}

static void print_head(FILE *f, const json_t *s, time_t now, bool color)
{
	char text[128];
	enum color c = say_state(s, now, text, sizeof(text));

	fprintf(f, "svcd %s on node %s: %s%s%s\n", field_string(s, "version"),
		field_string(s, "node"), color_on(color, c), text, color_off(color, c));
	if (*field_string(s, "message"))
		line(f, "why", field_string(s, "message"));
	if (!is_connected(s))
		line(f, "do", "look whether svcd runs there; services stay as they are meanwhile");
}

/* Nothing to say of them as long as they are in force. */
static void print_options(FILE *f, const json_t *s)
{
	if (!*field_string(s, "options.message"))
		return;
	line(f, "options", field_string(s, "options.message"));
	line(f, "do", "put that right, and have them read again: systemctl reload svcd; until then "
	     "all stay as they are");
}

static void print_module(FILE *f, const json_t *s)
{
	if (json_is_true(field_get(s, "module.loaded")))
		line(f, "module", field_string(s, "module.version"));
	else
		line(f, "module", "not loaded");
	if (json_is_true(field_get(s, "module.loaded")) && *field_string(s, "module.message"))
		line(f, "", field_string(s, "module.message"));
}

static void print_error(FILE *f, const json_t *error, time_t now)
{
	char text[2048], buf[AGE_SIZE];

	if (!error)
		return;
	snprintf(text, sizeof(text), "%s ago: %s", age(error, "time", now, buf),
		 field_string(error, "message"));
	line(f, "last error", text);
}

static void print_kind(FILE *f, const json_t *kind, time_t now)
{
	char text[256], buf[AGE_SIZE];

	if (json_is_true(json_object_get(kind, "connected")))
		snprintf(text, sizeof(text), "%s: connected for %s", field_string(kind, "kind"),
			 age(kind, "since", now, buf));
	else
		snprintf(text, sizeof(text), "%s: not connected", field_string(kind, "kind"));
	line(f, "", text);
	print_error(f, json_object_get(kind, "lastError"), now);
}

static void print_source(FILE *f, const json_t *s, time_t now)
{
	const json_t *kinds = field_get(s, "source.kinds");
	json_t *kind;
	size_t i;

	if (!strcmp(field_string(s, "source.role"), "follower"))
		line(f, "follows", field_string(s, "source.url"));
	else
		line(f, "objects", "its own, it is the authority");
	json_array_foreach(kinds, i, kind)
		print_kind(f, kind, now);
}

static void print_manifests(FILE *f, const json_t *s)
{
	const json_t *m = json_object_get(s, "manifests");
	long long n = (long long)field_int(m, "files", 0);
	char text[4200];

	if (!m)
		return;
	snprintf(text, sizeof(text), "%s: %lld file%s", field_string(m, "folder"), n,
		 n == 1 ? "" : "s");
	line(f, "manifests", *field_string(m, "message") ? field_string(m, "message") : text);
}

static void print_lists(FILE *f, const json_t *s)
{
	static const char *const names[][2] = {
		{ "services", "Services" }, { "endpointSlices", "EndpointSlices" },
		{ "nodes", "Nodes" },
	};
	const json_t *lists = json_object_get(s, "lists");
	size_t i, n = 0, total = sizeof(names) / sizeof(names[0]);
	char text[64] = "";

	for (i = 0; i < total; i++) {
		if (!json_is_true(json_object_get(lists, names[i][0])))
			continue;
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s",
			 n++ ? ", " : "", names[i][1]);
	}
	if (n && n < total)
		strcat(text, " only");
	line(f, "lists", n == total ? "complete" : n ? text : "not read so far");
}

static void print_counts(FILE *f, const json_t *s)
{
	static const char *const names[] = { "services", "frontends", "endpoints" };
	const json_t *counts = json_object_get(s, "counts");
	const json_t *c;
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		c = json_object_get(counts, names[i]);
		fprintf(f, "%-*s%lld desired, %lld in the kernel", LABEL, names[i],
			(long long)field_int(c, "desired", 0),
			(long long)field_int(c, "kernel", 0));
		if (!i)
			fprintf(f, ", of %lld Services",
				(long long)field_int(counts, "objects", 0));
		fputc('\n', f);
	}
}

static void print_passes(FILE *f, const json_t *s, time_t now)
{
	const json_t *error = field_get(s, "passes.lastError");
	char text[256], buf[AGE_SIZE];

	if (*field_string(s, "passes.lastSuccess")) {
		snprintf(text, sizeof(text), "%s ago, the last that was well; %lld in all",
			 age(s, "passes.lastSuccess", now, buf),
			 (long long)field_int(s, "passes.count", 0));
		line(f, "pass", text);
	}
	/* Why it is not ready stands above. */
	if (strcmp(field_string(error, "message"), field_string(s, "message")))
		print_error(f, error, now);
	if (*field_string(s, "events.message"))
		line(f, "events", field_string(s, "events.message"));
	if (!field_int(s, "foreignChanges.count", 0))
		return;
	snprintf(text, sizeof(text), "%lld changes in the kernel by others, the last %s ago",
		 (long long)field_int(s, "foreignChanges.count", 0),
		 age(s, "foreignChanges.last", now, buf));
	line(f, "others", text);
}

/* How long from now; 0s: it is due. */
static const char *until(const json_t *o, const char *path, time_t now, char buf[AGE_SIZE])
{
	time_t t = now;

	age_parse(field_string(o, path), &t);
	return age_print(t > now ? t - now : 0, buf);
}

/* What somebody can do about it, by the reason. */
static const char *advice(const char *reason)
{
	static const char *const words[][2] = {
		{ "AddressConflict", "give one of the two another address, or delete it" },
		{ "AddressNotAllowed", "widen svcd's --external-cidr, or take another address" },
		{ "ForeignChange", "svcctl monitor shows the changes; find out who makes them" },
		{ "NotProgrammed", "svcctl settings shows the limits, and how much is in use" },
	};
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(words[i][0], reason))
			return words[i][1];
	return NULL;
}

/* "default/web:http" is of the Service web in default. */
static void print_advice(FILE *f, const json_t *s)
{
	const char *service = field_string(s, "service"), *slash = strchr(service, '/');
	const char *text = advice(field_string(s, "reason"));

	if (text)
		wrap(f, fprintf(f, "  do: "), 6, text);
	if (slash)
		fprintf(f, "  see: svcctl describe service %.*s -n %.*s\n",
			(int)strcspn(slash + 1, ":"), slash + 1, (int)(slash - service), service);
}

static void print_stuck(FILE *f, const json_t *s, time_t now, bool color)
{
	char buf[AGE_SIZE];

	fprintf(f, "\n%s", field_string(s, "service"));
	if (*field_string(s, "protocol"))
		fprintf(f, " %s %s", field_string(s, "protocol"), field_string(s, "family"));
	fprintf(f, ": %s%s%s\n", color_on(color, COLOR_BAD), field_string(s, "reason"),
		color_off(color, COLOR_BAD));
	wrap(f, fprintf(f, "  "), 2, field_string(s, "message"));
	fprintf(f, "  for %s", age(s, "since", now, buf));
	if (*field_string(s, "nextTry"))
		fprintf(f, ", tried again in %s", until(s, "nextTry", now, buf));
	fputc('\n', f);
	print_advice(f, s);
}

static void print_refused(FILE *f, const json_t *m, time_t now, bool color)
{
	char buf[AGE_SIZE];

	fprintf(f, "\n%s: %srefused%s\n", field_string(m, "file"), color_on(color, COLOR_BAD),
		color_off(color, COLOR_BAD));
	wrap(f, fprintf(f, "  "), 2, field_string(m, "message"));
	fprintf(f, "  for %s\n", age(m, "since", now, buf));
	wrap(f, fprintf(f, "  do: "), 6, "change the file; what it had before stays as it is until "
	     "then");
}

/* Nothing to say where the addresses of load balancers are made known by other means. */
static void print_announce(FILE *f, const json_t *s)
{
	const json_t *a = json_object_get(s, "announce");
	const char *waits = json_is_true(json_object_get(a, "waiting")) ?
			    "; it waits to see what they do" : "";
	long long nodes = field_int(a, "otherNodes", 0);
	char text[256];
	int n;

	if (!a)
		return;
	n = snprintf(text, sizeof(text), "%lld of %lld addresses, by %.16s",
		     (long long)field_int(a, "announced", 0),
		     (long long)field_int(a, "addresses", 0), field_string(a, "mode"));
	if (nodes)
		snprintf(text + n, sizeof(text) - (size_t)n,
			 "; %lld of %lld other nodes announce%s",
			 (long long)field_int(a, "otherNodesUp", 0), nodes, waits);
	line(f, "announced", text);
	if (*field_string(a, "message"))
		line(f, "", field_string(a, "message"));
}

/* Nothing to say where it is off. */
static void print_fastpath(FILE *f, const json_t *s)
{
	const json_t *p = json_object_get(s, "fastPath");
	long long devices = field_int(p, "devices", 0), left = field_int(p, "left", 0);
	char text[128], beyond[64] = "";

	if (!p)
		return;
	if (left)
		snprintf(beyond, sizeof(beyond), ", and %lld too many for it", left);
	snprintf(text, sizeof(text), "%lld device%s%s; taken %lld times", devices,
		 devices == 1 ? "" : "s", beyond, (long long)field_int(p, "flows", 0));
	line(f, "fast path", text);
	if (*field_string(p, "message"))
		line(f, "", field_string(p, "message"));
}

/* Nothing to say where others answer them. */
static void print_dns(FILE *f, const json_t *s)
{
	const json_t *d = json_object_get(s, "dns");
	const json_t *listens = json_object_get(d, "listens");
	long long upstreams = field_int(d, "upstreams", 0);
	char text[384], others[64] = "no others";
	json_t *where;
	size_t i;

	if (!d)
		return;
	if (upstreams)
		snprintf(others, sizeof(others), "others by %lld upstream%s", upstreams,
			 upstreams == 1 ? "" : "s");
	snprintf(text, sizeof(text), "of %.255s; %s", field_string(d, "domain"), others);
	line(f, "names", text);
	json_array_foreach(listens, i, where) {
		snprintf(text, sizeof(text), "at %.64s", json_string_value(where));
		line(f, "", text);
	}
	if (json_is_false(json_object_get(d, "ready")))
		line(f, "", "not all are known yet: they wait for the lists");
	if (*field_string(d, "message"))
		line(f, "", field_string(d, "message"));
}

void status_print(FILE *f, const json_t *s, time_t now, bool color)
{
	const json_t *refused = field_get(s, "manifests.refused");
	const json_t *stuck = json_object_get(s, "stuck");
	json_t *item;
	size_t i;

	print_head(f, s, now, color);
	print_options(f, s);
	print_module(f, s);
	print_source(f, s, now);
	print_manifests(f, s);
	print_lists(f, s);
	print_counts(f, s);
	print_announce(f, s);
	print_fastpath(f, s);
	print_dns(f, s);
	print_passes(f, s, now);
	json_array_foreach(stuck, i, item)
		print_stuck(f, item, now, color);
	json_array_foreach(refused, i, item)
		print_refused(f, item, now, color);
}
