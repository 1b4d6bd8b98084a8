// SPDX-License-Identifier: GPL-2.0
#include <linux/kernel.h>
#include <linux/sched.h>

#include "extack.h"

/*
 * NL_SET_ERR_MSG_FMT() does not exist before 6.2, and cuts at 80 bytes with a
 * line in dmesg since: too short for the name of a service. So the text goes
 * into a buffer that the task finds by its number. It reads the text itself,
 * as soon as the command has returned and before it can be refused again; only
 * a task of equal number modulo SVCNAT_EXTACK_BUFFERS, at that very moment,
 * would give it another refusal's text.
 */
#define SVCNAT_EXTACK_BUFFERS	128
#define SVCNAT_EXTACK_LEN	512

static char svcnat_extack_texts[SVCNAT_EXTACK_BUFFERS][SVCNAT_EXTACK_LEN];

void svcnat_extack(struct netlink_ext_ack *extack, const struct nlattr *attr,
		   const char *fmt, ...)
{
	char *text = svcnat_extack_texts[current->pid % SVCNAT_EXTACK_BUFFERS];
	va_list args;

	if (!extack)
		return;

	va_start(args, fmt);
	vsnprintf(text, SVCNAT_EXTACK_LEN, fmt, args);
	va_end(args);

	extack->_msg = text;
	if (attr)
		NL_SET_BAD_ATTR(extack, attr);
}
