// SPDX-License-Identifier: GPL-2.0
#include "log.h"

#include "jx.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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
static enum log_format log_format;
static FILE *log_out;

void log_init(enum log_level max, FILE *out, enum log_format format)
{
	log_max = max;
	log_out = out;
	log_format = format;
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
static const char *one_line(char *text)
{
	char *p;

	for (p = text; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = ' ';
	return text;
}

/* A text of no use in JSON, such as one that was cut within a character, is made one. */
static void json_line(FILE *out, const char *level, const char *text)
{
	char when[64], stamp[32];
	json_t *line;
	struct timespec now;
	struct tm tm;

	clock_gettime(CLOCK_REALTIME, &now);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", gmtime_r(&now.tv_sec, &tm));
	snprintf(when, sizeof(when), "%s.%06ldZ", stamp, now.tv_nsec / 1000);
	line = json_pack("{s:s, s:s, s:o}", "time", when, "level", level, "msg", jx_string(text));
	json_dumpf(line, out, JSON_COMPACT);
	fputc('\n', out);
	json_decref(line);
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
	switch (log_format) {
	case LOG_FORMAT_JSON:
		json_line(out, log_levels[level].word, text);
		break;
	case LOG_FORMAT_JOURNAL:
		fprintf(out, "<%d>%s\n", log_levels[level].priority, one_line(text));
		break;
	default:
		fprintf(out, "svcd: %s: %s\n", log_levels[level].word, one_line(text));
	}
	fflush(out);
}
