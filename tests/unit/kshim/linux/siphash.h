/* SPDX-License-Identifier: GPL-2.0 */
/* Not SipHash: some keyed hash of good spread, for the tests' sake. */
#ifndef KSHIM_SIPHASH_H
#define KSHIM_SIPHASH_H

#include <linux/types.h>

#define SIPHASH_ALIGNMENT	8

typedef struct {
	u64 key[2];
} siphash_key_t;

static inline u64 siphash(const void *data, size_t len, const siphash_key_t *key)
{
	const u8 *p = data;
	u64 h = key->key[0] ^ 0x9e3779b97f4a7c15ULL;

	while (len--) {
		h = (h ^ *p++) * 0x100000001b3ULL;
		h ^= h >> 29;
	}
	h = (h ^ key->key[1]) * 0xbf58476d1ce4e5b9ULL;
	return h ^ h >> 31;
}

static inline u64 siphash_4u32(u32 a, u32 b, u32 c, u32 d, const siphash_key_t *key)
{
	const u32 words[] = { a, b, c, d };

	return siphash(words, sizeof(words), key);
}

#endif
