/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One Service and its Endpoints, as Kubernetes writes them, to the services of
 * the kernel: one for each port and IP family. Pure. What an API server would
 * have refused is left out.
 */
#ifndef SVCNAT_COMPILE_H
#define SVCNAT_COMPILE_H

#include "kservice.h"

#include <jansson.h>

/*
 * Append to out, whose members are then named NAMESPACE/NAME:PORT, or
 * NAMESPACE/NAME for a port without a name. Both objects may be NULL. Nothing
 * comes of a headless service, an ExternalName, or one that another proxy
 * serves. -ENOMEM.
 */
int compile_service(const json_t *service, const json_t *endpoints, const char *owner,
		    struct kservices *out);

#endif
