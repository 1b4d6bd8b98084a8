/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What of a service changed, where it can be told with less than the whole of
 * it: one endpoint of ten thousand is one endpoint to write.
 */
#ifndef SVCNAT_PROXY_DELTA_H
#define SVCNAT_PROXY_DELTA_H

#include "kservice.h"

enum proxy_delta {
	PROXY_DELTA_WHOLE,	/* write the whole service */
	PROXY_DELTA_SET,	/* ENDPOINT_SET does it */
	PROXY_DELTA_DEL,	/* ENDPOINT_DEL does it */
};

/*
 * change becomes what that command takes, to be cleared with kservice_clear();
 * nothing when it is WHOLE. A change that both adds and removes is WHOLE, so
 * that no packet sees half of it; and so is one of more than a quarter of the
 * endpoints, which spares little, and whatever there is no memory for.
 */
enum proxy_delta proxy_delta(const struct kservice *have, const struct kservice *want,
			     struct kservice *change);

#endif
