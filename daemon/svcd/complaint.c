// SPDX-License-Identifier: GPL-2.0
#include "complaint.h"

#include "log.h"

#include <string.h>

void complaint(struct err *last, const struct err *e)
{
	if (!strcmp(last->text, e->text))
		return;
	*last = *e;
	if (*e->text)
		log_error("%s", e->text);
}
