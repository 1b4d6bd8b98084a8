// SPDX-License-Identifier: GPL-2.0
#include "complaint.h"

#include <string.h>

void complaint(struct err *last, enum log_level level, const struct err *e)
{
	if (!strcmp(last->text, e->text))
		return;
	*last = *e;
	if (*e->text)
		log_line(level, "%s", e->text);
}
