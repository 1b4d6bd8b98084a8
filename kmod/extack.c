// SPDX-License-Identifier: GPL-2.0
#include <linux/atomic.h>
#include <linux/kernel.h>

#include "extack.h"

/*
 * NL_SET_ERR_MSG_FMT() does not exist before 6.2, and cuts at 80 bytes with a
 * line in dmesg since: too short for the name of a service. So the text goes
 * into one of a few buffers in turn. extack is read by the task that was
 * refused, right after the command returned; its buffer is used again only
 * after SVCNAT_EXTACK_BUFFERS more refusals, and would then hold another
 * refusal's text: always terminated, never freed.
 */
#define SVCNAT_EXTACK_BUFFERS	32
#define SVCNAT_EXTACK_LEN	512

static char svcnat_extack_texts[SVCNAT_EXTACK_BUFFERS][SVCNAT_EXTACK_LEN];
static atomic_t svcnat_extack_next = ATOMIC_INIT(0);

void svcnat_extack(struct netlink_ext_ack *extack, const struct nlattr *attr,
		   const char *fmt, ...)
{
	unsigned int n = atomic_inc_return(&svcnat_extack_next);
	char *text = svcnat_extack_texts[n % SVCNAT_EXTACK_BUFFERS];
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
