// SPDX-License-Identifier: GPL-2.0
#include "utf8.h"

#include <stddef.h>

/* What the first two bytes may be (Unicode, table 3-7), and how many there are in all. */
static const struct {
	unsigned char first, last, low, high;
	size_t len;
} forms[] = {
	{ 0x01, 0x7f, 0x00, 0xff, 1 },
	{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
	{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
	{ 0xe1, 0xec, 0x80, 0xbf, 3 },
	{ 0xed, 0xed, 0x80, 0x9f, 3 },
	{ 0xee, 0xef, 0x80, 0xbf, 3 },
	{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
	{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
	{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

/* Of the character that begins at s, in bytes; 0: none does. */
static size_t length(const unsigned char *s)
{
	size_t i, n;

	for (i = 0; i < sizeof(forms) / sizeof(*forms); i++)
		if (*s >= forms[i].first && *s <= forms[i].last)
			break;
	if (i == sizeof(forms) / sizeof(*forms) || s[1] < forms[i].low || s[1] > forms[i].high)
		return 0;
	for (n = 2; n < forms[i].len; n++)
		if ((s[n] & 0xc0) != 0x80)
			return 0;
	return forms[i].len;
}

void utf8_repair(char *text)
{
	size_t n;

	while (*text) {
		n = length((const unsigned char *)text);
		if (!n)
			*text = '?';
		text += n ? n : 1;
	}
}
