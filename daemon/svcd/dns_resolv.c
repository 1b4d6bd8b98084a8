// SPDX-License-Identifier: GPL-2.0
#include "dns_resolv.h"

#include "slurp.h"

#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX	((size_t)64 * 1024)
#define BLANKS		" \t\r"

/* "eth0" or its number; 0: there is no such device. */
static uint32_t parse_scope(const char *text)
{
	uint32_t n = if_nametoindex(text);
	char *end;

	if (n)
		return n;
	n = (uint32_t)strtoul(text, &end, 10);
	return *end ? 0 : n;
}

static bool parse_server(char *text, struct dns_peer *out)
{
	char *scope = strchr(text, '%');

	*out = (struct dns_peer){ .port = DNS_PORT };
	if (scope) {
		*scope = '\0';
		out->scope = parse_scope(scope + 1);
		if (!out->scope)
			return false;
	}
	return ip_addr_parse(text, &out->addr, NULL) == 0;
}

static bool has(const struct dns_peer *v, size_t n, const struct dns_peer *peer)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (dns_peer_equal(&v[i], peer))
			return true;
	return false;
}

void dns_resolv_parse(char *text, struct dns_peer *v, size_t *n, size_t max)
{
	char *lines, *words, *line, *word;
	struct dns_peer peer;

	for (line = strtok_r(text, "\n", &lines); line; line = strtok_r(NULL, "\n", &lines)) {
		word = strtok_r(line, BLANKS, &words);
		if (!word || strcmp(word, "nameserver") != 0)
			continue;
		word = strtok_r(NULL, BLANKS, &words);
		if (word && *n < max && parse_server(word, &peer) && !has(v, *n, &peer))
			v[(*n)++] = peer;
	}
}

int dns_resolv_read(const char *path, struct dns_peer *v, size_t *n, size_t max, struct err *e)
{
	char *text;
	size_t len;
	int err;

	err = slurp(path, FILE_MAX, &text, &len, e);
	if (err)
		return err;
	dns_resolv_parse(text, v, n, max);
	free(text);
	return 0;
}
