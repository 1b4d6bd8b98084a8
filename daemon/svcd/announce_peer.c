// SPDX-License-Identifier: GPL-2.0
#include "announce_peer.h"

#include <string.h>

void announce_peer_asked(struct announce_peer *p, int64_t now)
{
	if (!p->asked)
		p->asked = now;
}

static int64_t dead_ms(const struct announce_peer *p)
{
	return p->dead_ms ? p->dead_ms : ANNOUNCE_DEAD_MS;
}

static void lose(struct announce_peer *p)
{
	p->up = p->returns = false;
	p->since = p->without = 0;
}

static bool is_well(enum announce_answer a)
{
	return a == ANNOUNCE_ANSWER_WELL || a == ANNOUNCE_HOLDS_WELL || a == ANNOUNCE_WITHOUT_WELL;
}

static bool is_without(enum announce_answer a)
{
	return a == ANNOUNCE_WITHOUT_WELL || a == ANNOUNCE_WITHOUT_ILL;
}

void announce_peer_heard(struct announce_peer *p, enum announce_answer a, int64_t now)
{
	bool holds = a == ANNOUNCE_HOLDS_WELL || a == ANNOUNCE_HOLDS_ILL;

	/* What was silent for too long begins anew. */
	announce_peer_grade(p, now);
	if (a == ANNOUNCE_SILENT)
		return;
	p->good = now;
	p->declined = a == ANNOUNCE_DECLINED || a == ANNOUNCE_RETURNS;
	if (p->declined) {
		lose(p);
		p->returns = a == ANNOUNCE_RETURNS;
		return;
	}
	p->returns = false;
	p->since = p->since ? p->since : now;
	p->without = !is_without(a) ? 0 : p->without ? p->without : now;
	p->grade = is_well(a) ? ANNOUNCE_WELL : ANNOUNCE_ILL;
	if (!holds || now - p->since >= ANNOUNCE_UP_MS)
		p->up = true;
}

void announce_peer_unasked(struct announce_peer *p, int64_t now)
{
	announce_peer_grade(p, now);
	p->asked = 0;
	if (announce_peer_lives(p))
		p->good = now;
}

enum announce_grade announce_peer_grade(struct announce_peer *p, int64_t now)
{
	if (announce_peer_lives(p) && now - p->good >= dead_ms(p))
		lose(p);
	return p->up ? p->grade : ANNOUNCE_GONE;
}

enum announce_without announce_peer_without(const struct announce_peer *p, int64_t now)
{
	if (!p->without)
		return ANNOUNCE_WITH;
	return now - p->without < dead_ms(p) ? ANNOUNCE_WITHOUT : ANNOUNCE_INSISTS;
}

bool announce_peer_lives(const struct announce_peer *p)
{
	return p->since || p->returns;
}

bool announce_peer_known(const struct announce_peer *p, int64_t now)
{
	return p->declined || p->good || (p->asked && now - p->asked >= dead_ms(p));
}

/* The header's value in the line, which is text without its end; NULL: it is another one. */
static const char *header_value(const char *line, size_t len, size_t *value_len)
{
	const size_t n = strlen(ANNOUNCE_HEADER);

	if (len <= n || strncasecmp(line, ANNOUNCE_HEADER, n) || line[n] != ':')
		return NULL;
	line += n + 1;
	len -= n + 1;
	while (len && *line == ' ') {
		line++;
		len--;
	}
	*value_len = len;
	return line;
}

static bool is(const char *value, size_t len, const char *what)
{
	return len == strlen(what) && memcmp(value, what, len) == 0;
}

static enum announce_answer answer_of(const char *value, size_t len, bool well)
{
	if (is(value, len, ANNOUNCE_SAYS_NONE))
		return ANNOUNCE_DECLINED;
	if (is(value, len, ANNOUNCE_SAYS_RETURNS))
		return ANNOUNCE_RETURNS;
	if (is(value, len, ANNOUNCE_SAYS_HOLDS))
		return well ? ANNOUNCE_HOLDS_WELL : ANNOUNCE_HOLDS_ILL;
	if (is(value, len, ANNOUNCE_SAYS_WITHOUT))
		return well ? ANNOUNCE_WITHOUT_WELL : ANNOUNCE_WITHOUT_ILL;
	if (!is(value, len, ANNOUNCE_SAYS_LAYER2))
		return ANNOUNCE_SILENT;
	return well ? ANNOUNCE_ANSWER_WELL : ANNOUNCE_ANSWER_ILL;
}

static bool has_status(const char *line, size_t len, const char *status)
{
	return len >= 12 && memcmp(line, "HTTP/1.", 7) == 0 && line[8] == ' ' &&
	       memcmp(line + 9, status, 3) == 0 && (len == 12 || line[12] == ' ');
}

bool announce_answer_parse(const char *text, size_t len, enum announce_answer *out)
{
	const char *end = memmem(text, len, "\r\n\r\n", 4), *line, *next, *value;
	size_t n = 0;
	bool well;

	*out = ANNOUNCE_SILENT;
	if (!end)
		return false;
	end += 2;
	next = memmem(text, (size_t)(end - text), "\r\n", 2);
	well = has_status(text, (size_t)(next - text), "200");
	if (!well && !has_status(text, (size_t)(next - text), "503"))
		return true;
	for (line = next + 2; line < end; line = next + 2) {
		next = memmem(line, (size_t)(end - line), "\r\n", 2);
		value = header_value(line, (size_t)(next - line), &n);
		if (value)
			*out = answer_of(value, n, well);
	}
	return true;
}
