/* SPDX-License-Identifier: GPL-2.0 */
/* What goes wrong again and again, in the same words, is one line in the log. */
#ifndef SVCNAT_COMPLAINT_H
#define SVCNAT_COMPLAINT_H

#include "err.h"
#include "log.h"

/*
 * Log what e says, unless *last says the same; *last becomes e. An empty e: it
 * went well, and the next trouble is said again. Zero *last to start with.
 */
void complaint(struct err *last, enum log_level level, const struct err *e);

#endif
