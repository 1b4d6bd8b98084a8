// SPDX-License-Identifier: GPL-2.0
#include "dns_chase.h"

#include <errno.h>

#define ALIASES_MAX	16
#define RECORDS_MAX	256

static bool is_of(const ldns_rr *rr, ldns_rr_type type)
{
	return ldns_rr_get_type(rr) == type && ldns_rr_get_class(rr) == LDNS_RR_CLASS_IN &&
	       ldns_rr_owner(rr);
}

static int push_copy(ldns_rr_list *to, const ldns_rr *rr)
{
	ldns_rr *copy = ldns_rr_clone(rr);

	if (copy && ldns_rr_list_push_rr(to, copy))
		return 0;
	ldns_rr_free(copy);
	return -ENOMEM;
}

/* How many of them there are at that name, at most max. */
static int take(ldns_rr_list *to, const ldns_rr_list *from, const ldns_rdf *owner,
		ldns_rr_type type, int max)
{
	const ldns_rr *rr;
	int taken = 0;
	size_t i;

	for (i = 0; i < ldns_rr_list_rr_count(from) && taken < max; i++) {
		rr = ldns_rr_list_rr(from, i);
		if (!is_of(rr, type) || ldns_dname_compare(ldns_rr_owner(rr), owner) != 0)
			continue;
		if (push_copy(to, rr))
			return -ENOMEM;
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

/* 1; 0: there are none at *name, where the aliases end; -ELOOP: they do not. */
static int follow(ldns_rr_list *found, const ldns_rr_list *from, const ldns_rdf **name,
		  ldns_rr_type type)
{
	int i, n;

	for (i = 0; i < ALIASES_MAX; i++) {
		n = take(found, from, *name, type, RECORDS_MAX);
		if (n)
			return n < 0 ? n : 1;
		n = take(found, from, *name, LDNS_RR_TYPE_CNAME, 1);
		if (n <= 0)
			return n;
		*name = last_target(found);
		if (!*name)
			return -EBADMSG;
	}
	return -ELOOP;
}

/* Of a zone that the name is in: another one would deny what it does not know (RFC 2308). */
static int take_soa(ldns_rr_list *to, const ldns_rr_list *from, const ldns_rdf *name)
{
	const ldns_rr *rr;
	size_t i;

	for (i = 0; i < ldns_rr_list_rr_count(from); i++) {
		rr = ldns_rr_list_rr(from, i);
		if (is_of(rr, LDNS_RR_TYPE_SOA) &&
		    (ldns_dname_compare(ldns_rr_owner(rr), name) == 0 ||
		     ldns_dname_is_subdomain(name, ldns_rr_owner(rr))))
			return push_copy(to, rr);
	}
	return 0;
}

static int append(struct dns_reply *reply, ldns_rr_list *found, const ldns_pkt *pkt,
		  ldns_rr_type type)
{
	const size_t before = ldns_rr_list_rr_count(reply->answer);
	const ldns_rdf *name = reply->chase;
	int ret = follow(found, ldns_pkt_answer(pkt), &name, type);

	if (ret == 0)
		ret = take_soa(reply->authority, ldns_pkt_authority(pkt), name);
	if (ret < 0)
		return ret;
	if (ldns_rr_list_push_rr_list(reply->answer, found))
		return 0;
	ldns_rr_list_set_rr_count(reply->answer, before);
	return -ENOMEM;
}

int dns_chase_append(struct dns_reply *reply, ldns_rr_type type, const uint8_t *data, size_t len)
{
	ldns_rr_list *found = ldns_rr_list_new();
	ldns_pkt *pkt = NULL;
	ldns_status status = found ? ldns_wire2pkt(&pkt, data, len) : LDNS_STATUS_MEM_ERR;
	int ret;

	if (status != LDNS_STATUS_OK)
		ret = status == LDNS_STATUS_MEM_ERR ? -ENOMEM : -EBADMSG;
	else
		ret = append(reply, found, pkt, type);
	if (ret)
		ldns_rr_list_deep_free(found);
	else
		ldns_rr_list_free(found);
	ldns_pkt_free(pkt);
	return ret == -ELOOP ? 0 : ret;
}
