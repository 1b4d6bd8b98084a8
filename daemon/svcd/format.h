/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The formats of names in Kubernetes objects (RFC 1035, 1123, 6335 and its
 * own). Each answers NULL when s is fine, else what it must be: static text.
 */
#ifndef SVCNAT_FORMAT_H
#define SVCNAT_FORMAT_H

#include <stdbool.h>

const char *format_dns1035_label(const char *s);
const char *format_dns1123_label(const char *s);
const char *format_dns1123_subdomain(const char *s);
const char *format_qualified_name(const char *s);	/* a label's or annotation's key */
const char *format_label_value(const char *s);
const char *format_port_name(const char *s);
const char *format_port(long long n);			/* 1-65535 */
const char *format_ip(const char *s);
const char *format_cidr(const char *s);
/* Of an address that is one: not unspecified, loopback, link-local. */
const char *format_endpoint_ip(const char *s);

#endif
