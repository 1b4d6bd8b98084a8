// SPDX-License-Identifier: GPL-2.0
#include "list_token.h"

#include "err.h"
#include "jx.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TOKEN_MAX	2048
#define FORMAT		"svcd/1"

/* RFC 4648, 5: base64 for URLs; without padding. */
static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static char *encode(const char *text)
{
	size_t len = strlen(text);
	char *out = jx_must(malloc(len / 3 * 4 + 5)), *p = out;

	for (size_t i = 0; i < len; i += 3) {
		size_t n = len - i < 3 ? len - i : 3;
		uint32_t v = 0;

		for (size_t j = 0; j < 3; j++)
			v = v << 8 | (j < n ? (unsigned char)text[i + j] : 0);
		for (size_t j = 0; j <= n; j++)
			*p++ = digits[v >> (18 - 6 * j) & 63];
	}
	*p = '\0';
	return out;
}

/* NULL: not such text. */
static char *decode(const char *text)
{
	size_t len = strlen(text), n = 0;
	char *out = jx_must(malloc(len + 1));
	uint32_t v = 0;

	for (size_t i = 0; i < len; i++) {
		const char *d = strchr(digits, text[i]);

		if (!d) {
			free(out);
			return NULL;
		}
		v = v << 6 | (uint32_t)(d - digits);
		if (i % 4)
			out[n++] = (char)(v >> (6 - 2 * (i % 4)));
	}
	out[n] = '\0';
	return out;
}

char *list_token_print(uint64_t version, const char *ns, const char *name)
{
	json_t *o = jx_must(json_pack("{s:s, s:I, s:s, s:s}", "v", FORMAT, "rv",
				      (json_int_t)version, "ns", ns, "name", name));
	char *text = jx_print(o), *token = encode(text);

	free(text);
	json_decref(o);
	return token;
}

int list_token_parse(struct list_token *t, const char *text, struct err *e)
{
	const char *format, *ns, *name;
	json_int_t version;
	char *plain = strlen(text) > TOKEN_MAX ? NULL : decode(text);
	json_t *o = plain ? json_loads(plain, JSON_REJECT_DUPLICATES, NULL) : NULL;
	int rc = 0;

	free(plain);
	if (!o || json_unpack(o, "{s:s, s:I, s:s, s:s!}", "v", &format, "rv", &version, "ns", &ns,
			      "name", &name) || strcmp(format, FORMAT) || version < 0)
		rc = err_set(e, EINVAL, "continue key is not valid: it was not given out by this "
			     "server");
	else
		*t = (struct list_token){ (uint64_t)version, jx_must(strdup(ns)),
					  jx_must(strdup(name)) };
	json_decref(o);
	return rc;
}

void list_token_clear(struct list_token *t)
{
	free(t->ns);
	free(t->name);
}
