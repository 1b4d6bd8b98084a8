/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSHIM_SPINLOCK_H
#define KSHIM_SPINLOCK_H

#include <stdbool.h>

#define DEFINE_SPINLOCK(name)	bool name

static inline void spin_lock_bh(bool *lock)
{
	assert_false(*lock);
	*lock = true;
}

static inline void spin_unlock_bh(bool *lock)
{
	assert_true(*lock);
	*lock = false;
}

#endif
