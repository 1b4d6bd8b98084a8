// SPDX-License-Identifier: GPL-2.0
/* RFC 9112, 3: request-line = method SP request-target SP HTTP-version */
#include "http_head.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* RFC 9110, 5.6.2: what a token consists of, beside letters and digits. */
#define TOKEN_MARKS	"!#$%&'*+-.^_`|~"

static bool is_token(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!isalnum((unsigned char)s[i]) && (!s[i] || !strchr(TOKEN_MARKS, s[i])))
			return false;
	return len > 0;
}

/* Anything that can be seen; it is only compared. */
static bool is_target(const char *s, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (!isgraph((unsigned char)s[i]))
			return false;
	return len > 0;
}

static bool is_version(const char *s, size_t len)
{
	return len == 8 && memcmp(s, "HTTP/1.", 7) == 0 && isdigit((unsigned char)s[7]);
}

/*
 * Of http://host/path what is behind the host; what is neither is kept as it is: *, host:port.
 * What is behind a '?'; or NULL.
 */
static const char *cut_to_path(const char **s, size_t *len)
{
	const char *end = *s + *len, *p = NULL;

	if (*len > 7 && strncasecmp(*s, "http://", 7) == 0)
		p = memchr(*s + 7, '/', *len - 7);
	if (p) {
		*s = p;
		*len = (size_t)(end - p);
	}
	p = memchr(*s, '?', *len);
	if (!p)
		return NULL;
	*len = (size_t)(p - *s);
	return p + 1;
}

void http_head_clear(struct http_head *h)
{
	free(h->path);
	free(h->query);
	*h = (struct http_head){ .path = NULL };
}

int http_head_parse(const char *head, size_t len, struct http_head *out)
{
	const char *line = memmem(head, len, "\r\n", 2);
	const char *end = line ? line : head + len;
	const char *first = memchr(head, ' ', (size_t)(end - head));
	const char *second = first ? memchr(first + 1, ' ', (size_t)(end - first - 1)) : NULL;
	size_t method, target;
	const char *path, *query;

	*out = (struct http_head){ .path = NULL };
	if (!second)
		return -EINVAL;
	method = (size_t)(first - head);
	path = first + 1;
	target = (size_t)(second - path);
	if (method > HTTP_METHOD_MAX || !is_token(head, method) || !is_target(path, target) ||
	    !is_version(second + 1, (size_t)(end - second - 1)))
		return -EINVAL;
	query = cut_to_path(&path, &target);
	out->path = strndup(path, target);
	if (query)
		out->query = strndup(query, (size_t)(second - query));
	if (!out->path || (query && !out->query)) {
		http_head_clear(out);
		return -ENOMEM;
	}
	memcpy(out->method, head, method);
	return 0;
}
