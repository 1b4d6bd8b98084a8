/* SPDX-License-Identifier: GPL-2.0 */
/* A Namespace that is deleted while something in it is held goes when that has gone. */
#ifndef SVCNAT_NAMESPACE_H
#define SVCNAT_NAMESPACE_H

#include "txn.h"

/* Stage the end of those that are empty by now. */
void namespace_finish(struct txn *t);

#endif
