// SPDX-License-Identifier: GPL-2.0
#include "dns_chase.h"

#define ALIASES_MAX	16
#define RECORDS_MAX	256

static bool is_of(const ldns_rr *rr, const ldns_rdf *owner, ldns_rr_type type)
{
	return ldns_rr_get_type(rr) == type && ldns_rr_get_class(rr) == LDNS_RR_CLASS_IN &&
	       ldns_rr_owner(rr) && ldns_dname_compare(ldns_rr_owner(rr), owner) == 0;
}

/* How many of them there are at that name, at most max. */
static size_t take(ldns_rr_list *to, const ldns_rr_list *from, const ldns_rdf *owner,
		   ldns_rr_type type, size_t max)
{
	size_t i, taken = 0;
	ldns_rr *copy;

	for (i = 0; i < ldns_rr_list_rr_count(from) && taken < max; i++) {
		if (!is_of(ldns_rr_list_rr(from, i), owner, type))
			continue;
		copy = ldns_rr_clone(ldns_rr_list_rr(from, i));
		if (!copy || !ldns_rr_list_push_rr(to, copy)) {
			ldns_rr_free(copy);
			break;
		}
		taken++;
	}
	return taken;
}

/* The name that the last one of these is an alias of. */
static const ldns_rdf *last_target(const ldns_rr_list *list)
{
	const ldns_rr *rr = ldns_rr_list_rr(list, ldns_rr_list_rr_count(list) - 1);

	return ldns_rr_rd_count(rr) ? ldns_rr_rdf(rr, 0) : NULL;
}

static bool follow(ldns_rr_list *found, const ldns_rr_list *from, const ldns_rdf *target,
		   ldns_rr_type type)
{
	const ldns_rdf *name = target;
	size_t i;

	for (i = 0; name && i < ALIASES_MAX; i++) {
		if (take(found, from, name, type, RECORDS_MAX))
			return true;
		if (!take(found, from, name, LDNS_RR_TYPE_CNAME, 1))
			return false;
		name = last_target(found);
	}
	return false;
}

bool dns_chase_append(ldns_rr_list *answer, const ldns_rdf *target, ldns_rr_type type,
		      const uint8_t *data, size_t len)
{
	ldns_rr_list *found = ldns_rr_list_new();
	ldns_pkt *pkt = NULL;
	bool ok = false;
	size_t before;

	if (found && ldns_wire2pkt(&pkt, data, len) == LDNS_STATUS_OK &&
	    follow(found, ldns_pkt_answer(pkt), target, type)) {
		before = ldns_rr_list_rr_count(answer);
		ok = ldns_rr_list_push_rr_list(answer, found);
		if (!ok)
			ldns_rr_list_set_rr_count(answer, before);
	}
	if (ok)
		ldns_rr_list_free(found);
	else
		ldns_rr_list_deep_free(found);
	ldns_pkt_free(pkt);
	return ok;
}
