/* SPDX-License-Identifier: GPL-2.0 */
/* Bob Jenkins' lookup3, by words: what is chosen here is what the kernel chooses. */
#ifndef KSHIM_JHASH_H
#define KSHIM_JHASH_H

#include <linux/types.h>

static inline u32 kshim_rol(u32 x, unsigned int bits)
{
	return x << bits | x >> (32 - bits);
}

/* One round of either function: the word w[to] by w[from]. */
static inline void kshim_jhash_mix(u32 *w)
{
	static const unsigned int bits[] = { 4, 6, 8, 16, 19, 4 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bits); i++) {
		u32 *x = &w[i % 3], *y = &w[(i + 1) % 3], *z = &w[(i + 2) % 3];

		*x -= *z;
		*x ^= kshim_rol(*z, bits[i]);
		*z += *y;
	}
}

static inline void kshim_jhash_final(u32 *w)
{
	static const unsigned int bits[] = { 14, 11, 25, 16, 4, 14, 24 };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(bits); i++) {
		u32 *x = &w[(i + 2) % 3], *y = &w[(i + 1) % 3];

		*x ^= *y;
		*x -= kshim_rol(*y, bits[i]);
	}
}

/* n words, at most three of them after the last full round; start: the three begin so. */
static inline u32 kshim_jhash(const u32 *words, u32 n, u32 start)
{
	u32 w[3] = { start, start, start }, i;

	while (n > 3) {
		for (i = 0; i < 3; i++)
			w[i] += words[i];
		kshim_jhash_mix(w);
		words += 3;
		n -= 3;
	}
	for (i = 0; i < n; i++)
		w[i] += words[i];
	if (n)
		kshim_jhash_final(w);
	return w[2];
}

static inline u32 jhash2(const u32 *words, u32 n, u32 seed)
{
	return kshim_jhash(words, n, 0xdeadbeef + (n << 2) + seed);
}

static inline u32 jhash_3words(u32 a, u32 b, u32 c, u32 seed)
{
	const u32 words[] = { a, b, c };

	return jhash2(words, 3, seed);
}

static inline u32 jhash_2words(u32 a, u32 b, u32 seed)
{
	const u32 words[] = { a, b };

	return jhash2(words, 2, seed);
}

static inline u32 jhash_1word(u32 a, u32 seed)
{
	return jhash2(&a, 1, seed);
}

#endif
