// SPDX-License-Identifier: GPL-2.0
#include "proxy_serves.h"

#include "proxy_entry.h"

static bool has_frontend(const struct kservice *s, const struct ip_addr *addr)
{
	size_t i;

	for (i = 0; i < s->nfrontends; i++)
		if (s->frontends[i].kind != SVCNAT_KIND_NODEPORT &&
		    ip_addr_equal(&s->frontends[i].addr, addr))
			return true;
	return false;
}

bool proxy_serves(const struct proxy *p, const char *service, const struct ip_addr *addr)
{
	const struct proxy_entry *n = strmap_find(&p->by_key, service);
	size_t i;

	for (i = 0; n && i < n->nslots; i++)
		if (n->slots[i].installed && has_frontend(&n->slots[i].have, addr))
			return true;
	return false;
}
