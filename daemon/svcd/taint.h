/* SPDX-License-Identifier: GPL-2.0 */
/* The taints of a Node: what they do to Pods that do not tolerate them. */
#ifndef SVCNAT_TAINT_H
#define SVCNAT_TAINT_H

#include "fielderr.h"

extern const char *const taint_effects[];	/* ends with NULL */

void taint_validate(struct field_errors *errs, const json_t *taints);

#endif
