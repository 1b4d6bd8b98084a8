// SPDX-License-Identifier: GPL-2.0
/*
 * SQLite reads its write-ahead log up to the first frame whose checksum is
 * wrong and takes that for the end, as it is after a crash: the last
 * transaction was being written, and nobody was told that it is done. But a
 * flipped bit looks the same, and would take back what was acknowledged, in
 * silence. The difference is what comes behind: each frame's checksum goes on
 * from the one before it, so those behind a broken one can still be checked. A
 * crash leaves at most one transaction there, since the next is not begun
 * before this one is on the disk.
 *
 * The format is described in https://sqlite.org/fileformat2.html#walformat
 */
#include "err.h"
#include "store_priv.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAL_MAGIC	0x377f0682	/* the lowest bit: checksums over big-endian words */
#define WAL_HEADER	32
#define FRAME_HEADER	24
#define PAGE_MIN	512
#define PAGE_MAX	65536

struct sum {
	uint32_t a, b;
};

struct wal {
	FILE *f;
	uint32_t page;
	bool big_endian;
	uint8_t salt[8];
	struct sum stored, computed;	/* of the last frame: one is right where the other is not */
	uint8_t *frame;
};

static uint32_t word(const uint8_t *p)
{
	uint32_t be;

	memcpy(&be, p, sizeof(be));
	return be32toh(be);
}

/* n is a multiple of 8. */
static struct sum add(const struct wal *w, struct sum s, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i += 8) {
		uint32_t x = word(p + i), y = word(p + i + 4);

		s.a += (w->big_endian ? x : __builtin_bswap32(x)) + s.b;
		s.b += (w->big_endian ? y : __builtin_bswap32(y)) + s.a;
	}
	return s;
}

static bool is(const uint8_t *p, struct sum s)
{
	return word(p) == s.a && word(p + 4) == s.b;
}

static bool page_size_valid(uint32_t n)
{
	return n >= PAGE_MIN && n <= PAGE_MAX && !(n & (n - 1));
}

/* The database's own, for a log whose header is not to be trusted; 0: neither is that. */
static uint32_t page_of_database(const struct store *s)
{
	uint8_t head[18] = { 0 };
	FILE *f = fopen(s->path, "re");
	uint32_t n;

	if (!f)
		return 0;
	if (fread(head, 1, sizeof(head), f) != sizeof(head))
		memset(head, 0, sizeof(head));
	fclose(f);
	n = head[16] << 8 | head[17];
	return n == 1 ? PAGE_MAX : page_size_valid(n) ? n : 0;
}

/* Is the header whole? Fills w either way. */
static bool read_header(const struct store *s, struct wal *w, const uint8_t *head)
{
	bool ok;

	w->big_endian = word(head) & 1;
	w->page = word(head + 8);
	memcpy(w->salt, head + 16, sizeof(w->salt));
	w->stored = (struct sum){ word(head + 24), word(head + 28) };
	w->computed = add(w, (struct sum){ 0, 0 }, head, 24);
	ok = (word(head) & ~1u) == WAL_MAGIC && page_size_valid(w->page) &&
	     is(head + 24, w->computed);
	if (!ok)
		w->page = page_of_database(s);
	return ok;
}

enum frame { FRAME_END, FRAME_BAD, FRAME_GOOD, FRAME_COMMIT };

static struct sum sum_of(const struct wal *w, struct sum before)
{
	return add(w, add(w, before, w->frame, 8), w->frame + FRAME_HEADER, w->page);
}

static enum frame next(struct wal *w)
{
	size_t n = FRAME_HEADER + w->page;
	const uint8_t *f = w->frame;
	struct sum sum, other;

	if (fread(w->frame, 1, n, w->f) != n)
		return FRAME_END;
	sum = sum_of(w, w->stored);
	other = sum_of(w, w->computed);
	if (is(f + 16, other))
		sum = other;
	w->stored = (struct sum){ word(f + 16), word(f + 20) };
	w->computed = sum;
	if (memcmp(f + 8, w->salt, sizeof(w->salt)) || !is(f + 16, sum))
		return FRAME_BAD;
	return word(f + 4) ? FRAME_COMMIT : FRAME_GOOD;
}

/* Transactions behind the break, as far as they go on from each other. */
static unsigned int count_behind(struct wal *w, bool break_commits)
{
	enum frame kind = next(w);
	unsigned int n = kind > FRAME_BAD && break_commits;

	for (; kind > FRAME_BAD; kind = next(w))
		n += kind == FRAME_COMMIT;
	return n;
}

static unsigned int count_lost(struct wal *w, bool header_ok)
{
	enum frame kind;

	if (!header_ok) {
		/* The salts, too, are to be had from the frames only. */
		if (fread(w->frame, 1, FRAME_HEADER, w->f) != FRAME_HEADER ||
		    fseek(w->f, WAL_HEADER, SEEK_SET))
			return 0;
		memcpy(w->salt, w->frame + 8, sizeof(w->salt));
		return count_behind(w, false);
	}
	do
		kind = next(w);
	while (kind > FRAME_BAD);
	return kind == FRAME_END ? 0 : count_behind(w, word(w->frame + 4));
}

static int check(const struct store *s, struct wal *w, const char *path, struct err *e)
{
	uint8_t head[WAL_HEADER];
	unsigned int lost;
	bool ok;

	if (fread(head, 1, sizeof(head), w->f) != sizeof(head))
		return 0;
	ok = read_header(s, w, head);
	if (!w->page)
		return 0;
	w->frame = malloc(FRAME_HEADER + w->page);
	if (!w->frame)
		return err_set(e, ENOMEM, "out of memory");
	lost = count_lost(w, ok);
	free(w->frame);
	/* The last one may be what a crash interrupted. */
	if (lost < 2)
		return 0;
	return err_set(e, EUCLEAN,
		       "%s is damaged: changes that were acknowledged cannot be read from it, %u "
		       "at least; put back a copy of it and of %s, or move both away to start with "
		       "nothing",
		       path, lost - 1, s->path);
}

int store_wal_check(const struct store *s, struct err *e)
{
	struct wal w = { 0 };
	char *path;
	int rc = 0;

	if (asprintf(&path, "%s-wal", s->path) < 0)
		return err_set(e, ENOMEM, "out of memory");
	w.f = fopen(path, "re");
	if (w.f) {
		rc = check(s, &w, path, e);
		fclose(w.f);
	} else if (errno != ENOENT) {
		rc = err_set(e, errno, "cannot read %s: %s", path, strerror(errno));
	}
	free(path);
	return rc;
}
