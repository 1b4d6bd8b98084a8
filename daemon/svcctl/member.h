/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a service consists of, in the words of a command line: what is printed
 * here, is parsed here.
 */
#ifndef SVCNAT_SVCCTL_MEMBER_H
#define SVCNAT_SVCCTL_MEMBER_H

#include "addrport.h"
#include "err.h"

#define MEMBER_FRONTEND_STRLEN	(ADDRPORT_STRLEN + sizeof("loadbalancer:"))
#define MEMBER_ENDPOINT_STRLEN	(ADDRPORT_STRLEN + sizeof(",local-only,weight=65535"))

/* "external-local" and the like; the last one has no name. */
struct member_flag {
	const char *name;
	uint32_t flag;		/* SVCNAT_F_* */
};

extern const struct member_flag member_flags[];

/*
 * [KIND:]ADDR:PORT; without a kind CLUSTER. Or nodeport:PORT: the address stays
 * zero, without a family. -EINVAL: e names what is wrong in it, not the whole.
 */
int member_frontend_parse(const char *text, struct kfrontend *out, struct err *e);
/* Always with its kind. */
const char *member_frontend_print(const struct kfrontend *f, char buf[MEMBER_FRONTEND_STRLEN]);

/* ADDR:PORT[,OPTION]...; without options in the cluster list, with the weight 1. */
int member_endpoint_parse(const char *text, struct kendpoint *out, struct err *e);
const char *member_endpoint_print(const struct kendpoint *p, char buf[MEMBER_ENDPOINT_STRLEN]);

/* ADDR:PORT alone: which endpoint is meant. */
int member_endpoint_parse_key(const char *text, struct kendpoint *out, struct err *e);

/* "local", "local-only", "drain"; NULL: the cluster list, which needs no word. */
const char *member_lists_name(uint8_t lists);

#endif
