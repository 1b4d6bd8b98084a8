/* SPDX-License-Identifier: GPL-2.0 */
/* The first line of an HTTP request. Pure. */
#ifndef SVCNAT_HTTP_HEAD_H
#define SVCNAT_HTTP_HEAD_H

#include <stddef.h>

#define HTTP_METHOD_MAX	31

struct http_head {
	char method[HTTP_METHOD_MAX + 1];
	/* as they were sent, to be freed; there may be no query: NULL */
	char *path, *query;
};

/*
 * head: what came, up to the empty line. 0: out is to be cleared; else it is empty.
 * -EINVAL: this is not HTTP/1; -ENOMEM.
 */
int http_head_parse(const char *head, size_t len, struct http_head *out);
void http_head_clear(struct http_head *h);

#endif
