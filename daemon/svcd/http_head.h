/* SPDX-License-Identifier: GPL-2.0 */
/* The first line of an HTTP request. Pure. */
#ifndef SVCNAT_HTTP_HEAD_H
#define SVCNAT_HTTP_HEAD_H

#include <stddef.h>

#define HTTP_METHOD_MAX	31

struct http_head {
	char method[HTTP_METHOD_MAX + 1];
	char *path;		/* as it was sent, without the query; to be freed */
};

/*
 * head: what came, up to the empty line. 0; -EINVAL: this is not HTTP/1, out is
 * empty; -ENOMEM.
 */
int http_head_parse(const char *head, size_t len, struct http_head *out);

#endif
