/* SPDX-License-Identifier: GPL-2.0 */
/* The few words of the kernel that the module's pure files use, in user space. */
#ifndef KSHIM_TYPES_H
#define KSHIM_TYPES_H

#include_next <linux/types.h>

#include <arpa/inet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

struct rcu_head {
	void *unused;
};

#define __force
#define __aligned(x)	__attribute__((aligned(x)))
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#endif
