/* SPDX-License-Identifier: GPL-2.0 */
/* SipHash-2-4, byte by byte: what is chosen here is what the kernel chooses. */
#ifndef KSHIM_SIPHASH_H
#define KSHIM_SIPHASH_H

#include <linux/types.h>

#define SIPHASH_ALIGNMENT	8

typedef struct {
	u64 key[2];
} siphash_key_t;

static inline u64 kshim_rotate(u64 x, unsigned int bits)
{
	return x << bits | x >> (64 - bits);
}

static inline void kshim_sip_rounds(u64 *v, unsigned int n)
{
	while (n--) {
		v[0] += v[1];
		v[1] = kshim_rotate(v[1], 13) ^ v[0];
		v[0] = kshim_rotate(v[0], 32);
		v[2] += v[3];
		v[3] = kshim_rotate(v[3], 16) ^ v[2];
		v[0] += v[3];
		v[3] = kshim_rotate(v[3], 21) ^ v[0];
		v[2] += v[1];
		v[1] = kshim_rotate(v[1], 17) ^ v[2];
		v[2] = kshim_rotate(v[2], 32);
	}
}

static inline void kshim_sip_word(u64 *v, u64 word)
{
	v[3] ^= word;
	kshim_sip_rounds(v, 2);
	v[0] ^= word;
}

static inline u64 siphash(const void *data, size_t len, const siphash_key_t *key)
{
	u64 v[4] = {
		key->key[0] ^ 0x736f6d6570736575ULL, key->key[1] ^ 0x646f72616e646f6dULL,
		key->key[0] ^ 0x6c7967656e657261ULL, key->key[1] ^ 0x7465646279746573ULL,
	};
	const u8 *p = data;
	u64 word = 0;
	size_t i;

	for (i = 0; i < len; i++) {
		word |= (u64)p[i] << 8 * (i % 8);
		if (i % 8 == 7) {
			kshim_sip_word(v, word);
			word = 0;
		}
	}
	kshim_sip_word(v, word | (u64)len << 56);
	v[2] ^= 0xff;
	kshim_sip_rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

#endif
