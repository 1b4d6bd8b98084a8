/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who has which address and port. Several Services may ask for one; the oldest
 * has it (creation time, then namespace/name), the others wait. Kubernetes
 * leaves that to chance; here it is the same on each node and after each start.
 *
 * A key is text that names the address for a person as well: see claims_key().
 */
#ifndef SVCNAT_CLAIMS_H
#define SVCNAT_CLAIMS_H

#include "kservice.h"

/* "[ffff:...]:65535/SCTP", or "node port 30000/TCP (IPv4)" */
#define CLAIMS_KEYLEN	(INET6_ADDRSTRLEN + 32)

struct claim;

/* A Service that claims. Embedded in its owner; zero it but for name. */
struct claims_user {
	const char *name;	/* namespace/name; must live as long as it claims anything */
	char created[32];	/* creationTimestamp, UTC, which sorts as text; "": youngest */
	struct claim **claims;
	size_t n;
};

struct claims;

int claims_alloc(struct claims **out);
/* No user may have a claim any more. */
void claims_free(struct claims *c);

const char *claims_key(const struct kfrontend *f, uint8_t proto, char buf[CLAIMS_KEYLEN]);

/* Called for each other user of a key whose owner changed. It must not call claims_replace(). */
typedef void claims_touched(void *ctx, struct claims_user *other);

/*
 * user claims the frontends of these services, and nothing else any more; it
 * was created then. -ENOMEM: it claims nothing.
 */
int claims_replace(struct claims *c, struct claims_user *user, const char *created,
		   const struct kservices *services, claims_touched *touched, void *ctx);

/* NULL: nobody. */
const struct claims_user *claims_owner(const struct claims *c, const char *key);

#endif
