/* SPDX-License-Identifier: GPL-2.0 */
/* What nlcheck does with many services or endpoints. */
#ifndef SVCNAT_SELFTESTS_NL_LOAD_H
#define SVCNAT_SELFTESTS_NL_LOAD_H

#include <stdint.h>

/* Each allocation fails in turn; only where the kernel has fault injection. */
void nl_fault(void);

void nl_load_many(uint32_t n);
void nl_load_sync(void);
void nl_load_owners(void);
void nl_load_dump(void);
/* Between two endpoints, TCP port 80 of vip, which leads to port 8080. */
void nl_load_replace(const char *vip, const char *a, const char *b, uint32_t times);
void nl_load_swap(const char *const vip[2], const char *const ep[2], uint32_t times);

#endif
