/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The formats of names and addresses in Kubernetes objects (RFC 1035, 1123, 6335
 * and its own). A format is a table of demands; a text may fall short of several
 * of them, and each has its words. field_format() in fielderr.h tells them all.
 */
#ifndef SVCNAT_FORMAT_H
#define SVCNAT_FORMAT_H

#include <stdbool.h>
#include <stddef.h>

/* A table ends with a row without words; its order is the one that users of Kubernetes know. */
struct format_rule {
	bool (*broken)(const char *s);
	const char *words;		/* what s must be */
};

extern const struct format_rule format_dns1035_label_rules[];
extern const struct format_rule format_dns1123_label_rules[];
extern const struct format_rule format_dns1123_subdomain_rules[];
extern const struct format_rule format_qualified_name_rules[];	/* a label's or annotation's key */
extern const struct format_rule format_label_value_rules[];
extern const struct format_rule format_port_name_rules[];
extern const struct format_rule format_ip_rules[];
extern const struct format_rule format_cidr_rules[];
/*
 * What an address may not be that others shall reach: unspecified, loopback,
 * link-local. Asked of what is no address in the sense of format_ip_rules, too.
 */
extern const struct format_rule format_reachable_ip_rules[];

/* The words of the first rule that s breaks: static text. NULL: s is fine. */
const char *format_first(const struct format_rule *rules, const char *s);

/* Is s one of list, which ends with NULL? */
bool format_one_of(const char *const *list, const char *s);

const char *format_dns1123_label(const char *s);
const char *format_dns1123_subdomain(const char *s);
const char *format_qualified_name(const char *s);
const char *format_label_value(const char *s);
const char *format_env_name(const char *s);
const char *format_port_name(const char *s);
const char *format_port(long long n);			/* 1-65535 */
const char *format_ip(const char *s);
const char *format_cidr(const char *s);
/* An address, or what older versions of Kubernetes took for one. */
bool format_is_ip(const char *s);
/* An address, and one that others can reach. */
const char *format_endpoint_ip(const char *s);

#endif
