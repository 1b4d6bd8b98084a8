/* SPDX-License-Identifier: GPL-2.0 */
/* Events come in two shapes, with and without a count: the words of both. */
#ifndef SVCNAT_EVENTVIEW_H
#define SVCNAT_EVENTVIEW_H

#include <jansson.h>

const char *eventview_last_seen(const json_t *event);	/* an RFC 3339 time */
const char *eventview_first_seen(const json_t *event);
const char *eventview_source(const json_t *event);
long long eventview_count(const json_t *event);		/* at least 1 */

#endif
