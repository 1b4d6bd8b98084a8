// SPDX-License-Identifier: GPL-2.0
#include "dns_fuzz.h"

#include <stdlib.h>
#include <string.h>

#define ROUNDS	20000

static uint64_t seed, rounds, state_of_random;

/* xorshift64*: the same everywhere. */
uint32_t dns_fuzz_u32(void)
{
	state_of_random ^= state_of_random >> 12;
	state_of_random ^= state_of_random << 25;
	state_of_random ^= state_of_random >> 27;
	return (uint32_t)(state_of_random * 0x2545f4914f6cdd1dull >> 32);
}

uint32_t dns_fuzz_below(uint32_t n)
{
	return dns_fuzz_u32() % n;
}

static uint64_t number(const char *name, uint64_t usual)
{
	const char *text = getenv(name);

	return text && *text ? strtoull(text, NULL, 10) : usual;
}

void dns_fuzz_begin(void)
{
	seed = number("FUZZ_SEED", 1);
	rounds = number("FUZZ_ROUNDS", ROUNDS);
	state_of_random = seed * 0x9e3779b97f4a7c15ull + 1;
}

uint64_t dns_fuzz_seed(void)
{
	return seed;
}

uint64_t dns_fuzz_rounds(void)
{
	return rounds;
}

/* --- what is changed --- */

static void change_byte(struct dns_text *m)
{
	static const uint8_t likely[] = { 0, 1, 2, 0x0c, 0x3f, 0x40, 0x80, 0xbf, 0xc0, 0xff };

	const uint8_t value = dns_fuzz_below(2) ? likely[dns_fuzz_below(sizeof(likely))] :
						  (uint8_t)dns_fuzz_u32();

	if (m->len)
		m->v[dns_fuzz_below((uint32_t)m->len)] = value;
}

static void cut(struct dns_text *m)
{
	m->len = dns_fuzz_below((uint32_t)m->len + 1);
}

static void extend(struct dns_text *m)
{
	size_t n = dns_fuzz_below(64);

	for (; n && m->len < 2048; n--)
		m->v[m->len++] = (uint8_t)dns_fuzz_u32();
}

static void double_some(struct dns_text *m)
{
	size_t at = m->len ? dns_fuzz_below((uint32_t)m->len) : 0, n = m->len - at;

	if (m->len + n > 2048)
		return;
	memcpy(m->v + m->len, m->v + at, n);
	m->len += n;
}

void dns_fuzz_change(struct dns_text *m)
{
	uint32_t n = dns_fuzz_below(4);

	for (; n; n--) {
		switch (dns_fuzz_below(8)) {
		case 0: cut(m); break;
		case 1: extend(m); break;
		case 2: double_some(m); break;
		default: change_byte(m); break;
		}
	}
}

void dns_fuzz_make(struct dns_text *m)
{
	m->len = dns_fuzz_below(300);
	for (size_t i = 0; i < m->len; i++)
		m->v[i] = (uint8_t)dns_fuzz_u32();
}
