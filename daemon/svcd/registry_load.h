/* SPDX-License-Identifier: GPL-2.0 */
/* What a start does with a database: objects, books, history, and what must be there. */
#ifndef SVCNAT_REGISTRY_LOAD_H
#define SVCNAT_REGISTRY_LOAD_H

#include "err.h"

struct registry;

int registry_load(struct registry *r, struct err *e);

#endif
