/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One line an event, to stderr. Names and addresses may be in a line, contents of
 * objects may not.
 */
#ifndef SVCNAT_LOG_H
#define SVCNAT_LOG_H

#include <stdbool.h>
#include <stdio.h>

enum log_format {
	LOG_FORMAT_TEXT,	/* svcd: LEVEL: text */
	LOG_FORMAT_JOURNAL,	/* <PRIORITY>text, as sd-daemon(3) has it */
	LOG_FORMAT_JSON,	/* an object with time (RFC 3339, UTC), level, msg */
};

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Lines above max are not written. out is borrowed. Before the first call: errors to stderr. */
void log_init(enum log_level max, FILE *out, enum log_format format);

/* Does stderr go to the journal? */
bool log_to_journal(void);

/* "error", "warning", "info", "debug"; -1: none of them. */
int log_level_parse(const char *word);

void log_line(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...)	log_line(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_line(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...)	log_line(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)	log_line(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
