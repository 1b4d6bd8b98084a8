/* SPDX-License-Identifier: GPL-2.0 */
/* Where the program "mark" is when a window begins and ends: no other has these addresses. */
#define MARK_TEXT	0x50fc0de000
#define MARK_BEGIN	0x50fc0de800
#define MARK_END	0x50fc0df000
