/* SPDX-License-Identifier: GPL-2.0 */
/* Numbers on the command line. */
#ifndef SVCNAT_FUZZ_NUMBER_H
#define SVCNAT_FUZZ_NUMBER_H

#include <errno.h>
#include <stdlib.h>

/* usage() is called, and does not return, when the text is no number. */
static inline unsigned long number(const char *text, void (*usage)(void))
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(text, &end, 10);
	if (errno || *end || end == text)
		usage();
	return n;
}

#endif
