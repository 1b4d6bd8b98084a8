/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Label and field selectors: those of a query, parsed once and matched many
 * times, and the plain maps of a Service.
 */
#ifndef SVCNAT_SELECTOR_H
#define SVCNAT_SELECTOR_H

#include "registry.h"

struct requirement;

struct selector {
	struct requirement *labels, *fields;	/* lists */
};

/* NULL strings select all. -EINVAL and e, with nothing to free. */
int selector_parse(struct selector *s, const struct resource *res,
		   const struct registry_query *q, struct err *e);
bool selector_match(const struct selector *s, const json_t *object);
void selector_clear(struct selector *s);

/* Does labels have every pair of selector? An empty selector, or none, selects nothing. */
bool selector_map_match(const json_t *selector, const json_t *labels);

#endif
