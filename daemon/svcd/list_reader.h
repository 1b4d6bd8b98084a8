/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The body of a list, in pieces of any size, to its items, one at a time. However
 * long the list is, one item and what stands around the items is all that is in
 * memory; and metadata.managedFields, often the larger half of an item, is not
 * even kept while the item is read.
 */
#ifndef SVCNAT_LIST_READER_H
#define SVCNAT_LIST_READER_H

#include "bytes.h"

#include <jansson.h>
#include <stdbool.h>

struct err;

struct list_reader_ops {
	/*
	 * Ahead of the first item: what stands in front of the items, such as the list's
	 * kind. Non-zero, a negative errno, ends the reading.
	 */
	int (*head)(void *ctx, const json_t *head, struct err *e);
	int (*item)(void *ctx, const json_t *item, struct err *e);
};

struct list_reader {
	const struct list_reader_ops *ops;	/* borrowed, as is ctx */
	void *ctx;
	struct bytes around;	/* the list with no items in it */
	struct bytes item;		/* not complete yet */
	unsigned int depth;		/* of brackets that are open */
	bool string, escape;		/* in a string, behind its backslash */
	char word[24];			/* the last string, cut; a key, if a colon follows */
	size_t word_len;
	bool items_key, metadata_key;	/* what the last keys of a list and an item were */
	bool items;			/* in the list's items */
	bool metadata;			/* in an item's metadata */
	bool skip;			/* in its managedFields */
	bool begun;			/* head was called */
};

void list_reader_init(struct list_reader *r, const struct list_reader_ops *ops, void *ctx);
/* Ready for another list. */
void list_reader_clear(struct list_reader *r);

/*
 * -EPROTO: this is no list; -EFBIG: more than any real one has; -ENOMEM; what head and
 * item say. After an error the reader is to be cleared.
 */
int list_reader_bytes(struct list_reader *r, const char *data, size_t len, struct err *e);

/* The body is complete: *around is the list without its items, to be freed. */
int list_reader_end(struct list_reader *r, json_t **around, struct err *e);

#endif
