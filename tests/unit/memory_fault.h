/* SPDX-License-Identifier: GPL-2.0 */
/*
 * No memory, from a chosen request on or for one only. To be included by a test's own file
 * alone: it stands in front of the library's functions, for all of the program.
 */
#ifndef SVCNAT_TESTS_MEMORY_FAULT_H
#define SVCNAT_TESTS_MEMORY_FAULT_H

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Requests since it was set to 0; which one of them fails, 0: none. */
static size_t memory_requests, memory_fails_at;

static bool memory_is_out(void)
{
	if (++memory_requests != memory_fails_at)
		return false;
	errno = ENOMEM;
	return true;
}

#define MEMORY_REAL(name) \
	static typeof(name) *real; \
\
	if (!real) \
		real = (typeof(name) *)dlsym(RTLD_NEXT, #name)

void *malloc(size_t size)
{
	MEMORY_REAL(malloc);
	return memory_is_out() ? NULL : real(size);
}

void *calloc(size_t n, size_t size)
{
	MEMORY_REAL(calloc);
	return memory_is_out() ? NULL : real(n, size);
}

void *realloc(void *p, size_t size)
{
	MEMORY_REAL(realloc);
	return memory_is_out() ? NULL : real(p, size);
}

void *reallocarray(void *p, size_t n, size_t size)
{
	MEMORY_REAL(reallocarray);
	return memory_is_out() ? NULL : real(p, n, size);
}

char *strdup(const char *s)
{
	MEMORY_REAL(strdup);
	return memory_is_out() ? NULL : real(s);
}

char *strndup(const char *s, size_t n)
{
	MEMORY_REAL(strndup);
	return memory_is_out() ? NULL : real(s, n);
}

#endif
