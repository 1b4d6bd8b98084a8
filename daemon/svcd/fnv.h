/* SPDX-License-Identifier: GPL-2.0 */
/* FNV-1a, 64 bits: has a text changed? Against chance, not against malice. */
#ifndef SVCNAT_FNV_H
#define SVCNAT_FNV_H

#include <stddef.h>
#include <stdint.h>

static inline uint64_t fnv(const char *text, size_t len)
{
	uint64_t h = 14695981039346656037u;

	while (len--)
		h = (h ^ (unsigned char)*text++) * 1099511628211u;
	return h;
}

#endif
