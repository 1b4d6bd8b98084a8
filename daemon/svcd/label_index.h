/* SPDX-License-Identifier: GPL-2.0 */
/* Objects by one of their labels and their namespace: what a search begins with. */
#ifndef SVCNAT_LABEL_INDEX_H
#define SVCNAT_LABEL_INDEX_H

#include "strmap.h"

#include <jansson.h>

/* Zero it to start with. */
struct label_index {
	struct strmap map;
};

struct label_bucket {
	char *key;
	json_t **v;		/* borrowed: whoever drops an object takes it out before */
	size_t n, room;
};

/* Under each pair of labels, or only under the one that fewest objects are under. */
void label_index_add(struct label_index *x, const char *ns, const json_t *labels,
		     json_t *object);
void label_index_add_once(struct label_index *x, const char *ns, const json_t *labels,
			  json_t *object);
/* However it was added. */
void label_index_del(struct label_index *x, const char *ns, const json_t *labels,
		     const json_t *object);
void label_index_clear(struct label_index *x);

/* NULL: no object is under the pair. */
const struct label_bucket *label_index_find(const struct label_index *x, const char *ns,
					    const char *key, const char *value);

#endif
