/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SVCNAT_EVENT_MAKE_H
#define SVCNAT_EVENT_MAKE_H

#include <jansson.h>
#include <time.h>

/*
 * An Event of svcd's: it was seen of object once, at now, by the svcd on node (NULL: by the
 * authority). It has a name of its own, and is in the namespace of object, or in default. To be
 * freed.
 */
json_t *event_make(const json_t *object, const char *type, const char *reason,
		   const char *message, const char *node, time_t now);

#endif
