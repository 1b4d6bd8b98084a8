/* SPDX-License-Identifier: GPL-2.0 */
/* JSON merge patches, RFC 7386. */
#ifndef SVCNAT_MERGEPATCH_H
#define SVCNAT_MERGEPATCH_H

#include <jansson.h>

/* A new value: target with patch applied. Both are left as they are; target may be NULL. */
json_t *mergepatch_apply(const json_t *target, const json_t *patch);

#endif
