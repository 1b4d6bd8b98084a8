// SPDX-License-Identifier: GPL-2.0
/*
 * An Endpoints object has an upper bound, as in Kubernetes (KEP-752): whoever
 * wants all addresses of a large Service reads its EndpointSlices.
 */
#include "endpoints_controller.h"

#include "jx.h"

static size_t count(const json_t *subsets, const char *key)
{
	size_t n = 0;

	for (size_t i = 0; i < json_array_size(subsets); i++)
		n += json_array_size(json_object_get(json_array_get(subsets, i), key));
	return n;
}

static void keep_first(json_t *subset, const char *key, size_t n)
{
	const json_t *list = json_object_get(subset, key);
	json_t *kept;

	if (n >= json_array_size(list))
		return;
	if (!n) {
		json_object_del(subset, key);
		return;
	}
	kept = jx_must(json_array());
	for (size_t i = 0; i < n; i++)
		jx_append(kept, json_incref(json_array_get(list, i)));
	jx_set(subset, key, kept);
}

/* Each subset by its part of all addresses, rounded up: the last ones may get less. */
static void share(json_t *subsets, const char *key, size_t room)
{
	size_t total = count(subsets, key), left = room;

	for (size_t i = 0; total && i < json_array_size(subsets); i++) {
		json_t *subset = json_array_get(subsets, i);
		size_t n = json_array_size(json_object_get(subset, key));

		n = (n * room + total - 1) / total;
		n = n < left ? n : left;
		keep_first(subset, key, n);
		left -= n;
	}
}

static void drop_empty(json_t *subsets)
{
	for (size_t i = json_array_size(subsets); i-- > 0;) {
		const json_t *subset = json_array_get(subsets, i);

		if (!json_object_get(subset, "addresses") &&
		    !json_object_get(subset, "notReadyAddresses"))
			json_array_remove(subsets, i);
	}
}

bool endpoints_truncate(json_t *subsets, size_t max)
{
	size_t ready = count(subsets, "addresses");

	if (ready + count(subsets, "notReadyAddresses") <= max)
		return false;
	if (ready > max)
		share(subsets, "addresses", max);
	share(subsets, "notReadyAddresses", ready < max ? max - ready : 0);
	drop_empty(subsets);
	return true;
}
