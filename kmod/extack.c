// SPDX-License-Identifier: GPL-2.0
#include <linux/atomic.h>
#include <linux/kernel.h>

#include "extack.h"

/*
 * NL_SET_ERR_MSG_FMT() does not exist before 6.2, and cuts at 80 bytes with a
 * line in dmesg since: too short for the name of a service. So the text goes
 * into one of many buffers, each in turn. The task reads it itself, as soon as
 * the command has returned; only if SVCNAT_EXTACK_BUFFERS others are refused
 * at that very moment would it find another refusal's text.
 */
#define SVCNAT_EXTACK_BUFFERS	256
#define SVCNAT_EXTACK_LEN	512

static char svcnat_extack_texts[SVCNAT_EXTACK_BUFFERS][SVCNAT_EXTACK_LEN];
static atomic_t svcnat_extack_turn;

void svcnat_extack(struct netlink_ext_ack *extack, const struct nlattr *attr,
		   const char *fmt, ...)
{
	u32 turn = atomic_inc_return(&svcnat_extack_turn);
	char *text = svcnat_extack_texts[turn % SVCNAT_EXTACK_BUFFERS];
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
