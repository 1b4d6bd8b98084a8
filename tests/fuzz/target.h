/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a target of libFuzzer is, and what targets share. target_NAME.c has one function that
 * takes any bytes and feeds them to what svcd reads from outside; it ends the process when a
 * property does not hold, as the sanitizers do when memory is misused.
 *
 *	build/fuzz/NAME		the target with libFuzzer, to find such bytes (make fuzz)
 *	build/unit/replay_NAME	the target with replay.c: each file of corpus/NAME, once
 */
#ifndef SVCNAT_FUZZ_TARGET_H
#define SVCNAT_FUZZ_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* "FILE:LINE: what", and the end. */
void target_fail(const char *file, int line, const char *fmt, ...)
	__attribute__((noreturn, format(printf, 3, 4)));

#define must(condition, ...)                                                   \
	do {                                                                   \
		if (!(condition))                                              \
			target_fail(__FILE__, __LINE__, __VA_ARGS__);          \
	} while (0)

bool target_is_utf8(const char *text);
/*
 * How many lines there may be to YAML, which knows five ends of one, and to which the end of the
 * text may be in one of its own: 2 of "", 3 of "a\nb".
 */
unsigned int target_lines(const uint8_t *data, size_t len);
/* The line of "NAME:LINE:COLUMN: why"; 0: text does not begin like that. */
unsigned int target_line_of(const char *text, const char *name);

/* The input as a string that is its caller's, up to its first NUL. */
char *target_text(const uint8_t *data, size_t len);

#endif
