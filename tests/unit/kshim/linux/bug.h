/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KSHIM_BUG_H
#define KSHIM_BUG_H

#define WARN_ON_ONCE(condition)	assert_false(condition)

#endif
