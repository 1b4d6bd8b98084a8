/* SPDX-License-Identifier: GPL-2.0 */
/* What nlcheck does with many services or endpoints. */
#ifndef SVCNAT_SELFTESTS_NL_LOAD_H
#define SVCNAT_SELFTESTS_NL_LOAD_H

#include <stdint.h>

void nl_load_many(uint32_t n);
void nl_load_sync(void);
void nl_load_dump(void);

#endif
