// SPDX-License-Identifier: GPL-2.0
/*
 * When what changed an EndpointSlice happened, as an annotation says it: with that
 * Kubernetes measures how long a change takes until a node has it.
 */
#include "proxy_entry.h"

#include "trigger.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *text_of(const json_t *slice)
{
	const json_t *meta = json_object_get(slice, "metadata");

	return compile_text(json_object_get(meta, "annotations"), TRIGGER_ANNOTATION);
}

/* "Z" or "+02:00"; in seconds, east of Greenwich. */
static bool parse_zone(const char *text, int *seconds)
{
	int hours, minutes, n = 0;
	char sign;

	*seconds = 0;
	if (strcmp(text, "Z") == 0)
		return true;
	if (sscanf(text, "%c%2d:%2d%n", &sign, &hours, &minutes, &n) != 3 || text[n] ||
	    (sign != '+' && sign != '-'))
		return false;
	*seconds = (sign == '+' ? 1 : -1) * (hours * 3600 + minutes * 60);
	return true;
}

/* RFC 3339, as Go writes it, with a fraction or without. */
static bool parse_time(const char *text, double *out)
{
	struct tm tm = { 0 };
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	double fraction = 0, unit = 0.1;
	int zone;

	if (!end)
		return false;
	if (*end == '.')
		for (end++; isdigit((unsigned char)*end); end++, unit /= 10)
			fraction += (*end - '0') * unit;
	if (!parse_zone(end, &zone))
		return false;
	*out = (double)timegm(&tm) - zone + fraction;
	return true;
}

/* What was before our time, or is told again, says nothing of how fast we are. */
void proxy_cause_note(struct proxy *p, const json_t *before, const json_t *now)
{
	const char *text = text_of(now);
	double at;

	if (!*text || (before && strcmp(text, text_of(before)) == 0) || !parse_time(text, &at) ||
	    at < (double)p->began || p->ncauses == PROXY_CAUSES_MAX)
		return;
	if (!p->causes)
		p->causes = calloc(PROXY_CAUSES_MAX, sizeof(*p->causes));
	if (p->causes)
		p->causes[p->ncauses++] = at;
}

void proxy_causes_take(struct proxy *p, void (*take)(void *ctx, double at), void *ctx)
{
	size_t i;

	for (i = 0; i < p->ncauses; i++)
		take(ctx, p->causes[i]);
	p->ncauses = 0;
}
