// SPDX-License-Identifier: GPL-2.0
#include "log.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *word;
	int priority;	/* sd-daemon(3), syslog(3) */
} log_levels[] = {
	[LOG_LEVEL_ERROR]	= { "error", 3 },
	[LOG_LEVEL_WARNING]	= { "warning", 4 },
	[LOG_LEVEL_INFO]	= { "info", 6 },
	[LOG_LEVEL_DEBUG]	= { "debug", 7 },
};

static enum log_level log_max = LOG_LEVEL_ERROR;
static bool log_priorities;
static FILE *log_out;

void log_init(enum log_level max, FILE *out, bool priorities)
{
	log_max = max;
	log_out = out;
	log_priorities = priorities;
}

bool log_to_journal(void)
{
	return getenv("JOURNAL_STREAM") != NULL;
}

int log_level_parse(const char *word)
{
	size_t i;

	for (i = 0; i < sizeof(log_levels) / sizeof(*log_levels); i++)
		if (strcmp(word, log_levels[i].word) == 0)
			return i;
	return -1;
}

/* What came from outside must not be able to forge a second line. */
static void one_line(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = ' ';
}

void log_line(enum log_level level, const char *fmt, ...)
{
	FILE *out = log_out ? log_out : stderr;
	char text[1200];
	va_list ap;

	if (level > log_max)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	one_line(text);
	if (log_priorities)
		fprintf(out, "<%d>%s\n", log_levels[level].priority, text);
	else
		fprintf(out, "svcd: %s: %s\n", log_levels[level].word, text);
	fflush(out);
}
