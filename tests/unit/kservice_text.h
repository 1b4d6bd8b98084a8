/* SPDX-License-Identifier: GPL-2.0 */
/* Services of the kernel as one line each, to compare and to read. */
#ifndef SVCNAT_TESTS_KSERVICE_TEXT_H
#define SVCNAT_TESTS_KSERVICE_TEXT_H

#include "kservice.h"

struct text {
	char v[8192];
	size_t n;
};

/*
 * "name PROTO 4 cluster=10.0.0.1:80 nodeport=30080 POLICIES -> 10.1.1.1:80+local ...\n"
 * for each service. Fails the test when there is no room.
 */
void kservice_text(const struct kservices *l, struct text *out);

#endif
