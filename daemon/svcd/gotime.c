// SPDX-License-Identifier: GPL-2.0
#include "gotime.h"

#include <stdio.h>
#include <string.h>

#define NS_PER_SECOND	1000000000LL

/* ".25" for 250,000,000; "" for 0. */
static void print_fraction(long ns, char buf[16])
{
	size_t n;

	snprintf(buf, 16, ".%09ld", ns);
	for (n = strlen(buf); n > 1 && buf[n - 1] == '0'; n--)
		buf[n - 1] = '\0';
	if (!buf[1])
		buf[0] = '\0';
}

const char *gotime_print(const struct timespec *wall, int64_t run_ns, char buf[GOTIME_STRLEN])
{
	const long long run = run_ns < 0 ? -run_ns : run_ns;
	char seconds[32] = "", fraction[16];
	struct tm tm;

	if (!wall || !gmtime_r(&wall->tv_sec, &tm)) {
		strcpy(buf, "0001-01-01 00:00:00 +0000 UTC");
		return buf;
	}
	strftime(seconds, sizeof(seconds), "%Y-%m-%d %H:%M:%S", &tm);
	print_fraction(wall->tv_nsec, fraction);
	snprintf(buf, GOTIME_STRLEN, "%s%s +0000 UTC m=%c%lld.%09lld", seconds, fraction,
		 run_ns < 0 ? '-' : '+', run / NS_PER_SECOND, run % NS_PER_SECOND);
	return buf;
}
