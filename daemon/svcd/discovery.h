/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The documents by which a client finds out what is served, made from the
 * tables of types and reviews. Each result is the caller's; NULL: no memory.
 */
#ifndef SVCNAT_DISCOVERY_H
#define SVCNAT_DISCOVERY_H

#include <jansson.h>
#include <stdbool.h>

json_t *discovery_versions(void);			/* /api */
json_t *discovery_groups(void);				/* /apis */
json_t *discovery_resources(const char *api_version);	/* /api/v1, /apis/GROUP/VERSION */
json_t *discovery_group(const char *name);		/* /apis/GROUP; NULL: there is none */
json_t *discovery_paths(void);				/* a list of all of the above */
/* /api or /apis with all that is below it; version: v2 or v2beta1 of the document. */
json_t *discovery_whole(bool core, const char *version);
json_t *discovery_version(void);			/* /version */

#endif
