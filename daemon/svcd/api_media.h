/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which representations the API takes and gives: JSON, and merge patches. No
 * tables, no protobuf, no YAML; clients that prefer those name JSON as well.
 */
#ifndef SVCNAT_API_MEDIA_H
#define SVCNAT_API_MEDIA_H

#include <stdbool.h>

/* header NULL: was not sent. */
bool api_media_accepts_json(const char *header);

/* Is header this type, whatever its parameters? NULL counts as application/json. */
bool api_media_is(const char *header, const char *type);

#endif
