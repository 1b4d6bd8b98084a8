/* SPDX-License-Identifier: GPL-2.0 */
/* <linux/compiler.h> as the newest kernel has it. */
#ifndef SVCNAT_COMPAT_COMPILER_H
#define SVCNAT_COMPAT_COMPILER_H

#include <linux/compiler.h>

#ifndef __flatten
#define __flatten	__attribute__((__flatten__))
#endif

#endif /* SVCNAT_COMPAT_COMPILER_H */
