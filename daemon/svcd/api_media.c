// SPDX-License-Identifier: GPL-2.0
#include "api_media.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const char *skip_space(const char *p)
{
	while (*p == ' ' || *p == '\t')
		p++;
	return p;
}

/* Does [p, end) hold this text, in any case and apart from space around it? */
static bool is_text(const char *p, const char *end, const char *text)
{
	p = skip_space(p);
	while (end > p && (end[-1] == ' ' || end[-1] == '\t'))
		end--;
	return (size_t)(end - p) == strlen(text) && strncasecmp(p, text, end - p) == 0;
}

/*
 * as=Table and the like ask for another object than ours in JSON: that is not
 * to be had. A weight of zero (RFC 9110, 12.4.2) says "not this one".
 */
static bool params_fit(const char *p, const char *end)
{
	const char *next;

	for (; p < end; p = next) {
		next = memchr(p, ';', end - p);
		next = next ? next : end;
		p = skip_space(p);
		if (next - p > 3 && strncasecmp(p, "as=", 3) == 0)
			return false;
		if (next - p > 2 && strncasecmp(p, "q=", 2) == 0 && strtod(p + 2, NULL) <= 0)
			return false;
		if (next < end)
			next++;
	}
	return true;
}

static bool range_fits(const char *p, const char *end)
{
	static const char *const ranges[] = { "application/json", "application/*", "*/*" };
	const char *params = memchr(p, ';', end - p);
	size_t i;

	if (!params_fit(params ? params + 1 : end, end))
		return false;
	for (i = 0; i < sizeof(ranges) / sizeof(*ranges); i++)
		if (is_text(p, params ? params : end, ranges[i]))
			return true;
	return false;
}

bool api_media_accepts_json(const char *header)
{
	const char *p, *end;

	if (!header || !*skip_space(header))
		return true;
	for (p = header; *p; p = *end ? end + 1 : end) {
		end = strchr(p, ',');
		if (!end)
			end = p + strlen(p);
		if (range_fits(p, end))
			return true;
	}
	return false;
}

bool api_media_is(const char *header, const char *type)
{
	const char *end;

	if (!header || !*skip_space(header))
		return strcmp(type, "application/json") == 0;
	end = strchr(header, ';');
	return is_text(header, end ? end : header + strlen(header), type);
}
