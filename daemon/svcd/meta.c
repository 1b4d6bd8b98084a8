// SPDX-License-Identifier: GPL-2.0
#include "meta.h"

#include "jx.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* What the server alone sets; an update keeps it whatever the client sends. */
static const char *const server_fields[] = {
	"generation", "deletionTimestamp", "deletionGracePeriodSeconds",
};

static void random_bytes(void *buf, size_t n)
{
	/* Up to 256 bytes never come short once the pool is ready. */
	if (getrandom(buf, n, 0) != (ssize_t)n)
		abort();
}

void meta_print_time(time_t t, char buf[META_TIME_LEN])
{
	struct tm tm;

	if (!gmtime_r(&t, &tm) || !strftime(buf, META_TIME_LEN, "%Y-%m-%dT%H:%M:%SZ", &tm))
		buf[0] = '\0';
}

time_t meta_parse_time(const char *text)
{
	struct tm tm = { 0 };
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm);

	return end && !*end ? timegm(&tm) : 0;
}

/* RFC 9562, 5.4 */
static void set_uid(json_t *obj)
{
	static const char digits[] = "0123456789abcdef";
	char s[37], *p = s;
	uint8_t b[16];

	random_bytes(b, sizeof(b));
	b[6] = (b[6] & 0x0f) | 0x40;
	b[8] = (b[8] & 0x3f) | 0x80;
	for (size_t i = 0; i < sizeof(b); i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			*p++ = '-';
		*p++ = digits[b[i] >> 4];
		*p++ = digits[b[i] & 0xf];
	}
	*p = '\0';
	jx_set_str(obj, "metadata.uid", s);
}

static void drop_fields(json_t *obj)
{
	json_t *meta = jx_get(obj, "metadata");

	for (size_t i = 0; i < sizeof(server_fields) / sizeof(server_fields[0]); i++)
		json_object_del(meta, server_fields[i]);
	json_object_del(meta, "managedFields");
	json_object_del(meta, "selfLink");
	json_object_del(meta, "resourceVersion");
}

void meta_create(json_t *obj, const char *ns, time_t now)
{
	char text[META_TIME_LEN];

	drop_fields(obj);
	meta_print_time(now, text);
	if (ns)
		jx_set_str(obj, "metadata.namespace", ns);
	else
		jx_del(obj, "metadata.namespace");
	set_uid(obj);
	/* Its place, between the others; the commit knows the number. */
	jx_set_str(obj, "metadata.resourceVersion", "0");
	jx_set_str(obj, "metadata.creationTimestamp", text);
}

void meta_generate_name(json_t *obj)
{
	/* No vowels and no digits that look like them: no words come out of it. */
	static const char letters[] = "bcdfghjklmnpqrstvwxz2456789";
	char name[META_PREFIX_MAX + 6];
	uint8_t r[5];
	size_t n;

	snprintf(name, META_PREFIX_MAX + 1, "%s", jx_str(obj, "metadata.generateName"));
	random_bytes(r, sizeof(r));
	n = strlen(name);
	for (size_t i = 0; i < sizeof(r); i++)
		name[n++] = letters[r[i] % (sizeof(letters) - 1)];
	name[n] = '\0';
	jx_set_str(obj, "metadata.name", name);
}

static void keep(json_t *meta, const json_t *old, const char *key)
{
	json_t *v = json_object_get(old, key);

	if (v)
		json_object_set(meta, key, v);
}

void meta_update(json_t *obj, const json_t *old)
{
	const json_t *was = jx_get(old, "metadata");
	json_t *meta = jx_get(obj, "metadata");

	drop_fields(obj);
	for (size_t i = 0; i < sizeof(server_fields) / sizeof(server_fields[0]); i++)
		keep(meta, was, server_fields[i]);
	keep(meta, was, "name");
	keep(meta, was, "namespace");
	keep(meta, was, "generateName");
	keep(meta, was, "uid");
	keep(meta, was, "resourceVersion");
	keep(meta, was, "managedFields");
	if (!json_object_get(meta, "creationTimestamp"))
		keep(meta, was, "creationTimestamp");
}

json_t *meta_at_version(const json_t *obj, uint64_t version)
{
	json_t *copy = jx_must(json_copy((json_t *)obj));
	char text[24];

	snprintf(text, sizeof(text), "%" PRIu64, version);
	jx_set(copy, "metadata", jx_must(json_copy(jx_get(obj, "metadata"))));
	jx_set_str(copy, "metadata.resourceVersion", text);
	return copy;
}
