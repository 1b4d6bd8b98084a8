// SPDX-License-Identifier: GPL-2.0
#include "age.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define MINUTE	60ll
#define HOUR	(60 * MINUTE)
#define DAY	(24 * HOUR)
#define YEAR	(365 * DAY)

/* Below a limit: so many of unit and, when it is given, the rest in the lesser one. */
struct span {
	long long below, unit;
	char name;
	long long rest_unit;
	char rest_name;
};

/* The limits are those of Kubernetes' own tools. */
static const struct span spans[] = {
	{ 2 * MINUTE, 1, 's', 0, 0 },
	{ 10 * MINUTE, MINUTE, 'm', 1, 's' },
	{ 3 * HOUR, MINUTE, 'm', 0, 0 },
	{ 8 * HOUR, HOUR, 'h', MINUTE, 'm' },
	{ 2 * DAY, HOUR, 'h', 0, 0 },
	{ 8 * DAY, DAY, 'd', HOUR, 'h' },
	{ 2 * YEAR, DAY, 'd', 0, 0 },
	{ 8 * YEAR, YEAR, 'y', DAY, 'd' },
	{ 0, YEAR, 'y', 0, 0 },
};

const char *age_print(long long seconds, char buf[AGE_SIZE])
{
	const struct span *s = spans;
	long long rest;

	/* Two clocks may differ a little: that is "now". */
	if (seconds < -1)
		return strcpy(buf, "<invalid>");
	if (seconds < 0)
		seconds = 0;
	while (s->below && seconds >= s->below)
		s++;
	rest = s->rest_unit ? seconds % s->unit / s->rest_unit : 0;
	if (rest)
		snprintf(buf, AGE_SIZE, "%lld%c%lld%c", seconds / s->unit, s->name, rest,
			 s->rest_name);
	else
		snprintf(buf, AGE_SIZE, "%lld%c", seconds / s->unit, s->name);
	return buf;
}

int age_parse(const char *stamp, time_t *out)
{
	struct tm tm = { 0 };
	int n = 0;

	if (sscanf(stamp, "%4d-%2d-%2dT%2d:%2d:%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
		   &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &n) != 6)
		return -EINVAL;
	if (stamp[n] == '.')
		n += 1 + (int)strspn(stamp + n + 1, "0123456789");
	if (strcmp(stamp + n, "Z"))
		return -EINVAL;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	*out = timegm(&tm);
	return 0;
}

const char *age_since(const char *stamp, time_t now, char buf[AGE_SIZE])
{
	time_t then;

	if (age_parse(stamp, &then))
		return strcpy(buf, "<unknown>");
	return age_print((long long)now - then, buf);
}
